/* Rows of the wide mode in AVX-512, decoder. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "kernels/x86/wide_avx512.h"

/* Edge k and the three after it, of eight codes. */
INLINE __m512i four_edges(const uint8_t *edges, __m256i at)
{
    return _mm512_mask_i32gather_epi64(_mm512_setzero_si512(), 0xff, at, edges, 1);
}

/* A code near the slot's, and its edges as for span_between: by the law's inverse, which names a voltage. */
INLINE __m512i guess(const common *b, const n1_wide_row *r, uint32_t lane, __m512i slot, __m512i mu, __m512i *both)
{
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    const uint8_t *edges = (const uint8_t *)r->s->edges;
    const __m512i table = load(r->table + lane);
    const __m512i granted = clamp(_mm512_sra_epi32(mu, b->unit), b->zero, slot);
    __m512i step = _mm512_srli_epi32(_mm512_sub_epi32(slot, granted), N1_PROB_BITS - N1_WIDE_INVERSE_BITS);
    step = _mm512_srai_epi32(_mm512_slli_epi32(GATHER(r->s->inverse, step, 2), 16), 16);
    __m512i v = _mm512_sub_epi32(_mm512_mullo_epi32(step, load(r->sigma + lane)), set(1));
    v = clamp(_mm512_add_epi32(mu, _mm512_srai_epi32(v, 12)), b->zero, b->last);
    __m512i at = _mm512_add_epi32(table, _mm512_slli_epi32(_mm512_srl_epi32(v, b->unit), 1));
    const __m512i k = _mm512_and_si512(GATHER(edges + offsetof(n1_edges, find), at, 1), set(0xFFFF));
    at = _mm512_add_epi32(table, _mm512_slli_epi32(k, 1));
    const __m512i left = four_edges(edges, _mm512_castsi512_si256(at)), right = four_edges(edges, _mm512_extracti64x4_epi64(at, 1));
    const __m512i here = _mm512_permutex2var_epi32(left, even, right);
    const __m512i far = _mm512_permutex2var_epi32(left, _mm512_add_epi32(even, set(1)), right);
    const __m512i next = _mm512_or_si512(_mm512_srli_epi32(here, 16), _mm512_slli_epi32(far, 16)); /* those not above v count */
    const __mmask16 first = _mm512_cmple_epi32_mask(_mm512_and_si512(next, set(0xFFFF)), v);
    const __mmask16 second = _mm512_cmple_epi32_mask(_mm512_srli_epi32(next, 16), v);
    *both = _mm512_mask_mov_epi32(_mm512_mask_mov_epi32(here, first, next), second, far);
    const __m512i more = _mm512_mask_add_epi32(k, first, k, set(1));
    return _mm512_mask_add_epi32(more, second, more, set(1));
}

/* Lanes whose guess missed. */
static __attribute__((noinline)) TARGET void repair(const n1_wide_row *r, uint32_t lane, uint32_t wrong, __m512i mu, __m512i slot,
                                                    __m512i *code, span *v)
{
    int32_t m[16], middle[16];
    uint32_t at[16], k[16], low[16], high[16];
    _mm512_storeu_si512(m, mu);
    _mm512_storeu_si512(at, slot);
    _mm512_storeu_si512(k, *code);
    _mm512_storeu_si512(low, v->low);
    _mm512_storeu_si512(high, v->high);
    _mm512_storeu_si512(middle, v->middle);
    for (; wrong; wrong &= wrong - 1) {
        const unsigned i = (unsigned)__builtin_ctz(wrong);
        const n1_edges *e = n1_wide_edges_of(r, lane + i);
        while (at[i] < low[i]) high[i] = low[i], low[i] = n1_wide_below(r, lane + i, e, --k[i], m[i]);
        while (at[i] >= high[i]) low[i] = high[i], high[i] = n1_wide_below(r, lane + i, e, ++k[i] + 1, m[i]);
        middle[i] = n1_edges_middle(e, k[i]);
    }
    *code = load(k);
    v->low = load(low);
    v->high = load(high);
    v->middle = load(middle);
}

INLINE __m512i filled(__m512i x, n1_wide *s)
{
    const __mmask8 want = _mm512_cmplt_epu64_mask(x, _mm512_set1_epi64((long long)N1_RANS_LOW));
    const __m512i words = _mm512_cvtepu16_epi64(_mm_loadu_si128((const __m128i *)(const void *)s->p));
    s->p += 2 * (unsigned)__builtin_popcount(want);
    return _mm512_or_si512(_mm512_mask_slli_epi64(x, want, x, 16), _mm512_maskz_expand_epi64(want, words));
}

/* Eight states after their symbols. */
INLINE void advance(n1_wide *s, uint64_t *at, __m512i x, __m256i rest, __m256i freq)
{
    x = _mm512_mul_epu32(_mm512_srli_epi64(x, N1_PROB_BITS), _mm512_cvtepu32_epi64(freq));
    x = _mm512_add_epi64(x, _mm512_cvtepu32_epi64(rest));
    const int twice = _mm512_cmplt_epu64_mask(x, _mm512_set1_epi64((long long)(N1_RANS_LOW >> 16)));
    x = filled(x, s);
    if (__builtin_expect(twice, 0)) x = filled(x, s);
    _mm512_storeu_si512(at, x);
}

INLINE void read_sixteen(const common *b, const n1_wide_row *r, uint32_t lane)
{
    n1_wide *s = r->s;
    uint64_t *const x = s->x + lane;
    const __mmask16 live = _mm512_movepi32_mask(load(r->live + lane));
    const __m512i first = load(x), second = load(x + 8);
    __m512i slot = _mm512_castsi256_si512(_mm512_cvtepi64_epi32(first));
    slot = _mm512_inserti64x4(slot, _mm512_cvtepi64_epi32(second), 1);
    slot = _mm512_and_si512(slot, set((1 << N1_PROB_BITS) - 1));
    const __m512i mu = predict(b, r, lane);
    __m512i both, k = guess(b, r, lane, slot, mu, &both);
    span v = span_between(b, r, lane, k, both, mu);
    const uint32_t wrong = (_mm512_cmplt_epi32_mask(slot, v.low) | (uint32_t)_mm512_cmpge_epi32_mask(slot, v.high)) & live;
    if (wrong) repair(r, lane, wrong, mu, slot, &k, &v);
    const __m512i low = _mm512_maskz_mov_epi32(live, v.low);
    const __m512i freq = _mm512_mask_sub_epi32(set((int32_t)N1_PROB_ONE), live, v.high, v.low), rest = _mm512_sub_epi32(slot, low);
    advance(s, x, first, _mm512_castsi512_si256(rest), _mm512_castsi512_si256(freq));
    advance(s, x + 8, second, _mm512_extracti64x4_epi64(rest, 1), _mm512_extracti64x4_epi64(freq, 1));
    _mm256_storeu_si256((__m256i *)(void *)(r->code + lane), _mm512_cvtepi32_epi16(k));
    learn(b, r, lane, live, mu, &v);
}

TARGET void n1_wide_read_avx512(n1_wide *s)
{
    const common b = common_of(s);
    if (s->stride < 16) {
        n1_wide_read_avx2(s);
        return;
    }
    for (uint32_t t = 0; t < s->frames; t++)
        for (uint32_t i = 0; i < s->rows; i++) {
            if (s->end - s->p < (ptrdiff_t)(4 * s->stride + 16)) { /* the words may end */
                n1_wide_read_row(s, t, s->order[i]);
                continue;
            }
            const n1_wide_row r = n1_wide_row_of(s, t, s->order[i]);
            for (uint32_t lane = 0; lane < s->stride; lane += 16) read_sixteen(&b, &r, lane);
        }
}
#endif
