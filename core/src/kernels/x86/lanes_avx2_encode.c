/* AVX2 kernel, encoder. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "kernels/x86/lanes_avx2.h"
#include "kernels/x86/rans_avx2.h"

/* An octet: states too large for their frequency lose a word, rarely two; those come later in the stream. */
INLINE void shrink(__m256i *a, __m256i *b, __m256i freq_a, __m256i freq_b, uint8_t **p)
{
    const __m256i la = _mm256_sub_epi64(_mm256_slli_epi64(freq_a, 20), _mm256_set1_epi64x(1));
    const __m256i lb = _mm256_sub_epi64(_mm256_slli_epi64(freq_b, 20), _mm256_set1_epi64x(1));
    const __m256i ma = _mm256_cmpgt_epi64(*a, la), mb = _mm256_cmpgt_epi64(*b, lb);
    __m256i ya = _mm256_blendv_epi8(*a, _mm256_srli_epi64(*a, 16), ma);
    __m256i yb = _mm256_blendv_epi8(*b, _mm256_srli_epi64(*b, 16), mb);
    const __m256i again_a = _mm256_cmpgt_epi64(ya, la), again_b = _mm256_cmpgt_epi64(yb, lb);
    if (__builtin_expect(_mm256_movemask_epi8(_mm256_or_si256(again_a, again_b)), 0)) {
        n1_put_words(*b, n1_mask_of(again_b), p);
        n1_put_words(*a, n1_mask_of(again_a), p);
        *a = _mm256_blendv_epi8(*a, ya, again_a);
        *b = _mm256_blendv_epi8(*b, yb, again_b);
        ya = _mm256_blendv_epi8(ya, _mm256_srli_epi64(ya, 16), again_a);
        yb = _mm256_blendv_epi8(yb, _mm256_srli_epi64(yb, 16), again_b);
    }
    n1_put_words(*b, n1_mask_of(mb), p);
    n1_put_words(*a, n1_mask_of(ma), p);
    *a = ya;
    *b = yb;
}

TARGET n1_status n1_lanes_encode_avx2(const n1_lane_job *job, uint64_t *state, uint8_t *begin, uint8_t **at)
{
    const law l = law_of(job);
    const unsigned lanes = job->lanes, halves = lanes / 8;
    const __m256i low_half = _mm256_set1_epi64x(0xffffffff), word = _mm256_set1_epi32(0xffff);
    __m256i even[4], odd[4];
    for (unsigned h = 0; h < halves; h++) {
        const uint64_t *s = state + 16 * (h / 2) + 4 * (h % 2);
        even[h] = load(s);
        odd[h] = load(s + 8);
    }
    uint8_t *p = *at;
    for (size_t row = job->rows; row-- > 1;) {
        if (p - begin < (ptrdiff_t)(4 * lanes + 8))
            return N1_ERROR_INTERNAL;
        for (unsigned h = halves; h > 0;) {
            h -= 2;
            __m256i low[2], high[2], freq[2], fe[2], fo[2];
            for (unsigned i = 0; i < 2; i++) {
                const size_t place = row * lanes + 8 * (h + i);
                const __m256i code = load_wide(job->code + place), e = gather(job->axis->pair, code, 4);
                law_bounds(&l, code, _mm256_and_si256(e, word), _mm256_srli_epi32(e, 16),
                           load_wide(job->mu + place), &low[i], &high[i]);
                freq[i] = _mm256_sub_epi32(high[i], low[i]);
                fe[i] = _mm256_and_si256(freq[i], low_half);
                fo[i] = _mm256_srli_epi64(freq[i], 32);
            }
            shrink(&odd[h], &odd[h + 1], fo[0], fo[1], &p);
            shrink(&even[h], &even[h + 1], fe[0], fe[1], &p);
            for (unsigned i = 0; i < 2; i++) {
                odd[h + i] = n1_push_four(odd[h + i], fo[i], _mm256_srli_epi64(low[i], 32));
                even[h + i] = n1_push_four(even[h + i], fe[i], _mm256_and_si256(low[i], low_half));
            }
        }
    }
    for (unsigned h = 0; h < halves; h++) {
        uint64_t *s = state + 16 * (h / 2) + 4 * (h % 2);
        store(s, even[h]);
        store(s + 8, odd[h]);
    }
    *at = p;
    return N1_OK;
}
#endif
