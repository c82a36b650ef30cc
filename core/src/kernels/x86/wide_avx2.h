/* wide_avx2.h - rows of the wide mode in AVX2, eight lanes at a time (modes/wide/row.h does the same, to the bit). What both
 * directions need. */
#ifndef N1_KERNELS_X86_WIDE_AVX2_H
#define N1_KERNELS_X86_WIDE_AVX2_H
#include "kernels/x86/x86.h"
#include "modes/wide/row.h"
#include <immintrin.h>
#include <stddef.h>

#define TARGET N1_TARGET("avx2,popcnt")
#define INLINE N1_INLINE TARGET

/* Masked with an explicit zero: the plain intrinsic would wait for whatever the register held. */
#define GATHER(base, index, scale) \
    _mm256_mask_i32gather_epi32(_mm256_setzero_si256(), (const int *)(const void *)(base), index, set(-1), scale)

INLINE __m256i load(const void *p) { return _mm256_loadu_si256((const __m256i *)p); }
INLINE void store(void *p, __m256i v) { _mm256_storeu_si256((__m256i *)p, v); }
INLINE __m256i set(int32_t v) { return _mm256_set1_epi32(v); }
INLINE __m256i clamp(__m256i v, __m256i low, __m256i high) { return _mm256_max_epi32(_mm256_min_epi32(v, high), low); }
INLINE void store_narrow(uint16_t *p, __m256i v) /* numbers below 2^16 */
{
    const __m256i both = _mm256_permute4x64_epi64(_mm256_packus_epi32(v, v), 0x08);
    _mm_storeu_si128((__m128i *)(void *)p, _mm256_castsi256_si128(both));
}

/* What does not change within an interval. */
typedef struct {
    __m256i codes, most, last, half, zero;
    __m128i shift, unit;
} common;

INLINE common common_of(const n1_wide *s)
{
    common b;
    b.codes = set((int32_t)s->codes);
    b.most = set((int32_t)s->codes - 1);
    b.last = set(s->edges[0].edge[s->codes] - 1); /* the axis' end: the same for every table */
    b.half = set((1 << s->shift) >> 1);
    b.zero = _mm256_setzero_si256();
    b.shift = _mm_cvtsi32_si128((int)s->shift);
    b.unit = _mm_cvtsi32_si128(s->width.shift);
    return b;
}

INLINE __m256i predict(const common *b, const n1_wide_row *r, uint32_t lane)
{
    const n1_wide *s = r->s;
    const int32_t *pair = r->pair + lane, *tap = r->tap + lane;
    __m256i sum = b->half, more = b->zero;
    uint32_t i = 0;
    for (; i + 2 <= s->pairs; i += 2, tap += 2 * s->stride) {
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(load(pair + r->link[i]), load(tap)));
        more = _mm256_add_epi32(more, _mm256_madd_epi16(load(pair + r->link[i + 1]), load(tap + s->stride)));
    }
    if (i < s->pairs) sum = _mm256_add_epi32(sum, _mm256_madd_epi16(load(pair + r->link[i]), load(tap)));
    return _mm256_add_epi32(load(r->centre + lane), _mm256_sra_epi32(_mm256_add_epi32(sum, more), b->shift));
}

/* Mass below an edge at distance d, without what each code is granted. d * inv stays below 2^27 + 2^24 within the reach. */
INLINE __m256i mass(const n1_wide_row *r, uint32_t lane, __m256i d)
{
    const __m256i reach = load(r->reach + lane);
    d = clamp(d, _mm256_sub_epi32(_mm256_setzero_si256(), reach), reach);
    return GATHER(r->s->law + N1_WIDE_LAW_MIDDLE, _mm256_srai_epi32(_mm256_mullo_epi32(d, load(r->inv + lane)), N1_WIDE_STEP_SHIFT), 4);
}

typedef struct {
    __m256i low, high, middle; /* the code's span; its voltage */
} span;

/* both: the code's lower edge, and its upper one in the upper half. */
INLINE span span_between(const common *b, const n1_wide_row *r, uint32_t lane, __m256i k, __m256i both, __m256i mu)
{
    const __m256i next = _mm256_add_epi32(k, set(1));
    const __m256i low = _mm256_and_si256(both, set(0xFFFF)), high = _mm256_srli_epi32(both, 16);
    span v;
    v.low = _mm256_add_epi32(mass(r, lane, _mm256_sub_epi32(low, mu)), k);
    v.high = _mm256_add_epi32(mass(r, lane, _mm256_sub_epi32(high, mu)), next);
    v.low = _mm256_andnot_si256(_mm256_cmpeq_epi32(k, b->zero), v.low);
    v.high = _mm256_blendv_epi8(v.high, set((int32_t)N1_PROB_ONE), _mm256_cmpeq_epi32(next, b->codes));
    v.middle = _mm256_srli_epi32(_mm256_add_epi32(low, high), 1);
    return v;
}

INLINE span span_of(const common *b, const n1_wide_row *r, uint32_t lane, __m256i k, __m256i mu)
{
    const __m256i at = _mm256_add_epi32(load(r->table + lane), _mm256_slli_epi32(k, 1));
    return span_between(b, r, lane, k, GATHER(r->s->edges, at, 1), mu);
}

/* What is learned. Lanes without a channel stay 0. */
INLINE void learn(const common *b, const n1_wide_row *r, uint32_t lane, __m256i live, __m256i mu, const span *v)
{
    const __m256i d = _mm256_abs_epi32(_mm256_sub_epi32(v->middle, mu));
    const __m256i error = _mm256_min_epi32(d, load(r->size + lane));
    store(r->sum + lane, _mm256_add_epi32(load(r->sum + lane), error));
    const __m256i now = clamp(_mm256_sub_epi32(v->middle, load(r->centre + lane)), set(-32767), set(32767));
    const __m256i before = _mm256_srli_epi32(load(r->pair + (ptrdiff_t)lane - (ptrdiff_t)r->s->frame), 16);
    store(r->pair + lane, _mm256_and_si256(live, _mm256_or_si256(_mm256_slli_epi32(now, 16), before)));
    if (r->bin) store_narrow(r->bin + lane, clamp(_mm256_sra_epi32(mu, b->unit), b->zero, b->most));
}

#endif
