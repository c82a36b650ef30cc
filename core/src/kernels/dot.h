/* Sums of 16-bit products, eight at a time. The vector form does the same wrapping-free additions in another order:
 * callers bound their numbers so that no partial sum can pass 32 bits, and the result is the same integer. */
#ifndef N1_KERNELS_DOT_H
#define N1_KERNELS_DOT_H
#include <stdint.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

static inline int32_t n1_dot(const int16_t *x, const int16_t *c, uint32_t n) /* n: a multiple of 8 */
{
#if defined(__SSE2__)
    __m128i v = _mm_setzero_si128();
    for (uint32_t i = 0; i < n; i += 8)
        v = _mm_add_epi32(v, _mm_madd_epi16(_mm_loadu_si128((const __m128i *)(const void *)(x + i)),
                                            _mm_loadu_si128((const __m128i *)(const void *)(c + i))));
    v = _mm_add_epi32(v, _mm_shuffle_epi32(v, 0x4E));
    v = _mm_add_epi32(v, _mm_shuffle_epi32(v, 0xB1));
    return _mm_cvtsi128_si32(v);
#else
    int32_t s = 0;
    for (uint32_t i = 0; i < n; i++) s += x[i] * c[i];
    return s;
#endif
}
#endif
