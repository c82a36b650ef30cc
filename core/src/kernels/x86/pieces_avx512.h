/* pieces_avx512.h - what the piecewise mode's kernels in AVX-512 have in common: sixteen numbers at a time. */
#ifndef N1_KERNELS_X86_PIECES_AVX512_H
#define N1_KERNELS_X86_PIECES_AVX512_H
#include "kernels/x86/log2_avx512.h"
#include "modes/piecewise/piece_spans.h"

#include <immintrin.h>

#define TARGET N1_TARGET("avx512f,avx512bw,avx512dq,avx512vl,avx512cd,avx2,bmi,bmi2,lzcnt")
#define INLINE N1_INLINE TARGET

typedef __m512i v16;
INLINE v16 set(int32_t v) { return _mm512_set1_epi32(v); }
INLINE v16 add(v16 a, v16 b) { return _mm512_add_epi32(a, b); }
INLINE v16 sub(v16 a, v16 b) { return _mm512_sub_epi32(a, b); }
INLINE v16 clamp(v16 v, int32_t low, int32_t high) { return _mm512_max_epi32(_mm512_min_epi32(v, set(high)), set(low)); }

/* Two halves of sixteen 64-bit numbers, as 32 bits. */
INLINE v16 halves(__m512i a, __m512i b)
{
    return _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi64_epi32(a)), _mm512_cvtepi64_epi32(b), 1);
}

/* Two neighbours in a table each: loads take less time than a gather. */
INLINE __m128i two_pairs(const uint32_t *table, const uint32_t *i)
{
    const __m128d a = _mm_castsi128_pd(_mm_loadl_epi64((const __m128i *)(const void *)(table + i[0])));
    return _mm_castpd_si128(_mm_loadh_pd(a, (const double *)(const void *)(table + i[2])));
}

INLINE __m512i eight_pairs(const uint32_t *table, const uint32_t *i)
{
    const __m256i a = _mm256_inserti128_si256(_mm256_castsi128_si256(two_pairs(table, i)), two_pairs(table, i + 4), 1);
    const __m256i b = _mm256_inserti128_si256(_mm256_castsi128_si256(two_pairs(table, i + 8)), two_pairs(table, i + 12), 1);
    return _mm512_inserti64x4(_mm512_castsi256_si512(a), b, 1);
}

INLINE void neighbours(const uint32_t *table, v16 at, v16 *low, v16 *high)
{
    uint32_t i[16];
    _mm512_storeu_si512(i, at);
    const v16 first = eight_pairs(table, i), second = eight_pairs(table, i + 1);
    *low = _mm512_mask_blend_epi32(0xAAAA, first, _mm512_slli_epi64(second, 32));
    *high = _mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(first, 32), second);
}

/* n1_log2_q12 of numbers below 2^31: the share of a float that is rounded down begins as they do. */
INLINE v16 log2_of(v16 v)
{
    const v16 bits = _mm512_castps_si512(_mm512_cvt_roundepi32_ps(v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC));
    return add(_mm512_slli_epi32(sub(_mm512_srli_epi32(bits, 23), set(127)), 12), n1_log2_share(_mm512_slli_epi32(bits, 8)));
}

/* The same of numbers below 2^52 from the upper halves of their doubles: what is above the 20 bits of a share is the exponent. */
INLINE v16 log2_of_doubles(v16 upper)
{
    return add(_mm512_slli_epi32(sub(_mm512_srli_epi32(upper, 20), set(1023)), 12), n1_log2_share(_mm512_slli_epi32(upper, 11)));
}

/* Half octaves between two averages, from 0. */
INLINE v16 apart(v16 faster, v16 slow)
{
    return add(clamp(_mm512_srai_epi32(add(sub(faster, slow), set(1024)), 11), -(int32_t)N1_PIECE_REACH, N1_PIECE_REACH), set(N1_PIECE_REACH));
}
#endif
