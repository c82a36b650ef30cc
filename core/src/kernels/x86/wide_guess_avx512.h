/*
 * wide_guess_avx512.h - which code a slot of the mass may belong to: mostly the right one, which its masses then show.
 *
 * `curve`: the inverse of the law's lower half. Mass 2^e (1 + h / 2) .. 2^e (3 + h) / 2, in which x goes from 0 to 2^15, is at place
 * (2 e + h + 30) % 32: steps from the middle are (c0 2^14 + ((c2 x + c1 2^14) >> 19) x) >> 17, c0 being in 1/8, c1 in 1/128, c2 in
 * 1/64 of a step; c1 in the upper half of the first number, c2 in its lower, c0 in the upper half of the second.
 *
 * `near`, of a unit of voltage, from bit 0 on: how far below it its first code begins (9 bits); how far above it the second does
 * (9); which code the first is (14: NOWHERE where a number is too large); the second's width (9); the third's (9); the fourth's
 * (14).
 */
#ifndef N1_KERNELS_X86_WIDE_GUESS_AVX512_H
#define N1_KERNELS_X86_WIDE_GUESS_AVX512_H
#include "kernels/x86/wide_avx512.h"

enum { NOWHERE = 0x3FFF, NINE = 0x1FF };

/* What a decoder needs at an interval's beginning: the curve, and the tables of `near` where they pay, which is returned. */
int n1_wide_prepare_avx512(n1_wide *s);

/* What does not change within an interval. `coarse` and `fraction`: scales are shifted down to 15 bits, and are then 2^-fraction. */
typedef struct {
    __m512i total, eight, fifteen, knot, nine, nowhere, whole;
    __m128i coarse, fraction;
} guesses;

INLINE guesses guesses_of(const n1_wide *s)
{
    __m512i most = _mm512_setzero_si512();
    guesses c;
    int down = 0;
    for (uint32_t r = 0; r < s->rows; r++)
        for (uint32_t l = 0; l < s->stride; l += 16) most = _mm512_max_epi32(most, load(n1_wide_field(s, r, N1_WIDE_SIGMA) + l));
    while (_mm512_cmpgt_epi32_mask(_mm512_srl_epi32(most, _mm_cvtsi32_si128(down)), set(32767))) down++;
    c.total = held((int32_t)(N1_PROB_ONE - s->codes - 1));
    c.eight = held(8);
    c.fifteen = held(0x7FFF);
    c.knot = held(1 << 30);
    c.nine = held(NINE);
    c.nowhere = held(NOWHERE);
    c.whole = held(-(1 << s->width.shift));
    c.coarse = _mm_cvtsi32_si128(down);
    c.fraction = _mm_cvtsi32_si128(N1_WIDE_STEP_BITS - down);
    return c;
}

/* The step at which the law passes a mass, less one: the mass that each code is granted is part of the curve. */
INLINE __m512i steps_of(const common *b, const guesses *c, const n1_wide *s, __m512i mass)
{
    const __m512i over = _mm512_sub_epi32(c->total, mass);
    const __m512i below = _mm512_srai_epi32(_mm512_sub_epi32(mass, over), 31); /* -1: in the lower half */
    const __m512i tail = _mm512_max_epi32(_mm512_min_epi32(mass, over), c->eight);
    const __m512i bits = _mm512_castps_si512(_mm512_cvtepi32_ps(tail)); /* exact: its exponent and its first bits are what matters */
    const __m512i part = _mm512_srli_epi32(bits, 22);
    const __m512i x = _mm512_or_si512(_mm512_and_si512(_mm512_srli_epi32(bits, 7), c->fifteen), c->knot);
    const __m512i slope = _mm512_permutex2var_epi32(load(s->curve[0]), part, load(s->curve[0] + 16));
    const __m512i start = _mm512_permutex2var_epi32(load(s->curve[1]), part, load(s->curve[1] + 16));
    const __m512i inner = _mm512_and_si512(_mm512_srai_epi32(_mm512_madd_epi16(x, slope), 19), b->word);
    return _mm512_xor_si512(_mm512_srai_epi32(_mm512_madd_epi16(x, _mm512_or_si512(inner, start)), 17), below);
}

/* The voltage below which the slot's code begins. */
INLINE __m512i voltage_at(const common *b, const guesses *c, const n1_wide_row *r, uint32_t lane, __m512i slot, __m512i mu)
{
    const __m512i sigma = _mm512_srl_epi32(load(r->sigma + lane), c->coarse);
    const __m512i base = _mm512_add_epi32(_mm512_sll_epi32(mu, c->fraction), _mm512_sub_epi32(sigma, b->one));
    const __m512i step = steps_of(b, c, r->s, _mm512_sub_epi32(slot, _mm512_sra_epi32(mu, b->unit)));
    return clamp(_mm512_sra_epi32(_mm512_add_epi32(base, _mm512_madd_epi16(step, sigma)), c->fraction), b->zero, b->last);
}

/* A code, and its edges. */
typedef struct {
    __m512i code, low, high;
    __mmask16 none; /* lanes for which none is known */
} place;

/* Of two times eight 64 bits, the lower halves and the upper ones. */
INLINE __m512i lower_of(__m512i left, __m512i right)
{
    return _mm512_permutex2var_epi32(left, _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30), right);
}
INLINE __m512i upper_of(__m512i left, __m512i right)
{
    return _mm512_permutex2var_epi32(left, _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31), right);
}

/* By the tables of edges. */
INLINE place place_of(const common *b, const n1_wide_row *r, uint32_t lane, __m512i v)
{
    const uint8_t *edges = (const uint8_t *)r->s->edges;
    const __m512i table = load(r->table + lane);
    __m512i at = _mm512_add_epi32(table, _mm512_slli_epi32(_mm512_srl_epi32(v, b->unit), 1));
    const __m512i k = _mm512_and_si512(GATHER(edges + offsetof(n1_edges, find), at, 1), b->word);
    at = _mm512_add_epi32(table, _mm512_slli_epi32(k, 1)); /* edge k and the three after it */
    const __m512i left = _mm512_mask_i32gather_epi64(b->zero, 0xff, _mm512_castsi512_si256(at), edges, 1);
    const __m512i right = _mm512_mask_i32gather_epi64(b->zero, 0xff, _mm512_extracti64x4_epi64(at, 1), edges, 1);
    const __m512i here = lower_of(left, right), far = upper_of(left, right);
    const __m512i next = _mm512_or_si512(_mm512_srli_epi32(here, 16), _mm512_slli_epi32(far, 16)); /* those not above v count */
    const __mmask16 first = _mm512_cmple_epi32_mask(_mm512_and_si512(next, b->word), v);
    const __mmask16 second = _mm512_cmple_epi32_mask(_mm512_srli_epi32(next, 16), v);
    const __m512i both = _mm512_mask_mov_epi32(_mm512_mask_mov_epi32(here, first, next), second, far);
    const __m512i more = _mm512_mask_add_epi32(k, first, k, b->one);
    return (place){_mm512_mask_add_epi32(more, second, more, b->one), _mm512_and_si512(both, b->word), _mm512_srli_epi32(both, 16), 0};
}

/* By `near`: one look, and four codes to choose from. */
INLINE place place_near(const common *b, const guesses *c, const n1_wide_row *r, uint32_t lane, __m512i v)
{
    const __m512i at = _mm512_add_epi32(load(r->near + lane), _mm512_srl_epi32(v, b->unit)), from = _mm512_and_si512(v, c->whole);
    const __m512i left = _mm512_mask_i32gather_epi64(b->zero, 0xff, _mm512_castsi512_si256(at), r->s->near, 8);
    const __m512i right = _mm512_mask_i32gather_epi64(b->zero, 0xff, _mm512_extracti64x4_epi64(at, 1), r->s->near, 8);
    const __m512i low = lower_of(left, right);
    const __m512i high = upper_of(left, right);
    const __m512i e0 = _mm512_sub_epi32(from, _mm512_and_si512(low, c->nine));
    const __m512i e1 = _mm512_add_epi32(from, _mm512_and_si512(_mm512_srli_epi32(low, 9), c->nine));
    const __m512i e2 = _mm512_add_epi32(e1, _mm512_and_si512(high, c->nine));
    const __m512i e3 = _mm512_add_epi32(e2, _mm512_and_si512(_mm512_srli_epi32(high, 9), c->nine));
    const __m512i e4 = _mm512_add_epi32(e3, _mm512_srli_epi32(high, 18));
    const __mmask16 second = _mm512_cmple_epi32_mask(e1, v), third = _mm512_cmple_epi32_mask(e2, v);
    const __mmask16 fourth = _mm512_cmple_epi32_mask(e3, v);
    place g;
    g.code = _mm512_srli_epi32(low, 18);
    g.none = _mm512_cmpeq_epi32_mask(g.code, c->nowhere);
    g.code = _mm512_mask_add_epi32(g.code, second, g.code, b->one);
    g.code = _mm512_mask_add_epi32(g.code, third, g.code, b->one);
    g.code = _mm512_mask_add_epi32(g.code, fourth, g.code, b->one);
    g.low = _mm512_mask_mov_epi32(_mm512_mask_mov_epi32(_mm512_mask_mov_epi32(e0, second, e1), third, e2), fourth, e3);
    g.high = _mm512_mask_mov_epi32(_mm512_mask_mov_epi32(_mm512_mask_mov_epi32(e1, second, e2), third, e3), fourth, e4);
    return g;
}
#endif
