/*
 * expect.h - what a tap of the wide mode is expected to be: as it is with the channels before it in its row, moved as the
 * channel's taps before it on the same channel were away from what was expected of them. In 1/16.
 */
#ifndef N1_MODES_WIDE_EXPECT_H
#define N1_MODES_WIDE_EXPECT_H
#include "base/fixed.h"
#include "modes/wide/wide.h"

enum {
    N1_TAP_ONE = 16,
    N1_TAP_MOST = 32767,
    N1_TAP_MEMORY = 8,      /* channels of a row that its mean follows, about */
    N1_TAP_LEANS = 2,       /* taps before it that a tap follows, */
    N1_TAP_LEAN_BITS = 3,   /* by so many 2^-3 */
    N1_TAP_LEAN = 31        /* at most */
};

/* Whether channel c has tap number i. */
static inline int n1_has_tap(const n1_wide_params *p, uint32_t c, uint32_t i)
{
    const uint32_t own = 2U * p->own;
    if (i < own) return 1;
    const int32_t d = p->near[c % p->rows * p->neighbours + (i - own) / (2U * p->deep)], other = (int32_t)c + d;
    return d && other >= 0 && other < p->channels;
}

/* How many taps before tap number i follow the same channel. */
static inline uint32_t n1_taps_before(const n1_wide_params *p, uint32_t i)
{
    const uint32_t own = 2U * p->own;
    return i < own ? i : (i - own) % (2U * p->deep);
}

/* Before a tap of the first channel. */
static inline void n1_tap_begin(const n1_wide_params *p, uint32_t i, int32_t usual)
{
    for (uint32_t r = 0; r < p->rows; r++) {
        p->row_mean[2 * r] = usual * N1_TAP_ONE;
        p->row_mean[2 * r + 1] = 1;
    }
    for (uint32_t c = 0; c < p->channels && n1_taps_before(p, i) == 0; c++)
        for (unsigned j = 0; j < N1_TAP_LEANS; j++) p->away[c * N1_TAP_LEANS + j] = 0;
}

static inline int32_t n1_tap_expected(const n1_wide_params *p, uint32_t c, const int32_t lean[N1_TAP_LEANS])
{
    int32_t moved = 0;
    for (unsigned j = 0; j < N1_TAP_LEANS; j++) moved += lean[j] * p->away[c * N1_TAP_LEANS + j];
    moved = (int32_t)n1_asr(moved, N1_TAP_LEAN_BITS);
    return (int32_t)n1_asr(p->row_mean[2 * (c % p->rows)] + moved + N1_TAP_ONE / 2, 4);
}

/* Channel c's tap is known, and moves the mean of its row; how far from that it was. */
static inline int32_t n1_tap_counts(const n1_wide_params *p, uint32_t c, int32_t tap)
{
    int32_t *const mean = p->row_mean + 2 * (c % p->rows), away = tap * N1_TAP_ONE - mean[0];
    mean[1] += mean[1] < N1_TAP_MEMORY;
    mean[0] += away / mean[1];
    return away;
}

/* And with that, what the channel's next one leans on. */
static inline void n1_tap_known(const n1_wide_params *p, uint32_t c, int32_t tap)
{
    int32_t *const away = p->away + c * N1_TAP_LEANS;
    away[1] = away[0];
    away[0] = n1_tap_counts(p, c, tap);
}
#endif
