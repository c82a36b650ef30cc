/*
 * Recent samples of every channel, on the voltage axis.
 *
 * An interval is N1_INTERVAL frames; N1_HISTORY frames before it stay available, so that every lag is one contiguous view.
 * Two scales: `volt` in voltage units for prediction; `half` in 1/2 code for the sums of the least squares: 13 bits, so
 * that an interval's sum of products fits 32 bits whatever the input is.
 * Both are relative to the channel's `centre`, a slowly renewed mean.
 */
#ifndef N1_PREDICT_SERIES_H
#define N1_PREDICT_SERIES_H
#include "base/fixed.h"
#include "predict/least_squares.h"
#include "converter/code_widths.h"

enum { N1_HISTORY = 32, N1_SPAN = N1_INTERVAL + N1_HISTORY };

typedef struct {
    int16_t volt[N1_SPAN];
    int16_t half[N1_SPAN]; /* up to date at interval ends only */
    uint16_t code[N1_SPAN];
    int32_t centre; /* voltage units above the axis' lower end */
    int32_t shift;  /* from voltage units to half codes */
    int64_t sum;    /* of volt + centre over all past intervals, for the next centre */
} n1_series;

void n1_series_init(n1_series *s, int32_t centre, int unit_shift);
/* Put code k, of voltage v (absolute), at place t (0 .. N1_INTERVAL-1) of the interval. */
static inline int32_t n1_series_put(n1_series *s, uint32_t t, uint32_t k, int32_t v)
{
    int32_t d = n1_clamp(v - s->centre, -32767, 32767);
    s->volt[N1_HISTORY + t] = (int16_t)d;
    s->code[N1_HISTORY + t] = (uint16_t)k;
    return d;
}
/* The interval is full: make its half-code view and its sum. */
void n1_series_close(n1_series *s);
/* Then go on: keep the last N1_HISTORY places; read the voltages again if `renewed` (the edges changed) or the centre
 * moves. After 1, 2, 4 .. 4096 intervals it moves to the mean of them all. */
void n1_series_turn(n1_series *s, const n1_edges *w, int renewed, uint32_t intervals);
#endif
