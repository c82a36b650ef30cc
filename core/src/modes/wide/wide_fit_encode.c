/* Encoder: the taps of the wide mode, by least squares with a prior: what is far in time or place has to earn its weight. */
#include "modes/wide/wide_fit.h"
#include "base/fixed.h"

#include <string.h>

/* Each channel's centre: the mean of one frame in 16. */
static void find_centres(n1_wide_params *p, const uint16_t *codes, size_t n_samples, uint32_t *sum)
{
    const size_t c = p->channels, step = n_samples < 4096 ? 1 : 16;
    uint32_t n = 0;
    memset(sum, 0, c * sizeof *sum);
    for (size_t t = 0; t < n_samples && n < 1U << 19; t += step, n++)
        for (size_t m = 0; m < c; m++) sum[m] += codes[t * c + m];
    for (size_t m = 0; m < c; m++) p->centre[m] = (uint16_t)((sum[m] + n / 2) / n);
}

/* The frames that are looked at, in half codes from the centre, channel after channel. */
static void read_codes(const n1_wide_params *p, const uint16_t *codes, size_t n_samples, const n1_encode_kernels *k, n1_wide_fit *w)
{
    const size_t apart = w->stretches > 1 ? (n_samples - w->whole) / (w->stretches - 1) : 0, c = p->channels;
    for (size_t i = 0; i < w->stretches; i++)
        k->deinterleave16((const int16_t *)codes + i * apart * c, c, c, w->whole, w->x + i * w->whole, w->stretches * w->whole);
    for (size_t m = 0; m < c; m++) {
        int16_t *const x = w->x + m * w->stretches * w->whole, centre = (int16_t)p->centre[m];
        for (size_t t = 0; t < w->stretches * w->whole; t++) { /* below 2^12 both */
            const int16_t v = (int16_t)(x[t] - centre);
            x[t] = (int16_t)(2 * (v < -2048 ? -2048 : v > 2048 ? 2048 : v));
        }
    }
}

/* Sums of products of channel a with b, at every lag, over the frames that are looked at: they belong to the pair, whatever
 * channel it helps to predict, and are made when they are first asked for. */
static const double *sums_of(n1_wide_fit *w, uint32_t a, uint32_t b, const n1_encode_kernels *k)
{
    double *const sum = w->product + (a * w->distances + (b - a)) * N1_WIDE_LAGS;
    if (sum[0] != N1_WIDE_NOTHING) return sum;
    int64_t exact[N1_WIDE_LAGS] = {0};
    const int16_t *x = w->x + a * w->stretches * w->whole + N1_WIDE_BEFORE, *y = w->x + b * w->stretches * w->whole + N1_WIDE_BEFORE;
    for (size_t s = 0; s < w->stretches; s++, x += w->whole, y += w->whole) k->lagged(x, y, w->length, exact);
    for (unsigned i = 0; i < N1_WIDE_LAGS; i++) sum[i] = (double)exact[i];
    return sum;
}

/* The sum of a, i frames earlier, times b, j frames earlier: what the pair has at that lag, moved by i frames. */
static double ascending(n1_wide_fit *w, int32_t a, int32_t i, int32_t b, int32_t j, const n1_encode_kernels *k)
{
    const int32_t lag = j - i;
    const double sum = sums_of(w, (uint32_t)a, (uint32_t)b, k)[lag + N1_WIDE_LAG];
    const size_t each = w->stretches * w->whole;
    const int16_t *x = w->x + (size_t)a * each + N1_WIDE_BEFORE, *y = w->x + (size_t)b * each + N1_WIDE_BEFORE - lag;
    int64_t moved = 0;
    for (size_t s = 0; s < w->stretches; s++, x += w->whole, y += w->whole)
        for (int32_t u = 1; u <= i; u++) {
            const ptrdiff_t early = -u, late = (ptrdiff_t)w->length - u;
            moved += x[early] * y[early] - x[late] * y[late];
        }
    return sum + (double)moved;
}

/* The same in any order. */
static double product(n1_wide_fit *w, int32_t a, int32_t i, int32_t b, int32_t j, const n1_encode_kernels *k)
{
    return a > b ? ascending(w, b, j, a, i, k) : ascending(w, a, i, b, j, k);
}

static uint32_t features_of(const n1_wide_params *p, uint32_t c, n1_wide_feature *f)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < 2U * p->own; i++) f[n++] = (n1_wide_feature){(int32_t)c, (int32_t)(1 + i), 0, i};
    for (uint32_t i = 0; i < p->neighbours; i++) {
        const int32_t d = p->near[c % p->rows * p->neighbours + i], other = (int32_t)c + d;
        if (!d || other < 0 || other >= p->channels) continue;
        const int32_t lag = n1_wide_earlier(p, c % p->rows, d) ? 0 : 1;
        for (uint32_t j = 0; j < 2U * p->deep; j++)
            f[n++] = (n1_wide_feature){other, lag + (int32_t)j, i + 1, 2U * (p->own + i * p->deep) + j};
    }
    return n;
}

/* What a tap's square is worth at lag 0, in mean squares of a residual, for which 0.7 of those of a step stand: a prior
 * of normal taps of 1/4, less for what is far in time or place. */
#define PRIOR 16.0

static void fit_channel(n1_wide_params *p, uint32_t c, const n1_encode_kernels *k, n1_wide_fit *w)
{
    n1_wide_feature *const f = w->feature;
    n1_equations *const q = &w->q;
    const uint32_t n = features_of(p, c, f), taps = n1_wide_taps(p);
    int16_t *const tap = p->tap + (size_t)c * taps;
    const double step = 2 * (product(w, (int32_t)c, 0, (int32_t)c, 0, k) - product(w, (int32_t)c, 1, (int32_t)c, 0, k));
    const double prior = PRIOR * (0.7 * step / (double)(w->stretches * w->length) + 1);
    for (uint32_t i = 0; i < n; i++) {
        const double far = 1.0 + f[i].ago, away = 1.0 + f[i].place / 16.0;
        q->y[i] = product(w, f[i].channel, f[i].ago, (int32_t)c, 0, k);
        for (uint32_t j = 0; j <= i; j++)
            q->m[i * q->most + j] = q->m[j * q->most + i] = product(w, f[i].channel, f[i].ago, f[j].channel, f[j].ago, k);
        q->m[i * q->most + i] += prior * far * far * far * away * away * away;
    }
    n1_factor(q, n);
    n1_substitute(q, n);
    n1_round_taps(q, n, (double)(1 << p->shift), 1);
    uint64_t sum = 0;
    memset(tap, 0, taps * sizeof *tap);
    for (uint32_t i = 0; i < n; i++) {
        sum += (uint64_t)n1_abs64(q->tap[i]);
        tap[f[i].tap] = (int16_t)n1_clamp(q->tap[i], -32767, 32767);
    }
    if (sum > 32767) memset(tap, 0, taps * sizeof *tap); /* a hopeless fit: predict the mean */
}

void n1_wide_fit_taps(n1_wide_params *p, const uint16_t *codes, size_t n_samples, const n1_encode_kernels *k, n1_wide_fit *w)
{
    find_centres(p, codes, n_samples, w->total);
    read_codes(p, codes, n_samples, k, w);
    for (size_t i = 0; i < p->channels * w->distances; i++) w->product[i * N1_WIDE_LAGS] = N1_WIDE_NOTHING;
    for (uint32_t c = 0; c < p->channels; c++) fit_channel(p, c, k, w);
}

uint32_t n1_wide_first(unsigned sigma)
{
    const uint32_t root = sigma % 2 ? 18 : 13; /* 16 sqrt(2 / pi), and that times sqrt(2) */
    const uint64_t v = (uint64_t)root << sigma / 2;
    return v < 26 ? 26 : v >= 1 << 20 ? (1 << 20) - 1 : (uint32_t)v;
}
