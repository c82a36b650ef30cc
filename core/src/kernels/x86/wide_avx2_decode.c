/* Rows of the wide mode in AVX2, decoder. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "kernels/x86/wide_avx2.h"

/* The states' next words, by which of four states want one: bytes of _mm256_shuffle_epi8, a 64-bit lane for each state. */
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

/* Edge k and the three after it, of four codes. */
INLINE __m256i four_edges(const uint8_t *edges, __m128i at)
{
    return _mm256_mask_i32gather_epi64(_mm256_setzero_si256(), (const long long *)(const void *)edges, at, _mm256_set1_epi64x(-1), 1);
}
INLINE __m256i together(__m256 v) { return _mm256_permute4x64_epi64(_mm256_castps_si256(v), 0xD8); }

/* A code near the slot's, and its edges as for span_between: by the law's inverse, which names a voltage. */
INLINE __m256i guess(const common *b, const n1_wide_row *r, uint32_t lane, __m256i slot, __m256i mu, __m256i *both)
{
    const uint8_t *edges = (const uint8_t *)r->s->edges;
    const __m256i table = load(r->table + lane);
    const __m256i granted = clamp(_mm256_sra_epi32(mu, b->unit), b->zero, slot);
    __m256i step = _mm256_srli_epi32(_mm256_sub_epi32(slot, granted), N1_PROB_BITS - N1_WIDE_INVERSE_BITS);
    step = _mm256_srai_epi32(_mm256_slli_epi32(GATHER(r->s->inverse, step, 2), 16), 16);
    __m256i v = _mm256_sub_epi32(_mm256_mullo_epi32(step, load(r->sigma + lane)), set(1));
    v = clamp(_mm256_add_epi32(mu, _mm256_srai_epi32(v, N1_WIDE_STEP_BITS)), b->zero, b->last);
    __m256i at = _mm256_add_epi32(table, _mm256_slli_epi32(_mm256_srl_epi32(v, b->unit), 1));
    const __m256i k = _mm256_and_si256(GATHER(edges + offsetof(n1_edges, find), at, 1), set(0xFFFF));
    at = _mm256_add_epi32(table, _mm256_slli_epi32(k, 1));
    const __m256 left = _mm256_castsi256_ps(four_edges(edges, _mm256_castsi256_si128(at)));
    const __m256 right = _mm256_castsi256_ps(four_edges(edges, _mm256_extracti128_si256(at, 1)));
    const __m256i here = together(_mm256_shuffle_ps(left, right, 0x88)), far = together(_mm256_shuffle_ps(left, right, 0xDD));
    const __m256i next = _mm256_or_si256(_mm256_srli_epi32(here, 16), _mm256_slli_epi32(far, 16));
    /* of the next two edges, those not above v: each comparison gives 0, or -1 where the edge is above */
    const __m256i first = _mm256_cmpgt_epi32(_mm256_and_si256(next, set(0xFFFF)), v);
    const __m256i second = _mm256_cmpgt_epi32(_mm256_srli_epi32(next, 16), v);
    *both = _mm256_blendv_epi8(_mm256_blendv_epi8(far, next, second), here, first);
    return _mm256_add_epi32(_mm256_add_epi32(k, set(2)), _mm256_add_epi32(first, second));
}

/* Lanes whose guess missed. */
static __attribute__((noinline)) TARGET void repair(const n1_wide_row *r, uint32_t lane, unsigned wrong, __m256i mu, __m256i slot,
                                                    __m256i *code, span *v)
{
    int32_t m[8], middle[8];
    uint32_t at[8], k[8], low[8], high[8];
    store(m, mu);
    store(at, slot);
    store(k, *code);
    store(low, v->low);
    store(high, v->high);
    store(middle, v->middle);
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

INLINE unsigned below(__m256i x, uint64_t limit)
{
    const __m256i is = _mm256_cmpgt_epi64(_mm256_set1_epi64x((int64_t)limit), x);
    return (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(is));
}

INLINE __m256i filled(__m256i x, n1_wide *s)
{
    const __m256i is = _mm256_cmpgt_epi64(_mm256_set1_epi64x((int64_t)N1_RANS_LOW), x);
    const unsigned want = below(x, N1_RANS_LOW);
    const __m256i words = _mm256_broadcastq_epi64(_mm_loadl_epi64((const __m128i *)(const void *)s->p));
    s->p += 2 * (unsigned)__builtin_popcount(want);
    return _mm256_blendv_epi8(x, _mm256_or_si256(_mm256_slli_epi64(x, 16), _mm256_shuffle_epi8(words, load(spread[want]))), is);
}

INLINE __m256i pushed(__m256i x, __m128i freq, __m128i rest)
{
    x = _mm256_mul_epu32(_mm256_srli_epi64(x, N1_PROB_BITS), _mm256_cvtepu32_epi64(freq));
    return _mm256_add_epi64(x, _mm256_cvtepu32_epi64(rest));
}

/* The eight states after their symbols. */
INLINE void advance(n1_wide *s, uint64_t *at, __m256i x, __m256i y, __m256i rest, __m256i freq)
{
    x = pushed(x, _mm256_castsi256_si128(freq), _mm256_castsi256_si128(rest));
    y = pushed(y, _mm256_extracti128_si256(freq, 1), _mm256_extracti128_si256(rest, 1));
    const unsigned twice = below(x, N1_RANS_LOW >> 16) | below(y, N1_RANS_LOW >> 16);
    x = filled(x, s);
    y = filled(y, s);
    if (__builtin_expect(twice != 0, 0)) {
        x = filled(x, s);
        y = filled(y, s);
    }
    store(at, x);
    store(at + 4, y);
}

INLINE void read_eight(const common *b, const n1_wide_row *r, uint32_t lane)
{
    n1_wide *s = r->s;
    uint64_t *const x = s->x + lane;
    const __m256i live = load(r->live + lane), first = load(x), second = load(x + 4);
    const __m256 low = _mm256_shuffle_ps(_mm256_castsi256_ps(first), _mm256_castsi256_ps(second), 0x88);
    const __m256i slot = _mm256_and_si256(_mm256_permute4x64_epi64(_mm256_castps_si256(low), 0xD8), set((1 << N1_PROB_BITS) - 1));
    const __m256i mu = predict(b, r, lane);
    __m256i both, k = guess(b, r, lane, slot, mu, &both);
    span v = span_between(b, r, lane, k, both, mu);
    const __m256i within = _mm256_andnot_si256(_mm256_cmpgt_epi32(v.low, slot), _mm256_cmpgt_epi32(v.high, slot));
    const unsigned wrong = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_andnot_si256(within, live)));
    if (wrong) repair(r, lane, wrong, mu, slot, &k, &v);
    const __m256i rest = _mm256_sub_epi32(slot, _mm256_and_si256(live, v.low));
    const __m256i freq = _mm256_blendv_epi8(set((int32_t)N1_PROB_ONE), _mm256_sub_epi32(v.high, v.low), live);
    advance(s, x, first, second, rest, freq);
    store_narrow(r->code + lane, k);
    learn(b, r, lane, live, mu, &v);
}

TARGET void n1_wide_read_avx2(n1_wide *s)
{
    const common b = common_of(s);
    for (uint32_t t = 0; t < s->frames; t++)
        for (uint32_t i = 0; i < s->rows; i++) {
            if (s->end - s->p < (ptrdiff_t)(4 * s->stride + 16)) { /* the words may end */
                n1_wide_read_row(s, t, s->order[i]);
                continue;
            }
            const n1_wide_row r = n1_wide_row_of(s, t, s->order[i]);
            for (uint32_t lane = 0; lane < s->stride; lane += 8) read_eight(&b, &r, lane);
        }
}
#endif
