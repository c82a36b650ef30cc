/*
 * Interval least squares in integers: sums of products gathered per interval, normal equations solved now and then.
 *
 * The sums are exact integers and the solution is a fixed sequence of integer operations, so coder and decoder hold
 * the same coefficients on any machine; none is transmitted. (Cholesky's LDL^T form: G. Golub, C. Van Loan,
 * Matrix Computations, 4.1.2.)
 */
#ifndef N1_PREDICT_LEAST_SQUARES_H
#define N1_PREDICT_LEAST_SQUARES_H
#include "predict/params.h"
#include "base/fixed.h"

enum { N1_TAP_Q = 16 }; /* solutions are Q16 */

/* Work memory of one solution; shared by all channels. */
typedef struct n1_least_squares_work {
    int32_t u[N1_MAX_FEATURES * (N1_MAX_FEATURES + 8) / 2]; /* triangles; a kernel may have columns of them in eights */
    int32_t l[N1_MAX_FEATURES * (N1_MAX_FEATURES + 8) / 2];
    int64_t d[N1_MAX_FEATURES], y[N1_MAX_FEATURES], z[N1_MAX_FEATURES];
    int64_t inverse[N1_MAX_FEATURES];
    int shift[N1_MAX_FEATURES], up[N1_MAX_FEATURES];
} n1_least_squares_work;

enum { N1_INTERVAL = 32 }; /* frames between two adaptations */

/*
 * The functions are in kernels/table.h.
 *
 * solve: a is the lower triangle, row by row, of the n x n sums; b has n sums with the target. Returns 0 and leaves x if
 * singular.
 *
 * add_products: of every pair of n numbers, to the lower triangle.
 *
 * products: sums of products over one interval, of every pair of n views of 13-bit numbers: out is the lower triangle.
 * A sum is at most 2^24 * 32, within 32 bits. Views come in runs: unless first[j], view j is view j - 1 moved on by
 * one sample, and then most sums follow from the row above with one sample leaving and one entering.
 */
#endif
