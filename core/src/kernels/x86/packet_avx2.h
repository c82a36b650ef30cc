/* packet_avx2.h - the four features of the full profile side by side: what packet.h does one after the other. */
#ifndef N1_KERNELS_X86_PACKET_AVX2_H
#define N1_KERNELS_X86_PACKET_AVX2_H
#include "kernels/x86/x86.h"
#if N1_X86
#include "modes/packet/packet.h"

#include <immintrin.h>

#define N1_PACKET_TARGET N1_TARGET("avx2,bmi,bmi2,lzcnt")
_Static_assert(N1_PACKET_LEAKS == 2 && N1_PACKET_NEAR == 2, "four features fill a vector");

typedef struct n1_packet_features_avx2 {
    __m128i of;
    n1_packet_features apart; /* of axes longer than 16 bits */
} n1_packet_features_avx2;

typedef struct n1_packet_near_avx2 {
    __m128i of; /* lanes 2 and 3 */
    n1_packet_near apart;
} n1_packet_near_avx2;

N1_PACKET_TARGET N1_INLINE int32_t n1_packet_full_mean_avx2(const n1_packet_full *s, n1_packet_features_avx2 *f,
                                                            const n1_packet_near_avx2 *near, int32_t length, int even)
{
    if (even)
        return n1_packet_full_mean(s, &f->apart, &near->apart, length, even);
    const __m128i y = _mm_loadu_si128((const __m128i *)(const void *)s->y), w = _mm_loadu_si128((const __m128i *)(const void *)s->w);
    f->of = _mm_blend_epi16(_mm_sub_epi32(y, _mm_set1_epi32(s->x)), near->of, 0xF0);
    __m128i sum = _mm_mullo_epi32(_mm_srai_epi32(w, 8), f->of);
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4E));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xB1));
    return n1_packet_clamp(s->x + (_mm_cvtsi128_si32(sum) >> 12), 0, length);
}

N1_PACKET_TARGET N1_INLINE void n1_packet_full_learn_avx2(n1_packet_full *s, const n1_packet_features_avx2 *f,
                                                          n1_packet_near_avx2 *near, int32_t v, int32_t error, int32_t z,
                                                          uint32_t inverse, uint32_t shift, int even)
{
    if (even) {
        n1_packet_full_learn(s, &f->apart, &near->apart, v, error, z, inverse, shift, even);
        return;
    }
    __m128i g = _mm_sra_epi32(_mm_mullo_epi32(f->of, _mm_set1_epi32((int32_t)inverse)), _mm_cvtsi32_si128((int32_t)shift));
    g = _mm_min_epi32(_mm_max_epi32(g, _mm_set1_epi32(-N1_PACKET_REACH)), _mm_set1_epi32(N1_PACKET_REACH - 1));
    const __m128i by = _mm_srav_epi32(_mm_mullo_epi32(g, _mm_set1_epi32(z)), _mm_setr_epi32(6, 6, 7, 7));
    __m128i w = _mm_add_epi32(_mm_loadu_si128((const __m128i *)(const void *)s->w), by);
    w = _mm_min_epi32(_mm_max_epi32(w, _mm_set1_epi32(-(1 << 21))), _mm_set1_epi32((1 << 21) - 1));
    _mm_storeu_si128((__m128i *)(void *)s->w, w);
    s->y[0] += (v - s->y[0]) >> 2;
    s->y[1] += (v - s->y[1]) >> 4;
    s->x = v;
    s->scale += (uint32_t)(z < 0 ? -z : z) << 9;
    near->of = _mm_insert_epi32(_mm_slli_si128(near->of, 4), error, 2);
}

#define N1_PACKET_FULL_FEATURES n1_packet_features_avx2
#define N1_PACKET_FULL_NEAR     n1_packet_near_avx2
#define N1_PACKET_FULL_MEAN     n1_packet_full_mean_avx2
#define N1_PACKET_FULL_LEARN    n1_packet_full_learn_avx2
#endif
#endif
