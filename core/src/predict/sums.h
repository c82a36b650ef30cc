/* Exact sums over midpoints, for the encoder's fit. */
#ifndef N1_PREDICT_SUMS_H
#define N1_PREDICT_SUMS_H
#include "modes/forward/lanes.h"

/* Sum of (a[i] >> down) * (b[i] >> down) over n elements. Each shifted value is at most 2^12 away from 0. */
int64_t n1_dot_down(const int16_t *a, const int16_t *b, size_t n, unsigned down, n1_kernel kernel);
/* Sum of a[i] >> down over n elements. */
int64_t n1_total_down(const int16_t *a, size_t n, unsigned down);
#endif
