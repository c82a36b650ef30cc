/* Least squares: the same integers come sooner where eight can be multiplied at a time. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "predict/least_squares_loops.h"

N1_TARGET("avx2,bmi2,lzcnt")
int n1_solve_avx2(n1_least_squares_work *w, const int64_t *a, const int64_t *b, uint32_t n, int32_t *x)
{
    return n1_solve_loop(w, a, b, n, x);
}

N1_TARGET("avx2,bmi2,lzcnt")
void n1_products_avx2(const int16_t *const *x, const uint8_t *first, uint32_t n, int32_t *out)
{
    n1_products_loop(x, first, n, out);
}

N1_TARGET("avx2,bmi2,lzcnt")
void n1_add_products_avx2(int64_t *sums, const int32_t *x, uint32_t n)
{
    n1_add_products_loop(sums, x, n);
}
#endif
