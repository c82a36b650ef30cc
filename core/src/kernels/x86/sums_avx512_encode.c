/* The sums of the piecewise mode's encoder in AVX-512, as those in AVX2. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "base/fixed.h"
#include "base/inline.h"

#include <immintrin.h>

#define TARGET N1_TARGET("avx512f")
#define TARGET_OF_LONG N1_TARGET("avx512f,avx512dq")
#define INLINE N1_INLINE TARGET

/* Of so many at a time; the last without another factor if `alone`. */
INLINE void some_products(const double *weight, const double *a, const double *const *b, unsigned m, int alone, size_t n, double *sum)
{
    __m512d lanes[8];
    double lane[8];
    size_t t = 0;
    for (unsigned i = 0; i < m; i++)
        lanes[i] = _mm512_setzero_pd();
    for (; t + 8 <= n; t += 8) {
        const __m512d x = _mm512_mul_pd(_mm512_set1_pd(weight[t / 32]), _mm512_loadu_pd(a + t));
        for (unsigned i = 0; i < m; i++)
            lanes[i] = _mm512_add_pd(lanes[i], i + 1 < m || !alone ? _mm512_mul_pd(x, _mm512_loadu_pd(b[i] + t)) : x);
    }
    for (unsigned i = 0; i < m; i++) {
        _mm512_storeu_pd(lane, lanes[i]);
        for (size_t j = t; j < n; j++)
            lane[j - t] += i + 1 < m || !alone ? weight[j / 32] * a[j] * b[i][j] : weight[j / 32] * a[j];
        sum[i] = ((lane[0] + lane[4]) + (lane[1] + lane[5])) + ((lane[2] + lane[6]) + (lane[3] + lane[7]));
    }
}

TARGET void n1_weighted_products_avx512(const double *weight, const double *a, const double *const *b, unsigned m, size_t n, double *sum)
{
    for (; m >= 8; m -= 8, b += 8, sum += 8)
        some_products(weight, a, b, 8, 0, n, sum);
    if (m >= 4) {
        some_products(weight, a, b, 4, 0, n, sum);
        m -= 4;
        b += 4;
        sum += 4;
    }
    if (m == 3)
        some_products(weight, a, b, 4, 1, n, sum);
    else if (m == 2)
        some_products(weight, a, b, 3, 1, n, sum);
    else if (m == 1)
        some_products(weight, a, b, 2, 1, n, sum);
    else
        some_products(weight, a, b, 1, 1, n, sum);
}

TARGET void n1_take_away_avx512(double *e, const double *const *x, const double *factor, unsigned terms, size_t n)
{
    size_t t = 0;
    for (; t + 32 <= n; t += 32) {
        __m512d v[4];
        for (unsigned k = 0; k < 4; k++)
            v[k] = _mm512_loadu_pd(e + t + 8 * k);
        for (unsigned i = 0; i < terms; i++) {
            const __m512d f = _mm512_set1_pd(factor[i]);
            for (unsigned k = 0; k < 4; k++)
                v[k] = _mm512_sub_pd(v[k], _mm512_mul_pd(f, _mm512_loadu_pd(x[i] + t + 8 * k)));
        }
        for (unsigned k = 0; k < 4; k++)
            _mm512_storeu_pd(e + t + 8 * k, v[k]);
    }
    for (; t < n; t++)
        for (unsigned i = 0; i < terms; i++)
            e[t] -= factor[i] * x[i][t];
}

TARGET_OF_LONG void n1_settle_avx512(const double *sum, size_t n, int64_t bias, unsigned shift, int64_t low, int64_t high, int64_t *mu)
{
    const __m512i least = _mm512_set1_epi64(low), most = _mm512_set1_epi64(high), add = _mm512_set1_epi64(bias);
    const __m128i down = _mm_cvtsi32_si128((int)shift);
    size_t t = 0;
    for (; t + 8 <= n; t += 8) {
        const __m512i v = _mm512_sra_epi64(_mm512_add_epi64(_mm512_cvttpd_epi64(_mm512_loadu_pd(sum + t)), add), down);
        _mm512_storeu_si512(mu + t, _mm512_max_epi64(_mm512_min_epi64(v, most), least));
    }
    for (; t < n; t++)
        mu[t] = n1_clamp64(((int64_t)sum[t] + bias) >> shift, low, high);
}
#endif
