/* The contexts mode's predictions: the same integers come sooner where eight can be multiplied at a time. */
#include "kernels/x86/x86.h"
#if N1_X86
#define N1_FORECAST_ADD_SQUARES  n1_add_products_avx2
#define N1_FORECAST_SOLVE        n1_solve_avx2
#include "modes/contexts/forecast_loops.h"

N1_TARGET("avx2,bmi,bmi2,lzcnt")
void n1_forecast_prepare_avx2(n1_forecast *h, uint32_t c, size_t n, const uint32_t *x, uint32_t most)
{
    n1_forecast_prepare_loop(h, c, n, x, most);
}

N1_TARGET("avx2,bmi,bmi2,lzcnt")
void n1_forecast_learn_avx2(n1_forecast *h, n1_least_squares_work *work, uint32_t c, size_t t, size_t n,
                              const uint32_t *x)
{
    n1_forecast_learn_loop(h, work, c, t, n, x);
}

#endif
