/*
 * Recent samples of every channel, on the voltage axis.
 *
 * A block is N1A_BLOCK frames; N1A_HISTORY frames before it stay available, so that every lag is one contiguous view.
 * Two scales: `volt` in voltage units for prediction; `half` in 1/2 code for the sums of the least squares: 13 bits, so
 * that a block's sum of products fits 32 bits whatever the input is.
 * Both are relative to the channel's `centre`, a slowly renewed mean.
 */
#ifndef N1A_SERIES_H
#define N1A_SERIES_H
#include "base/fixed.h"
#include "predict/least_squares.h"
#include "converter/code_widths.h"

enum { N1A_BLOCK = N1A_LS_BLOCK, N1A_HISTORY = 32, N1A_SPAN = N1A_BLOCK + N1A_HISTORY };

typedef struct {
    int16_t volt[N1A_SPAN];
    int16_t half[N1A_SPAN]; /* up to date at block ends only */
    uint16_t code[N1A_SPAN];
    int32_t centre; /* voltage units above the axis' lower end */
    int32_t shift;  /* from voltage units to half codes */
    int64_t sum;    /* of volt + centre over all past blocks, for the next centre */
} n1a_series;

void n1a_series_init(n1a_series *s, int32_t centre, int unit_shift);
/* Put code k, of voltage v (absolute), at place t (0 .. N1A_BLOCK-1) of the block. */
static inline int32_t n1a_series_put(n1a_series *s, uint32_t t, uint32_t k, int32_t v)
{
    int32_t d = n1a_clamp(v - s->centre, -32767, 32767);
    s->volt[N1A_HISTORY + t] = (int16_t)d;
    s->code[N1A_HISTORY + t] = (uint16_t)k;
    return d;
}
/* The block is full: make its half-code view and its sum. */
void n1a_series_close(n1a_series *s);
/* Then go on: keep the last N1A_HISTORY places; read the voltages again if `renewed` (the edges changed) or the centre
 * moves. After 1, 2, 4 .. 4096 blocks it moves to the mean of them all. */
void n1a_series_turn(n1a_series *s, const n1a_edges *w, int renewed, uint32_t blocks);
#endif
