/* Rows of the wide mode in AVX2, encoder. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "kernels/x86/wide_avx2.h"

TARGET void n1_wide_write_avx2(n1_wide *s, uint32_t *spans)
{
    const common b = common_of(s);
    for (uint32_t t = 0; t < s->frames; t++)
        for (uint32_t i = 0; i < s->rows; i++, spans += 2 * s->stride) {
            const n1_wide_row r = n1_wide_row_of(s, t, s->order[i]);
            for (uint32_t lane = 0; lane < s->stride; lane += 8) {
                const __m256i live = load(r.live + lane);
                const __m256i k = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(const void *)(r.code + lane)));
                const __m256i mu = predict(&b, &r, lane);
                const span v = span_of(&b, &r, lane, k, mu);
                store(spans + lane, _mm256_and_si256(live, v.low));
                store(spans + s->stride + lane, _mm256_blendv_epi8(set((int32_t)N1_PROB_ONE), _mm256_sub_epi32(v.high, v.low), live));
                learn(&b, &r, lane, live, mu, &v);
            }
        }
}
#endif
