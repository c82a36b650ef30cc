/* The contexts mode's predictions and laws, one after the other. */
#include "kernels/portable/portable.h"
#define N1_FORECAST_ADD_SQUARES  n1_add_products_portable
#define N1_FORECAST_SOLVE        n1_solve_portable
#include "modes/contexts/forecast_loops.h"
#include "modes/contexts/laws_loops.h"

void n1_forecast_prepare_portable(n1_forecast *h, uint32_t c, size_t n, const uint32_t *x, uint32_t most)
{
    n1_forecast_prepare_loop(h, c, n, x, most);
}

void n1_forecast_learn_portable(n1_forecast *h, n1_least_squares_work *work, uint32_t c, size_t t, size_t n,
                              const uint32_t *x)
{
    n1_forecast_learn_loop(h, work, c, t, n, x);
}

void n1_laws_prepare_portable(n1_laws *l, const n1_law_scales *s, const n1_forecast *h, uint32_t most)
{
    n1_laws_prepare_loop(l, s, h, most);
}

void n1_laws_below_portable(const n1_laws *l, int64_t k, uint64_t *below) { n1_laws_below_loop(l, k, below); }
