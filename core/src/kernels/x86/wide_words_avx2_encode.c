/* Words of the wide mode in AVX2: eight states at a time; modes/wide/words.h does the same one by one. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "kernels/x86/rans_avx2.h"
#include "modes/wide/wide.h"
#include "modes/wide/words.h"

#define TARGET N1_TARGET("avx2,popcnt")
#define INLINE N1_INLINE TARGET

/* Four states after the words they must put: at most one each. */
INLINE __m256i shed(__m256i x, __m256i freq, uint8_t **p)
{
    const __m256i stay = _mm256_cmpgt_epi64(_mm256_slli_epi64(freq, 20), x);
    n1_put_words(x, ~n1_mask_of(stay) & 15U, p);
    return _mm256_blendv_epi8(_mm256_srli_epi64(x, 16), x, stay);
}

INLINE void put_eight(uint64_t *x, __m256i start, __m256i freq, uint8_t **p)
{
    __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)x), high = _mm256_loadu_si256((const __m256i *)(const void *)(x + 4));
    const __m256i few = _mm256_cvtepu32_epi64(_mm256_castsi256_si128(freq)), many = _mm256_cvtepu32_epi64(_mm256_extracti128_si256(freq, 1));
    high = shed(high, many, p);
    low = shed(low, few, p);
    high = n1_push_four(high, many, _mm256_cvtepu32_epi64(_mm256_extracti128_si256(start, 1)));
    low = n1_push_four(low, few, _mm256_cvtepu32_epi64(_mm256_castsi256_si128(start)));
    _mm256_storeu_si256((__m256i *)(void *)x, low);
    _mm256_storeu_si256((__m256i *)(void *)(x + 4), high);
}

TARGET uint8_t *n1_wide_words_avx2(n1_wide *s, const uint32_t *span, size_t n_frames, uint8_t *begin, uint8_t *end)
{
    const size_t rows = n_frames * s->rows;
    const uint32_t stride = s->stride;
    const __m256i scarce = _mm256_set1_epi32(16);
    for (size_t i = rows; i-- > 0;)
        for (uint32_t l = stride; l > 0; l -= 8) {
            const uint32_t *at = span + i * 2 * stride + l - 8;
            const __m256i start = _mm256_loadu_si256((const __m256i *)(const void *)at);
            const __m256i freq = _mm256_loadu_si256((const __m256i *)(const void *)(at + stride));
            /* a frequency below 16 may have its state put two words */
            const __m256i few = _mm256_cmpgt_epi32(scarce, freq);
            if (end - begin < 32 || !_mm256_testz_si256(few, few)) {
                if (!n1_wide_words_of(s->x + l - 8, at, stride, begin, &end)) return NULL;
            } else
                put_eight(s->x + l - 8, start, freq, &end);
        }
    return end;
}
#endif
