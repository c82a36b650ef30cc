/* Least squares: see predict/least_squares.h. */
#include "kernels/portable/portable.h"
#include "predict/least_squares_loops.h"

int n1_solve_portable(n1_least_squares_work *w, const int64_t *a, const int64_t *b, uint32_t n, int32_t *x)
{
    return n1_solve_loop(w, a, b, n, x);
}

void n1_products_portable(const int16_t *const *x, const uint8_t *first, uint32_t n, int32_t *out)
{
    n1_products_loop(x, first, n, out);
}

void n1_add_products_portable(int64_t *sums, const int32_t *x, uint32_t n)
{
    n1_add_products_loop(sums, x, n);
}
