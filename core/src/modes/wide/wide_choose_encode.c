/* Encoder: which neighbours each row of the wide mode has. They are chosen one after the other, each as what brings the row most
 * beyond those before it (orthogonal least squares), by products of nearly white samples. Rows choose for all of their lanes:
 * products are those of a channel and another so far away, the mean over all lanes. */
#include "modes/wide/wide_fit.h"
#include "base/fixed.h"

#include <string.h>

enum {
    LIMIT = 511,      /* of a nearly white sample */
    LAGS = N1_WIDE_LAG, /* own lags that every channel has to begin with */
    MARGIN = 16,
    LOOKED = 64,      /* frames of a stretch, */
    KNOWN = LAGS + N1_WIDE_NEIGHBOURS * 2 * N1_WIDE_DEEP /* features, at most */
};
#define TAP_WORTH 1.75f /* a tap has to explain so much of a channel's square, over its frames: its bits are 2 ln 2 times less */
#define STRETCH 2048u /* frames that taps are fitted to, in one piece */
#define SOME 1024u    /* and frames in all */

static size_t looked_at(size_t n_samples) { return n_samples < SOME + LOOKED ? (n_samples - 1) / 16 * 16 : SOME; }
static size_t span_of(size_t n_samples) { return looked_at(n_samples) + 2 * MARGIN; }
static uint32_t features_of(const n1_wide_params *p, unsigned reach) { return 1 + LAGS + 2 * reach * 2U * p->deep; }
/* Rows of features that `leftover` has. */
static uint32_t rows_of(const n1_wide_params *p) { return 1 + 2U * p->deep + 2 * (LAGS + p->neighbours * 2U * p->deep); }

void n1_wide_counts(n1_wide_params *p, const n1_wide_effort *effort, size_t n_channels, size_t n_samples)
{
    const size_t most = n_channels / N1_WIDE_FROM;
    memset(p, 0, sizeof *p);
    p->channels = (uint16_t)n_channels;
    p->rows = (uint16_t)(n_channels < 96 ? n_channels / 8 : n_channels < 256 ? (n_channels + 15) / 16 : (n_channels + 31) / 32);
    p->rows = (uint16_t)(p->rows > most ? most : p->rows < 1 ? 1 : p->rows);
    p->own = effort->own;
    p->neighbours = effort->neighbours;
    p->deep = effort->deep;
    p->shift = n_samples < 8192 ? 5 : n_samples < 32768 ? 6 : 7;
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
    w->mean = n1_arena_take(a, p->rows * w->distances * N1_WIDE_LAGS, sizeof *w->mean);
    w->left = n1_arena_take(a, features * rows_of(p), sizeof *w->left);
    w->total = n1_arena_take(a, c, sizeof *w->total);
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

/* The mean of products over a row's lanes, as if all channels were as loud as each other. */
static void average(const n1_wide_params *p, n1_wide_fit *w)
{
    const size_t each = w->distances * N1_WIDE_LAGS;
    memset(w->mean, 0, p->rows * each * sizeof *w->mean);
    for (size_t c = 0; c < p->channels; c++) w->total[c] = n1_inv_sigma((uint64_t)w->product[c * each + N1_WIDE_LAG]);
    for (size_t c = 0; c < p->channels; c++)
        for (size_t d = 0; d < w->distances && c + d < p->channels; d++) {
            const double scale = (double)w->total[c] * w->total[c + d];
            const double *from = w->product + c * each + d * N1_WIDE_LAGS;
            double *to = w->mean + c % p->rows * each + d * N1_WIDE_LAGS;
            for (unsigned i = 0; i < N1_WIDE_LAGS; i++) to[i] += scale * from[i];
        }
}

/* Feature f of a row: the sample, its past, then candidates from the farthest below to the farthest above. */
static n1_wide_feature feature_of(const n1_wide_params *p, unsigned reach, uint32_t row, uint32_t f)
{
    n1_wide_feature v = {0, (int32_t)f, 0, 0};
    if (f <= LAGS) return v;
    const uint32_t size = 2U * p->deep, place = (f - 1 - LAGS) / size;
    v.channel = place < reach ? (int32_t)place - (int32_t)reach : (int32_t)(place - reach + 1);
    v.ago = (int32_t)((f - 1 - LAGS) % size) + (n1_wide_earlier(p, row, v.channel) ? 0 : 1);
    return v;
}

/* The product of what two features of a row are. */
static float product_of(const n1_wide_params *p, const n1_wide_fit *w, uint32_t row, n1_wide_feature a, n1_wide_feature b)
{
    const n1_wide_feature low = a.channel > b.channel ? b : a, high = a.channel > b.channel ? a : b;
    const int32_t rows = p->rows, at = (((int32_t)row + low.channel) % rows + rows) % rows;
    const size_t d = (size_t)(high.channel - low.channel), lag = (size_t)(high.ago - low.ago + N1_WIDE_LAG);
    return (float)w->mean[((size_t)at * w->distances + d) * N1_WIDE_LAGS + lag];
}

/* What is left of the products of a row's features once some are known. Of most, nobody asks: kept are the sample's with each, and
 * each group's own; the rest follows from what each known feature took away, when it is asked for. */
typedef struct {
    const n1_wide_params *p;
    const n1_wide_fit *w;
    uint32_t row, n, size, known;
    float *y;             /* [n]: of the sample with each */
    float *own;           /* [n][size]: of a feature with those of its group up to itself */
    float *column, *line; /* [known][n]: those of a known feature when it became so; the same over its own square */
    uint32_t which[KNOWN];
} leftover;

static float product_at(const leftover *v, uint32_t i, uint32_t j)
{
    return product_of(v->p, v->w, v->row, v->w->feature[i], v->w->feature[j]);
}

static void begin(leftover *v)
{
    v->known = 0;
    v->y = v->w->left;
    v->own = v->y + v->n;
    v->column = v->own + v->n * v->size;
    v->line = v->column + (rows_of(v->p) - 1 - v->size) / 2 * v->n;
    for (uint32_t i = 0; i < v->n; i++) v->y[i] = product_at(v, 0, i);
    for (uint32_t f = 1 + LAGS; f < v->n; f += v->size)
        for (uint32_t i = 0; i < v->size; i++)
            for (uint32_t j = 0; j <= i; j++) v->own[(f + i) * v->size + j] = product_at(v, f + i, f + j);
}

/* The products of feature f with all, by columns and by rows of what was taken away: they differ in their last bits. */
static void products_with(const leftover *v, uint32_t f, float *column, float *line)
{
    const uint32_t n = v->n;
    for (uint32_t i = 0; i < n; i++) column[i] = line[i] = product_at(v, i, f);
    for (uint32_t k = 0; k < v->known; k++) {
        const float *const c = v->column + k * n, *const l = v->line + k * n, of_c = c[f], of_l = l[f];
        for (uint32_t i = 0; i < n; i++) column[i] -= c[i] * of_l;
        for (uint32_t i = 0; i < n; i++) line[i] -= of_c * l[i];
    }
    for (uint32_t k = 0; k < v->known; k++) column[v->which[k]] = line[v->which[k]] = 0.0f;
}

/* Feature f is known from now on. */
static void know(leftover *v, uint32_t f)
{
    const uint32_t n = v->n, size = v->size;
    float *const column = v->column + v->known * n, *const line = v->line + v->known * n;
    products_with(v, f, column, line);
    const float d = column[f], of_y = column[0];
    if (!(d > 1e-4f * v->y[0] + 1.0f)) return;
    for (uint32_t i = 0; i < n; i++) line[i] /= d;
    for (uint32_t i = 0; i < n; i++) v->y[i] -= of_y * line[i];
    for (uint32_t g = 1 + LAGS; g < n; g += size)
        for (uint32_t i = g; i < g + size; i++)
            for (uint32_t j = g; j <= i; j++) {
                float *const left = v->own + i * size + (j - g);
                *left = i == f || j == f ? 0.0f : *left - column[i] * line[j];
            }
    v->y[f] = 0.0f;
    v->which[v->known++] = f;
}

/* The part of the sample's square that a group of features would explain. */
static float worth(const leftover *v, uint32_t first)
{
    float m[2 * N1_WIDE_DEEP][2 * N1_WIDE_DEEP], y[2 * N1_WIDE_DEEP], sum = 0.0f;
    const float all = v->y[0];
    for (uint32_t i = 0; i < v->size; i++) {
        y[i] = v->y[first + i];
        for (uint32_t j = 0; j <= i; j++) {
            m[i][j] = v->own[(first + i) * v->size + j];
            for (uint32_t u = 0; u < j; u++) m[i][j] -= m[i][u] * m[j][u] * m[u][u];
            if (j < i) m[i][j] = m[j][j] > 0.0f ? m[i][j] / m[j][j] : 0.0f;
        }
        for (uint32_t u = 0; u < i; u++) y[i] -= m[i][u] * y[u];
        if (!(m[i][i] > 0.02f * all)) m[i][i] = 0.0f; /* the others tell as much */
        else sum += y[i] * y[i] / m[i][i];
    }
    return all > 0.0f ? sum / all : 0.0f;
}

static void choose_row(const n1_wide_params *p, const n1_wide_effort *effort, size_t n_samples, uint32_t row, n1_wide_fit *w)
{
    leftover v = {.p = p, .w = w, .row = row, .n = features_of(p, effort->reach), .size = 2U * p->deep};
    int16_t *near = p->near + (size_t)row * p->neighbours;
    for (uint32_t i = 0; i < v.n; i++) w->feature[i] = feature_of(p, effort->reach, row, i);
    begin(&v);
    for (uint32_t i = 1; i <= LAGS; i++) know(&v, i);
    memset(near, 0, p->neighbours * sizeof *near);
    for (uint32_t i = 0; i < p->neighbours; i++) {
        uint32_t best = 0;
        float most = TAP_WORTH * (float)v.size / (float)n_samples;
        for (uint32_t f = 1 + LAGS; f < v.n; f += v.size) {
            const float value = worth(&v, f);
            if (value > most) most = value, best = f;
        }
        if (!best) return;
        near[i] = (int16_t)w->feature[best].channel;
        for (uint32_t f = best; f < best + v.size; f++) know(&v, f);
    }
}

/* As many places as the row with the most neighbours needs. */
static void leave_places(n1_wide_params *p)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < (uint32_t)p->rows * p->neighbours; i++)
        if (p->near[i] && i % p->neighbours >= most) most = i % p->neighbours + 1;
    for (uint32_t r = 0; r < p->rows; r++)
        for (uint32_t i = 0; i < most; i++) p->near[r * most + i] = p->near[r * p->neighbours + i];
    p->neighbours = (uint8_t)most;
}

void n1_wide_choose(n1_wide_params *p, const n1_wide_effort *effort, const uint16_t *codes, size_t n_samples, const n1_encode_kernels *k,
                    n1_wide_fit *w)
{
    for (size_t c = 0; c < p->channels; c++) whiten(codes + c, p->channels, n_samples, w->white + c * span_of(n_samples));
    multiply(p, n_samples, k, w);
    average(p, w);
    for (uint32_t r = 0; r < p->rows; r++) choose_row(p, effort, n_samples, r, w);
    leave_places(p);
}
