/* The encoder's loops in AVX2. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "kernels/portable/loops.h"
#include "kernels/portable/portable.h"
#include "modes/forward/lanes.h"

#include <immintrin.h>

#define TARGET N1_TARGET("avx2")
#define PRODUCTS 64u   /* added up in 32 bits: as the portable form does */

TARGET void n1_expand_avx2(const uint32_t *pair, int32_t centre, const uint16_t *code, uint32_t *edges, int16_t *mid, size_t n)
{
    n1_expand_loop(pair, centre, code, edges, mid, n);
}

N1_TARGET("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi2")
void n1_expand_avx512(const uint32_t *pair, int32_t centre, const uint16_t *code, uint32_t *edges, int16_t *mid, size_t n)
{
    n1_expand_loop(pair, centre, code, edges, mid, n);
}

TARGET int n1_nlink_codes_avx2(const int16_t *samples, size_t n, uint16_t *code, uint32_t *low, uint32_t *high)
{
    return n1_nlink_codes_loop(samples, n, code, low, high);
}

TARGET N1_INLINE __m256i load16(const int16_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* Two taps in one multiply-add: the products of a coefficient pair with the interleaved midpoints of two rows. What is
   interleaved within halves is put back in order by packing within halves. A sum of two products fits 32 bits, as the
   sum of all of them does. */
TARGET N1_INLINE void predict_pairs(const n1_lane_job *job, unsigned order)
{
    const __m256i zero = _mm256_setzero_si256(), top = _mm256_set1_epi32((int32_t)job->axis->axis_len - 1);
    const __m256i bias = _mm256_set1_epi32(job->channel->bias);
    const __m128i shift = _mm_cvtsi32_si128(job->channel->shift);
    const size_t n = job->rows * job->lanes, lanes = job->lanes;
    __m256i pair[N1_MAX_ORDER / 2];
    for (unsigned j = 0; j < order / 2; j++)
        pair[j] = _mm256_unpacklo_epi16(_mm256_set1_epi16(job->channel->own[2 * j]),
                                        _mm256_set1_epi16(job->channel->own[2 * j + 1]));
    for (size_t i = 0; i < n; i += 16) {
        const int16_t *m = job->mid + N1_PLANE_HISTORY * lanes + i;
        __m256i low = bias, high = bias;
        if (job->extra) {
            const __m256i a = load16((const int16_t *)(const void *)(job->extra + i));
            const __m256i b = load16((const int16_t *)(const void *)(job->extra + i + 8));
            low = _mm256_add_epi32(low, _mm256_permute2x128_si256(a, b, 0x20));
            high = _mm256_add_epi32(high, _mm256_permute2x128_si256(a, b, 0x31));
        }
        for (unsigned j = 0; j < order / 2; j++, m -= 2 * lanes) {
            const __m256i a = load16(m - lanes), b = load16(m - 2 * lanes);
            low = _mm256_add_epi32(low, _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), pair[j]));
            high = _mm256_add_epi32(high, _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), pair[j]));
        }
        low = _mm256_min_epi32(_mm256_max_epi32(_mm256_sra_epi32(low, shift), zero), top);
        high = _mm256_min_epi32(_mm256_max_epi32(_mm256_sra_epi32(high, shift), zero), top);
        _mm256_storeu_si256((__m256i *)(void *)(job->mu + i), _mm256_packus_epi32(low, high));
    }
}

/* Orders are even; those that the levels try have their loops unrolled. */
TARGET void n1_lanes_predict_avx2(const n1_lane_job *job)
{
    switch (job->channel->order) {
    case 8: predict_pairs(job, 8); break;
    case 16: predict_pairs(job, 16); break;
    case 24: predict_pairs(job, 24); break;
    case 32: predict_pairs(job, 32); break;
    default: predict_pairs(job, job->channel->order); break;
    }
}

/* One multiply-add makes 16 products; compilers do not find it behind the shift. */
TARGET int64_t n1_dot_avx2(const int16_t *a, const int16_t *b, size_t n, unsigned down)
{
    const __m128i shift = _mm_cvtsi32_si128((int)down);
    const __m256i zero = _mm256_setzero_si256();
    __m256i total = zero;
    size_t i = 0;
    while (i + 16 <= n) {
        const size_t left = (n - i) / 16, m = left < PRODUCTS / 2 ? left : PRODUCTS / 2;
        __m256i part = zero;
        for (size_t j = 0; j < m; j++, i += 16) {
            const __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)(a + i));
            const __m256i y = _mm256_loadu_si256((const __m256i *)(const void *)(b + i));
            part = _mm256_add_epi32(part, _mm256_madd_epi16(_mm256_sra_epi16(x, shift), _mm256_sra_epi16(y, shift)));
        }
        const __m256i sign = _mm256_cmpgt_epi32(zero, part);
        total = _mm256_add_epi64(total, _mm256_unpacklo_epi32(part, sign));
        total = _mm256_add_epi64(total, _mm256_unpackhi_epi32(part, sign));
    }
    int64_t four[4];
    _mm256_storeu_si256((__m256i *)(void *)four, total);
    return four[0] + four[1] + four[2] + four[3] + (i < n ? n1_dot_portable(a + i, b + i, n - i, down) : 0);
}
#endif
