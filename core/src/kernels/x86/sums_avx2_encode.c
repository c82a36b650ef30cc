/* The sums of the piecewise mode's encoder in AVX2: a product is rounded before it is added, as everywhere. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "base/inline.h"

#include <immintrin.h>

#define TARGET N1_TARGET("avx2")

/* Sums for so many lags in a row: one sum alone would wait for each addition. */
N1_INLINE TARGET void some_lags(const double *a, const double *b, size_t n, unsigned lags, double *sum)
{
    __m256d lanes[4];
    size_t t = 0;
    for (unsigned d = 0; d < lags; d++)
        lanes[d] = _mm256_setzero_pd();
    for (; t + 4 <= n; t += 4) {
        const __m256d x = _mm256_loadu_pd(a + t);
        for (unsigned d = 0; d < lags; d++)
            lanes[d] = _mm256_add_pd(lanes[d], _mm256_mul_pd(x, _mm256_loadu_pd(b - d + t)));
    }
    for (unsigned d = 0; d < lags; d++) {
        double lane[4];
        _mm256_storeu_pd(lane, lanes[d]);
        for (size_t i = t; i < n; i++)
            lane[0] += a[i] * *(b - d + i);
        sum[d] = (lane[0] + lane[1]) + (lane[2] + lane[3]);
    }
}

TARGET void n1_lag_products_avx2(const double *a, const double *b, size_t n, unsigned lags, double *sum)
{
    unsigned d = 0;
    for (; d + 4 <= lags; d += 4)
        some_lags(a, b - d, n, 4, sum + d);
    for (; d + 2 <= lags; d += 2)
        some_lags(a, b - d, n, 2, sum + d);
    if (d < lags)
        some_lags(a, b - d, n, 1, sum + d);
}

TARGET double n1_product_avx2(const float *a, const float *b, size_t n)
{
    __m256d lanes[4];
    size_t t = 0;
    for (unsigned i = 0; i < 4; i++)
        lanes[i] = _mm256_setzero_pd();
    for (; t + 16 <= n; t += 16)
        for (unsigned i = 0; i < 4; i++)
            lanes[i] = _mm256_add_pd(lanes[i], _mm256_mul_pd(_mm256_cvtps_pd(_mm_loadu_ps(a + t + 4 * i)), _mm256_cvtps_pd(_mm_loadu_ps(b + t + 4 * i))));
    double lane[4];
    _mm256_storeu_pd(lane, lanes[0]);
    for (; t < n; t++)
        lane[0] += (double)a[t] * (double)b[t];
    lanes[0] = _mm256_add_pd(_mm256_add_pd(_mm256_loadu_pd(lane), lanes[1]), _mm256_add_pd(lanes[2], lanes[3]));
    _mm256_storeu_pd(lane, lanes[0]);
    return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

TARGET void n1_take_away_avx2(double *e, const double *const *x, const double *factor, unsigned terms, size_t n)
{
    size_t t = 0;
    for (; t + 16 <= n; t += 16) {
        __m256d v[4];
        for (unsigned k = 0; k < 4; k++)
            v[k] = _mm256_loadu_pd(e + t + 4 * k);
        for (unsigned i = 0; i < terms; i++) {
            const __m256d f = _mm256_set1_pd(factor[i]);
            for (unsigned k = 0; k < 4; k++)
                v[k] = _mm256_sub_pd(v[k], _mm256_mul_pd(f, _mm256_loadu_pd(x[i] + t + 4 * k)));
        }
        for (unsigned k = 0; k < 4; k++)
            _mm256_storeu_pd(e + t + 4 * k, v[k]);
    }
    for (; t < n; t++)
        for (unsigned i = 0; i < terms; i++)
            e[t] -= factor[i] * x[i][t];
}
#endif
