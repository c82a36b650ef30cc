/* The sums of the piecewise mode's encoder in AVX2: a product is rounded before it is added, as everywhere. */
#include "kernels/x86/x86.h"
#if N1_X86
#include <immintrin.h>

#define TARGET N1_TARGET("avx2")

TARGET void n1_lag_products_avx2(const double *a, const double *b, size_t n, unsigned lags, double *sum)
{
    for (unsigned d = 0; d < lags; d++, b--) {
        __m256d lanes = _mm256_setzero_pd();
        size_t t = 0;
        for (; t + 4 <= n; t += 4)
            lanes = _mm256_add_pd(lanes, _mm256_mul_pd(_mm256_loadu_pd(a + t), _mm256_loadu_pd(b + t)));
        double lane[4];
        _mm256_storeu_pd(lane, lanes);
        for (; t < n; t++)
            lane[0] += a[t] * b[t];
        sum[d] = (lane[0] + lane[1]) + (lane[2] + lane[3]);
    }
}

TARGET double n1_product_avx2(const float *a, const float *b, size_t n)
{
    __m256d lanes = _mm256_setzero_pd();
    size_t t = 0;
    for (; t + 4 <= n; t += 4)
        lanes = _mm256_add_pd(lanes, _mm256_mul_pd(_mm256_cvtps_pd(_mm_loadu_ps(a + t)), _mm256_cvtps_pd(_mm_loadu_ps(b + t))));
    double lane[4];
    _mm256_storeu_pd(lane, lanes);
    for (; t < n; t++)
        lane[0] += (double)a[t] * (double)b[t];
    return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

TARGET void n1_take_away_avx2(double *e, const double *x, double factor, size_t n)
{
    const __m256d f = _mm256_set1_pd(factor);
    size_t t = 0;
    for (; t + 4 <= n; t += 4)
        _mm256_storeu_pd(e + t, _mm256_sub_pd(_mm256_loadu_pd(e + t), _mm256_mul_pd(f, _mm256_loadu_pd(x + t))));
    for (; t < n; t++)
        e[t] -= factor * x[t];
}
#endif
