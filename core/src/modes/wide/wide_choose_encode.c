/* Encoder: which neighbours each row of the wide mode has. They are chosen one after the other, each as what brings the lanes
 * of the row most beyond those before it (orthogonal least squares), by products of nearly white samples. */
#include "modes/wide/wide_fit.h"
#include "base/fixed.h"

#include <string.h>

enum {
    LIMIT = 511,      /* of a nearly white sample */
    LAGS = N1_WIDE_LAG, /* own lags that every channel has to begin with */
    MARGIN = 16,
    LOOKED = 64       /* frames of a stretch, */
};
#define WORTH 600u     /* frames for which one neighbour more is worth its taps, about */
#define STRETCH 4096u /* frames that taps are fitted to, in one piece */
#define SOME 1024u    /* and frames in all */

static size_t looked_at(size_t n_samples) { return n_samples < SOME + LOOKED ? (n_samples - 1) / 16 * 16 : SOME; }
static size_t span_of(size_t n_samples) { return looked_at(n_samples) + 2 * MARGIN; }
static uint32_t features_of(const n1_wide_params *p, unsigned reach) { return 1 + LAGS + 2 * reach * 2U * p->deep; }

void n1_wide_counts(n1_wide_params *p, const n1_wide_effort *effort, size_t n_channels, size_t n_samples)
{
    const size_t most = n_channels / N1_WIDE_FROM;
    size_t neighbours = n_samples / WORTH + 1;
    neighbours = neighbours < effort->neighbours ? neighbours : effort->neighbours;
    memset(p, 0, sizeof *p);
    p->channels = (uint16_t)n_channels;
    p->rows = (uint16_t)(n_channels < 96 ? n_channels / 8 : n_channels < 256 ? (n_channels + 15) / 16 : (n_channels + 31) / 32);
    p->rows = (uint16_t)(p->rows > most ? most : p->rows < 1 ? 1 : p->rows);
    p->own = effort->own;
    p->neighbours = (uint8_t)neighbours;
    p->deep = effort->deep;
    p->shift = n_samples < 32768 ? 6 : 7;
    p->widths.sets = 1;
}

void n1_wide_fit_take(n1_wide_fit *w, n1_arena *a, const n1_wide_params *p, const n1_wide_effort *effort, size_t n_samples)
{
    const size_t c = p->channels, features = features_of(p, effort->reach);
    const size_t around = N1_WIDE_BEFORE + N1_WIDE_LAG, n = n_samples - around, all = (size_t)effort->stretches * STRETCH;
    w->stretches = n < all + STRETCH ? 1 : effort->stretches;
    w->length = n < all + STRETCH ? n : STRETCH;
    w->whole = w->length + around;
    w->distances = 2 * effort->reach + 1U;
    w->x = n1_arena_take(a, c * w->stretches * w->whole, sizeof *w->x);
    w->white = n1_arena_take(a, c * span_of(n_samples), sizeof *w->white);
    w->product = n1_arena_take(a, c * w->distances * N1_WIDE_LAGS, sizeof *w->product);
    w->left = n1_arena_take(a, effort->lanes * features * features, sizeof *w->left);
    w->total = n1_arena_take(a, c, sizeof *w->total);
    w->line = n1_arena_take(a, features, sizeof *w->line);
    w->feature = n1_arena_take(a, features > n1_wide_taps(p) ? features : n1_wide_taps(p), sizeof *w->feature);
    n1_equations_take(&w->q, a, n1_wide_taps(p));
}

/* Nearly white: x - 4/5 of the one before, centred, brought to 10 bits. */
static void whiten(const uint16_t *codes, size_t stride, size_t n_samples, int16_t *out)
{
    const size_t n = looked_at(n_samples), runs = n_samples - 1 < n + LOOKED ? 1 : n / LOOKED, length = n / runs;
    const size_t apart = runs > 1 ? (n_samples - 1 - length) / (runs - 1) : 0;
    int64_t sum = 0, square = 0;
    unsigned down = 0; /* so that 4 sigma are within the limit */
    memset(out, 0, span_of(n_samples) * sizeof *out);
    for (int pass = 0; pass < 3; pass++) {
        const int32_t mean = (int32_t)(sum / (int64_t)n);
        for (size_t i = 0; i < runs; i++) {
            const uint16_t *x = codes + i * apart * stride;
            for (size_t t = 0; t < length; t++, x += stride) {
                const int32_t v = 5 * x[stride] - 4 * x[0] - mean;
                if (pass == 0) sum += v;
                else if (pass == 1) square += (int64_t)v * v;
                else out[MARGIN + i * length + t] = (int16_t)n1_clamp(v >> down, -LIMIT, LIMIT);
            }
        }
        while (pass == 1 && (square >> (2 * down)) > (int64_t)n * (LIMIT / 4) * (LIMIT / 4)) down++;
    }
}

/* Sums of products of each channel with itself and those above it. */
static void multiply(const n1_wide_params *p, size_t n_samples, const n1_encode_kernels *k, n1_wide_fit *w)
{
    const size_t span = span_of(n_samples), n = looked_at(n_samples);
    for (size_t c = 0; c < p->channels; c++)
        for (size_t d = 0; d < w->distances && c + d < p->channels; d++) {
            int64_t sum[N1_WIDE_LAGS] = {0};
            k->lagged(w->white + c * span + MARGIN, w->white + (c + d) * span + MARGIN, n, sum);
            for (unsigned i = 0; i < N1_WIDE_LAGS; i++) w->product[(c * w->distances + d) * N1_WIDE_LAGS + i] = (double)sum[i];
        }
}

/* The product of channel a, i frames earlier, and b, j frames earlier. */
static float product_of(const n1_wide_fit *w, int32_t a, int32_t i, int32_t b, int32_t j)
{
    if (a > b) return product_of(w, b, j, a, i);
    return (float)w->product[((size_t)a * w->distances + (size_t)(b - a)) * N1_WIDE_LAGS + (size_t)(j - i + LAGS)];
}

/* What is left once feature f is known. */
static void know(float *left, uint32_t n, uint32_t f, float *line)
{
    const float d = left[f * n + f];
    if (!(d > 1e-4f * left[0] + 1.0f)) return;
    for (uint32_t i = 0; i < n; i++) line[i] = left[f * n + i] / d;
    for (uint32_t i = 0; i < n; i++) {
        const float v = i == f ? d : left[i * n + f];
        float *to = left + i * n;
        if (i != f && v != 0.0f)
            for (uint32_t j = 0; j < n; j++) to[j] -= v * line[j];
    }
    for (uint32_t i = 0; i < n; i++) left[f * n + i] = left[i * n + f] = 0.0f;
}

/* The part of the sample's square that a group of features would explain. */
static float worth(const float *left, uint32_t n, uint32_t first, uint32_t size)
{
    float m[2 * N1_WIDE_DEEP][2 * N1_WIDE_DEEP], y[2 * N1_WIDE_DEEP], sum = 0.0f;
    for (uint32_t i = 0; i < size; i++) {
        y[i] = left[first + i];
        for (uint32_t j = 0; j <= i; j++) {
            m[i][j] = left[(first + i) * n + first + j];
            for (uint32_t u = 0; u < j; u++) m[i][j] -= m[i][u] * m[j][u] * m[u][u];
            if (j < i) m[i][j] = m[j][j] > 0.0f ? m[i][j] / m[j][j] : 0.0f;
        }
        for (uint32_t u = 0; u < i; u++) y[i] -= m[i][u] * y[u];
        if (!(m[i][i] > 0.02f * left[0])) m[i][i] = 0.0f; /* the others tell as much */
        else sum += y[i] * y[i] / m[i][i];
    }
    return left[0] > 0.0f ? sum / left[0] : 0.0f;
}

/* Feature f of channel c: the sample, its past, then candidates from the farthest below to the farthest above. */
static n1_wide_feature feature_of(const n1_wide_params *p, unsigned reach, uint32_t c, uint32_t f)
{
    n1_wide_feature v = {(int32_t)c, (int32_t)f, 0, 0};
    if (f <= LAGS) return v;
    const uint32_t size = 2U * p->deep, place = (f - 1 - LAGS) / size;
    const int32_t d = place < reach ? (int32_t)place - (int32_t)reach : (int32_t)(place - reach + 1);
    v.channel = (int32_t)c + d < p->channels ? (int32_t)c + d : -1;
    v.ago = (int32_t)((f - 1 - LAGS) % size) + (n1_wide_earlier(p, c % p->rows, d) ? 0 : 1);
    return v;
}

static void begin(const n1_wide_params *p, unsigned reach, uint32_t c, const n1_wide_fit *w, float *left)
{
    const uint32_t n = features_of(p, reach);
    n1_wide_feature *const f = w->feature;
    for (uint32_t i = 0; i < n; i++) f[i] = feature_of(p, reach, c, i);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j <= i; j++)
            left[i * n + j] = left[j * n + i] =
                f[i].channel < 0 || f[j].channel < 0 ? 0.0f : product_of(w, f[i].channel, f[i].ago, f[j].channel, f[j].ago);
    for (uint32_t i = 1; i <= LAGS; i++) know(left, n, i, w->line);
}

static void choose_row(n1_wide_params *p, const n1_wide_effort *effort, uint32_t row, n1_wide_fit *w)
{
    const uint32_t reach = effort->reach, n = features_of(p, reach), size = 2U * p->deep;
    const uint32_t filled = n1_wide_filled(p->channels, p->rows, row), lanes = filled < effort->lanes ? filled : effort->lanes;
    int16_t *near = p->near + (size_t)row * p->neighbours;
    for (uint32_t l = 0; l < lanes; l++)
        begin(p, reach, (2 * l + 1) * filled / (2 * lanes) * p->rows + row, w, w->left + (size_t)l * n * n);
    for (uint32_t i = 0; i < p->neighbours; i++) {
        uint32_t best = 0;
        float most = 0.0005f * (float)lanes;
        for (uint32_t f = 1 + LAGS; f < n; f += size) {
            float sum = 0.0f;
            for (uint32_t l = 0; l < lanes; l++) sum += worth(w->left + (size_t)l * n * n, n, f, size);
            if (sum > most) most = sum, best = f;
        }
        near[i] = 0;
        if (!best) continue;
        const uint32_t place = (best - 1 - LAGS) / size;
        near[i] = (int16_t)(place < reach ? (int32_t)place - (int32_t)reach : (int32_t)(place - reach + 1));
        for (uint32_t l = 0; l < lanes; l++)
            for (uint32_t f = best; f < best + size; f++) know(w->left + (size_t)l * n * n, n, f, w->line);
    }
}

void n1_wide_choose(n1_wide_params *p, const n1_wide_effort *effort, const uint16_t *codes, size_t n_samples, const n1_encode_kernels *k,
                    n1_wide_fit *w)
{
    for (size_t c = 0; c < p->channels; c++) whiten(codes + c, p->channels, n_samples, w->white + c * span_of(n_samples));
    multiply(p, n_samples, k, w);
    for (uint32_t r = 0; r < p->rows; r++) choose_row(p, effort, r, w);
}
