/*
 * The mixed mode's mixing in AVX2: all laws of a sample at a time, a lane each; see mixed.c, which does the same law by
 * law, to the bit.
 */
#include "kernels/x86/x86.h"
#if N1_X86
#include "modes/mixed/mixed.h"

#include <immintrin.h>

#define TARGET N1_TARGET("avx2,bmi,bmi2,lzcnt")
#define INLINE N1_INLINE TARGET

INLINE __m256i load(const void *p) { return _mm256_loadu_si256((const __m256i *)p); }
INLINE void store(void *p, __m256i v) { _mm256_storeu_si256((__m256i *)p, v); }
INLINE __m256i set(int32_t v) { return _mm256_set1_epi32(v); }
/* Lanes outside the mask give 0 and read nothing. */
#define GATHER(base, index, mask, scale) \
    _mm256_mask_i32gather_epi32(_mm256_setzero_si256(), (const int *)(const void *)(base), index, mask, scale)

/* 4096 times the exponent, and the mantissa's share of log2: what n1_log2_ratio takes from numbers of 1 .. 2^29. As
 * floats they would be rounded: large ones are shifted first, which leaves the 12 bits that count. */
INLINE __m256i log2_of(__m256i a)
{
    const __m256i large = _mm256_cmpgt_epi32(a, set(0xFFFFFF));
    const __m256i part = _mm256_blendv_epi8(a, _mm256_srli_epi32(a, 8), large);
    const __m256i bits = _mm256_castps_si256(_mm256_cvtepi32_ps(part));
    const __m256i exponent = _mm256_add_epi32(_mm256_srli_epi32(bits, 23), _mm256_and_si256(large, set(8)));
    const __m256i place = _mm256_and_si256(_mm256_srli_epi32(bits, 12), set(2047));
    const __m256i fraction = _mm256_and_si256(GATHER(N1_LOG2, place, set(-1), 2), set(0xFFFF));
    return _mm256_add_epi32(_mm256_slli_epi32(exponent, 12), fraction);
}

INLINE int32_t mix(__m256i w, __m256i odds)
{
    const __m256i even = _mm256_mul_epi32(w, odds),
                  odd = _mm256_mul_epi32(_mm256_srli_epi64(w, 32), _mm256_srli_epi64(odds, 32));
    const __m256i both = _mm256_add_epi64(even, odd);
    __m128i sum = _mm_add_epi64(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));
    sum = _mm_add_epi64(sum, _mm_unpackhi_epi64(sum, sum));
    return (int32_t)n1_clamp64(n1_asr(_mm_cvtsi128_si64(sum), 20), -N1_ODDS_MOST, N1_ODDS_MOST);
}

/* n1_mix_learn. Of a sum of 50 bits, the 32 that are left after the shift are the same whatever comes in above. */
INLINE __m256i adjusted(__m256i w, __m256i odds, int32_t error)
{
    const __m256i e = set(error), half = _mm256_set1_epi64x((int64_t)1 << (N1_MIXED_RATE - 1)), most = set(8 << 20);
    const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(odds, e), half);
    const __m256i odd = _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(odds, 32), e), half);
    const __m256i step =
        _mm256_blend_epi32(_mm256_srli_epi64(even, N1_MIXED_RATE), _mm256_slli_epi64(odd, 32 - N1_MIXED_RATE), 0xAA);
    w = _mm256_add_epi32(w, step);
    return _mm256_max_epi32(_mm256_min_epi32(w, most), _mm256_sub_epi32(_mm256_setzero_si256(), most));
}

INLINE uint32_t code_vector(n1_mixed *s, n1_mixture *l, n1_binary *b, int decoding, uint32_t k, uint32_t n)
{
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), laws = _mm256_cmpgt_epi32(set((int32_t)n), lane);
    const __m256i lean = _mm256_and_si256(_mm256_cmpeq_epi32(lane, set((int32_t)n)), set(1024)); /* see mixed.c */
    const __m256i mean = load(l->mean), inv = load(l->inv), reach = load(l->reach);
    const __m256i least = _mm256_sub_epi32(_mm256_setzero_si256(), reach);
    __m256i below = load(l->low), above = load(l->high);
    n1_binary coder = *b;
    uint32_t lo = 0, hi = s->codes, node = 1, depth = 0;
    while (hi - lo > 1) {
        const uint32_t m = n1_split_at(s, l, lo, hi, node, depth);
        __m256i d = _mm256_sub_epi32(set(l->edges->edge[m] * (1 << N1_MEAN_Q)), mean);
        d = _mm256_max_epi32(_mm256_min_epi32(d, reach), least);
        d = _mm256_srai_epi32(_mm256_add_epi32(_mm256_mullo_epi32(d, inv), set(32768)), 16);
        const __m256i middle = _mm256_add_epi32(GATHER(N1_NORMAL + 2048, d, laws, 4), set((int32_t)(m * s->floor)));
        __m256i odds =
            _mm256_sub_epi32(log2_of(_mm256_sub_epi32(above, middle)), log2_of(_mm256_sub_epi32(middle, below)));
        odds = _mm256_blendv_epi8(lean, odds, laws);
        int32_t *at = s->weight[depth < 5 ? node : N1_MIXED_NODES + (depth < N1_MIXED_DEPTHS ? depth : N1_MIXED_DEPTHS - 1)];
        const __m256i w = load(at);
        const uint32_t p = n1_squash(mix(w, odds));
        uint32_t bit;
        if (decoding) bit = n1_binary_get(&coder, p);
        else {
            bit = k >= m;
            n1_binary_put(&coder, bit, p);
        }
        store(at, adjusted(w, odds, (int32_t)(bit << 16) - (int32_t)p));
        /* no branch on the bit: it is as good as random */
        const uint32_t one = 0U - bit;
        const __m256i ones = set((int32_t)one);
        lo = (lo & ~one) | (m & one);
        hi = (hi & one) | (m & ~one);
        below = _mm256_blendv_epi8(below, middle, ones);
        above = _mm256_blendv_epi8(middle, above, ones);
        node = node * 2 + bit;
        depth++;
    }
    *b = coder;
    return lo;
}
/* Looking up eight at a time takes as long for two laws as for five: with few, one by one is faster. */
TARGET uint32_t n1_mixed_code_avx2(n1_mixed *s, n1_mixture *l, n1_binary *b, int decoding, uint32_t k, uint32_t n)
{
    if (n == 2) return n1_mixed_code_loop(s, l, b, decoding, k, 2);
    if (n == 3) return n1_mixed_code_loop(s, l, b, decoding, k, 3);
    return code_vector(s, l, b, decoding, k, n);
}
#endif
