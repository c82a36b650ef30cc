/* Intervals of the backward mode in AVX2, decoder. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "entropy/rans.h"
#include "kernels/x86/rows_avx2.h"

/* The states' next words, by which of four states want one: bytes of _mm256_shuffle_epi8, a 64-bit lane for each
 * state. */
#define N 0x80, 0x80, 0x80, 0x80, 0x80, 0x80
#define W(n) 2 * (n), 2 * (n) + 1, N
#define O 0x80, 0x80, N
static const uint8_t spread[16][32] __attribute__((aligned(32))) = {
    {O, O, O, O},       {W(0), O, O, O},       {O, W(0), O, O},       {W(0), W(1), O, O},
    {O, O, W(0), O},    {W(0), O, W(1), O},    {O, W(0), W(1), O},    {W(0), W(1), W(2), O},
    {O, O, O, W(0)},    {W(0), O, O, W(1)},    {O, W(0), O, W(1)},    {W(0), W(1), O, W(2)},
    {O, O, W(0), W(1)}, {W(0), O, W(1), W(2)}, {O, W(0), W(1), W(2)}, {W(0), W(1), W(2), W(3)}};
#undef O
#undef W
#undef N

typedef struct {
    __m256i x[2]; /* states 0 .. 3 and 4 .. 7 */
    n1_rans_reader *r;
} states;

INLINE __m256i slots_of(const states *t)
{
    const __m256 low = _mm256_shuffle_ps(_mm256_castsi256_ps(t->x[0]), _mm256_castsi256_ps(t->x[1]), 0x88);
    return _mm256_and_si256(_mm256_permute4x64_epi64(_mm256_castps_si256(low), 0xD8), set((1 << N1_PROB_BITS) - 1));
}

INLINE unsigned states_below(__m256i x, uint64_t limit)
{
    const __m256i is = _mm256_cmpgt_epi64(_mm256_set1_epi64x((int64_t)limit), x);
    return (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(is));
}

INLINE __m256i filled(__m256i x, unsigned want, n1_rans_reader *r)
{
    const __m256i is = _mm256_cmpgt_epi64(_mm256_set1_epi64x((int64_t)N1_RANS_LOW), x);
    const __m256i words = _mm256_broadcastq_epi64(_mm_loadl_epi64((const __m128i *)(const void *)r->p));
    const __m256i word = _mm256_shuffle_epi8(words, load(spread[want]));
    r->p += 2 * (unsigned)__builtin_popcount(want);
    return _mm256_blendv_epi8(x, _mm256_or_si256(_mm256_slli_epi64(x, 16), word), is);
}

/* Take the symbols off the states of the mask, and fill these up. */
INLINE void advance(states *t, __m256i slot, const span *v, __m256i mask, int whole)
{
    const __m256i freq = _mm256_sub_epi32(v->hi, v->lo), rest = _mm256_sub_epi32(slot, v->lo);
    __m256i x[2];
    for (int h = 0; h < 2; h++) {
        const __m256i f = _mm256_cvtepu32_epi64(h ? _mm256_extracti128_si256(freq, 1) : _mm256_castsi256_si128(freq));
        const __m256i a = _mm256_cvtepu32_epi64(h ? _mm256_extracti128_si256(rest, 1) : _mm256_castsi256_si128(rest));
        x[h] = _mm256_add_epi64(_mm256_mul_epu32(_mm256_srli_epi64(t->x[h], N1_PROB_BITS), f), a);
        if (!whole)
            x[h] = _mm256_blendv_epi8(t->x[h], x[h], _mm256_cvtepi32_epi64(h ? _mm256_extracti128_si256(mask, 1)
                                                                          : _mm256_castsi256_si128(mask)));
    }
    const unsigned deep = states_below(x[0], N1_RANS_LOW >> 16) | states_below(x[1], N1_RANS_LOW >> 16);
    if (deep || t->r->end - t->r->p < 2 * LANES) { /* a state takes two words, or the words may end: one by one */
        store(t->r->x, x[0]);
        store(t->r->x + LANES / 2, x[1]);
        for (unsigned q = 0; q < LANES; q++) t->r->x[q] = n1_rans_fill(t->r, t->r->x[q]);
        t->x[0] = load(t->r->x);
        t->x[1] = load(t->r->x + LANES / 2);
        return;
    }
    const unsigned low = states_below(x[0], N1_RANS_LOW), high = states_below(x[1], N1_RANS_LOW);
    t->x[0] = filled(x[0], low, t->r);
    t->x[1] = filled(x[1], high, t->r);
}

/* Codes by the law's inverse, which names a voltage, hence a code near by: mostly the right one. */
INLINE __m256i guess(const common *b, const n1_rank *g, __m256i slot, __m256i mu)
{
    const n1_backward *s = b->s;
    const uint8_t *edges = (const uint8_t *)s->edges;
    const __m256i zero = _mm256_setzero_si256();
    /* the part of the mass that each code is granted, about a code for each width of the axis, is no part of the law */
    __m256i i = _mm256_sub_epi32(slot, _mm256_srl_epi32(_mm256_max_epi32(mu, zero), b->shift));
    i = _mm256_srli_epi32(_mm256_max_epi32(i, zero), N1_PROB_BITS - N1_INVERSE_BITS);
    i = _mm256_srai_epi32(_mm256_slli_epi32(GATHER(s->inverse, i, 2), 16), 16);
    __m256i v = _mm256_mullo_epi32(i, load(g->sigma));
    v = _mm256_add_epi32(mu, _mm256_srai_epi32(v, 12));
    v = _mm256_max_epi32(_mm256_min_epi32(v, b->last), zero);
    __m256i at = _mm256_add_epi32(load(g->table), _mm256_slli_epi32(_mm256_srl_epi32(v, b->shift), 1));
    const __m256i k = _mm256_and_si256(GATHER(edges + offsetof(n1_edges, find), at, 1), set(0xFFFF));
    at = _mm256_add_epi32(load(g->table), _mm256_slli_epi32(k, 1));
    const __m256i next = GATHER(edges + sizeof(uint16_t), at, 1);
    /* of the next two edges, those not above v: each comparison gives 0, or -1 where the edge is above */
    const __m256i first = _mm256_cmpgt_epi32(_mm256_and_si256(next, set(0xFFFF)), v);
    const __m256i second = _mm256_cmpgt_epi32(_mm256_srli_epi32(next, 16), v);
    return _mm256_add_epi32(_mm256_add_epi32(k, set(2)), _mm256_add_epi32(first, second));
}

INLINE void read_rank(const common *b, uint32_t i, uint32_t step, states *t, uint32_t from, uint32_t to, int whole)
{
    const n1_backward *s = b->s;
    n1_rank *g = &s->rank[i];
    const size_t row = (N1_ROWS_BEFORE + step) * b->slots + i * LANES;
    const __m256i mask = whole ? set(-1) : working(s, i, from, to), mu = predict(b, g, row - i * LANES, row),
                  slot = slots_of(t);
    __m256i k = guess(b, g, slot, mu);
    span v;
    for (;;) {
        v = span_of(b, g, k, mu);
        const __m256i below = _mm256_cmpgt_epi32(v.lo, slot), within = _mm256_cmpgt_epi32(v.hi, slot);
        __m256i off = _mm256_or_si256(below, _mm256_xor_si256(within, set(-1)));
        if (!whole) off = _mm256_and_si256(off, mask);
        if (_mm256_testz_si256(off, off)) break;
        /* below: -1; above: +1 */
        k = _mm256_add_epi32(k, _mm256_blendv_epi8(_mm256_and_si256(off, set(1)), off, below));
    }
    advance(t, slot, &v, mask, whole);
    learn(b, g, row, k, &v, mu, mask);
}

TARGET void n1_rows_read_avx2(n1_backward *s, n1_rans_reader *reader)
{
    const common b = start(s);
    const uint32_t least = s->channels / LANES;
    states t = {{load(reader->x), load(reader->x + LANES / 2)}, reader};
    for (uint32_t step = 0; step < STEPS; step++) {
        const uint32_t from = step < N1_INTERVAL ? 0 : step - N1_INTERVAL + 1, to = step < LANES ? step + 1 : LANES;
        uint32_t i = 0;
        if (to - from == LANES)
            for (; i < least; i++) read_rank(&b, i, step, &t, from, to, 1);
        for (; i < s->ranks; i++) read_rank(&b, i, step, &t, from, to, 0);
    }
    store(reader->x, t.x[0]);
    store(reader->x + LANES / 2, t.x[1]);
}
#endif
