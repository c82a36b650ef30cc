/* The sums of the piecewise mode's encoder in AVX2: a product is rounded before it is added, as everywhere. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "base/inline.h"

#include <immintrin.h>

#define TARGET N1_TARGET("avx2")
#define INLINE N1_INLINE TARGET

INLINE double sum_of(const double *lane)
{
    return ((lane[0] + lane[4]) + (lane[1] + lane[5])) + ((lane[2] + lane[6]) + (lane[3] + lane[7]));
}

/* Of so many at a time; the last without another factor if `alone`. */
INLINE void some_products(const double *weight, const double *a, const double *const *b, unsigned m, int alone, size_t n, double *sum)
{
    __m256d low[4], high[4];
    double lane[8];
    size_t t = 0;
    for (unsigned i = 0; i < m; i++)
        low[i] = high[i] = _mm256_setzero_pd();
    for (; t + 8 <= n; t += 8) {
        const __m256d w = _mm256_set1_pd(weight[t / 32]), x = _mm256_mul_pd(w, _mm256_loadu_pd(a + t)), y = _mm256_mul_pd(w, _mm256_loadu_pd(a + t + 4));
        for (unsigned i = 0; i < m; i++) {
            const int both = i + 1 < m || !alone;
            low[i] = _mm256_add_pd(low[i], both ? _mm256_mul_pd(x, _mm256_loadu_pd(b[i] + t)) : x);
            high[i] = _mm256_add_pd(high[i], both ? _mm256_mul_pd(y, _mm256_loadu_pd(b[i] + t + 4)) : y);
        }
    }
    for (unsigned i = 0; i < m; i++) {
        _mm256_storeu_pd(lane, low[i]);
        _mm256_storeu_pd(lane + 4, high[i]);
        for (size_t j = t; j < n; j++)
            lane[j - t] += i + 1 < m || !alone ? weight[j / 32] * a[j] * b[i][j] : weight[j / 32] * a[j];
        sum[i] = sum_of(lane);
    }
}

TARGET void n1_weighted_products_avx2(const double *weight, const double *a, const double *const *b, unsigned m, size_t n, double *sum)
{
    for (; m >= 4; m -= 4, b += 4, sum += 4)
        some_products(weight, a, b, 4, 0, n, sum);
    if (m == 3)
        some_products(weight, a, b, 4, 1, n, sum);
    else if (m == 2)
        some_products(weight, a, b, 3, 1, n, sum);
    else if (m == 1)
        some_products(weight, a, b, 2, 1, n, sum);
    else
        some_products(weight, a, b, 1, 1, n, sum);
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

TARGET void n1_add_squares_avx2(double *m, const double *by, const double *at, size_t size, size_t n)
{
    for (size_t i = 0; i < size; i += 2)
        for (size_t j = 0; j <= i; j += 4) {
            double *const row = m + i * size + j;
            __m256d first = _mm256_loadu_pd(row), second = _mm256_loadu_pd(row + size);
            for (size_t k = 0; k < n; k++) {
                const __m256d x = _mm256_loadu_pd(at + k * size + j);
                first = _mm256_add_pd(first, _mm256_mul_pd(_mm256_set1_pd(by[k * size + i]), x));
                second = _mm256_add_pd(second, _mm256_mul_pd(_mm256_set1_pd(by[k * size + i + 1]), x));
            }
            _mm256_storeu_pd(row, first);
            _mm256_storeu_pd(row + size, second);
        }
}

TARGET void n1_magnitudes_avx2(const double *e, size_t n, double *sum)
{
    const __m256d sign = _mm256_set1_pd(-0.0);
    for (size_t i = 0; i < n; i++, e += 16) {
        double lane[4];
        __m256d v = _mm256_andnot_pd(sign, _mm256_loadu_pd(e));
        for (unsigned k = 1; k < 4; k++)
            v = _mm256_add_pd(v, _mm256_andnot_pd(sign, _mm256_loadu_pd(e + 4 * k)));
        _mm256_storeu_pd(lane, v);
        sum[i] = (lane[0] + lane[1]) + (lane[2] + lane[3]);
    }
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
