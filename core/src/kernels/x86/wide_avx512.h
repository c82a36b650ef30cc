/* wide_avx512.h - rows of the wide mode in AVX-512, sixteen lanes at a time (modes/wide/row.h does the same, to the bit). What
 * both directions need. */
#ifndef N1_KERNELS_X86_WIDE_AVX512_H
#define N1_KERNELS_X86_WIDE_AVX512_H
#include "kernels/x86/x86.h"
#include "modes/wide/row.h"
#include <immintrin.h>
#include <stddef.h>

#define TARGET N1_TARGET("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi2,popcnt")
#define INLINE N1_INLINE TARGET

/* Masked with an explicit zero: the plain intrinsic would wait for whatever the register held. */
#define GATHER(base, index, scale) _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), 0xffff, index, base, scale)

INLINE __m512i load(const void *p) { return _mm512_loadu_si512(p); }
INLINE __m512i set(int32_t v) { return _mm512_set1_epi32(v); }
INLINE __m512i clamp(__m512i v, __m512i low, __m512i high) { return _mm512_max_epi32(_mm512_min_epi32(v, high), low); }

/* What does not change within an interval. */
typedef struct {
    __m512i codes, most, last, half, zero;
    __m512i one, word, end, extreme; /* 1, 0xFFFF, N1_PROB_ONE, the largest sample */
    uint32_t pairs, stride;
    __m128i shift, unit;
} common;

/* A constant that the compiler does not make anew wherever it is used. */
INLINE __m512i held(int32_t v)
{
    __m512i all = set(v);
    __asm__("" : "+v"(all));
    return all;
}

/* stride: s's, which may be known. */
INLINE common common_of(const n1_wide *s, uint32_t stride)
{
    common b;
    b.pairs = s->pairs;
    b.stride = stride;
    b.codes = set((int32_t)s->codes);
    b.most = set((int32_t)s->codes - 1);
    b.last = set(s->edges[0].edge[s->codes] - 1); /* the axis' end: the same for every table */
    b.half = set((1 << s->shift) >> 1);
    b.zero = _mm512_setzero_si512();
    b.one = held(1);
    b.word = held(0xFFFF);
    b.end = held((int32_t)N1_PROB_ONE);
    b.extreme = held(32767);
    b.shift = _mm_cvtsi32_si128((int)s->shift);
    b.unit = _mm_cvtsi32_si128(s->width.shift);
    return b;
}

INLINE __m512i voltage_of(const common *b, const n1_wide_row *r, uint32_t lane, __m512i sum)
{
    return _mm512_add_epi32(load(r->centre + lane), _mm512_sra_epi32(sum, b->shift));
}

INLINE __m512i predict(const common *b, const n1_wide_row *r, uint32_t lane)
{
    const int32_t *pair = r->pair + lane, *tap = r->tap + lane;
    __m512i sum = b->half, more = b->zero;
    uint32_t i = 0;
    for (; i + 2 <= b->pairs; i += 2, tap += 2 * b->stride) {
        sum = _mm512_add_epi32(sum, _mm512_madd_epi16(load(pair + r->link[i]), load(tap)));
        more = _mm512_add_epi32(more, _mm512_madd_epi16(load(pair + r->link[i + 1]), load(tap + b->stride)));
    }
    if (i < b->pairs) sum = _mm512_add_epi32(sum, _mm512_madd_epi16(load(pair + r->link[i]), load(tap)));
    return voltage_of(b, r, lane, _mm512_add_epi32(sum, more));
}

/* Thirty-two lanes. */
INLINE void predict_two(const common *b, const n1_wide_row *r, uint32_t lane, __m512i mu[2])
{
    const int32_t *pair = r->pair + lane, *tap = r->tap + lane;
    __m512i sum = b->half, more = b->half;
    for (uint32_t i = 0; i < b->pairs; i++, tap += b->stride) {
        const int32_t *at = pair + r->link[i];
        sum = _mm512_add_epi32(sum, _mm512_madd_epi16(load(at), load(tap)));
        more = _mm512_add_epi32(more, _mm512_madd_epi16(load(at + 16), load(tap + 16)));
    }
    mu[0] = voltage_of(b, r, lane, sum);
    mu[1] = voltage_of(b, r, lane + 16, more);
}

/* Mass below an edge at distance d, without what each code is granted. d * inv stays below 2^27 + 2^24 within the reach. */
INLINE __m512i mass(const common *b, const n1_wide_row *r, uint32_t lane, __m512i d)
{
    const __m512i reach = load(r->reach + lane);
    d = clamp(d, _mm512_sub_epi32(b->zero, reach), reach);
    return GATHER(r->s->law + N1_WIDE_LAW_MIDDLE, _mm512_srai_epi32(_mm512_mullo_epi32(d, load(r->inv + lane)), N1_WIDE_STEP_SHIFT), 4);
}

typedef struct {
    __m512i low, high, middle; /* the code's span; its voltage */
} span;

/* Between a code's edges. */
INLINE span span_between(const common *b, const n1_wide_row *r, uint32_t lane, __m512i k, __m512i low, __m512i high, __m512i mu)
{
    const __m512i next = _mm512_add_epi32(k, b->one);
    span v;
    v.low = _mm512_maskz_add_epi32(_mm512_test_epi32_mask(k, k), mass(b, r, lane, _mm512_sub_epi32(low, mu)), k);
    v.high = _mm512_mask_mov_epi32(_mm512_add_epi32(mass(b, r, lane, _mm512_sub_epi32(high, mu)), next),
                                   _mm512_cmpeq_epi32_mask(next, b->codes), b->end);
    v.middle = _mm512_srli_epi32(_mm512_add_epi32(low, high), 1);
    return v;
}

INLINE span span_of(const common *b, const n1_wide_row *r, uint32_t lane, __m512i k, __m512i mu)
{
    const __m512i at = _mm512_add_epi32(load(r->table + lane), _mm512_slli_epi32(k, 1));
    const __m512i both = GATHER(r->s->edges, at, 1);
    return span_between(b, r, lane, k, _mm512_and_si512(both, b->word), _mm512_srli_epi32(both, 16), mu);
}

/* What is learned. Lanes without a channel stay 0. */
INLINE void learn(const common *b, const n1_wide_row *r, uint32_t lane, __mmask16 live, __m512i mu, const span *v)
{
    const __m512i d = _mm512_abs_epi32(_mm512_sub_epi32(v->middle, mu));
    const __m512i error = _mm512_min_epi32(d, load(r->size + lane));
    _mm512_storeu_si512(r->sum + lane, _mm512_add_epi32(load(r->sum + lane), error));
    const __m512i now = clamp(_mm512_sub_epi32(v->middle, load(r->centre + lane)), _mm512_sub_epi32(b->zero, b->extreme), b->extreme);
    const __m512i before = _mm512_srli_epi32(load(r->pair + (ptrdiff_t)lane - (ptrdiff_t)r->s->frame), 16);
    _mm512_storeu_si512(r->pair + lane, _mm512_maskz_or_epi32(live, _mm512_slli_epi32(now, 16), before));
    if (r->bin) {
        const __m512i bin = clamp(_mm512_sra_epi32(mu, b->unit), b->zero, b->most);
        _mm256_storeu_si256((__m256i *)(void *)(r->bin + lane), _mm512_cvtepi32_epi16(bin));
    }
}

#endif
