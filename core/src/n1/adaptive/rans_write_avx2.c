/* Encoder of rANS in AVX2: the eight states of a row of records at a time; rans_write.c does the same one by one. */
#include "../cpu.h"
#include "rans.h"
#if N1C_X86
#include <immintrin.h>

#define TARGET N1C_TARGET("avx2,popcnt")
#define INLINE N1C_INLINE TARGET

enum { ROW = N1A_RANS_STATES, HALF = ROW / 2 };
_Static_assert(ROW == 8, "two vectors of 64-bit states");

/* By which of four states put a word: bytes of _mm_shuffle_epi8 that move these words to the end of 8 bytes. */
#define W(n) 4 * (n), 4 * (n) + 1
#define O 0x80, 0x80
#define UNUSED O, O, O, O
static const uint8_t gather[16][16] __attribute__((aligned(16))) = {
    {O, O, O, O, UNUSED},       {O, O, O, W(0), UNUSED},       {O, O, O, W(1), UNUSED},
    {O, O, W(0), W(1), UNUSED}, {O, O, O, W(2), UNUSED},       {O, O, W(0), W(2), UNUSED},
    {O, O, W(1), W(2), UNUSED}, {O, W(0), W(1), W(2), UNUSED}, {O, O, O, W(3), UNUSED},
    {O, O, W(0), W(3), UNUSED}, {O, O, W(1), W(3), UNUSED},    {O, W(0), W(1), W(3), UNUSED},
    {O, O, W(2), W(3), UNUSED}, {O, W(0), W(2), W(3), UNUSED}, {O, W(1), W(2), W(3), UNUSED},
    {W(0), W(1), W(2), W(3), UNUSED}};
#undef UNUSED
#undef O
#undef W

/* Numbers below 2^52 as doubles, exactly: put into the fraction of 2^52. */
INLINE __m256d real(__m256i v)
{
    const __m256i unit = _mm256_set1_epi64x(0x4330000000000000);
    return _mm256_sub_pd(_mm256_castsi256_pd(_mm256_or_si256(v, unit)), _mm256_castsi256_pd(unit));
}

/* Four states after the words they must put: at most one each. */
INLINE __m256i shed(__m256i x, __m256i freq, uint8_t **p)
{
    const __m256i stay = _mm256_cmpgt_epi64(_mm256_slli_epi64(freq, 20), x);
    const unsigned full = ~(unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(stay)) & 15U;
    const __m256i low = _mm256_permutevar8x32_epi32(x, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
    const __m128i order = _mm_load_si128((const __m128i *)(const void *)gather[full]);
    _mm_storel_epi64((__m128i *)(void *)(*p - 8), _mm_shuffle_epi8(_mm256_castsi256_si128(low), order));
    *p -= 2 * (unsigned)__builtin_popcount(full);
    return _mm256_blendv_epi8(_mm256_srli_epi64(x, 16), x, stay);
}

/*
 * The quotient is below 2^20. In double it is exact once cut to an integer: where x / freq is none itself it is at
 * least 1 / freq > 2^-21 below the next, far more than its error, however this is rounded.
 */
INLINE __m256i grow(__m256i x, __m256i freq, __m256i start)
{
    const __m256i q = _mm256_cvtepu32_epi64(_mm256_cvttpd_epi32(_mm256_div_pd(real(x), real(freq))));
    const __m256i rest = _mm256_sub_epi64(x, _mm256_mul_epu32(q, freq));
    return _mm256_add_epi64(_mm256_slli_epi64(q, N1A_RANS_BITS), _mm256_add_epi64(rest, start));
}

TARGET size_t n1a_rans_write_avx2(n1a_rans_writer *w, const uint64_t *records, size_t n)
{
    const __m256i tags = _mm256_set1_epi64x(0xFF000000), starts = _mm256_set1_epi64x(0xFFFFFF);
    const __m256i low_tags = _mm256_slli_epi64(_mm256_setr_epi64x(0, 1, 2, 3), 24);
    const __m256i high_tags = _mm256_slli_epi64(_mm256_setr_epi64x(4, 5, 6, 7), 24), scarce = _mm256_set1_epi64x(16);
    __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)w->x),
            high = _mm256_loadu_si256((const __m256i *)(const void *)(w->x + HALF));
    uint8_t *p = w->p;
    for (; n >= ROW && p - w->least >= 2 * ROW + 2; n -= ROW) { /* room that no record of the row lacks */
        const __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(records + n - ROW)),
                      b = _mm256_loadu_si256((const __m256i *)(const void *)(records + n - HALF));
        const __m256i fa = _mm256_srli_epi64(a, 32), fb = _mm256_srli_epi64(b, 32);
        /* a frequency below 16 may have its state put two words */
        const __m256i other = _mm256_or_si256(_mm256_xor_si256(_mm256_and_si256(a, tags), low_tags),
                                              _mm256_xor_si256(_mm256_and_si256(b, tags), high_tags));
        const __m256i few = _mm256_or_si256(_mm256_cmpgt_epi64(scarce, fa), _mm256_cmpgt_epi64(scarce, fb));
        if (!_mm256_testz_si256(_mm256_or_si256(other, few), _mm256_set1_epi64x(-1))) break;
        high = shed(high, fb, &p);
        low = shed(low, fa, &p);
        high = grow(high, fb, _mm256_and_si256(b, starts));
        low = grow(low, fa, _mm256_and_si256(a, starts));
    }
    w->p = p;
    _mm256_storeu_si256((__m256i *)(void *)w->x, low);
    _mm256_storeu_si256((__m256i *)(void *)(w->x + HALF), high);
    return n;
}
#else
size_t n1a_rans_write_avx2(n1a_rans_writer *w, const uint64_t *records, size_t n)
{
    (void)w, (void)records;
    return n;
}
#endif
