/* dot.h - sums of 16-bit products too short to be called through the table: in line, by what every machine of its kind
 * has. The vector form does the same wrapping-free additions in another order:
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

/* Neighbours with one past sample each, from pairs in a word (the older in the low half): four of them at a time where
 * SSE2 is there. */
static inline int32_t n1_dot_pairs(const int32_t *recent, const uint16_t *source, const int16_t *side, uint32_t neighbours)
{
    uint32_t i = 0;
    int32_t sum = 0;
#if defined(__SSE2__)
    if (neighbours >= 4) {
        const int32_t *r = recent;
        __m128i v = _mm_setzero_si128();
        for (; i + 4 <= neighbours; i += 4) {
            const uint16_t *o = source + i;
            v = _mm_add_epi32(v, _mm_madd_epi16(_mm_set_epi32(r[o[3]], r[o[2]], r[o[1]], r[o[0]]),
                                                _mm_loadu_si128((const __m128i *)(const void *)(side + 2 * i))));
        }
        v = _mm_add_epi32(v, _mm_shuffle_epi32(v, 0x4E));
        v = _mm_add_epi32(v, _mm_shuffle_epi32(v, 0xB1));
        sum = _mm_cvtsi128_si32(v);
    }
#endif
    for (; i < neighbours; i++) {
        int32_t pair = recent[source[i]];
        sum += (int16_t)(pair & 0xFFFF) * side[2 * i] + (pair >> 16) * side[2 * i + 1];
    }
    return sum;
}
#endif
