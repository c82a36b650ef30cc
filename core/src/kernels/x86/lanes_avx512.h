/* AVX-512 kernel: 16 lanes in 32-bit elements. States are 64 bits wide: the even elements of sixteen lanes hold their
   segments 0..7, the odd ones 8..15, so that the halves of a state vector split and join by a shift (see n1_lane_position). What
   both directions need: the law. */
#ifndef N1_KERNELS_X86_LANES_AVX512_H
#define N1_KERNELS_X86_LANES_AVX512_H
#include "kernels/x86/x86.h"
#include "modes/forward/lanes.h"
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi2,popcnt")))
#define INLINE static inline __attribute__((always_inline)) TARGET

/* Masked with an explicit zero: the plain intrinsic merges into what the register held, which makes gathers wait for
   each other. */
#define gather(index, base, scale) _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), 0xffff, index, base, scale)

typedef struct {
    __m512i inverse, limit, minus_limit, top, last, one, ten_bits, piece[3][2];
} law;

INLINE law law_of(const n1_lane_job *job)
{
    law l = {_mm512_set1_epi32(job->scale.inverse),
             _mm512_set1_epi32(job->scale.limit),
             _mm512_set1_epi32(-job->scale.limit),
             _mm512_set1_epi32((int32_t)job->axis->axis_len - 1),
             _mm512_set1_epi32((int32_t)job->axis->n_codes - 1),
             _mm512_set1_epi32(1),
             _mm512_set1_epi32(1023),
             {{_mm512_setzero_si512()}}};
    for (unsigned j = 0; j < 3; j++)
        for (unsigned i = 0; i < 2; i++)
            l.piece[j][i] = _mm512_loadu_si512(job->axis->piece[j] + 16 * i);
    return l;
}

/* Sixteen numbers of 16 bits in memory, zeros above. */
INLINE __m512i load_wide(const void *p) { return _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p)); }

/* The entry of axis->cdf, computed: three look-ups in registers are much cheaper than a gather. */
INLINE __m512i law_at(const law *l, __m512i edge, __m512i mu)
{
    __m512i d = _mm512_sub_epi32(edge, mu);
    d = _mm512_max_epi32(_mm512_min_epi32(d, l->limit), l->minus_limit);
    d = _mm512_add_epi32(_mm512_mullo_epi32(d, l->inverse), _mm512_set1_epi32(N1_CDF_HALF << 12));
    const __m512i piece = _mm512_srli_epi32(d, 18);
    const __m512i f = _mm512_and_si512(_mm512_srli_epi32(d, 12), _mm512_set1_epi32(63));
    const __m512i c0 = _mm512_permutex2var_epi32(l->piece[0][0], piece, l->piece[0][1]);
    const __m512i c1 = _mm512_permutex2var_epi32(l->piece[1][0], piece, l->piece[1][1]);
    const __m512i c2 = _mm512_permutex2var_epi32(l->piece[2][0], piece, l->piece[2][1]);
    const __m512i slope = _mm512_add_epi32(c1, _mm512_mullo_epi32(f, c2));
    return _mm512_add_epi32(c0, _mm512_srai_epi32(_mm512_mullo_epi32(f, slope), 8));
}

/* Cumulative bounds of code with edges lo and hi. */
INLINE void law_bounds(const law *l, __m512i code, __m512i lo, __m512i hi, __m512i mu, __m512i *low, __m512i *high)
{
    __m512i a = _mm512_add_epi32(law_at(l, lo, mu), code);
    __m512i b = _mm512_add_epi32(_mm512_add_epi32(law_at(l, hi, mu), code), l->one);
    *low = _mm512_maskz_mov_epi32(_mm512_test_epi32_mask(code, code), a);
    *high = _mm512_mask_mov_epi32(b, _mm512_cmpeq_epi32_mask(code, l->last), _mm512_set1_epi32((int32_t)N1_PROB_ONE));
}
#endif
