/* AVX2 kernel: 8 lanes in 32-bit elements, so sixteen lanes are two vectors, a and b. The even elements of a hold
   their segments 0..3, those of b 4..7, the odd ones 8..11 and 12..15 (see n1_lane_position). What both directions
   need: the law, and getting vectors in and out. */
#ifndef N1_KERNELS_X86_LANES_AVX2_H
#define N1_KERNELS_X86_LANES_AVX2_H
#include "kernels/x86/x86.h"
#include "modes/forward/lanes.h"
#include <immintrin.h>

#define TARGET __attribute__((target("avx2,popcnt")))
#define INLINE static inline __attribute__((always_inline)) TARGET
/* Masked with an explicit zero: the plain intrinsic would wait for whatever the register held. */
#define gather(base, index, scale) \
    _mm256_mask_i32gather_epi32(_mm256_setzero_si256(), (const int32_t *)(const void *)(base), index, \
                                _mm256_set1_epi32(-1), scale)

INLINE __m256i load(const void *p) { return _mm256_loadu_si256((const __m256i *)p); }
INLINE void store(void *p, __m256i v) { _mm256_storeu_si256((__m256i *)p, v); }
/* The same with eight numbers of 16 bits in memory: their zeros above, or what is above them, dropped. */
INLINE __m256i load_wide(const void *p) { return _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p)); }
INLINE void store_narrow(void *p, __m256i v)
{
    v = _mm256_and_si256(v, _mm256_set1_epi32(0xffff));
    _mm_storeu_si128((__m128i *)p, _mm_packus_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1)));
}

typedef struct {
    __m256i inverse, limit, minus_limit, top, last, one;
    const uint32_t *cdf;
} law;

INLINE law law_of(const n1_lane_job *job)
{
    return (law){_mm256_set1_epi32(job->scale.inverse),
                 _mm256_set1_epi32(job->scale.limit),
                 _mm256_set1_epi32(-job->scale.limit),
                 _mm256_set1_epi32((int32_t)job->axis->axis_len - 1),
                 _mm256_set1_epi32((int32_t)job->axis->n_codes - 1),
                 _mm256_set1_epi32(1),
                 job->axis->cdf + N1_CDF_HALF};
}

INLINE __m256i law_at(const law *l, __m256i edge, __m256i mu)
{
    __m256i d = _mm256_sub_epi32(edge, mu);
    d = _mm256_max_epi32(_mm256_min_epi32(d, l->limit), l->minus_limit);
    return gather(l->cdf, _mm256_srai_epi32(_mm256_mullo_epi32(d, l->inverse), 12), 4);
}

INLINE void law_bounds(const law *l, __m256i code, __m256i lo, __m256i hi, __m256i mu, __m256i *low, __m256i *high)
{
    const __m256i a = _mm256_add_epi32(law_at(l, lo, mu), code);
    const __m256i b = _mm256_add_epi32(_mm256_add_epi32(law_at(l, hi, mu), code), l->one);
    *low = _mm256_andnot_si256(_mm256_cmpeq_epi32(code, _mm256_setzero_si256()), a);
    *high = _mm256_blendv_epi8(b, _mm256_set1_epi32((int32_t)N1_PROB_ONE), _mm256_cmpeq_epi32(code, l->last));
}
#endif
