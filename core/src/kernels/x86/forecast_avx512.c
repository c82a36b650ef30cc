/* The contexts mode's predictions and laws in AVX-512; see modes/contexts/forecast_loops.h and laws_loops.h, which give the same, to
 * the bit. Of nine laws, eight are looked up at a time. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "modes/contexts/forecast.h"

#include <immintrin.h>

#define TARGET N1_TARGET("avx512f,avx512bw,avx512dq,avx512vl,avx512cd,avx2,bmi,bmi2,lzcnt")
#define INLINE N1_INLINE TARGET

/* Products of eight features with one number of each of some frames. */
INLINE __m512i with(const __m512i *x, const int32_t *by, uint32_t apart, __m512i sum)
{
    for (uint32_t f = 0; f < N1_FORECAST_AT_ONCE; f++)
        sum = _mm512_add_epi64(sum, _mm512_mul_epi32(x[f], _mm512_set1_epi32(by[f * apart])));
    return sum;
}

/* Of all frames that are kept, with the last of them: eight columns of a triangle after the other. */
TARGET static void add_products(int64_t *sums, int64_t *target, const int32_t *part, uint32_t apart, const int32_t *aim, uint32_t at, uint32_t n)
{
    if (at != N1_FORECAST_AT_ONCE - 1)
        return;
    for (uint32_t from = 0; from < n; from += 8) {
        const __mmask8 some = (__mmask8)(n - from < 8 ? (1U << (n - from)) - 1 : 0xFF);
        __m512i x[N1_FORECAST_AT_ONCE];
        for (uint32_t f = 0; f < N1_FORECAST_AT_ONCE; f++)
            x[f] = _mm512_cvtepi32_epi64(_mm256_loadu_si256((const __m256i *)(const void *)(part + f * apart + from)));
        _mm512_mask_storeu_epi64(target + from, some, with(x, aim, 1, _mm512_maskz_loadu_epi64(some, target + from)));
        for (uint32_t i = from; i < n; i++) {
            const __mmask8 lanes = (__mmask8)(i - from < 7 ? (2U << (i - from)) - 1 : 0xFF);
            int64_t *const row = sums + i * (i + 1) / 2 + from;
            _mm512_mask_storeu_epi64(row, lanes, with(x, part + i, apart, _mm512_maskz_loadu_epi64(lanes, row)));
        }
    }
}

#define N1_FORECAST_ADD_PRODUCTS add_products
#define N1_FORECAST_SOLVE        n1_solve_avx512
#include "modes/contexts/forecast_loops.h"
#include "modes/contexts/laws_loops.h"

enum { LAST = N1_LAWS - 1, NORMAL = 0x35 }; /* which of the first eight are normal */

TARGET void n1_forecast_prepare_avx512(n1_forecast *h, uint32_t c, size_t n, const uint32_t *x, uint32_t most)
{
    n1_forecast_prepare_loop(h, c, n, x, most);
}

TARGET void n1_forecast_learn_avx512(n1_forecast *h, n1_least_squares_work *work, uint32_t c, size_t t, size_t n,
                              const uint32_t *x)
{
    n1_forecast_learn_loop(h, work, c, t, n, x);
}

TARGET void n1_laws_prepare_avx512(n1_laws *l, const n1_law_scales *s, const n1_forecast *h, uint32_t most)
{
    n1_laws_prepare_loop(l, s, h, most);
}

/* Two numbers beside each other in a table, of 32 bits and of 16. */
INLINE int64_t pair_of_normal(int64_t cell)
{
    int64_t v;
    memcpy(&v, N1_NORMAL + 2048 + cell, sizeof v);
    return v;
}
INLINE int64_t pair_of_squash(int64_t cell)
{
    uint32_t v;
    memcpy(&v, N1_SQUASH + 768 + cell, sizeof v);
    return (int64_t)v;
}

/* Of each of the first eight laws: loads take less time than gathers. */
INLINE __m512i pairs_at(__m512i cell)
{
    int64_t at[8];
    _mm512_storeu_si512(at, cell);
    const __m128i a = _mm_set_epi64x(pair_of_squash(at[1]), pair_of_normal(at[0])), b = _mm_set_epi64x(pair_of_squash(at[3]), pair_of_normal(at[2]));
    const __m128i c = _mm_set_epi64x(pair_of_normal(at[5]), pair_of_normal(at[4])), d = _mm_set_epi64x(pair_of_squash(at[7]), pair_of_squash(at[6]));
    return _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_setr_m128i(a, b)), _mm256_setr_m128i(c, d), 1);
}

/* n1_mass_below of the first eight. */
INLINE __m512i masses(const n1_laws *l, int64_t edge)
{
    const __m512i zero = _mm512_setzero_si512(), reach = _mm512_loadu_si512(l->reach);
    const __m512i limit = _mm512_mask_blend_epi64(NORMAL, _mm512_set1_epi64(767 << 12), _mm512_set1_epi64(2047 << 12));
    __m512i d = _mm512_sub_epi64(_mm512_set1_epi64(edge), _mm512_loadu_si512(l->mean));
    d = _mm512_max_epi64(_mm512_min_epi64(d, reach), _mm512_sub_epi64(zero, reach));
    __m512i z = _mm512_srai_epi64(_mm512_mullo_epi64(d, _mm512_loadu_si512(l->inverse)), 12);
    z = _mm512_max_epi64(_mm512_min_epi64(z, limit), _mm512_sub_epi64(zero, limit));
    const __m512i cell = _mm512_srai_epi64(z, 12), part = _mm512_and_si512(z, _mm512_set1_epi64(4095));
    const __m512i pair = pairs_at(cell);
    const __m512i low = _mm512_and_si512(pair, _mm512_mask_blend_epi64(NORMAL, _mm512_set1_epi64(65535), _mm512_set1_epi64(0xFFFFFFFF)));
    const __m512i high = _mm512_mask_blend_epi64(NORMAL, _mm512_srli_epi64(pair, 16), _mm512_srli_epi64(pair, 32));
    const __m512i sum = _mm512_add_epi64(_mm512_slli_epi64(low, 12), _mm512_mul_epu32(_mm512_sub_epi64(high, low), part));
    return _mm512_mask_slli_epi64(sum, (__mmask8)~NORMAL, sum, 12);
}

TARGET void n1_laws_below_avx512(const n1_laws *l, int64_t k, uint64_t *below)
{
    if (n1_laws_outside(l, k, below))
        return;
    const int64_t edge = n1_laws_edge(k);
    const uint64_t least = n1_laws_least(l, k);
    _mm512_storeu_si512(below, _mm512_add_epi64(masses(l, edge), _mm512_set1_epi64((int64_t)least)));
    if (l->n > LAST)
        below[LAST] = n1_mass_below(l, LAST, edge) + least;
}

#endif
