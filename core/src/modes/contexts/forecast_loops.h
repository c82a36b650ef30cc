/* forecast_loops.h - what forecast.h says of each sample, compiled once for each kernel, which says by N1_FORECAST_ADD_PRODUCTS and
 * N1_FORECAST_SOLVE what sums and solves for it: a kernel calls none through the table. N1_FORECAST_ADD_PRODUCTS may be one that adds the products of
 * some frames with the last of them; else N1_FORECAST_ADD_SQUARES adds those of features. */
#ifndef N1_MODES_CONTEXTS_FORECAST_LOOPS_H
#define N1_MODES_CONTEXTS_FORECAST_LOOPS_H
#include "modes/contexts/forecast.h"

#include <string.h>

enum {
    N1_FEATURE_MOST = 1 << 23, /* of steps */
    N1_PART_MOST = 1 << 21,    /* of what is summed */
    N1_LONG_MEMORY = 8,        /* of 32 frames, 2^-8 of the sums are forgotten */
    N1_QUICK_MEMORY = 4,
    N1_WARM = 300,             /* frames of which the long one forgets nothing, */
    N1_WARM_EVERY = 15,        /* and of which solutions are as often */
    N1_LEVEL_MEMORY = 10,
    N1_GRADIENT_Q = 20
};

N1_INLINE int32_t n1_within(int64_t v, int64_t most) { return (int32_t)n1_clamp64(v, -most, most); }

N1_INLINE void n1_forecast_gather(n1_forecast *h, uint32_t c, size_t n, const uint32_t *x)
{
    const int64_t before = *(x - n);
    uint32_t f = n1_forecast_own(h), q = N1_FORECAST_QUICK_OWN;
    memcpy(h->feature, h->step, f * sizeof h->step[0]);
    memcpy(h->quick_feature, h->step, N1_FORECAST_QUICK_OWN * sizeof h->step[0]);
    h->feature[f++] = h->quick_feature[q++] = n1_within(before - n1_asr(h->level, N1_FORECAST_Q), N1_FEATURE_MOST);
    for (uint32_t i = 0; i < h->references; i++)
        for (uint32_t lag = 0; lag < N1_FORECAST_LAGS; lag++) {
            const uint32_t *y = x - (c - h->reference[i]) - lag * n;
            const int32_t step = n1_within((int64_t)*y - *(y - n), N1_FEATURE_MOST);
            h->feature[f++] = step;
            if (i < N1_FORECAST_QUICK_REFERENCES && lag < N1_FORECAST_QUICK_LAGS)
                h->quick_feature[q++] = step;
        }
}

/* Features in whole vectors: those behind the last are zeros. */
N1_INLINE uint32_t n1_whole(uint32_t features) { return (features + 7) & ~7U; }

N1_INLINE int64_t n1_forecast_dot(const int32_t *a, const int32_t *b, uint32_t n)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += (int64_t)a[i] * b[i];
    return sum;
}

N1_INLINE void n1_forecast_prepare_loop(n1_forecast *h, uint32_t c, size_t n, const uint32_t *x, uint32_t most)
{
    const int64_t limit = (int64_t)most << N1_FORECAST_Q, before = (int64_t)*(x - n) << N1_FORECAST_Q;
    n1_forecast_gather(h, c, n, x);
    h->first = n1_clamp64(n1_asr(n1_forecast_dot(h->tap, h->feature, n1_whole(h->features)) + 128, 8), -limit, limit);
    const int64_t quick =
        n1_clamp64(n1_asr(n1_forecast_dot(h->quick_tap, h->quick_feature, N1_FORECAST_QUICK_ROOM) + 128, 8), -limit, limit);
    h->second = n1_clamp64(n1_asr(n1_forecast_dot(h->long_tap, h->left, N1_FORECAST_LONG), N1_GRADIENT_Q), -limit, limit);
    h->third = n1_clamp64(n1_asr(n1_forecast_dot(h->short_tap, h->left_again, N1_FORECAST_SHORT), N1_GRADIENT_Q), -limit, limit);
    h->mean[0] = n1_clamp64(before + h->first + h->second + h->third, 0, limit);
    h->mean[1] = n1_clamp64(before + h->first, 0, limit);
    h->mean[2] = n1_clamp64(before + quick, 0, limit);
    h->mean[3] = before;
}

N1_INLINE uint64_t n1_forecast_mean(uint64_t mean, int64_t e, uint32_t seen, uint32_t memory)
{
    const int64_t far = e - (int64_t)mean;
    return mean + (uint64_t)(seen < memory ? far / (int64_t)(seen + 2) : far / (int64_t)memory);
}

N1_INLINE void n1_forecast_learn_scales(n1_forecast *h, int64_t value)
{
    for (uint32_t m = 0; m < N1_FORECAST_MEANS; m++) {
        uint64_t *s = h->scale[m];
        int64_t e = n1_abs64(value - h->mean[m]) << 8;
        const int64_t cap = (int64_t)s[2] * 12 + (1 << 16);
        e = e > cap ? cap : e;
        s[0] = (uint64_t)((int64_t)s[0] + n1_asr(e - (int64_t)s[0], 3));
        s[1] = n1_forecast_mean(s[1], e, h->n, 32);
        s[2] = n1_forecast_mean(s[2], e, h->n, 256);
    }
    if (h->n < 256)
        h->n++;
}

#ifndef N1_FORECAST_ADD_PRODUCTS
#define N1_FORECAST_ADD_PRODUCTS n1_forecast_add_now
N1_INLINE void n1_forecast_add_now(int64_t *sums, int64_t *target, const int32_t *part, uint32_t apart, const int32_t *aim, uint32_t at, uint32_t n)
{
    const int32_t *const x = part + at * apart;
    const int64_t y = aim[at];
    for (uint32_t i = 0; i < n; i++)
        target[i] += x[i] * y;
    N1_FORECAST_ADD_SQUARES(sums, x, n);
}
#endif

N1_INLINE void n1_forecast_weigh(int32_t *part, const int32_t *feature, uint32_t n, int down)
{
    for (uint32_t i = 0; i < n; i++)
        part[i] = n1_within(n1_asr((int64_t)feature[i] * 256, down), N1_PART_MOST);
}

/* Products of the features and the step, weighted: over the long one's scale, in powers of two. */
N1_INLINE void n1_forecast_add_products(n1_forecast *h, uint32_t turn, int64_t step, int down)
{
    const uint32_t at = N1_ADDED_ODDS ? turn % N1_FORECAST_AT_ONCE : 0;
    h->aim[at] = n1_within(n1_asr(step * 256, down), N1_PART_MOST);
    n1_forecast_weigh(h->part[at], h->feature, h->features, down);
    n1_forecast_weigh(h->quick_part[at], h->quick_feature, h->quick_features, down);
    N1_FORECAST_ADD_PRODUCTS(h->sums, h->target, h->part[0], N1_FORECAST_ROOM, h->aim, at, h->features);
    N1_FORECAST_ADD_PRODUCTS(h->quick_sums, h->quick_target, h->quick_part[0], N1_FORECAST_QUICK_ROOM, h->aim, at, h->quick_features);
}

N1_INLINE void n1_forecast_forget(int64_t *sums, uint32_t n, int memory)
{
    for (uint32_t i = 0; i < n; i++)
        sums[i] -= n1_asr(sums[i], memory);
}

/* One stage of the cascade: taps on `past` learn the error, and the past goes on by `now`. */
N1_INLINE void n1_forecast_follow_gradient(int32_t *tap, int32_t *past, uint32_t n, int64_t error, int64_t now, int rate)
{
    const int64_t gain_most = (int64_t)1 << 32;
    int64_t power = (int64_t)n << 6;
    for (uint32_t i = 0; i < n; i++)
        power += (int64_t)past[i] * past[i];
    const int64_t near = n1_clamp64(error, -((int64_t)1 << 38), (int64_t)1 << 38);
    const int64_t gain = n1_clamp64(near * (1 << 20) / power, -gain_most, gain_most);
    for (uint32_t i = 0; i < n; i++) {
        const int64_t change = n1_clamp64(n1_asr(gain * past[i], rate), -(1 << 14), 1 << 14);
        tap[i] = n1_within(tap[i] + change, 1 << 24);
    }
    memmove(past + 1, past, (n - 1) * sizeof *past);
    past[0] = n1_within(now, 1 << 28);
}

N1_INLINE void n1_forecast_learn_loop(n1_forecast *h, n1_least_squares_work *work, uint32_t c, size_t t, size_t n,
                                       const uint32_t *x)
{
    const int64_t value = (int64_t)*x << N1_FORECAST_Q, before = *(x - n), step = (int64_t)*x - before;
    const uint32_t turn = (uint32_t)(t + c), every = N1_ADDED_ODDS && t > N1_WARM ? h->every : N1_WARM_EVERY, quick_every = every >> 1;
    n1_forecast_learn_scales(h, value);
    const int down = n1_top_bit((h->scale[1][1] >> 8) | 16U) - 4;
    n1_forecast_add_products(h, turn, step, down);
    if ((turn & 31U) == 31) {
        if (t > N1_WARM) {
            n1_forecast_forget(h->sums, h->features * (h->features + 1) / 2, N1_LONG_MEMORY);
            n1_forecast_forget(h->target, h->features, N1_LONG_MEMORY);
        }
        n1_forecast_forget(h->quick_sums, h->quick_features * (h->quick_features + 1) / 2, N1_QUICK_MEMORY);
        n1_forecast_forget(h->quick_target, h->quick_features, N1_QUICK_MEMORY);
    }
    if ((turn & every) == every)
        (void)N1_FORECAST_SOLVE(work, h->sums, h->target, h->features, h->tap);
    if ((turn & quick_every) == quick_every)
        (void)N1_FORECAST_SOLVE(work, h->quick_sums, h->quick_target, h->quick_features, h->quick_tap);
    const int64_t left = value - (before << N1_FORECAST_Q) - h->first, again = left - h->second;
    n1_forecast_follow_gradient(h->long_tap, h->left, N1_FORECAST_LONG, again, left, 8);
    n1_forecast_follow_gradient(h->short_tap, h->left_again, N1_FORECAST_SHORT, again - h->third, again, 7);
    memmove(h->step + 1, h->step, sizeof h->step - sizeof h->step[0]);
    h->step[0] = n1_within(step, N1_FEATURE_MOST);
    h->level = t ? h->level + n1_asr(value - h->level, N1_LEVEL_MEMORY) : value;
}
#endif
