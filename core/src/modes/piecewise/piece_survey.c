/* Encoder of the piecewise mode: values, and channels that go together. */
#include "modes/piecewise/piece_survey.h"
#include "base/load.h"
#include "base/status.h"
#include "base/stride.h"
#include "base/types.h"

#include <string.h>

#define LEVELLED 128u /* changes that count alike */

uint32_t n1_piece_most_listed(size_t n)
{
    uint32_t listed = 4;
    while (listed < 1u << N1_PIECE_LISTED_BITS && listed < n / N1_PIECE_REPEATED)
        listed *= 2;
    return listed;
}

void n1_piece_survey_take(n1_piece_survey *v, n1_arena *a, const n1_shape *s)
{
    const size_t run = s->n_channels < N1_PIECE_MANY ? N1_PIECE_RUN : N1_PIECE_RUN_OF_MANY;
    const size_t n = s->n_samples < run * N1_PIECE_RUNS ? s->n_samples : run * N1_PIECE_RUNS;
    v->run = n < run ? n : run;
    v->n = n;
    v->slots = 4 * n1_piece_most_listed(s->n_samples);
    v->slot = n1_arena_take(a, v->slots, sizeof *v->slot);
    v->taken = n1_arena_take(a, v->slots, sizeof *v->taken);
    v->rank = n1_arena_take(a, v->slots, sizeof *v->rank);
    v->change = n1_arena_take(a, s->n_channels > 1 ? (uint64_t)s->n_channels * n : 0, sizeof *v->change);
    v->product = n1_arena_take(a, s->n_channels > 1 ? (uint64_t)s->n_channels * (N1_PIECE_COMPARED + 1) : 0, sizeof *v->product);
    v->left = n1_arena_take(a, N1_PIECE_COMPARED, sizeof *v->left);
    v->other_change = n1_arena_take(a, N1_PIECE_FORMS && s->n_channels > 1 ? n : 0, sizeof *v->other_change);
    v->other_product = n1_arena_take(a, N1_PIECE_FORMS && s->n_channels > 1 ? N1_PIECE_COMPARED + 1 : 0, sizeof *v->other_product);
}

/* Where a value is, or would be, in the table of those that occur. */
static uint32_t slot_of(const n1_piece_survey *v, int64_t x)
{
    uint32_t h = (uint32_t)x * 2654435761u >> 16 & (v->slots - 1);
    while (v->taken[h] && v->slot[h] != x)
        h = (h + 1) & (v->slots - 1);
    return h;
}

/* Sorted, the values that occur; 0 if there are more than `most`. */
static uint32_t list(n1_piece_survey *v, const n1_piece_values *values, uint32_t most, int64_t *value)
{
    uint32_t n = 0;
    memset(v->taken, 0, v->slots);
    for (size_t t = 0; t < values->n; t++) {
        const int64_t x = values->low + ((uint32_t)values->x[t] - (uint32_t)values->low);
        const uint32_t h = slot_of(v, x);
        if (v->taken[h])
            continue;
        if (n == most)
            return 0;
        v->taken[h] = 1;
        v->slot[h] = x;
        n++;
    }
    uint32_t k = 0;
    for (uint32_t h = 0; h < v->slots; h++)
        if (v->taken[h])
            value[k++] = v->slot[h];
    for (uint32_t gap = n / 2; gap; gap /= 2) /* Shell's sort: there are few */
        for (uint32_t i = gap; i < n; i++) {
            const int64_t x = value[i];
            uint32_t j = i;
            for (; j >= gap && value[j - gap] > x; j -= gap)
                value[j] = value[j - gap];
            value[j] = x;
        }
    for (uint32_t i = 0; i < n; i++)
        v->rank[slot_of(v, value[i])] = (uint16_t)i;
    return n;
}

/* The same where the table has room for all values of the range. */
static uint32_t list_all(n1_piece_survey *v, const n1_piece_values *values, uint32_t most, int64_t *value)
{
    const uint32_t low = (uint32_t)values->low, all = (uint32_t)(values->high - values->low) + 1;
    uint32_t n = 0;
    v->of_value = (uint16_t *)(void *)v->slot;
    memset(v->of_value, 0, all * sizeof *v->of_value);
    for (size_t t = 0; t < values->n; t++)
        v->of_value[(uint32_t)values->x[t] - low] = 1;
    for (uint32_t i = 0; i < all; i++)
        n += v->of_value[i];
    if (n > most)
        return 0;
    n = 0;
    for (uint32_t i = 0; i < all; i++) {
        if (!v->of_value[i])
            continue;
        value[n++] = values->low + i;
        v->of_value[i] = (uint16_t)n;
    }
    return n;
}

/* A value's place in the list. */
static uint32_t rank_of(const n1_piece_survey *v, int64_t low, uint32_t from_low)
{
    return N1_PIECE_FORMS && v->of_value ? v->of_value[from_low] - 1u : v->rank[slot_of(v, low + from_low)];
}

/* Modulo 2^32, the samples of a channel, one in so many; the lowest and the highest. */
#define LOAD_EVERY(T, every)                                                                                          \
    {                                                                                                                 \
        const T *const v = (const T *)samples + channel;                                                              \
        T least = v[0], most = v[0];                                                                                  \
        for (size_t t = 0; t < s->n_samples; t++) {                                                                   \
            const T x = v[t * (every)];                                                                               \
            least = x < least ? x : least;                                                                            \
            most = x > most ? x : most;                                                                               \
            out[t] = (int32_t)(uint32_t)x;                                                                            \
        }                                                                                                             \
        *low = least;                                                                                                 \
        *high = most;                                                                                                 \
    }
#define LOAD(T)                                                                                                       \
    {                                                                                                                 \
        if (s->n_channels == 1)                                                                                       \
            LOAD_EVERY(T, 1)                                                                                          \
        else                                                                                                          \
            LOAD_EVERY(T, s->n_channels)                                                                              \
    }

static void load(const void *samples, const n1_shape *s, size_t channel, int32_t *out, int64_t *low, int64_t *high)
{
    N1_FOR_TYPE(s->dtype, LOAD)
}

/* What all distances from the lowest sample are multiples of; 1 if there are none. */
static uint32_t stride_of(const int32_t *x, size_t n, uint32_t low)
{
    n1_common_stride common = {0, {0, 0, 0}};
    for (size_t t = 0; t < n && common.stride != 1; t++)
        n1_common_stride_take(&common, (uint32_t)x[t] - low);
    return common.stride ? common.stride : 1;
}

/* Samples to codes, from the origin's. */
static void to_codes(const n1_piece_survey *v, const n1_piece_channel *c, int32_t *x, size_t n, int64_t low)
{
    const double inverse = 1.0 / c->stride;
    const uint32_t first = (uint32_t)low, origin = c->origin;
    if (c->kind == N1_PIECE_LIST)
        for (size_t t = 0; t < n; t++)
            x[t] = (int32_t)(rank_of(v, low, (uint32_t)x[t] - first) - origin);
    else if (c->stride == 1)
        for (size_t t = 0; t < n; t++)
            x[t] = (int32_t)((uint32_t)x[t] - first - origin);
    else
        for (size_t t = 0; t < n; t++)
            x[t] = (int32_t)((uint32_t)(((uint32_t)x[t] - first) * inverse + 0.5) - origin);
}

void n1_piece_survey_load(const void *samples, const n1_shape *s, size_t channel, n1_piece_values *values)
{
    values->n = s->n_samples;
    load(samples, s, channel, values->x, &values->low, &values->high);
}

uint32_t n1_piece_survey_stride(const n1_piece_values *values) { return stride_of(values->x, values->n, (uint32_t)values->low); }

n1_status n1_piece_survey_values(n1_piece_survey *v, const n1_piece_values *values, n1_piece_channel *c)
{
    const size_t n = values->n;
    const int64_t low = values->low;
    int32_t *const series = values->x;
    const uint32_t stride = stride_of(series, n, (uint32_t)low);
    const uint64_t range = (uint64_t)(values->high - low) / stride;
    c->kind = N1_PIECE_STRIDE;
    c->first = low;
    c->stride = stride;
    c->n_others = c->lags = c->start = 0;
    c->widths = 0;
    if (range >= 64 && n >= 64) { /* a few values, far apart */
        const uint64_t wide = range / 8, many = n / N1_PIECE_REPEATED, most = (uint64_t)c->most->listed;
        uint64_t limit = wide < many ? wide : many;
        limit = limit < most ? limit : most;
        const uint64_t all = (uint64_t)(values->high - low) + 1, room = v->slots * (sizeof *v->slot / sizeof *v->of_value);
        const int fits = N1_PIECE_FORMS && all <= room && all < n;
        v->of_value = NULL;
        const uint32_t listed = limit < 2 ? 0 : fits ? list_all(v, values, (uint32_t)limit, c->value) : list(v, values, (uint32_t)limit, c->value);
        if (listed) {
            c->kind = N1_PIECE_LIST;
            c->n_codes = listed;
        }
    }
    if (c->kind == N1_PIECE_STRIDE) {
        if (range >= (uint64_t)1 << 31)
            return N1_NOT_APPLICABLE;
        c->n_codes = (uint32_t)range + 1;
    }
    const uint32_t first = (uint32_t)series[0] - (uint32_t)low;
    c->origin = c->kind == N1_PIECE_LIST ? rank_of(v, low, first) : first / stride;
    to_codes(v, c, series, n, low);
    return N1_OK;
}

/* Changes from frame to frame in stretches all over the channel; of one whose values are changes, from the usual one. */
static void changes(const n1_piece_survey *v, const n1_piece_channel *c, const int32_t *series, size_t n_samples, float *out)
{
    const int are_changes = N1_PIECE_FORMS && c->form == N1_PIECE_WRAPPED;
    const size_t run = v->n == n_samples ? v->n : v->run;
    for (size_t part = 0; part * run < v->n; part++) {
        const int32_t *const x = series + (part ? part * (n_samples - run) / (N1_PIECE_RUNS - 1) : 0); /* a zero is before the first */
        float *const to = out + part * run;
        const size_t n = v->n - part * run < run ? v->n - part * run : run;
        for (size_t i = 0; i < n; i++)
            to[i] = (float)((int64_t)x[i] - (are_changes ? 0 : x[i - 1]));
    }
    out[0] = 0.0f;
}

/* Each stretch counts alike, however large the signal is in it. */
static void level(float *change, size_t n)
{
    for (size_t from = 0; from < n; from += LEVELLED) {
        const size_t len = n - from < LEVELLED ? n - from : LEVELLED;
        double sum[4] = {0.0}; /* which do not wait for each other */
        for (size_t i = 0; i < len; i++)
            sum[i % 4] += change[from + i] < 0 ? -(double)change[from + i] : (double)change[from + i];
        const double mean = ((sum[0] + sum[1]) + (sum[2] + sum[3])) / (double)len + 0.1, inverse = 1.0 / mean;
        for (size_t i = 0; i < len; i++)
            change[from + i] = (float)((double)change[from + i] * inverse);
    }
}

/* Of the changes of two channels, the first no lower and near enough. */
static double product_of(const n1_piece_survey *v, size_t high, size_t low)
{
    return v->product[high * (N1_PIECE_COMPARED + 1) + N1_PIECE_COMPARED - (high - low)];
}

/* Channels from `first` up to `channel` by what they say of it, the most first; what each leaves is compared with the rest. */
static void choose_others(n1_piece_survey *v, size_t first, size_t channel, unsigned others, n1_piece_channel *c)
{
    double square = product_of(v, channel, channel);
    for (size_t k = first; k < channel; k++)
        v->left[k - first] = product_of(v, channel, k);
    for (c->n_others = 0; c->n_others < others;) {
        double most = 4.0 / (double)v->n;
        size_t best = channel;
        for (size_t k = first; k < channel; k++) {
            const double own = product_of(v, k, k), both = v->left[k - first];
            if (own > 0 && both * both > most * own * (square + 1e-9)) {
                most = both * both / own / (square + 1e-9);
                best = k;
            }
        }
        if (best == channel)
            break;
        const double factor = v->left[best - first] / product_of(v, best, best);
        square -= factor * v->left[best - first];
        square = square > 0 ? square : 0.0;
        c->other[c->n_others++] = (uint32_t)best;
        for (size_t k = first; k < channel; k++)
            v->left[k - first] -= factor * (k < best ? product_of(v, best, k) : product_of(v, k, best));
        for (unsigned i = 0; i < c->n_others; i++)
            v->left[c->other[i] - first] = 0.0; /* not again */
    }
}

void n1_piece_survey_turn(n1_piece_survey *v, size_t channel)
{
    float *const change = v->change + channel * v->n;
    double *const product = v->product + channel * (N1_PIECE_COMPARED + 1);
    for (size_t i = 0; i < v->n; i++) {
        const float x = change[i];
        change[i] = v->other_change[i];
        v->other_change[i] = x;
    }
    for (size_t i = 0; i <= N1_PIECE_COMPARED; i++) {
        const double x = product[i];
        product[i] = v->other_product[i];
        v->other_product[i] = x;
    }
}

void n1_piece_survey_others(n1_piece_survey *v, const int32_t *series, size_t n_samples, size_t channel, unsigned others,
                            n1_piece_channel *c)
{
    const size_t n = v->n, stride = n1_piece_stride(n_samples), first = channel > N1_PIECE_COMPARED ? channel - N1_PIECE_COMPARED : 0;
    float *const mine = v->change + channel * n;
    double *const product = v->product + channel * (N1_PIECE_COMPARED + 1) + N1_PIECE_COMPARED;
    changes(v, c, series + channel * stride + N1_PIECE_HISTORY, n_samples, mine);
    level(mine, n);
    for (size_t k = first; k <= channel; k++)
        *(product - (channel - k)) = v->k->product(mine, v->change + k * n, n);
    choose_others(v, first, channel, others, c);
}
