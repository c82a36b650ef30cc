/* equations.h - encoder: linear equations, in double with a fixed order of operations.
 *
 * The backward modes solve theirs in integers (least_squares.h), since a decoder must find the same numbers. Here the
 * result is sent: what counts is how much each feature brings, whether it earns the bits of its coefficient, and how the
 * roundings of the coefficients can make good for each other, for which integers would have to be very long.
 */
#ifndef N1_PREDICT_EQUATIONS_H
#define N1_PREDICT_EQUATIONS_H
#include "base/arena.h"

/* A symmetric positive definite system m x = y of up to `most` features; row i of m begins at m + i * most. */
typedef struct {
    size_t most;
    double weak;     /* part of a feature's own square below which its pivot is weak; 0: 1e-9 of the first feature's square */
    double *m, *y;
    double *error;   /* of the taps, by their rounding */
    double *column;
    int32_t *tap;
} n1_equations;

static inline void n1_equations_take(n1_equations *q, n1_arena *a, size_t most)
{
    q->most = most;
    q->weak = 0.0;
    q->m = n1_arena_take(a, most * most, sizeof *q->m);
    q->y = n1_arena_take(a, most, sizeof *q->y);
    q->error = n1_arena_take(a, most, sizeof *q->error);
    q->column = n1_arena_take(a, most, sizeof *q->column);
    q->tap = n1_arena_take(a, most, sizeof *q->tap);
}

static inline int32_t n1_nearest(double v)
{
    if (v > 1e9)
        return 1000000000;
    if (v < -1e9)
        return -1000000000;
    return v < 0 ? -(int32_t)(0.5 - v) : (int32_t)(v + 0.5);
}

/* Factors (LDL^T) of the first n features, in place, and y after the first substitution; a weak pivot drops its feature.
   y^2 / d is then what a feature explains beyond those before it. */
void n1_factor(n1_equations *q, size_t n);
/* The solution, from the factors of the first n features. */
void n1_substitute(n1_equations *q, size_t n);
/* From the factors: how many features earn their coefficients' bits, the first `from` and as many times `step` as it
   takes, n at most. square: the mean square before any. */
size_t n1_earned(const n1_equations *q, size_t n, size_t from, size_t step, double square, double n_samples);
/* The mean square after the first n features. */
double n1_left(const n1_equations *q, size_t n, double square);
/* Round the solution y times `one` to taps; returns the mean square that this adds to the residuals. With care, each
   tap in turn from the last makes good what the roundings before it have cost, as the factors tell: else the level of a
   slow signal leaks into the predictions. */
double n1_round_taps(n1_equations *q, size_t n, double one, int care);
#endif
