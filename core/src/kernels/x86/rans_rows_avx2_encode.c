/* Encoder of rANS in AVX2: the eight states of a row of records at a time; rans_write.c does the same one by one. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "entropy/rans_write.h"
#include "kernels/x86/rans_avx2.h"

#define TARGET N1_TARGET("avx2,popcnt")
#define INLINE N1_INLINE TARGET

enum { ROW = N1_RANS_STATES, HALF = ROW / 2 };
_Static_assert(ROW == 8, "two vectors of 64-bit states");

/* Four states after the words they must put: at most one each. */
INLINE __m256i shed(__m256i x, __m256i freq, uint8_t **p)
{
    const __m256i stay = _mm256_cmpgt_epi64(_mm256_slli_epi64(freq, 20), x);
    n1_put_words(x, ~n1_mask_of(stay) & 15U, p);
    return _mm256_blendv_epi8(_mm256_srli_epi64(x, 16), x, stay);
}

TARGET size_t n1_rans_rows_avx2(n1_rans_writer *w, const uint64_t *records, size_t n)
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
        high = n1_push_four(high, fb, _mm256_and_si256(b, starts));
        low = n1_push_four(low, fa, _mm256_and_si256(a, starts));
    }
    w->p = p;
    _mm256_storeu_si256((__m256i *)(void *)w->x, low);
    _mm256_storeu_si256((__m256i *)(void *)(w->x + HALF), high);
    return n;
}
#endif
