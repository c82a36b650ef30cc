/* Rows of the wide mode in AVX-512, encoder. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "kernels/portable/portable.h"
#include "kernels/x86/rans_avx512.h"
#include "kernels/x86/wide_avx512.h"

/* The frames at hand, of rows of so many lanes. */
INLINE void write_frames(n1_wide *s, const uint32_t stride, uint32_t *spans)
{
    const common b = common_of(s, stride);
    for (uint32_t t = 0; t < s->frames; t++)
        for (uint32_t i = 0; i < s->rows; i++, spans += 2 * stride) {
            const n1_wide_row r = n1_wide_row_at(s, t, s->order[i], stride);
            for (uint32_t lane = 0; lane < stride; lane += 16) {
                const __mmask16 live = _mm512_movepi32_mask(load(r.live + lane));
                const __m512i k = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)(r.code + lane)));
                const __m512i mu = predict(&b, &r, lane);
                const span v = span_of(&b, &r, lane, k, mu);
                _mm512_storeu_si512(spans + lane, _mm512_maskz_mov_epi32(live, v.low));
                _mm512_storeu_si512(spans + stride + lane, _mm512_mask_sub_epi32(set((int32_t)N1_PROB_ONE), live, v.high, v.low));
                learn(&b, &r, lane, live, mu, &v);
            }
        }
}

TARGET void n1_wide_write_avx512(n1_wide *s, uint32_t *spans)
{
    if (s->stride < 16)
        n1_wide_write_avx2(s, spans);
    else if (s->stride == 16)
        write_frames(s, 16, spans);
    else if (s->stride == 32)
        write_frames(s, 32, spans);
    else
        write_frames(s, s->stride, spans);
}

/* Eight states at a time; modes/wide/words.h does the same one by one. */
TARGET uint8_t *n1_wide_words_avx512(n1_wide *s, const uint32_t *spans, size_t n_frames, uint8_t *begin, uint8_t *end)
{
    const uint32_t stride = s->stride;
    for (size_t i = n_frames * s->rows; i-- > 0;)
        for (uint32_t l = stride; l > 0; l -= 8) {
            const uint32_t *at = spans + i * 2 * stride + l - 8;
            uint64_t *const state = s->x + l - 8;
            if (end - begin < 32) return NULL;
            const __m512i start = _mm512_cvtepu32_epi64(_mm256_loadu_si256((const __m256i *)(const void *)at));
            const __m512i freq = _mm512_cvtepu32_epi64(_mm256_loadu_si256((const __m256i *)(const void *)(at + stride)));
            const __m512i x = n1_shrink(load(state), _mm512_slli_epi64(freq, 20), &end);
            _mm512_storeu_si512(state, n1_push_eight(x, freq, start));
        }
    return end;
}

/* See n1_lagged_avx2. */
TARGET void n1_lagged_avx512(const int16_t *x, const int16_t *y, size_t n, int64_t sum[9])
{
    size_t t = 0;
    while (t + 32 <= n) {
        const size_t left = (n - t) / 32, m = left < 32 ? left : 32; /* 2^25 each: 2^30 */
        __m512i part[9];
        for (int i = 0; i < 9; i++) part[i] = _mm512_setzero_si512();
        for (size_t j = 0; j < m; j++, t += 32) {
            const __m512i a = load(x + t);
            for (int i = 0; i < 9; i++) part[i] = _mm512_add_epi32(part[i], _mm512_madd_epi16(a, load(y + (ptrdiff_t)t + 4 - i)));
        }
        for (int i = 0; i < 9; i++) {
            const __m512i low = _mm512_cvtepi32_epi64(_mm512_castsi512_si256(part[i]));
            sum[i] += _mm512_reduce_add_epi64(_mm512_add_epi64(low, _mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64(part[i], 1))));
        }
    }
    if (t < n) n1_lagged_portable(x + t, y + t, n - t, sum);
}
#endif
