/* rows_avx2.h - intervals of the backward mode in AVX2: one sample of each of the eight strands at a time (see
 * modes/backward/code.h, which does the same sample by sample, to the bit). Lane q is strand q. What both directions need.
 */
#ifndef N1_KERNELS_X86_ROWS_AVX2_H
#define N1_KERNELS_X86_ROWS_AVX2_H
#include "kernels/x86/x86.h"
#include "entropy/mass.h"
#include "modes/backward/backward.h"

#include <immintrin.h>
#include <stddef.h>

#define TARGET N1_TARGET("avx2,popcnt")
#define INLINE N1_INLINE TARGET

enum { LANES = N1_STRANDS, STEPS = N1_INTERVAL + N1_STRANDS - 1 };
_Static_assert(LANES == 8, "a vector of 32-bit numbers has a lane for each strand");

INLINE __m256i load(const void *p) { return _mm256_loadu_si256((const __m256i *)p); }
INLINE void store(void *p, __m256i v) { _mm256_storeu_si256((__m256i *)p, v); }
INLINE __m256i set(int32_t v) { return _mm256_set1_epi32(v); }
INLINE __m256i wide(const uint16_t *p)
{
    return _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(const void *)p));
}
INLINE void store_narrow(uint16_t *p, __m256i v) /* numbers below 2^16 */
{
    const __m256i both = _mm256_permute4x64_epi64(_mm256_packus_epi32(v, v), 0x08);
    _mm_storeu_si128((__m128i *)(void *)p, _mm256_castsi256_si128(both));
}
/* Masked with an explicit zero: the plain intrinsic would wait for whatever the register held. */
#define GATHER(base, index, scale) \
    _mm256_mask_i32gather_epi32(_mm256_setzero_si256(), (const int *)(const void *)(base), index, set(-1), scale)

/* What does not change within an interval. */
typedef struct {
    const n1_backward *s;
    size_t slots;
    __m256i codes, last;
    __m128i shift;
} common;

/* All ones in the lanes at work: strands from .. to-1 that have a channel of this rank. */
INLINE __m256i working(const n1_backward *s, uint32_t rank, uint32_t from, uint32_t to)
{
    int32_t mask[LANES];
    for (uint32_t q = 0; q < LANES; q++)
        mask[q] = q >= from && q < to && rank < n1_strand_start(s, q + 1) - n1_strand_start(s, q) ? -1 : 0;
    return load(mask);
}

INLINE __m256i predict(const common *b, const n1_rank *g, size_t line_at, size_t row)
{
    const int32_t *pair = b->s->pair + row, *line = b->s->pair + line_at;
    const __m256i near = load(pair - b->slots), far = load(pair - 3 * b->slots);
    __m256i sum =
        _mm256_add_epi32(_mm256_madd_epi16(near, load(g->young[0])), _mm256_madd_epi16(far, load(g->young[1])));
    for (uint32_t i = 0; i < b->s->neighbours; i++)
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(GATHER(line, load(g->link[i]), 4), load(g->side[i])));
    sum = _mm256_srai_epi32(_mm256_add_epi32(sum, set(1 << (N1_COEF_Q - 1))), N1_COEF_Q);
    return _mm256_add_epi32(load(g->centre), sum);
}

/* Mass below voltage mu + d. d * inv stays below 2^27 + 2^24 within the law's reach. */
INLINE __m256i standing(const n1_backward *s, const n1_rank *g, __m256i d)
{
    const __m256i reach = load(g->reach);
    d = _mm256_max_epi32(_mm256_min_epi32(d, reach), _mm256_sub_epi32(_mm256_setzero_si256(), reach));
    __m256i i = _mm256_srai_epi32(_mm256_mullo_epi32(d, load(g->inv)), 16);
    i = _mm256_max_epi32(_mm256_min_epi32(i, set(2048)), set(-2048));
    return GATHER(s->law + 2048, i, 4);
}

typedef struct {
    __m256i lo, hi, middle; /* the code's span; its voltage */
} span;

INLINE span span_of(const common *b, const n1_rank *g, __m256i k, __m256i mu)
{
    const __m256i one = set(1),
                  both = GATHER(b->s->edges, _mm256_add_epi32(load(g->table), _mm256_slli_epi32(k, 1)), 1);
    const __m256i low = _mm256_and_si256(both, set(0xFFFF)), high = _mm256_srli_epi32(both, 16),
                  next = _mm256_add_epi32(k, one);
    span v;
    v.lo = _mm256_add_epi32(standing(b->s, g, _mm256_sub_epi32(low, mu)), k);
    v.hi = _mm256_add_epi32(standing(b->s, g, _mm256_sub_epi32(high, mu)), next);
    v.lo = _mm256_andnot_si256(_mm256_cmpeq_epi32(k, _mm256_setzero_si256()), v.lo);
    v.hi = _mm256_blendv_epi8(v.hi, set(1 << N1_PROB_BITS), _mm256_cmpeq_epi32(next, b->codes));
    v.middle = _mm256_srli_epi32(_mm256_add_epi32(low, high), 1);
    return v;
}

INLINE void count_error(n1_rank *g, unsigned odd, __m256i d, __m256i mask)
{
    const __m256i cap = load(g->cap[odd]);
    __m256i q = _mm256_mul_epi32(d, d);
    q = _mm256_and_si256(_mm256_blendv_epi8(q, cap, _mm256_cmpgt_epi64(q, cap)), mask);
    store(g->sum[odd], _mm256_add_epi64(load(g->sum[odd]), q));
}

/* What is learned from the samples: their rows, and the errors. Only the lanes of the mask may change anything. */
INLINE void learn(const common *b, n1_rank *g, size_t row, __m256i k, const span *v, __m256i mu, __m256i mask)
{
    const n1_backward *s = b->s;
    const __m256i d = _mm256_sub_epi32(v->middle, mu), most = set(32767), zero = _mm256_setzero_si256();
    count_error(g, 0, d, _mm256_shuffle_epi32(mask, 0xA0));
    count_error(g, 1, _mm256_srli_epi64(d, 32), _mm256_shuffle_epi32(mask, 0xF5));
    __m256i now = _mm256_sub_epi32(v->middle, load(g->centre));
    now = _mm256_max_epi32(_mm256_min_epi32(now, most), _mm256_sub_epi32(zero, most));
    int32_t *pair = s->pair + row;
    const __m256i before = _mm256_srli_epi32(load(pair - b->slots), 16);
    const __m256i both = _mm256_or_si256(_mm256_slli_epi32(now, 16), before);
    store(pair, _mm256_blendv_epi8(load(pair), both, mask));
    __m256i bin = _mm256_srl_epi32(_mm256_max_epi32(mu, zero), b->shift);
    bin = _mm256_min_epi32(bin, _mm256_sub_epi32(b->codes, set(1)));
    store_narrow(s->code + row, k);
    store_narrow(s->bin + row, bin);
}

INLINE common start(n1_backward *s)
{
    common b = {.s = s, .slots = (size_t)s->ranks * LANES, .codes = set((int32_t)s->codes)};
    b.last = set(s->edges[0].edge[s->codes] - 1); /* the axis' end: the same for every table */
    b.shift = _mm_cvtsi32_si128(s->width.shift);
    return b;
}

#endif
