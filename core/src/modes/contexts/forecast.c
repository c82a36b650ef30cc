/* The contexts mode: predictions; see forecast.h. */
#include "modes/contexts/forecast.h"

#include <string.h>

enum {
    FEATURE_MOST = 1 << 23, /* of steps */
    PART_MOST = 1 << 21,    /* of what is summed */
    RIDGE = 1 << 16,
    LONG_MEMORY = 8,        /* of 32 frames, 2^-8 of the sums are forgotten */
    QUICK_MEMORY = 4,
    WARM = 300,             /* frames of which the long one forgets nothing */
    LEVEL_MEMORY = 10,
    TAP_Q = 20
};

void n1_forecast_init(n1_forecast *h, const uint16_t *reference, uint32_t references)
{
    const uint32_t quick = references < N1_FORECAST_QUICK_REFERENCES ? references : N1_FORECAST_QUICK_REFERENCES;
    memset(h, 0, sizeof *h);
    for (uint32_t i = 0; i < references; i++)
        h->reference[i] = reference[i];
    h->references = references;
    h->features = N1_FORECAST_OWN + 1 + references * N1_FORECAST_LAGS;
    h->quick_features = N1_FORECAST_QUICK_OWN + 1 + quick * N1_FORECAST_QUICK_LAGS;
    for (uint32_t i = 0; i < N1_FORECAST_FEATURES; i++)
        h->sums[i * (i + 1) / 2 + i] = RIDGE;
    for (uint32_t i = 0; i < N1_FORECAST_QUICK; i++)
        h->quick_sums[i * (i + 1) / 2 + i] = RIDGE;
    for (uint32_t m = 0; m < N1_FORECAST_MEANS; m++)
        for (uint32_t j = 0; j < N1_FORECAST_SCALES; j++)
            h->scale[m][j] = 16 << 16;
}

static int32_t within(int64_t v, int64_t most) { return (int32_t)n1_clamp64(v, -most, most); }

static void gather(n1_forecast *h, uint32_t c, size_t n, const uint32_t *x)
{
    const int64_t before = *(x - n);
    uint32_t f = N1_FORECAST_OWN, q = N1_FORECAST_QUICK_OWN;
    memcpy(h->feature, h->step, sizeof h->step);
    memcpy(h->quick_feature, h->step, N1_FORECAST_QUICK_OWN * sizeof h->step[0]);
    h->feature[f++] = h->quick_feature[q++] = within(before - n1_asr(h->level, N1_FORECAST_Q), FEATURE_MOST);
    for (uint32_t i = 0; i < h->references; i++)
        for (uint32_t lag = 0; lag < N1_FORECAST_LAGS; lag++) {
            const uint32_t *y = x - (c - h->reference[i]) - lag * n;
            const int32_t step = within((int64_t)*y - *(y - n), FEATURE_MOST);
            h->feature[f++] = step;
            if (i < N1_FORECAST_QUICK_REFERENCES && lag < N1_FORECAST_QUICK_LAGS)
                h->quick_feature[q++] = step;
        }
}

static int64_t dot32(const int32_t *a, const int32_t *b, uint32_t n)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += (int64_t)a[i] * b[i];
    return sum;
}
static int64_t dot64(const int32_t *a, const int64_t *b, uint32_t n)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

void n1_forecast_prepare(n1_forecast *h, uint32_t c, size_t n, const uint32_t *x, uint32_t most)
{
    const int64_t limit = (int64_t)most << N1_FORECAST_Q, before = (int64_t)*(x - n) << N1_FORECAST_Q;
    gather(h, c, n, x);
    h->first = n1_clamp64(n1_asr(dot32(h->tap, h->feature, h->features) + 128, 8), -limit, limit);
    const int64_t quick = n1_clamp64(n1_asr(dot32(h->quick_tap, h->quick_feature, h->quick_features) + 128, 8), -limit, limit);
    h->second = n1_clamp64(n1_asr(dot64(h->long_tap, h->left, N1_FORECAST_LONG), TAP_Q), -limit, limit);
    h->third = n1_clamp64(n1_asr(dot64(h->short_tap, h->left_again, N1_FORECAST_SHORT), TAP_Q), -limit, limit);
    h->mean[0] = n1_clamp64(before + h->first + h->second + h->third, 0, limit);
    h->mean[1] = n1_clamp64(before + h->first, 0, limit);
    h->mean[2] = n1_clamp64(before + quick, 0, limit);
    h->mean[3] = before;
}

static void learn_scales(n1_forecast *h, int64_t value)
{
    const int64_t young = h->n;
    for (uint32_t m = 0; m < N1_FORECAST_MEANS; m++) {
        uint64_t *s = h->scale[m];
        int64_t e = n1_abs64(value - h->mean[m]) << 8;
        const int64_t cap = (int64_t)s[2] * 12 + (1 << 16);
        e = e > cap ? cap : e;
        s[0] = (uint64_t)((int64_t)s[0] + n1_asr(e - (int64_t)s[0], 3));
        s[1] = (uint64_t)((int64_t)s[1] + (e - (int64_t)s[1]) / (young < 32 ? young + 2 : 32));
        s[2] = (uint64_t)((int64_t)s[2] + (e - (int64_t)s[2]) / (young < 256 ? young + 2 : 256));
    }
    if (h->n < 256)
        h->n++;
}

/* Products of the features and the step, weighted: over the long one's scale, in powers of two. */
static void add_products(int64_t *sums, int64_t *target, const int32_t *feature, uint32_t n, int64_t step, int down, const n1_kernels *k)
{
    int32_t part[N1_FORECAST_FEATURES];
    const int64_t aim = within(n1_asr(step * 256, down), PART_MOST);
    for (uint32_t i = 0; i < n; i++) {
        part[i] = within(n1_asr((int64_t)feature[i] * 256, down), PART_MOST);
        target[i] += part[i] * aim;
    }
    k->add_products(sums, part, n);
}

static void forget(int64_t *sums, uint32_t n, int memory)
{
    for (uint32_t i = 0; i < n; i++)
        sums[i] -= n1_asr(sums[i], memory);
}

/* One stage of the cascade: taps on `past` learn the error, and the past goes on by `now`. */
static void follow_gradient(int32_t *tap, int64_t *past, uint32_t n, int64_t error, int64_t now, int rate)
{
    const int64_t gain_most = (int64_t)1 << 32;
    int64_t power = (int64_t)n << 6;
    for (uint32_t i = 0; i < n; i++)
        power += past[i] * past[i];
    const int64_t gain = n1_clamp64(n1_clamp64(error, -((int64_t)1 << 38), (int64_t)1 << 38) * (1 << 20) / power, -gain_most, gain_most);
    for (uint32_t i = 0; i < n; i++) {
        const int64_t change = n1_clamp64(n1_asr(gain * past[i], rate), -(1 << 14), 1 << 14);
        tap[i] = within(tap[i] + change, 1 << 24);
    }
    memmove(past + 1, past, (n - 1) * sizeof *past);
    past[0] = n1_clamp64(now, -(1 << 28), 1 << 28);
}

void n1_forecast_learn(n1_forecast *h, n1_least_squares_work *work, const n1_kernels *k, uint32_t c, size_t t, size_t n,
                       const uint32_t *x)
{
    const int64_t value = (int64_t)*x << N1_FORECAST_Q, before = *(x - n), step = (int64_t)*x - before;
    const size_t turn = t + c;
    learn_scales(h, value);
    const int down = n1_top_bit((h->scale[1][1] >> 8) | 16U) - 4;
    add_products(h->sums, h->target, h->feature, h->features, step, down, k);
    add_products(h->quick_sums, h->quick_target, h->quick_feature, h->quick_features, step, down, k);
    if ((turn & 31U) == 31) {
        if (t > WARM) {
            forget(h->sums, N1_FORECAST_FEATURES * (N1_FORECAST_FEATURES + 1) / 2, LONG_MEMORY);
            forget(h->target, N1_FORECAST_FEATURES, LONG_MEMORY);
        }
        forget(h->quick_sums, N1_FORECAST_QUICK * (N1_FORECAST_QUICK + 1) / 2, QUICK_MEMORY);
        forget(h->quick_target, N1_FORECAST_QUICK, QUICK_MEMORY);
    }
    if ((turn & 15U) == 15)
        (void)k->solve(work, h->sums, h->target, h->features, h->tap);
    if ((turn & 7U) == 7)
        (void)k->solve(work, h->quick_sums, h->quick_target, h->quick_features, h->quick_tap);
    const int64_t left = value - (before << N1_FORECAST_Q) - h->first, again = left - h->second;
    follow_gradient(h->long_tap, h->left, N1_FORECAST_LONG, again, left, 8);
    follow_gradient(h->short_tap, h->left_again, N1_FORECAST_SHORT, again - h->third, again, 7);
    memmove(h->step + 1, h->step, sizeof h->step - sizeof h->step[0]);
    h->step[0] = within(step, FEATURE_MOST);
    h->level = t ? h->level + n1_asr(value - h->level, LEVEL_MEMORY) : value;
}
