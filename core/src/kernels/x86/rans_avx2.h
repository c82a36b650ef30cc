/* Encoders of rANS in AVX2: four 40-bit states with 20-bit frequencies at a time. */
#ifndef N1_KERNELS_X86_RANS_AVX2_H
#define N1_KERNELS_X86_RANS_AVX2_H
#include "kernels/target.h"
#include <immintrin.h>
#include <stdint.h>

#define N1_RANS_AVX2 N1_INLINE N1_TARGET("avx2,popcnt")

/* The selected states' low words, the last one highest, at the top of 8 bytes. */
static const uint8_t n1_pack_words[16][16] __attribute__((aligned(16))) = {
#define N 0x80, 0x80
#define S(n) 4 * (n), 4 * (n) + 1
#define R N, N, N, N
    {N, N, N, N, R}, {N, N, N, S(0), R}, {N, N, N, S(1), R}, {N, N, S(0), S(1), R},
    {N, N, N, S(2), R}, {N, N, S(0), S(2), R}, {N, N, S(1), S(2), R}, {N, S(0), S(1), S(2), R},
    {N, N, N, S(3), R}, {N, N, S(0), S(3), R}, {N, N, S(1), S(3), R}, {N, S(0), S(1), S(3), R},
    {N, N, S(2), S(3), R}, {N, S(0), S(2), S(3), R}, {N, S(1), S(2), S(3), R}, {S(0), S(1), S(2), S(3), R}
#undef N
#undef S
#undef R
};

/* Write the low words of the states in mask below *p. The store is always 8 bytes: what it spoils is written later. */
N1_RANS_AVX2 void n1_put_words(__m256i x, unsigned mask, uint8_t **p)
{
    const __m256i low = _mm256_permutevar8x32_epi32(x, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
    const __m128i pack = _mm_load_si128((const __m128i *)(const void *)n1_pack_words[mask]);
    _mm_storel_epi64((__m128i *)(void *)(*p - 8), _mm_shuffle_epi8(_mm256_castsi256_si128(low), pack));
    *p -= 2 * (unsigned)__builtin_popcount(mask);
}

N1_RANS_AVX2 unsigned n1_mask_of(__m256i v) { return (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(v)); }

/* The states after symbols that begin at `start`: (x / freq << 20) + x % freq + start, where x < 2^20 * freq <= 2^40.
   The quotient is exact in double: where x / freq is no integer it is at least 1 / freq >= 2^-20 below the next, far
   more than its error, however that is rounded. Put into the fraction of 2^52 an integer becomes a double. */
N1_RANS_AVX2 __m256i n1_push_four(__m256i x, __m256i freq, __m256i start)
{
    const __m256i magic = _mm256_set1_epi64x(0x4330000000000000);
    const __m256d m = _mm256_castsi256_pd(magic);
    const __m256d xd = _mm256_sub_pd(_mm256_castsi256_pd(_mm256_or_si256(x, magic)), m);
    const __m256d fd = _mm256_sub_pd(_mm256_castsi256_pd(_mm256_or_si256(freq, magic)), m);
    const __m256i q = _mm256_cvtepu32_epi64(_mm256_cvttpd_epi32(_mm256_div_pd(xd, fd)));
    const __m256i rest = _mm256_sub_epi64(_mm256_set1_epi64x(1 << 20), freq);
    return _mm256_add_epi64(_mm256_add_epi64(x, start), _mm256_mul_epu32(q, rest));
}
#endif
