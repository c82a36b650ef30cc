/* Encoder: linear equations, in double with a fixed order of operations. */
#ifndef N1_PREDICT_EQUATIONS_H
#define N1_PREDICT_EQUATIONS_H
#include "modes/forward/forward.h"

static inline int32_t n1_nearest(double v)
{
    if (v > 1e9)
        return 1000000000;
    if (v < -1e9)
        return -1000000000;
    return v < 0 ? -(int32_t)(0.5 - v) : (int32_t)(v + 0.5);
}

/* Factors (LDL^T) of the symmetric positive definite system m x = y, in place, and y after the first substitution; a
   weak pivot drops its feature. y^2 / d is then what a feature explains beyond those before it. */
void n1_factor(double m[N1_FIT_FEATURES][N1_FIT_FEATURES], double *y, size_t n);
/* The solution, from the factors of the first n features. */
void n1_substitute(double m[N1_FIT_FEATURES][N1_FIT_FEATURES], double *y, size_t n);
/* From the factors: how many features earn their coefficients' bits, the first `from` and as many times `step` as it
   takes, n at most. square: the mean square before any. */
size_t n1_earned(double m[N1_FIT_FEATURES][N1_FIT_FEATURES], const double *y, size_t n, size_t from, size_t step,
                  double square, double n_samples);
/* Round the solution y times `one` to taps; returns the mean square that this adds to the residuals. With care, each
   tap in turn from the last makes good what the roundings before it have cost, as the factors tell: else the level of a
   slow signal leaks into the predictions. */
double n1_round_taps(n1_fit *work, size_t n, double one, int care);
#endif
