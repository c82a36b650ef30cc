/* AVX2 kernel, decoder. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "kernels/x86/lanes_avx2.h"

#include <string.h>

/* Where the words of up to four states go, by mask: dword indices that spread words 0.. to the states that need one. */
static const uint32_t spread_words[16][8] __attribute__((aligned(32))) = {
#define W(n) 2 * (n), 2 * (n) + 1
    {W(0), W(0), W(0), W(0)}, {W(0), W(0), W(0), W(0)}, {W(0), W(0), W(0), W(0)}, {W(0), W(1), W(0), W(0)},
    {W(0), W(0), W(0), W(0)}, {W(0), W(0), W(1), W(0)}, {W(0), W(0), W(1), W(0)}, {W(0), W(1), W(2), W(0)},
    {W(0), W(0), W(0), W(0)}, {W(0), W(0), W(0), W(1)}, {W(0), W(0), W(0), W(1)}, {W(0), W(1), W(0), W(2)},
    {W(0), W(0), W(0), W(1)}, {W(0), W(0), W(1), W(2)}, {W(0), W(0), W(1), W(2)}, {W(0), W(1), W(2), W(3)}
#undef W
};

/* Lanes whose guess missed: rare, one at a time. */
static __attribute__((noinline)) TARGET void repair(const n1_lane_job *job, uint32_t wrong, __m256i mu, __m256i slot,
                                                    __m256i *code, __m256i *low, __m256i *high)
{
    int32_t m[8];
    uint32_t s[8], k[8], lo[8], hi[8];
    store(m, mu);
    store(s, slot);
    store(k, *code);
    store(lo, *low);
    store(hi, *high);
    for (; wrong; wrong &= wrong - 1) {
        unsigned i = (unsigned)__builtin_ctz(wrong);
        k[i] = n1_find_code(job->axis, &job->scale, m[i], s[i], k[i], &lo[i], &hi[i]);
    }
    *code = load(k);
    *low = load(lo);
    *high = load(hi);
}

INLINE __m256i refill_four(__m256i x, const uint8_t **p)
{
    const __m256i need = _mm256_cmpgt_epi64(_mm256_set1_epi64x((long long)N1_RANS_LOW), x);
    const unsigned m = (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(need));
    __m256i w = _mm256_cvtepu16_epi64(_mm_loadl_epi64((const __m128i *)(const void *)*p));
    w = _mm256_permutevar8x32_epi32(w, load(spread_words[m]));
    *p += 2 * (unsigned)__builtin_popcount(m);
    return _mm256_blendv_epi8(x, _mm256_or_si256(_mm256_slli_epi64(x, 16), w), need);
}

/* An octet of states: one word for each that needs it, then (rare) another. */
INLINE void refill(__m256i *a, __m256i *b, const uint8_t **p)
{
    const __m256i limit = _mm256_set1_epi64x((long long)N1_RANS_LOW);
    *a = refill_four(*a, p);
    *b = refill_four(*b, p);
    const __m256i again = _mm256_or_si256(_mm256_cmpgt_epi64(limit, *a), _mm256_cmpgt_epi64(limit, *b));
    if (__builtin_expect(_mm256_movemask_epi8(again), 0)) {
        *a = refill_four(*a, p);
        *b = refill_four(*b, p);
    }
}

#define RING 32   /* rows of pairs kept beyond the history */
#define RING_BYTES ((N1_PLANE_HISTORY + RING) * 32)
_Static_assert(4 * RING_BYTES <= N1_RECENT, "the workspace has room for the rings of 32 lanes");

INLINE n1_status decode_rows(const n1_lane_job *job, uint64_t *state, const uint8_t **at, const uint8_t *end,
                             unsigned halves, unsigned n_pairs)
{
    const n1_axis *x = job->axis;
    const law l = law_of(job);
    const unsigned lanes = job->lanes;
    const __m256i bias = _mm256_set1_epi32(job->channel->bias), zero = _mm256_setzero_si256();
    const __m256i slot_mask = _mm256_set1_epi64x(N1_PROB_ONE - 1);
    const __m256i low_half = _mm256_set1_epi64x(0xffffffff);
    const __m256i centre = _mm256_set1_epi32(x->centre), ten_bits = _mm256_set1_epi32(1023);
    const __m128i shift = _mm_cvtsi32_si128(job->channel->shift);
    __m256i coef[N1_MAX_ORDER / 2], even[4], odd[4], pair[4];
    uint8_t *ring[4];
    for (unsigned j = 0; j < n_pairs; j++)
        coef[j] = _mm256_set1_epi32((int32_t)((uint32_t)(uint16_t)job->channel->own[2 * j] |
                                              (uint32_t)(uint16_t)job->channel->own[2 * j + 1] << 16));
    for (unsigned h = 0; h < halves; h++) {
        ring[h] = job->lookup->recent + h * RING_BYTES;
        const uint64_t *s = state + 16 * (h / 2) + 4 * (h % 2);
        even[h] = load(s);
        odd[h] = load(s + 8);
        pair[h] = zero;
        for (unsigned r = 0; r <= N1_PLANE_HISTORY; r++) { /* history and the seed row */
            pair[h] = _mm256_or_si256(load_wide(job->mid + r * lanes + 8 * h), _mm256_slli_epi32(pair[h], 16));
            if (r)
                store(ring[h] + (size_t)(r - 1) * 32, pair[h]);
        }
    }
    const uint8_t *p = *at;
    size_t row = 1, r = N1_PLANE_HISTORY;   /* r: where this row's pairs go */
    for (; row < job->rows && end - p >= (ptrdiff_t)(4 * lanes + 16); row++, r++) {
        __m256i mu[4], slot[4], lo[4], hi[4], code[4], low[4], high[4];
        if (r == N1_PLANE_HISTORY + RING) {
            for (unsigned h = 0; h < halves; h++)
                memcpy(ring[h], ring[h] + RING * 32, N1_PLANE_HISTORY * 32);
            r = N1_PLANE_HISTORY;
        }
        for (unsigned h = 0; h < halves; h++) {
            __m256i acc = bias;
            if (job->extra)
                acc = _mm256_add_epi32(acc, load(job->extra + row * lanes + 8 * h));
            const uint8_t *past = ring[h] + (r - 1) * 32;
            for (unsigned j = 0; j < n_pairs; j++)
                acc = _mm256_add_epi32(acc, _mm256_madd_epi16(load(past - (size_t)j * 64), coef[j]));
            acc = _mm256_sra_epi32(acc, shift);
            mu[h] = _mm256_min_epi32(_mm256_max_epi32(acc, zero), l.top);
            slot[h] = _mm256_or_si256(_mm256_and_si256(even[h], slot_mask),
                                      _mm256_slli_epi64(_mm256_and_si256(odd[h], slot_mask), 32));
            /* entries b and b + 1 arrive together: the upper half is the one wanted */
            __m256i t = gather(job->lookup->quantile, _mm256_srli_epi32(slot[h], N1_PROB_BITS - N1_QUANTILE_BITS), 2);
            t = _mm256_add_epi32(mu[h], _mm256_srai_epi32(t, 16));
            lo[h] = _mm256_min_epi32(_mm256_max_epi32(t, zero), l.top);
        }
        for (unsigned h = 0; h < halves; h++) {
            const __m256i e = gather(job->lookup->at, lo[h], 4);
            lo[h] = _mm256_sub_epi32(lo[h], _mm256_and_si256(_mm256_srli_epi32(e, 10), ten_bits));
            hi[h] = _mm256_add_epi32(lo[h], _mm256_and_si256(e, ten_bits));
            code[h] = _mm256_srli_epi32(e, 20);
        }
        for (unsigned h = 0; h < halves; h++)
            law_bounds(&l, code[h], lo[h], hi[h], mu[h], &low[h], &high[h]);
        for (unsigned h = 0; h < halves; h++) {
            __m256i mid = _mm256_sub_epi32(_mm256_srli_epi32(_mm256_add_epi32(lo[h], hi[h]), 1), centre);
            const __m256i above = _mm256_cmpgt_epi32(low[h], slot[h]);
            const __m256i right = _mm256_andnot_si256(above, _mm256_cmpgt_epi32(high[h], slot[h]));
            const uint32_t wrong = 0xffu ^ (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(right));
            if (__builtin_expect(wrong, 0)) {
                repair(job, wrong, mu[h], slot[h], &code[h], &low[h], &high[h]);
                mid = gather(x->mid, code[h], 2);
            }
            pair[h] = _mm256_blend_epi16(_mm256_slli_epi32(pair[h], 16), mid, 0x55);
            store(ring[h] + r * 32, pair[h]);
            store_narrow(job->mid + (N1_PLANE_HISTORY + row) * lanes + 8 * h, mid);
            store_narrow(job->code + row * lanes + 8 * h, code[h]);
            const __m256i freq = _mm256_sub_epi32(high[h], low[h]), rest = _mm256_sub_epi32(slot[h], low[h]);
            const __m256i even_times = _mm256_srli_epi64(even[h], N1_PROB_BITS);
            const __m256i odd_times = _mm256_srli_epi64(odd[h], N1_PROB_BITS);
            even[h] = _mm256_add_epi64(_mm256_mul_epu32(even_times, freq), _mm256_and_si256(rest, low_half));
            odd[h] = _mm256_add_epi64(_mm256_mul_epu32(odd_times, _mm256_srli_epi64(freq, 32)),
                                      _mm256_srli_epi64(rest, 32));
        }
        for (unsigned h = 0; h < halves; h += 2) {
            refill(&even[h], &even[h + 1], &p);
            refill(&odd[h], &odd[h + 1], &p);
        }
    }
    for (unsigned h = 0; h < halves; h++) {
        uint64_t *s = state + 16 * (h / 2) + 4 * (h % 2);
        store(s, even[h]);
        store(s + 8, odd[h]);
    }
    *at = p;
    return row < job->rows ? n1_lanes_decode_rows(job, row, state, at, end) : N1_OK;
}

/* Functions of their own: in one, their frames on the stack would add up. fast: the 8 taps of level 1, unrolled. */
#define VARIANT(name, halves, pairs) \
    static __attribute__((noinline)) TARGET n1_status name(const n1_lane_job *job, uint64_t *state, \
                                                           const uint8_t **at, const uint8_t *end) \
    { \
        return decode_rows(job, state, at, end, halves, pairs); \
    }
VARIANT(decode_16, 2, job->channel->order / 2u)
VARIANT(decode_32, 4, job->channel->order / 2u)
VARIANT(decode_32_fast, 4, 4)

TARGET n1_status n1_lanes_decode_avx2(const n1_lane_job *job, uint64_t *state, const uint8_t **at,
                                       const uint8_t *end)
{
    if (job->lanes != 32)
        return decode_16(job, state, at, end);
    if (job->channel->order / 2u == 4)
        return decode_32_fast(job, state, at, end);
    return decode_32(job, state, at, end);
}
#endif
