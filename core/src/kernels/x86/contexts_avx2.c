/* The contexts mode's decisions in AVX2: eight inputs at a time; see kernels/portable/contexts.c, which does the same one by one,
 * to the bit. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "modes/contexts/decide.h"

#include <immintrin.h>

#define TARGET N1_TARGET("avx2,bmi,bmi2,lzcnt")
#define INLINE N1_INLINE TARGET

INLINE __m256i load(const int32_t *p) { return _mm256_loadu_si256((const __m256i *)(const void *)p); }
INLINE void store(int32_t *p, __m256i v) { _mm256_storeu_si256((__m256i *)(void *)p, v); }

INLINE int32_t odds_of_sum(__m256i both)
{
    __m128i sum = _mm_add_epi64(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));
    sum = _mm_add_epi64(sum, _mm_unpackhi_epi64(sum, sum));
    return (int32_t)n1_clamp64(n1_asr(_mm_cvtsi128_si64(sum), 20), -N1_ODDS_MOST, N1_ODDS_MOST);
}

/* n1_mix_odds with both sets of weights. */
INLINE void mix(const n1_question *q, uint32_t n, int32_t *one, int32_t *two)
{
    __m256i u = _mm256_setzero_si256(), v = u;
    for (uint32_t i = 0; i < n; i += 8) {
        const __m256i odds = load(q->odds + i), high = _mm256_srli_epi64(odds, 32), a = load(q->u + i), b = load(q->v + i);
        u = _mm256_add_epi64(u, _mm256_add_epi64(_mm256_mul_epi32(a, odds), _mm256_mul_epi32(_mm256_srli_epi64(a, 32), high)));
        v = _mm256_add_epi64(v, _mm256_add_epi64(_mm256_mul_epi32(b, odds), _mm256_mul_epi32(_mm256_srli_epi64(b, 32), high)));
    }
    *one = odds_of_sum(u);
    *two = odds_of_sum(v);
}

/* n1_mix_learn. Of a sum of 35 bits, the 32 that are left after the shift are the same whatever comes in above. */
INLINE void learn(int32_t *w, const int32_t *odds, uint32_t n, int32_t error, int rate)
{
    const __m256i e = _mm256_set1_epi32(error), half = _mm256_set1_epi64x(1LL << (rate - 1));
    const __m256i most = _mm256_set1_epi32(8 << 20), least = _mm256_set1_epi32(-(8 << 20));
    const __m128i down = _mm_cvtsi32_si128(rate), up = _mm_cvtsi32_si128(32 - rate);
    for (uint32_t i = 0; i < n; i += 8) {
        const __m256i o = load(odds + i);
        const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(o, e), half);
        const __m256i odd = _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(o, 32), e), half);
        const __m256i step = _mm256_blend_epi32(_mm256_srl_epi64(even, down), _mm256_sll_epi64(odd, up), 0xAA);
        store(w + i, _mm256_max_epi32(_mm256_min_epi32(_mm256_add_epi32(load(w + i), step), most), least));
    }
}

TARGET uint32_t n1_contexts_decide_avx2(n1_contexts *s, n1_binary *b, int decoding, uint32_t bit, uint32_t node, uint32_t kind,
                                        int expected)
{
    n1_question q;
    int32_t one, two;
    const uint32_t n = (s->inputs + 7) & ~7U;
    for (uint32_t i = 0; i < n; i += 8)
        store(q.odds + i, _mm256_setzero_si256());
    n1_question_open(s, &q, node, kind, expected);
    mix(&q, n, &one, &two);
    bit = n1_question_answer(s, b, decoding, bit, node, &q, one, two);
    n1_question_close(s, &q, bit);
    learn(q.u, q.odds, n, n1_error_of(bit, one), s->rate_mix);
    learn(q.v, q.odds, n, n1_error_of(bit, two), s->rate_mix);
    return bit;
}

#endif
