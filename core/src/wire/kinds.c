/* Encoder: what kind of signal a block is, from a small part of it. */
#include "wire/kinds.h"
#include "base/fixed.h"
#include "base/gcd.h"
#include "base/inline.h"
#include "base/load.h"
#include "base/types.h"
#include "converter/limits.h"
#include "converter/nlink.h"
#include "modes/piecewise/piecewise.h"

#define STRETCH   64u   /* frames, */
#define STRETCHES 16u   /* so many of each channel that is looked at, all over the block, */
#define CHANNELS  16u   /* and of so many channels */
#define SPARSE    64u   /* channels: of more, every eighth frame tells the range */
#define FEW       4u    /* channels: of more, one that is not like the others is not enough */
#define UNSTEADY  82    /* 0.02: log2 of a mean over the mean of logs, in 4096ths: what is steady stays below it by a half */
#define RARE      8192  /* log2 of 4, in 4096ths: squares of a steady signal's steps are 1.57 times their mean size's, and spikes must not be enough */
#define RARE_FEW  3307  /* log2 of 1.75: of few channels, they are */
#define FAR       (5 << 12) /* log2 of 32, in 4096ths: a smaller range, in mean steps, has no changes that rule all others */
#define WRAPPED   64    /* values: of a smaller range, a step over half of it is nothing */
#define SMOOTH   (5 << 12) /* log2 of 32, in 4096ths: a range of so many mean steps */
#define ASKED     4u    /* channels, of many that are looked at, whose steps are all squared */

/* Whether samples are the N1's: of so many, none is by chance. */
static int is_nlink(const void *samples, const n1_shape *s, size_t channel)
{
    if (s->dtype != N1_INT16)
        return 0;
    for (size_t i = 0; i < STRETCH; i++) {
        const int32_t x = (int32_t)n1_load_sample(samples, N1_INT16, i * s->n_samples / STRETCH * s->n_channels + channel);
        if (n1_nlink_value(n1_nlink_code(x)) != x)
            return 0;
    }
    return 1;
}

/* n samples of a channel from a frame on, `every` frames apart. */
static void gather(const void *samples, const n1_shape *s, size_t channel, size_t from, size_t every, size_t n, int64_t *out)
{
    const size_t step = every * s->n_channels;
#define GATHER(T)                                                                                                     \
    {                                                                                                                 \
        const T *v = (const T *)samples + from * s->n_channels + channel;                                             \
        for (size_t i = 0; i < n; i++)                                                                                \
            out[i] = (int64_t)v[i * step];                                                                            \
    }
    N1_FOR_TYPE(s->dtype, GATHER)
}

/* What a channel's samples say. */
typedef struct {
    uint64_t stride;
    int32_t usual;  /* log2 of the usual size of changes in a stretch, STEPS to a code, in 4096ths */
    int unsteady;   /* changes from frame to frame are larger in some stretches than in others */
} look;
#define STEPS (16 * (STRETCH - 1))

static look look_at(const void *samples, const n1_shape *s, size_t channel)
{
    const size_t n = s->n_samples, runs = n / STRETCH < STRETCHES ? n / STRETCH : STRETCHES;
    look l = {0, 0, 0};
    uint64_t size[STRETCHES], sum = 0;
    int64_t logs = 0, x[STRETCH];
    const int64_t first = n1_load_sample(samples, s->dtype, channel);
    for (size_t i = 0; i < runs; i++) {
        const size_t from = runs > 1 ? i * (n - STRETCH) / (runs - 1) : 0;
        gather(samples, s, channel, from, 1, STRETCH, x);
        for (size_t t = 0; t < STRETCH && l.stride != 1; t++)
            l.stride = n1_gcd(l.stride, (uint64_t)(x[t] < first ? first - x[t] : x[t] - first));
        size[i] = 0;
        for (size_t t = 1; t < STRETCH; t++)
            size[i] += (uint64_t)(x[t] < x[t - 1] ? x[t - 1] - x[t] : x[t] - x[t - 1]);
    }
    const uint64_t code = l.stride ? l.stride : 1;
    for (size_t i = 0; i < runs; i++) {
        size[i] = size[i] / code * 16 + 5 * STRETCH; /* a third of a code is as good as nothing */
        sum += size[i];
        logs += n1_log2_q12(size[i]);
    }
    l.usual = runs ? (int32_t)(logs / (int64_t)runs) : 0;
    if (runs > 1)
        l.unsteady = n1_log2_q12(sum / runs) - l.usual > UNSTEADY;
    return l;
}

/* The squares of all changes of a channel of 16 bits, exact. */
N1_INLINE double squares_of_16(const int16_t *v, size_t n, const size_t apart)
{
    uint64_t sum = 0;
    for (size_t t = 1; t < n; t++) {
        const int32_t d = v[t * apart] - v[(t - 1) * apart];
        sum += (uint32_t)d * (uint32_t)d;
    }
    return (double)sum;
}

/* The squares of all changes of a channel. */
static double squares_of(const void *samples, const n1_shape *s, size_t channel)
{
    if (N1_PIECE_FORMS && s->dtype == N1_INT16 && s->n_channels == 1) /* in a loop that is short */
        return squares_of_16(samples, s->n_samples, 1);
    if (N1_PIECE_FORMS && s->dtype == N1_INT16)
        return squares_of_16((const int16_t *)samples + channel, s->n_samples, s->n_channels);
    double sum = 0.0;
    int64_t x[STRETCH];
    for (size_t from = 0; from + STRETCH <= s->n_samples; from += STRETCH - 1) {
        gather(samples, s, channel, from, 1, STRETCH, x);
        for (size_t t = 1; t < STRETCH; t++)
            sum += (double)(x[t] - x[t - 1]) * (double)(x[t] - x[t - 1]);
    }
    return sum;
}

/* Whether changes that are so few that no stretch shows them rule all sums of squares: a predictor that is fitted to the whole block
 * is one for these. */
static int is_ruled_by_few(const void *samples, const n1_shape *s, size_t channel, const look *l, int32_t rare)
{
    const double code = l->stride ? (double)l->stride : 1.0;
    const double square = squares_of(samples, s, channel) / (double)s->n_samples / (code * code) * STEPS * STEPS;
    return n1_log2_q12(square < 1e18 ? (uint64_t)square + 1 : UINT64_C(1000000000000000000)) - 2 * l->usual > rare;
}

/* The range of all samples of a channel. */
#define RANGE(T)                                                                                                      \
    {                                                                                                                 \
        const T *const v = (const T *)samples;                                                                        \
        T low = v[channel], high = low;                                                                               \
        for (size_t i = channel; i < end; i += step) {                                                                \
            low = v[i] < low ? v[i] : low;                                                                            \
            high = v[i] > high ? v[i] : high;                                                                         \
        }                                                                                                             \
        range = (uint64_t)((int64_t)high - (int64_t)low);                                                             \
    }

static uint64_t range_of(const void *samples, const n1_shape *s, size_t channel)
{
    const size_t step = s->n_channels * (s->n_channels < SPARSE ? 1 : 8), end = s->n_samples * s->n_channels;
    uint64_t range = 0;
    if (step == 1 && s->dtype == N1_INT16) { /* the usual types in loops that are short */
        const int16_t *const v = samples;
        int16_t low = v[channel], high = low;
        for (size_t i = 0; i < end; i++) {
            low = v[i] < low ? v[i] : low;
            high = v[i] > high ? v[i] : high;
        }
        return (uint64_t)(high - low);
    }
    if (N1_PIECE_FORMS && step == 1 && s->dtype == N1_INT32) {
        const int32_t *const v = samples;
        int32_t low = v[channel], high = low;
        for (size_t i = 0; i < end; i++) {
            low = v[i] < low ? v[i] : low;
            high = v[i] > high ? v[i] : high;
        }
        return (uint64_t)((int64_t)high - low);
    }
    N1_FOR_TYPE(s->dtype, RANGE)
    return range;
}

/* Values that no other mode takes, but for plain numbers: the others hold them in 32 bits with a sign. */
static int is_high(const void *samples, const n1_shape *s)
{
    const uint32_t *const x = samples;
    for (size_t i = 0; s->dtype == N1_UINT32 && i < s->n_samples * s->n_channels; i++)
        if (x[i] > INT32_MAX)
            return 1;
    return 0;
}

int n1_seems_nlink(const void *samples, const n1_shape *s) { return is_nlink(samples, s, 0); }

/* The range of a channel's codes. */
static uint64_t codes_of(const void *samples, const n1_shape *s, size_t channel, const look *l)
{
    return range_of(samples, s, channel) / (l->stride ? l->stride : 1);
}

/* Whether a stretch is a ramp, which may wrap around: no step is none, and there are two at most. */
static int is_ramp(const int64_t *x)
{
    const int64_t first = x[1] - x[0];
    int64_t second = first;
    for (size_t t = 1; t < STRETCH; t++) {
        const int64_t d = x[t] - x[t - 1];
        if (!d || (d != first && d != second && second != first))
            return 0;
        second = d != first ? d : second;
    }
    return 1;
}

/* Whether samples seem to wrap around in their range: ramps do, and what steps over half of it and goes on as if it had not. */
N1_APART static int wraps(const void *samples, const n1_shape *s, size_t channel, int64_t range)
{
    const size_t n = s->n_samples, runs = n / STRETCH < STRETCHES ? n / STRETCH : STRETCHES;
    size_t ramps = 0, others = 0, wrapped = 0;
    int64_t x[STRETCH];
    for (size_t i = 0; i < runs; i++) {
        gather(samples, s, channel, runs > 1 ? i * (n - STRETCH) / (runs - 1) : 0, 1, STRETCH, x);
        ramps += (size_t)is_ramp(x);
        for (size_t t = 2; t + 1 < STRETCH; t++) {
            const int64_t d = x[t] - x[t - 1], before = x[t - 1] - x[t - 2], change = x[t + 1] - x[t] - before;
            if (d <= range / 2 && d >= -range / 2)
                continue;
            const int goes_on = before < range / 4 && before > -range / 4 && change < range / 16 && change > -range / 16;
            wrapped += goes_on ? 1 : 0;
            others += goes_on ? 0 : 1;
        }
    }
    return 2 * ramps > runs || (range >= WRAPPED && wrapped > 4 * others);
}

/* Of many codes, the forward mode cuts low bits off, which may be no loss; what is smooth among them is for pieces, which a trial of
 * stretches put together does not show. Small programs try nothing. */
static int of_many_codes(uint64_t codes, const look *l)
{
    return N1_PIECE_FORMS && n1_log2_q12(codes * STEPS | 1U) - l->usual < SMOOTH ? N1_PIECES_TRIED : N1_PIECES_LIKELY;
}

static int is_wild(const void *samples, const n1_shape *s, size_t channel, const look *l)
{
    const uint64_t codes = codes_of(samples, s, channel, l), stride = l->stride ? l->stride : 1;
    if (l->unsteady || (N1_PIECE_FORMS && wraps(samples, s, channel, (int64_t)(codes * stride))))
        return N1_PIECES_LIKELY;
    return codes >= N1_MAX_CODES ? of_many_codes(codes, l) : 0;
}

/* Whether values off the stride of all that were looked at are somewhere. */
static int leaves_stride(const void *samples, const n1_shape *s, size_t channel, const look *l)
{
    const int64_t first = n1_load_sample(samples, s->dtype, channel), stride = (int64_t)l->stride;
    int64_t before = first;
    for (size_t t = 0; stride > 1 && t < s->n_samples; t++) {
        const int64_t x = n1_load_sample(samples, s->dtype, t * s->n_channels + channel);
        if (x != before && (x - first) % stride) /* held values are divided once */
            return 1;
        before = x;
    }
    return 0;
}

/* A channel that may be wild in a way that no part of it shows. */
static int promise_of_one(const void *samples, const n1_shape *s, size_t channel, const look *l)
{
    if (l->unsteady)
        return N1_PIECES_LIKELY;
    const uint64_t codes = codes_of(samples, s, channel, l);
    if (leaves_stride(samples, s, channel, l))
        return N1_PIECES_LIKELY;
    if (N1_PIECE_FORMS && wraps(samples, s, channel, (int64_t)(codes * (l->stride ? l->stride : 1))))
        return N1_PIECES_LIKELY;
    if (n1_log2_q12(codes * STEPS | 1U) - l->usual > FAR && is_ruled_by_few(samples, s, channel, l, RARE_FEW))
        return N1_PIECES_LIKELY;
    return codes >= N1_MAX_CODES ? of_many_codes(codes, l) : N1_PIECES_DOUBTFUL;
}

/* Few channels: what is not wild may gain by pieces all the same, which a trial tells. */
static int promise_of_few(const void *samples, const n1_shape *s)
{
    int promise = 0;
    for (size_t i = 0; i < s->n_channels && promise != N1_PIECES_LIKELY; i++) {
        if (is_nlink(samples, s, i))
            continue;
        const look l = look_at(samples, s, i);
        const int one = promise_of_one(samples, s, i, &l);
        promise = one == N1_PIECES_DOUBTFUL && promise ? promise : one;
    }
    return promise;
}

int n1_promises_pieces(const void *samples, const n1_shape *s, int level)
{
    if (is_high(samples, s))
        return N1_PIECES_LIKELY;
    const size_t looked = s->n_channels < CHANNELS ? s->n_channels : CHANNELS, every = looked / ASKED;
    size_t promising = 0, tried = 0, asked = 0, ruled = 0;
    if (s->n_samples < 2 * STRETCH)
        return 0;
    if (s->n_channels <= FEW)
        return promise_of_few(samples, s);
    for (size_t i = 0; i < looked; i++) {
        const size_t channel = i * s->n_channels / looked;
        if (is_nlink(samples, s, channel))
            continue;
        const look l = look_at(samples, s, channel);
        const int wild = is_wild(samples, s, channel, &l);
        promising += wild == N1_PIECES_LIKELY;
        tried += N1_PIECE_FORMS && wild == N1_PIECES_TRIED;
        if (i % every || level < 2) /* the fastest level stays fast */
            continue;
        asked++;
        ruled += is_ruled_by_few(samples, s, channel, &l, RARE) ? 1 : 0;
    }
    if (4 * promising > looked || 2 * ruled > asked)
        return N1_PIECES_LIKELY;
    return N1_PIECE_FORMS && 4 * (promising + tried) > looked ? N1_PIECES_TRIED : 0;
}
