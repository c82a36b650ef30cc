/* Rows of the wide mode in AVX-512, decoder. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "kernels/x86/wide_guess_avx512.h"

/* Lanes whose guess missed; none: and those of them that had none. */
static __attribute__((noinline)) TARGET void repair(const n1_wide_row *r, uint32_t lane, uint32_t wrong, uint32_t none, __m512i mu,
                                                    __m512i slot, __m512i *code, span *v)
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
        if (none >> i & 1) {
            k[i] = n1_wide_find(r, lane + i, e, m[i], at[i], &low[i], &high[i]);
            middle[i] = n1_edges_middle(e, k[i]);
            continue;
        }
        while (at[i] < low[i]) high[i] = low[i], low[i] = n1_wide_below(r, lane + i, e, --k[i], m[i]);
        while (at[i] >= high[i]) low[i] = high[i], high[i] = n1_wide_below(r, lane + i, e, ++k[i] + 1, m[i]);
        middle[i] = n1_edges_middle(e, k[i]);
    }
    *code = load(k);
    v->low = load(low);
    v->high = load(high);
    v->middle = load(middle);
}

/* Sixteen states, of even lanes and of odd ones: a lane's low half is where 32 bits of it are among all. */
typedef struct {
    __m512i even, odd;
} states;

INLINE states states_at(const uint64_t *x)
{
    const __m512i low = load(x), high = load(x + 8), even = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
    states v;
    v.even = _mm512_permutex2var_epi64(low, even, high);
    v.odd = _mm512_permutex2var_epi64(low, _mm512_add_epi64(even, _mm512_set1_epi64(1)), high);
    return v;
}

INLINE void states_to(uint64_t *x, const states *v)
{
    _mm512_storeu_si512(x, _mm512_permutex2var_epi64(v->even, _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11), v->odd));
    _mm512_storeu_si512(x + 8, _mm512_permutex2var_epi64(v->even, _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15), v->odd));
}

/* The low halves of even 64 bits, and of odd ones, lane by lane. */
INLINE __m512i lanes_of(__m512i even, __m512i odd_up) { return _mm512_mask_blend_epi32(0xAAAA, even, odd_up); }

/* Some state wants two words, which the eight lanes beside it take after its first. */
static __attribute__((noinline)) TARGET const uint8_t *fill_twice(n1_wide *s, const uint8_t *p, states *v)
{
    uint64_t x[16];
    s->p = p;
    states_to(x, v);
    n1_wide_fill(s, x);
    n1_wide_fill(s, x + 8);
    *v = states_at(x);
    return s->p;
}

/* Sixteen states after their symbols. */
INLINE const uint8_t *advance(n1_wide *s, const uint8_t *p, states *v, __m512i rest, __m512i freq)
{
    const __m512i half = _mm512_set1_epi64(0xFFFFFFFF), low = _mm512_set1_epi64((long long)N1_RANS_LOW);
    const __m512i least = _mm512_set1_epi64((long long)(N1_RANS_LOW >> 16));
    __m512i x = _mm512_mul_epu32(_mm512_srli_epi64(v->even, N1_PROB_BITS), freq);
    __m512i y = _mm512_mul_epu32(_mm512_srli_epi64(v->odd, N1_PROB_BITS), _mm512_srli_epi64(freq, 32));
    x = _mm512_add_epi64(x, _mm512_and_si512(rest, half));
    y = _mm512_add_epi64(y, _mm512_srli_epi64(rest, 32));
    if (__builtin_expect(_mm512_cmplt_epu64_mask(x, least) | _mm512_cmplt_epu64_mask(y, least), 0)) {
        v->even = x;
        v->odd = y;
        return fill_twice(s, p, v);
    }
    const __m512i above = lanes_of(_mm512_srli_epi64(x, 24), _mm512_slli_epi64(y, 8)); /* what is not below N1_RANS_LOW */
    const __mmask16 want = _mm512_testn_epi32_mask(above, above);
    const __m512i words = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)p));
    const __m512i word = _mm512_maskz_expand_epi32(want, words);
    x = _mm512_mask_slli_epi64(x, _mm512_cmplt_epu64_mask(x, low), x, 16);
    y = _mm512_mask_slli_epi64(y, _mm512_cmplt_epu64_mask(y, low), y, 16);
    v->even = _mm512_or_si512(x, _mm512_and_si512(word, half));
    v->odd = _mm512_or_si512(y, _mm512_srli_epi64(word, 32));
    return p + 2 * (unsigned)__builtin_popcount(want);
}

/* Sixteen lanes of a row: what is known before their states' step. */
typedef struct {
    __m512i slot, mu, code;
    span v;
    uint32_t wrong, none;
    __mmask16 live;
} guessed;

INLINE guessed guess_sixteen(const common *b, const guesses *c, const n1_wide_row *r, uint32_t lane, const states *x, __m512i mu,
                             int near)
{
    guessed g;
    g.live = _mm512_movepi32_mask(load(r->live + lane));
    g.slot = _mm512_and_si512(lanes_of(x->even, _mm512_slli_epi64(x->odd, 32)), _mm512_sub_epi32(b->end, b->one));
    g.mu = mu;
    const __m512i v = voltage_at(b, c, r, lane, g.slot, mu);
    const place at = near ? place_near(b, c, r, lane, v) : place_of(b, r, lane, v);
    g.code = at.code;
    g.v = span_between(b, r, lane, at.code, at.low, at.high, g.mu);
    g.none = at.none;
    g.wrong = (at.none | _mm512_cmplt_epi32_mask(g.slot, g.v.low) | (uint32_t)_mm512_cmpge_epi32_mask(g.slot, g.v.high)) & g.live;
    return g;
}

INLINE const uint8_t *take_sixteen(const common *b, const n1_wide_row *r, uint32_t lane, const uint8_t *p, states *x, const guessed *g)
{
    const __m512i freq = _mm512_mask_sub_epi32(b->end, g->live, g->v.high, g->v.low);
    p = advance(r->s, p, x, _mm512_sub_epi32(g->slot, _mm512_maskz_mov_epi32(g->live, g->v.low)), freq);
    _mm256_storeu_si256((__m256i *)(void *)(r->code + lane), _mm512_cvtepi32_epi16(g->code));
    learn(b, r, lane, g->live, g->mu, &g->v);
    return p;
}

INLINE void repair_any(const n1_wide_row *r, uint32_t lane, guessed *g)
{
    if (!g->wrong) return;
    guessed h = *g; /* in memory then, and only then */
    repair(r, lane, h.wrong, h.none, h.mu, h.slot, &h.code, &h.v);
    g->code = h.code;
    g->v = h.v;
}

/* The frames at hand, of rows of so many sixteens of lanes. Where there are two, both are guessed before either is checked: when a
 * guess has missed, the other's work is not thrown away. */
INLINE void read_frames(n1_wide *s, const uint32_t sixteens, const int near)
{
    const uint32_t stride = 16 * sixteens, rows = s->rows, frames = s->frames;
    const common b = common_of(s, stride);
    const guesses c = guesses_of(s);
    const uint8_t *p = s->p;
    states x[N1_WIDE_LANES / 16];
    uint32_t t = 0, i = 0;
    for (uint32_t g = 0; g < sixteens; g++) x[g] = states_at(s->x + 16 * g);
    while (t < frames && s->end - p >= (ptrdiff_t)(4 * stride + 16)) {
        const n1_wide_row r = n1_wide_row_at(s, t, s->order[i], stride);
        if (__builtin_constant_p(sixteens) && sixteens == 2) {
            __m512i mu[2];
            predict_two(&b, &r, 0, mu);
            guessed one = guess_sixteen(&b, &c, &r, 0, &x[0], mu[0], near), two = guess_sixteen(&b, &c, &r, 16, &x[1], mu[1], near);
            if (one.wrong | two.wrong) {
                repair_any(&r, 0, &one);
                repair_any(&r, 16, &two);
            }
            p = take_sixteen(&b, &r, 0, p, &x[0], &one);
            p = take_sixteen(&b, &r, 16, p, &x[1], &two);
        } else
            for (uint32_t g = 0; g < sixteens; g++) {
                guessed one = guess_sixteen(&b, &c, &r, 16 * g, &x[g], predict(&b, &r, 16 * g), near);
                repair_any(&r, 16 * g, &one);
                p = take_sixteen(&b, &r, 16 * g, p, &x[g], &one);
            }
        if (++i == rows) i = 0, t++;
    }
    s->p = p;
    for (uint32_t g = 0; g < sixteens; g++) states_to(s->x + 16 * g, &x[g]);
    for (; t < frames; t++, i = 0) /* the words may end */
        for (; i < rows; i++) n1_wide_read_row(s, t, s->order[i]);
}

#define APART static __attribute__((noinline)) TARGET
APART void read_one_near(n1_wide *s) { read_frames(s, 1, 1); }
APART void read_one(n1_wide *s) { read_frames(s, 1, 0); }
APART void read_two_near(n1_wide *s) { read_frames(s, 2, 1); }
APART void read_two(n1_wide *s) { read_frames(s, 2, 0); }
APART void read_many(n1_wide *s) { read_frames(s, s->stride / 16, 0); } /* as no encoder makes them today */

TARGET void n1_wide_read_avx512(n1_wide *s)
{
    const int near = s->stride >= 16 && n1_wide_prepare_avx512(s);
    switch (s->stride / 16) {
    case 0: n1_wide_read_avx2(s); break;
    case 1: near ? read_one_near(s) : read_one(s); break;
    case 2: near ? read_two_near(s) : read_two(s); break;
    default: read_many(s);
    }
}
#endif
