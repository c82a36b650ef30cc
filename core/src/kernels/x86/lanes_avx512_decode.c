/* AVX-512 kernel, decoder. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "kernels/x86/lanes_avx512.h"

#include <string.h>

INLINE uint32_t wrong_of(__m512i slot, __m512i low, __m512i high)
{
    return _mm512_cmplt_epi32_mask(slot, low) | (uint32_t)_mm512_cmpge_epi32_mask(slot, high);
}

/* Lanes whose guess missed: a code below or above, which nearly all of them need; the rest one at a time. */
static __attribute__((noinline)) TARGET void repair(const n1_lane_job *job, uint32_t wrong, __m512i mu, __m512i slot,
                                                    __m512i *code, __m512i *low, __m512i *high)
{
    const law l = law_of(job);
    __m512i next = _mm512_mask_sub_epi32(*code, (__mmask16)wrong, *code, l.one), below, above;
    next = _mm512_mask_add_epi32(next, _mm512_cmpge_epi32_mask(slot, *high), *code, l.one);
    const __m512i e = gather(next, job->axis->pair, 4);
    law_bounds(&l, next, _mm512_and_si512(e, _mm512_set1_epi32(0xffff)), _mm512_srli_epi32(e, 16), mu, &below, &above);
    *code = next;
    *low = _mm512_mask_mov_epi32(*low, (__mmask16)wrong, below);
    *high = _mm512_mask_mov_epi32(*high, (__mmask16)wrong, above);
    wrong = wrong_of(slot, *low, *high);
    if (!wrong)
        return;
    int32_t m[16];
    uint32_t s[16], k[16], lo[16], hi[16];
    _mm512_storeu_si512(m, mu);
    _mm512_storeu_si512(s, slot);
    _mm512_storeu_si512(k, *code);
    _mm512_storeu_si512(lo, *low);
    _mm512_storeu_si512(hi, *high);
    for (; wrong; wrong &= wrong - 1) {
        unsigned i = (unsigned)__builtin_ctz(wrong);
        k[i] = n1_find_code(job->axis, &job->scale, m[i], s[i], k[i], &lo[i], &hi[i]);
    }
    *code = _mm512_loadu_si512(k);
    *low = _mm512_loadu_si512(lo);
    *high = _mm512_loadu_si512(hi);
}

INLINE __m512i refill_once(__m512i x, const uint8_t **p)
{
    const __mmask8 m = _mm512_cmplt_epu64_mask(x, _mm512_set1_epi64((long long)N1_RANS_LOW));
    const __m512i words = _mm512_cvtepu16_epi64(_mm_loadu_si128((const __m128i *)(const void *)*p));
    *p += 2 * (unsigned)__builtin_popcount(m);
    return _mm512_or_si512(_mm512_mask_slli_epi64(x, m, x, 16), _mm512_maskz_expand_epi64(m, words));
}

/* Two octets: one word for each state that needs it; rarely (below 2^8) a second one, before the next octet. */
INLINE void refill(__m512i *even, __m512i *odd, const uint8_t **p)
{
    const __m512i small = _mm512_set1_epi64(256);
    const int twice = _mm512_cmplt_epu64_mask(_mm512_min_epu64(*even, *odd), small);
    *even = refill_once(*even, p);
    if (__builtin_expect(twice, 0))
        *even = refill_once(*even, p);
    *odd = refill_once(*odd, p);
    if (__builtin_expect(twice, 0))
        *odd = refill_once(*odd, p);
}

#define RING 24   /* rows of pairs kept beyond the history; few, as the tables want the first-level cache */
#define RING_BYTES ((N1_PLANE_HISTORY + RING + 1) * 64)
_Static_assert(2 * RING_BYTES <= N1_RECENT, "the workspace has room for the rings of 32 lanes");

/* What sixteen lanes carry from stage to stage. */
typedef struct {
    __m512i even, odd, pair;                 /* states; newest midpoints: this row's low, the one before high */
    __m512i mu, slot, lo, hi, code, low, high;
    uint8_t *newest;                         /* ring place of pair */
    int16_t *mid;                            /* row being decoded */
    uint16_t *out;
    const int32_t *extra;
} sixteen;

typedef struct {
    const n1_lane_job *job;
    law l;
    const n1_lookup *lookup;
    __m512i bias, centre, coef[N1_MAX_ORDER / 2];
    __m128i shift;
} shared;

/* Stage 1: prediction, then the quantile of the slot. Stage 2: the code at that voltage. */
INLINE void stage_predict(const shared *h, sixteen *g, unsigned n_pairs, int extra)
{
    const __m512i slot_mask = _mm512_set1_epi64(N1_PROB_ONE - 1), zero = _mm512_setzero_si512();
    __m512i acc = h->bias;
    if (extra)
        acc = _mm512_add_epi32(acc, _mm512_loadu_si512(g->extra));
    for (unsigned j = n_pairs; j-- > 1;)
        acc = _mm512_add_epi32(acc, _mm512_madd_epi16(_mm512_load_si512(g->newest - (size_t)j * 128), h->coef[j]));
    if (n_pairs)
        acc = _mm512_add_epi32(acc, _mm512_madd_epi16(g->pair, h->coef[0]));
    acc = _mm512_sra_epi32(acc, h->shift);
    g->mu = _mm512_min_epi32(_mm512_max_epi32(acc, zero), h->l.top);
    g->slot = _mm512_or_si512(_mm512_and_si512(g->even, slot_mask),
                              _mm512_slli_epi64(_mm512_and_si512(g->odd, slot_mask), 32));
    /* entries b and b + 1 arrive together: the upper half is the one wanted */
    __m512i t = gather(_mm512_srli_epi32(g->slot, N1_PROB_BITS - N1_QUANTILE_BITS), h->lookup->quantile, 2);
    t = _mm512_add_epi32(g->mu, _mm512_srai_epi32(t, 16));
    g->lo = _mm512_min_epi32(_mm512_max_epi32(t, zero), h->l.top);
}

INLINE void stage_code(const shared *h, sixteen *g)
{
    __m512i e = gather(g->lo, h->lookup->at, 4);
    g->lo = _mm512_sub_epi32(g->lo, _mm512_and_si512(_mm512_srli_epi32(e, 10), h->l.ten_bits));
    g->hi = _mm512_add_epi32(g->lo, _mm512_and_si512(e, h->l.ten_bits));
    g->code = _mm512_srli_epi32(e, 20);
}

/* Stage 3: the mass of that code. Stage 4: check, store, advance the states. */
INLINE void stage_law(const shared *h, sixteen *g) { law_bounds(&h->l, g->code, g->lo, g->hi, g->mu, &g->low, &g->high); }

INLINE void stage_update(const shared *h, sixteen *g, unsigned lanes, int extra, const uint8_t **p)
{
    const __m512i odd = _mm512_set1_epi64((long long)0xffffffff00000000ull);
    __m512i mid = _mm512_sub_epi32(_mm512_srli_epi32(_mm512_add_epi32(g->lo, g->hi), 1), h->centre);
    const uint32_t wrong = wrong_of(g->slot, g->low, g->high);
    if (__builtin_expect(wrong, 0)) {
        repair(h->job, wrong, g->mu, g->slot, &g->code, &g->low, &g->high);
        mid = gather(g->code, h->job->axis->mid, 2);
    }
    __m512i freq = _mm512_sub_epi32(g->high, g->low), rest = _mm512_sub_epi32(g->slot, g->low);
    const __m512i even_times = _mm512_srli_epi64(g->even, N1_PROB_BITS);
    const __m512i odd_times = _mm512_srli_epi64(g->odd, N1_PROB_BITS);
    g->even = _mm512_add_epi64(_mm512_mul_epu32(even_times, freq), _mm512_andnot_si512(odd, rest));
    g->odd = _mm512_add_epi64(_mm512_mul_epu32(odd_times, _mm512_srli_epi64(freq, 32)), _mm512_srli_epi64(rest, 32));
    refill(&g->even, &g->odd, p);
    g->pair = _mm512_mask_blend_epi16(0x55555555u, _mm512_slli_epi32(g->pair, 16), mid);
    g->newest += 64;
    _mm512_store_si512(g->newest, g->pair);
    _mm256_storeu_si256((__m256i *)(void *)g->mid, _mm512_cvtepi32_epi16(mid));
    _mm256_storeu_si256((__m256i *)(void *)g->out, _mm512_cvtepi32_epi16(g->code));
    g->mid += lanes;
    g->out += lanes;
    if (extra)
        g->extra += lanes;
}

INLINE n1_status decode_rows(const n1_lane_job *job, uint64_t *state, const uint8_t **at, const uint8_t *end,
                             unsigned sixteens, unsigned n_pairs, int extra)
{
    const unsigned lanes = 16 * sixteens;
    uint8_t *const ring[2] = {job->lookup->recent, job->lookup->recent + RING_BYTES};
    shared h = {job,
                law_of(job),
                job->lookup,
                _mm512_set1_epi32(job->channel->bias),
                _mm512_set1_epi32(job->axis->centre),
                {_mm512_setzero_si512()},
                _mm_cvtsi32_si128(job->channel->shift)};
    for (unsigned j = 0; j < n_pairs; j++)
        h.coef[j] = _mm512_set1_epi32((int32_t)((uint32_t)(uint16_t)job->channel->own[2 * j] |
                                                (uint32_t)(uint16_t)job->channel->own[2 * j + 1] << 16));
    sixteen g[2];
    for (unsigned i = 0; i < sixteens; i++) {
        memset(&g[i], 0, sizeof g[i]);
        g[i].even = _mm512_loadu_si512(state + 16 * i);
        g[i].odd = _mm512_loadu_si512(state + 16 * i + 8);
        for (unsigned r = 0; r <= N1_PLANE_HISTORY; r++) { /* history and the seed row */
            g[i].pair = _mm512_or_si512(load_wide(job->mid + r * lanes + 16 * i), _mm512_slli_epi32(g[i].pair, 16));
            if (r)
                _mm512_store_si512(ring[i] + (size_t)(r - 1) * 64, g[i].pair);
        }
        g[i].newest = ring[i] + (N1_PLANE_HISTORY - 1) * 64;
        g[i].mid = job->mid + (N1_PLANE_HISTORY + 1) * lanes + 16 * i;
        g[i].out = job->code + lanes + 16 * i;
        g[i].extra = job->extra ? job->extra + lanes + 16 * i : NULL;
    }
    /* The second sixteen runs half a row behind the first: while one waits for its states the other keeps the gathers
       busy. Words are still taken in the order of rows, then sixteens. */
    const uint8_t *p = *at;
    size_t row = 1;
    for (; row < job->rows && end - p >= (ptrdiff_t)(6 * lanes + 32); row++) {
        for (unsigned i = 0; i < sixteens; i++)
            if (g[i].newest == ring[i] + (N1_PLANE_HISTORY + RING - 1) * 64) {
                for (unsigned r = N1_PLANE_HISTORY - 2 * n_pairs; r < N1_PLANE_HISTORY; r++)
                    _mm512_store_si512(ring[i] + r * 64, _mm512_load_si512(ring[i] + (RING + r) * 64));
                g[i].newest = ring[i] + (N1_PLANE_HISTORY - 1) * 64;
            }
        stage_predict(&h, &g[0], n_pairs, extra);
        if (sixteens == 2 && row > 1)
            stage_law(&h, &g[1]);
        stage_code(&h, &g[0]);
        if (sixteens == 2 && row > 1)
            stage_update(&h, &g[1], lanes, extra, &p);
        stage_law(&h, &g[0]);
        if (sixteens == 2)
            stage_predict(&h, &g[1], n_pairs, extra);
        stage_update(&h, &g[0], lanes, extra, &p);
        if (sixteens == 2)
            stage_code(&h, &g[1]);
    }
    if (sixteens == 2 && row > 1) {
        stage_law(&h, &g[1]);
        stage_update(&h, &g[1], lanes, extra, &p);
    }
    for (unsigned i = 0; i < sixteens; i++) {
        _mm512_storeu_si512(state + 16 * i, g[i].even);
        _mm512_storeu_si512(state + 16 * i + 8, g[i].odd);
    }
    *at = p;
    return row < job->rows ? n1_lanes_decode_rows(job, row, state, at, end) : N1_OK;
}

/* Functions of their own: in one, their frames on the stack would add up. fast: the 8 taps of level 1, unrolled. */
#define VARIANT(name, sixteens, pairs, extra) \
    static __attribute__((noinline)) TARGET n1_status name(const n1_lane_job *job, uint64_t *state, \
                                                           const uint8_t **at, const uint8_t *end) \
    { \
        return decode_rows(job, state, at, end, sixteens, pairs, extra); \
    }
VARIANT(decode_16, 1, job->channel->order / 2u, job->extra != NULL)
VARIANT(decode_32, 2, job->channel->order / 2u, 0)
VARIANT(decode_32_extra, 2, job->channel->order / 2u, 1)
VARIANT(decode_32_fast, 2, 4, 0)
VARIANT(decode_32_fast_extra, 2, 4, 1)

TARGET n1_status n1_lanes_decode_avx512(const n1_lane_job *job, uint64_t *state, const uint8_t **at,
                                         const uint8_t *end)
{
    const int fast = job->channel->order / 2u == 4;
    if (job->lanes != 32)
        return decode_16(job, state, at, end);
    if (job->extra)
        return fast ? decode_32_fast_extra(job, state, at, end) : decode_32_extra(job, state, at, end);
    return fast ? decode_32_fast(job, state, at, end) : decode_32(job, state, at, end);
}
#endif
