/* The portable sums of the piecewise mode's encoder. */
#include "kernels/portable/portable.h"

void n1_lag_products_portable(const double *a, const double *b, size_t n, unsigned lags, double *sum)
{
    for (unsigned d = 0; d < lags; d++, b--) {
        double lane[4] = {0.0, 0.0, 0.0, 0.0};
        size_t t = 0;
        for (; t + 4 <= n; t += 4)
            for (unsigned i = 0; i < 4; i++)
                lane[i] += a[t + i] * b[t + i];
        for (; t < n; t++)
            lane[0] += a[t] * b[t];
        sum[d] = (lane[0] + lane[1]) + (lane[2] + lane[3]);
    }
}

double n1_product_portable(const float *a, const float *b, size_t n)
{
    double lane[16] = {0.0};
    size_t t = 0;
    for (; t + 16 <= n; t += 16)
        for (unsigned i = 0; i < 16; i++)
            lane[i] += (double)a[t + i] * (double)b[t + i];
    for (; t < n; t++)
        lane[0] += (double)a[t] * (double)b[t];
    for (unsigned i = 0; i < 4; i++)
        lane[i] = (lane[i] + lane[i + 4]) + (lane[i + 8] + lane[i + 12]);
    return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

void n1_take_away_portable(double *e, const double *const *x, const double *factor, unsigned terms, size_t n)
{
    for (unsigned i = 0; i < terms; i++)
        for (size_t t = 0; t < n; t++)
            e[t] -= factor[i] * x[i][t];
}
