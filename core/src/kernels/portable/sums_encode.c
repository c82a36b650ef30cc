/* The portable sums of the piecewise mode's encoder. */
#include "base/fixed.h"
#include "kernels/portable/portable.h"

void n1_weighted_products_portable(const double *weight, const double *a, const double *const *b, unsigned m, size_t n, double *sum)
{
    for (unsigned i = 0; i <= m; i++) {
        double lane[8] = {0.0};
        for (size_t t = 0; t < n; t++) {
            const double weighted = weight[t / 32] * a[t];
            lane[t % 8] += i < m ? weighted * b[i][t] : weighted;
        }
        for (unsigned j = 0; j < 4; j++)
            lane[j] += lane[j + 4];
        sum[i] = (lane[0] + lane[1]) + (lane[2] + lane[3]);
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

void n1_add_squares_portable(double *m, const double *by, const double *at, size_t size, size_t n)
{
    for (size_t k = 0; k < n; k++, by += size, at += size)
        for (size_t i = 0; i < size; i++)
            for (size_t j = 0; j <= i; j++)
                m[i * size + j] += by[i] * at[j];
}

void n1_magnitudes_portable(const double *e, size_t n, double *sum)
{
    for (size_t i = 0; i < n; i++, e += 16) {
        double lane[4] = {0.0, 0.0, 0.0, 0.0};
        for (size_t t = 0; t < 16; t++)
            lane[t % 4] += e[t] < 0 ? -e[t] : e[t];
        sum[i] = (lane[0] + lane[1]) + (lane[2] + lane[3]);
    }
}

void n1_take_away_portable(double *e, const double *const *x, const double *factor, unsigned terms, size_t n)
{
    for (unsigned i = 0; i < terms; i++)
        for (size_t t = 0; t < n; t++)
            e[t] -= factor[i] * x[i][t];
}

void n1_settle_portable(const double *sum, size_t n, int64_t bias, unsigned shift, int64_t low, int64_t high, int64_t *mu)
{
    for (size_t t = 0; t < n; t++)
        mu[t] = n1_clamp64(((int64_t)sum[t] + bias) >> shift, low, high);
}
