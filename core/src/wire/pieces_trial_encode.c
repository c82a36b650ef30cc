/* Trials of pieces: whether coding a block by them is worth its time. */
#include "wire/block_trial.h"
#include "base/gcd.h"
#include "base/status.h"
#include "base/types.h"
#include "modes/forward/forward_encode.h"
#include "modes/piecewise/piece_widths.h"
#include "modes/piecewise/piecewise.h"
#include "modes/piecewise/piecewise_encode.h"
#include "modes/stored/stored.h"
#include "wire/part_trial.h"

#include <string.h>

/* Of few channels, a 64th of their frames in stretches all over the block. */
static n1_trial short_trial_of(const n1_shape *s, n1_arena *a)
{
    const size_t share = s->n_samples / (N1_PIECES_PART * N1_TRIED_RUNS);
    const n1_part p = n1_part_of(N1_TRIED_RUNS, share < N1_PIECES_FRAMES ? N1_PIECES_FRAMES : share, 0, s->n_channels);
    return n1_trial_take(p, s, a);
}

/* A 32nd of the frames of some channels in the middle. */
static n1_trial codes_trial_of(const n1_shape *s, n1_arena *a)
{
    const size_t share = s->n_samples / (N1_CODES_PART * N1_TRIED_RUNS), length = share < N1_OTHERS_FRAMES ? share : N1_OTHERS_FRAMES;
    const size_t n = s->n_channels < N1_CODES_CHANNELS ? s->n_channels : N1_CODES_CHANNELS;
    const n1_part p = n1_part_of(N1_TRIED_RUNS, length < N1_CODES_FRAMES ? N1_CODES_FRAMES : length, (s->n_channels - n) / 2, n);
    return n1_trial_take(p, s, a);
}

static int codes_are_tried(const n1_shape *s) { return s->n_samples >= N1_CODES_SHARE * N1_TRIED_RUNS * N1_CODES_FRAMES; }

static int pieces_are_tried(const n1_shape *s) { return s->n_samples >= N1_PIECES_LEAST * N1_TRIED_RUNS * N1_PIECES_FRAMES; }

static void measure(const n1_trial *t, const n1_level *level, n1_arena *a)
{
    n1_arena_pass(a, n1_forward_encode_measure(&t->shape, level->rest));
    n1_arena_pass(a, n1_piecewise_encode_measure(&t->shape, level->pieces));
}

uint64_t n1_pieces_pay_measure(const n1_shape *s, const n1_level *level)
{
    n1_arena a = n1_arena_measure(), b = n1_arena_measure();
    if (pieces_are_tried(s)) {
        (void)n1_arena_take(&a, N1_HOLES_CODES, sizeof(double));
        const n1_trial t = short_trial_of(s, &a);
        measure(&t, level, &a);
    }
    if (N1_PIECE_FORMS && codes_are_tried(s)) {
        (void)n1_arena_take(&b, N1_HOLES_CODES, sizeof(double));
        const n1_trial t = codes_trial_of(s, &b);
        measure(&t, level, &b);
    }
    return a.most > b.most ? a.most : b.most;
}

#define RANGE(T)                                                                                                      \
    {                                                                                                                 \
        const T *v = (const T *)samples + first;                                                                      \
        T least = v[0], most = least;                                                                                 \
        for (size_t i = 0; i < n; i++) {                                                                              \
            least = v[i * c] < least ? v[i * c] : least;                                                              \
            most = v[i * c] > most ? v[i * c] : most;                                                                 \
        }                                                                                                             \
        low = (int64_t)least;                                                                                         \
        high = (int64_t)most;                                                                                         \
    }
#define STRIDE(T)                                                                                                     \
    {                                                                                                                 \
        const T *v = (const T *)samples + first;                                                                      \
        for (size_t i = 0; i < n && stride != 1; i++)                                                                 \
            stride = n1_gcd(stride, (uint64_t)(v[i * c] - low));                                                      \
    }
#define COUNT(T)                                                                                                      \
    {                                                                                                                 \
        const T *v = (const T *)samples + first;                                                                      \
        for (size_t i = 0; stride == 1 && i < n; i++)                                                                 \
            count[v[i * c] - low] += 1.0;                                                                             \
        for (size_t i = 0; stride > 1 && i < n; i++)                                                                  \
            count[(uint64_t)(v[i * c] - low) / stride] += 1.0;                                                        \
    }

/* Whether a channel's codes have holes beside those that are common, but for its stride: pieces know widths of codes, which a short part does not show.
 * Frames in the middle tell. */
static int has_holes(const void *samples, const n1_shape *s, size_t channel, double *count)
{
    const size_t n = s->n_samples < N1_HOLES_FRAMES ? s->n_samples : N1_HOLES_FRAMES, c = s->n_channels;
    const size_t first = (s->n_samples - n) / 2 * c + channel;
    int64_t low = 0, high = 0;
    uint64_t stride = 0;
    N1_FOR_TYPE(s->dtype, RANGE)
    if (N1_PIECE_FORMS)
        N1_FOR_TYPE(s->dtype, STRIDE)
    stride = N1_PIECE_FORMS && stride ? stride : 1;
    const uint64_t last = (uint64_t)(high - low) / stride;
    if (last >= N1_HOLES_CODES)
        return 0;
    memset(count, 0, (last + 1) * sizeof *count);
    N1_FOR_TYPE(s->dtype, COUNT)
    return n1_piece_has_holes(count, (uint32_t)last + 1, n);
}

#define LOOK_UP(T)                                                                                                    \
    for (size_t i = 0; i < N1_REPEATS_FRAMES; i++) {                                                                  \
        const int64_t x = (int64_t)((const T *)samples)[(first + i) * s->n_channels + channel];                      \
        size_t at = (size_t)((uint32_t)x * 2654435761u >> 21);                                                        \
        while (slot[at] != INT64_MIN && slot[at] != x)                                                                \
            at = (at + 1) % N1_REPEATS_SLOTS;                                                                         \
        again += slot[at] == x;                                                                                       \
        slot[at] = x;                                                                                                 \
    }

/* Whether values of a channel come again and again: pieces know lists and widths of them, which a short part does not show. */
static int repeats(const void *samples, const n1_shape *s, size_t channel, int64_t *slot)
{
    const size_t first = s->n_samples / 2 - N1_REPEATS_FRAMES / 2;
    size_t again = 0;
    for (size_t i = 0; i < N1_REPEATS_SLOTS; i++)
        slot[i] = INT64_MIN;
    N1_FOR_TYPE(s->dtype, LOOK_UP)
    return 4 * again > N1_REPEATS_FRAMES;
}

static int have_holes(const void *samples, const n1_shape *s, size_t first, size_t channels, double *count)
{
    for (size_t i = 0; i < channels; i++)
        if (has_holes(samples, s, first + i, count))
            return 1;
    return 0;
}

/* Whether pieces take less than the forward mode by one part of so many in a trial. */
static n1_status are_less(const void *samples, const n1_shape *s, const n1_trial *t, const n1_level *level, unsigned gain, const n1_encode_kernels *k,
                          n1_arena arena, int *less)
{
    size_t usual = 0, other = 0;
    *less = 0;
    n1_status status = n1_trial_by_forward(samples, s, t, level->rest, k, &arena, &usual);
    if (status == N1_OK)
        status = n1_piecewise_encode(t->in, &t->shape, level->pieces, k, arena, t->out, n1_stored_bound(&t->shape), &other, NULL);
    *less = status == N1_OK && other + other / gain < usual;
    return status == N1_NOT_APPLICABLE ? N1_OK : status;
}

n1_status n1_pieces_are_less(const void *samples, const n1_shape *s, const n1_level *level, const n1_encode_kernels *k, n1_arena arena,
                             int *less)
{
    *less = 1;
    if (!codes_are_tried(s))
        return N1_OK;
    double *const count = n1_arena_take(&arena, N1_HOLES_CODES, sizeof *count);
    const n1_trial t = codes_trial_of(s, &arena);
    if (!count)
        return N1_ERROR_INTERNAL;
    for (size_t i = 0; i < t.part.n_channels; i++)
        if (repeats(samples, s, t.part.first + i, (int64_t *)(void *)count))
            return N1_OK;
    if (have_holes(samples, s, t.part.first, t.part.n_channels, count))
        return N1_OK;
    return are_less(samples, s, &t, level, N1_CODES_GAIN, k, arena, less);
}

n1_status n1_pieces_pay(const void *samples, const n1_shape *s, const n1_level *level, const n1_encode_kernels *k, n1_arena arena,
                        int *pay)
{
    *pay = 1;
    if (!pieces_are_tried(s))
        return N1_OK;
    double *const count = n1_arena_take(&arena, N1_HOLES_CODES, sizeof *count);
    const n1_trial t = short_trial_of(s, &arena);
    if (!count)
        return N1_ERROR_INTERNAL;
    if (have_holes(samples, s, 0, s->n_channels, count))
        return N1_OK;
    *pay = 0;
    const unsigned gain = N1_PIECE_FORMS && s->n_samples >= N1_PIECES_LONG ? N1_PIECES_GAIN_OF_LONG : N1_PIECES_GAIN;
    return level->tries_pieces ? are_less(samples, s, &t, level, gain, k, arena, pay) : N1_OK;
}
