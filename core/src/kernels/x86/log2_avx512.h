/* log2_avx512.h - N1_LOG2 without looking into it: a gather takes longer than a parabola for each of 32 parts of the table, which
 * gives all of its numbers exactly. */
#ifndef N1_KERNELS_X86_LOG2_AVX512_H
#define N1_KERNELS_X86_LOG2_AVX512_H
#include "base/inline.h"

#include <immintrin.h>

#define N1_LOG2_INLINE N1_INLINE N1_TARGET("avx512f,avx512bw,avx512dq,avx512vl,avx512cd,avx2,bmi,bmi2,lzcnt")

/* (a + (b - c l) l) >> 19 for l of 0 .. 63: with these, it is N1_LOG2[64 i + l] for each. */
static const uint32_t n1_log2_a[32] = {
    1000910,    96290250,   188755286,  278569556,  365879802,  450741483,  533319911,  613786795,  692236438,  768732795,  843349012,
    916175050,  987450961,  1057268441, 1125636717, 1191750889, 1256921899, 1320812696, 1383443587, 1444796982, 1504906733, 1563934522,
    1621860192, 1678590807, 1734444037, 1789313875, 1843159058, 1896125633, 1948200581, 1999503359, 2049788058, 2099364517};
static const int32_t n1_log2_b[32] = {1514488, 1469274, 1426493, 1384205, 1341938, 1305505, 1274080, 1240619, 1207453, 1177680, 1151087,
                                      1127375, 1098752, 1060492, 1022055, 1029912, 1010499, 989108,  966120,  946772,  931686,  913128,
                                      893261,  884544,  865853,  849267,  834388,  821895,  806135,  786432,  778656,  765798};
static const int32_t n1_log2_c[32] = {405, 380, 364, 329, 243, 230, 277, 240, 193, 188, 194, 221, 180, 0,  -162, 172,
                                      186, 169, 126, 117, 164, 145, 87,  176, 140, 121, 93,  132, 95,  0,  63,   57};

N1_LOG2_INLINE __m512i n1_log2_of_part(const void *table, __m512i part)
{
    const char *at = table;
    return _mm512_permutex2var_epi32(_mm512_loadu_si512(at), part, _mm512_loadu_si512(at + 64));
}

/* N1_LOG2[(v >> 20) & 2047] of each. */
N1_LOG2_INLINE __m512i n1_log2_share(__m512i v)
{
    const __m512i part = _mm512_srli_epi32(v, 26), l = _mm512_and_si512(_mm512_srli_epi32(v, 20), _mm512_set1_epi32(63));
    const __m512i curve = _mm512_mullo_epi32(n1_log2_of_part(n1_log2_c, part), l);
    const __m512i slope = _mm512_mullo_epi32(_mm512_sub_epi32(n1_log2_of_part(n1_log2_b, part), curve), l);
    return _mm512_srli_epi32(_mm512_add_epi32(n1_log2_of_part(n1_log2_a, part), slope), 19);
}
#endif
