/* Contexts whose odds are added, encoder, in AVX2: all contexts of a decision follow its error at once. See kernels/portable/added_odds_encode.c, which
 * does the same one by one, to the bit. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "modes/contexts/quick.h"

#include <immintrin.h>

#define TARGET N1_TARGET("avx2,bmi,bmi2,lzcnt")
#define INLINE N1_INLINE TARGET

typedef struct {
    __m128i low, high; /* four contexts each */
} n1_quick_slots;
#define N1_QUICK_INLINE INLINE

INLINE __m128i take(uint32_t *const *line, uint32_t node, const uint32_t n)
{
    __m128i v = _mm_cvtsi32_si128((int)line[0][node]);
    v = _mm_insert_epi32(v, (int)line[1][node], 1);
    v = _mm_insert_epi32(v, (int)line[2][node], 2);
    return n > 3 ? _mm_insert_epi32(v, (int)line[3][node], 3) : v;
}

/* The sum of odds. */
INLINE int32_t n1_quick_look(uint32_t *const *line, const uint32_t n, uint32_t node, n1_quick_slots *was)
{
    was->low = was->high = take(line, node, n);
    __m128i odds = _mm_srai_epi32(was->low, 16);
    if (n > 4) {
        was->high = take(line + 4, node, 4);
        odds = _mm_add_epi32(odds, _mm_srai_epi32(was->high, 16));
    }
    odds = _mm_add_epi32(odds, _mm_shuffle_epi32(odds, 0x4E));
    return _mm_cvtsi128_si32(odds) + _mm_extract_epi32(odds, 1);
}

INLINE void give(uint32_t *const *line, const uint32_t n, uint32_t node, __m128i v)
{
    line[0][node] = (uint32_t)_mm_cvtsi128_si32(v);
    line[1][node] = (uint32_t)_mm_extract_epi32(v, 1);
    line[2][node] = (uint32_t)_mm_extract_epi32(v, 2);
    if (n > 3)
        line[3][node] = (uint32_t)_mm_extract_epi32(v, 3);
}

/* A gain is 30720 / contexts / (5 + count), whole: in single precision no quotient of such small numbers comes near the next whole one. */
INLINE void n1_quick_follow(const n1_quick *s, const uint32_t contexts, uint32_t *const *line, const uint32_t n, uint32_t node,
                            const n1_quick_slots *was, uint32_t error)
{
    (void)s;
    const __m256i slot = _mm256_set_m128i(was->high, was->low), most = _mm256_set1_epi32(N1_QUICK_COUNTS - 1), count = _mm256_and_si256(slot, most);
    const __m256 seen = _mm256_cvtepi32_ps(_mm256_add_epi32(count, _mm256_set1_epi32(5)));
    const __m256i gain = _mm256_cvttps_epi32(_mm256_div_ps(_mm256_set1_ps(contexts == N1_QUICK_FEW ? 30720.0F / N1_QUICK_FEW : 30720.0F / N1_QUICK_MANY), seen));
    const __m256i step = _mm256_andnot_si256(most, _mm256_mullo_epi32(_mm256_set1_epi32((int)error), gain));
    const __m256i v = _mm256_add_epi32(_mm256_sub_epi32(slot, _mm256_cmpgt_epi32(most, count)), step);
    give(line, n, node, _mm256_castsi256_si128(v));
    if (n > 4)
        give(line + 4, 4, node, _mm256_extracti128_si256(v, 1));
}

#include "modes/contexts/quick_loops.h"

TARGET int n1_quick_put_avx2(n1_quick *s, n1_binary *b, uint32_t contexts, uint32_t *x, const uint32_t *most, size_t n_frames, size_t limit)
{
    return n1_quick_put_loop(s, b, contexts, x, most, n_frames, limit);
}
#endif
