/*
 * The backward mode's intervals in AVX2: one sample of each of the eight strands at a time (see code.c, which
 * does the same sample by sample, to the bit). Lane q is strand q.
 */
#include "kernels/target.h"
#include "modes/backward/backward.h"
#if N1_X86
#include <immintrin.h>
#include <stddef.h>
#include <string.h>

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

TARGET static common start(n1_backward *s)
{
    common b = {.s = s, .slots = (size_t)s->ranks * LANES, .codes = set((int32_t)s->codes)};
    b.last = set(s->edges[0].edge[s->codes] - 1); /* the axis' end: the same for every table */
    b.shift = _mm_cvtsi32_si128(s->width.shift);
    return b;
}

INLINE uint64_t *write_rank(const common *b, uint32_t i, uint32_t step, uint64_t *record, uint32_t from, uint32_t to,
                            int whole)
{
    const n1_backward *s = b->s;
    n1_rank *g = &s->rank[i];
    const size_t row = (N1_ROWS_BEFORE + step) * b->slots + i * LANES;
    const __m256i mask = whole ? set(-1) : working(s, i, from, to), k = wide(s->code + row);
    const __m256i mu = predict(b, g, row - i * LANES, row);
    span v = span_of(b, g, k, mu);
    const __m256i tag = _mm256_slli_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), 24),
                  start = _mm256_or_si256(v.lo, tag);
    const __m256i freq = _mm256_sub_epi32(v.hi, v.lo);
    const __m256i low = _mm256_unpacklo_epi32(start, freq), high = _mm256_unpackhi_epi32(start, freq);
    uint64_t made[LANES], *out = whole ? record : made;
    store(out, _mm256_permute2x128_si256(low, high, 0x20));
    store(out + LANES / 2, _mm256_permute2x128_si256(low, high, 0x31));
    learn(b, g, row, k, &v, mu, mask);
    if (whole) return record + LANES;
    const unsigned at_work = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(mask));
    for (unsigned q = 0; q < LANES; q++)
        if (at_work >> q & 1U) *record++ = made[q];
    return record;
}

TARGET uint64_t *n1_backward_write_avx2(n1_backward *s, uint64_t *record)
{
    const common b = start(s);
    const uint32_t least = s->channels / LANES;
    for (uint32_t step = 0; step < STEPS; step++) {
        const uint32_t from = step < N1_INTERVAL ? 0 : step - N1_INTERVAL + 1, to = step < LANES ? step + 1 : LANES;
        uint32_t i = 0;
        if (to - from == LANES)
            for (; i < least; i++) record = write_rank(&b, i, step, record, from, to, 1);
        for (; i < s->ranks; i++) record = write_rank(&b, i, step, record, from, to, 0);
    }
    return record;
}

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

TARGET void n1_backward_read_avx2(n1_backward *s, n1_rans_reader *reader)
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
#else
uint64_t *n1_backward_write_avx2(n1_backward *s, uint64_t *record)
{
    (void)s;
    return record;
}
void n1_backward_read_avx2(n1_backward *s, n1_rans_reader *reader) { (void)s, (void)reader; }
#endif
