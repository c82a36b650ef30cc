/* piece_scale.h - how large the next residual is expected to be: three moving averages choose a cell, and each cell learns how
 * its residuals compare with the slowest of them. The stream says nothing of it but where it begins. */
#ifndef N1_MODES_PIECEWISE_PIECE_SCALE_H
#define N1_MODES_PIECEWISE_PIECE_SCALE_H
#include "base/fixed.h"
#include "base/inline.h"
#include "modes/piecewise/piece_law.h"

#define N1_PIECE_REACH 7  /* half octaves by which a faster average may differ from the slowest */
#define N1_PIECE_SIDE  (2 * N1_PIECE_REACH + 1)
#define N1_PIECE_FLOOR 82u /* 0.02 codes: what is added to averages, which are in 64ths of positions */

typedef struct n1_piece_scale {
    uint64_t fast, middle, slow;
    uint64_t seen[N1_PIECE_SIDE * N1_PIECE_SIDE], slows[N1_PIECE_SIDE * N1_PIECE_SIDE];
    unsigned cell;
} n1_piece_scale;

static inline void n1_piece_scale_start(n1_piece_scale *s, unsigned start)
{
    const uint64_t first = n1_piece_power((int32_t)(16 * start) + (6 << 5));
    s->fast = s->middle = s->slow = first;
    for (int i = -N1_PIECE_REACH; i <= N1_PIECE_REACH; i++)
        for (int j = -N1_PIECE_REACH; j <= N1_PIECE_REACH; j++) {
            const int at = (i + N1_PIECE_REACH) * N1_PIECE_SIDE + j + N1_PIECE_REACH;
            s->slows[at] = 8 * (first + N1_PIECE_FLOOR);
            s->seen[at] = s->slows[at] * n1_piece_power(6 * i + 6 * j + (10 << 5)) >> 10;
        }
}

/* The scale that a cell says, from the logarithm of the slowest average. */
N1_INLINE unsigned n1_piece_scale_of_cell(const n1_piece_scale *s, int32_t slow)
{
    const int32_t log = slow + n1_log2_q12(s->seen[s->cell] + 1) - n1_log2_q12(s->slows[s->cell]) - (6 << 12);
    return n1_piece_unrounded(n1_clamp((log + 64) >> 7, 0, N1_PIECE_SCALES - 1));
}

/* The scale in 32nds of an octave of positions. */
N1_INLINE unsigned n1_piece_scale_next(n1_piece_scale *s)
{
    const int32_t slow = n1_log2_q12(s->slow + N1_PIECE_FLOOR);
    int32_t i = (n1_log2_q12(s->fast + N1_PIECE_FLOOR) - slow + 1024) >> 11;
    int32_t j = (n1_log2_q12(s->middle + N1_PIECE_FLOOR) - slow + 1024) >> 11;
    i = n1_clamp(i, -N1_PIECE_REACH, N1_PIECE_REACH) + N1_PIECE_REACH;
    j = n1_clamp(j, -N1_PIECE_REACH, N1_PIECE_REACH) + N1_PIECE_REACH;
    s->cell = (unsigned)(i * N1_PIECE_SIDE + j);
    return n1_piece_scale_of_cell(s, slow);
}

/* A distance, in positions, in their 64ths. */
N1_INLINE uint64_t n1_piece_scaled(uint64_t distance)
{
    return (distance < ((uint64_t)1 << 40) ? distance : (uint64_t)1 << 40) << 6;
}

N1_INLINE void n1_piece_cell_learn(n1_piece_scale *s, uint64_t e, uint64_t slow)
{
    s->seen[s->cell] += e;
    s->slows[s->cell] += slow;
    if (s->slows[s->cell] > 400 * slow) {
        s->seen[s->cell] >>= 1;
        s->slows[s->cell] >>= 1;
    }
}

N1_INLINE void n1_piece_scale_follow(n1_piece_scale *s, uint64_t e)
{
    s->fast += (uint64_t)(((int64_t)e - (int64_t)s->fast) >> 1);
    s->middle += (uint64_t)(((int64_t)e - (int64_t)s->middle) >> 4);
    s->slow += (uint64_t)(((int64_t)e - (int64_t)s->slow) >> 7);
}

/* How far from its prediction a sample was, in positions. */
N1_INLINE void n1_piece_scale_learn(n1_piece_scale *s, uint64_t distance)
{
    const uint64_t e = n1_piece_scaled(distance);
    n1_piece_cell_learn(s, e, s->slow + N1_PIECE_FLOOR);
    n1_piece_scale_follow(s, e);
}
#endif
