/* Rows of the wide mode in AVX-512, encoder. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "kernels/x86/wide_avx512.h"

TARGET void n1_wide_write_avx512(n1_wide *s, uint32_t *spans)
{
    const common b = common_of(s);
    if (s->stride < 16) {
        n1_wide_write_avx2(s, spans);
        return;
    }
    for (uint32_t t = 0; t < s->frames; t++)
        for (uint32_t i = 0; i < s->rows; i++, spans += 2 * s->stride) {
            const n1_wide_row r = n1_wide_row_of(s, t, s->order[i]);
            for (uint32_t lane = 0; lane < s->stride; lane += 16) {
                const __mmask16 live = _mm512_movepi32_mask(load(r.live + lane));
                const __m512i k = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)(r.code + lane)));
                const __m512i mu = predict(&b, &r, lane);
                const span v = span_of(&b, &r, lane, k, mu);
                _mm512_storeu_si512(spans + lane, _mm512_maskz_mov_epi32(live, v.low));
                _mm512_storeu_si512(spans + s->stride + lane, _mm512_mask_sub_epi32(set((int32_t)N1_PROB_ONE), live, v.high, v.low));
                learn(&b, &r, lane, live, mu, &v);
            }
        }
}
#endif
