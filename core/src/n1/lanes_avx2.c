/* AVX2 kernel: 8 lanes in 32-bit elements, so a group of 16 lanes is two vectors, a and b. The even elements of a hold the
   group's segments 0..3, those of b 4..7, the odd ones 8..11 and 12..15 (see n1c_position). */
#include "lanes.h"
#if N1C_X86
#include <immintrin.h>

#define TARGET __attribute__((target("avx2,popcnt")))
#define INLINE static inline __attribute__((always_inline)) TARGET
/* Masked with an explicit zero: the plain intrinsic would wait for whatever the register held. */
#define gather(base, index, scale) \
    _mm256_mask_i32gather_epi32(_mm256_setzero_si256(), base, index, _mm256_set1_epi32(-1), scale)

/* Where the words of up to four states go, by mask: dword indices that spread words 0.. to the states that need one. */
static const uint32_t spread_words[16][8] __attribute__((aligned(32))) = {
#define W(n) 2 * (n), 2 * (n) + 1
    {W(0), W(0), W(0), W(0)}, {W(0), W(0), W(0), W(0)}, {W(0), W(0), W(0), W(0)}, {W(0), W(1), W(0), W(0)},
    {W(0), W(0), W(0), W(0)}, {W(0), W(0), W(1), W(0)}, {W(0), W(0), W(1), W(0)}, {W(0), W(1), W(2), W(0)},
    {W(0), W(0), W(0), W(0)}, {W(0), W(0), W(0), W(1)}, {W(0), W(0), W(0), W(1)}, {W(0), W(1), W(0), W(2)},
    {W(0), W(0), W(0), W(1)}, {W(0), W(0), W(1), W(2)}, {W(0), W(0), W(1), W(2)}, {W(0), W(1), W(2), W(3)}
#undef W
};

typedef struct {
    __m256i inverse, limit, minus_limit, top, last, one;
    const int32_t *cdf;
} law;

INLINE law law_of(const n1c_lane_job *job)
{
    law l = {_mm256_set1_epi32(job->scale.inverse), _mm256_set1_epi32(job->scale.limit), _mm256_set1_epi32(-job->scale.limit),
             _mm256_set1_epi32((int32_t)job->axis->axis_len - 1), _mm256_set1_epi32((int32_t)job->axis->n_codes - 1),
             _mm256_set1_epi32(1), (const int32_t *)(const void *)(job->axis->cdf + N1C_CDF_HALF)};
    return l;
}

INLINE __m256i law_at(const law *l, __m256i edge, __m256i mu)
{
    __m256i d = _mm256_sub_epi32(edge, mu);
    d = _mm256_max_epi32(_mm256_min_epi32(d, l->limit), l->minus_limit);
    return gather(l->cdf, _mm256_srai_epi32(_mm256_mullo_epi32(d, l->inverse), 12), 4);
}

INLINE void law_bounds(const law *l, __m256i code, __m256i lo, __m256i hi, __m256i mu, __m256i *low, __m256i *high)
{
    const __m256i a = _mm256_add_epi32(law_at(l, lo, mu), code);
    const __m256i b = _mm256_add_epi32(_mm256_add_epi32(law_at(l, hi, mu), code), l->one);
    *low = _mm256_andnot_si256(_mm256_cmpeq_epi32(code, _mm256_setzero_si256()), a);
    *high = _mm256_blendv_epi8(b, _mm256_set1_epi32((int32_t)N1C_PROB_ONE), _mm256_cmpeq_epi32(code, l->last));
}

static __attribute__((noinline)) TARGET void repair(const n1c_lane_job *job, uint32_t wrong, __m256i mu, __m256i slot, __m256i *code,
                                                    __m256i *low, __m256i *high)
{
    int32_t m[8];
    uint32_t s[8], k[8], lo[8], hi[8];
    _mm256_storeu_si256((__m256i *)(void *)m, mu);
    _mm256_storeu_si256((__m256i *)(void *)s, slot);
    _mm256_storeu_si256((__m256i *)(void *)k, *code);
    _mm256_storeu_si256((__m256i *)(void *)lo, *low);
    _mm256_storeu_si256((__m256i *)(void *)hi, *high);
    for (; wrong; wrong &= wrong - 1) {
        unsigned i = (unsigned)__builtin_ctz(wrong);
        k[i] = n1c_find_code(job->axis, &job->scale, m[i], s[i], k[i], &lo[i], &hi[i]);
    }
    *code = _mm256_loadu_si256((const __m256i *)(const void *)k);
    *low = _mm256_loadu_si256((const __m256i *)(const void *)lo);
    *high = _mm256_loadu_si256((const __m256i *)(const void *)hi);
}

INLINE __m256i refill_four(__m256i x, const uint8_t **p)
{
    const __m256i need = _mm256_cmpgt_epi64(_mm256_set1_epi64x((long long)N1C_RANS_LOW), x);
    const unsigned m = (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(need));
    __m256i w = _mm256_cvtepu16_epi64(_mm_loadl_epi64((const __m128i *)(const void *)*p));
    w = _mm256_permutevar8x32_epi32(w, _mm256_load_si256((const __m256i *)(const void *)spread_words[m]));
    *p += 2 * (unsigned)__builtin_popcount(m);
    return _mm256_blendv_epi8(x, _mm256_or_si256(_mm256_slli_epi64(x, 16), w), need);
}

/* An octet of states: one word for each that needs it, then (rare) another. */
INLINE void refill(__m256i *a, __m256i *b, const uint8_t **p)
{
    const __m256i limit = _mm256_set1_epi64x((long long)N1C_RANS_LOW);
    *a = refill_four(*a, p);
    *b = refill_four(*b, p);
    const __m256i again = _mm256_or_si256(_mm256_cmpgt_epi64(limit, *a), _mm256_cmpgt_epi64(limit, *b));
    if (__builtin_expect(_mm256_movemask_epi8(again), 0)) {
        *a = refill_four(*a, p);
        *b = refill_four(*b, p);
    }
}

INLINE __m256i widen(const void *p) { return _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p)); }
/* The low 16 bits of eight elements. */
INLINE __m128i narrow(__m256i v)
{
    v = _mm256_and_si256(v, _mm256_set1_epi32(0xffff));
    return _mm_packus_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
}

#define RING 32

INLINE n1_status decode_rows(const n1c_lane_job *job, uint64_t *state, const uint8_t **at, const uint8_t *end, unsigned halves,
                             unsigned n_pairs)
{
    const n1c_axis *x = job->axis;
    const law l = law_of(job);
    const unsigned lanes = job->lanes;
    const __m256i bias = _mm256_set1_epi32(job->channel->bias), zero = _mm256_setzero_si256();
    const __m256i slot_mask = _mm256_set1_epi64x(N1C_PROB_ONE - 1);
    const __m256i centre = _mm256_set1_epi32(x->centre), low_half = _mm256_set1_epi64x(0xffffffff), ten_bits = _mm256_set1_epi32(1023);
    const __m128i shift = _mm_cvtsi32_si128(job->channel->shift);
    __m256i coef[N1C_MAX_ORDER / 2], even[4], odd[4], pair[4];
    uint8_t ring[4][(N1C_HISTORY + RING) * 32] __attribute__((aligned(32)));
    for (unsigned j = 0; j < n_pairs; j++)
        coef[j] = _mm256_set1_epi32((int32_t)((uint32_t)(uint16_t)job->channel->own[2 * j] |
                                              (uint32_t)(uint16_t)job->channel->own[2 * j + 1] << 16));
    for (unsigned h = 0; h < halves; h++) {
        const uint64_t *s = state + 16 * (h / 2) + 4 * (h % 2);
        even[h] = _mm256_loadu_si256((const __m256i *)(const void *)s);
        odd[h] = _mm256_loadu_si256((const __m256i *)(const void *)(s + 8));
        pair[h] = zero;
        for (unsigned r = 0; r <= N1C_HISTORY; r++) { /* history and the seed row */
            pair[h] = _mm256_or_si256(widen(job->mid + r * lanes + 8 * h), _mm256_slli_epi32(pair[h], 16));
            if (r)
                _mm256_store_si256((__m256i *)(void *)(ring[h] + (size_t)(r - 1) * 32), pair[h]);
        }
    }
    const uint8_t *p = *at;
    size_t row = 1, r = N1C_HISTORY;   /* r: where this row's pairs go */
    for (; row < job->rows && end - p >= (ptrdiff_t)(4 * lanes + 16); row++, r++) {
        __m256i mu[4], slot[4], lo[4], hi[4], code[4], low[4], high[4];
        if (r == N1C_HISTORY + RING) {
            for (unsigned h = 0; h < halves; h++)
                memcpy(ring[h], ring[h] + RING * 32, N1C_HISTORY * 32);
            r = N1C_HISTORY;
        }
        for (unsigned h = 0; h < halves; h++) {
            __m256i acc = bias;
            if (job->extra)
                acc = _mm256_add_epi32(acc, _mm256_loadu_si256((const __m256i *)(const void *)(job->extra + row * lanes + 8 * h)));
            const uint8_t *past = ring[h] + (r - 1) * 32;
            for (unsigned j = 0; j < n_pairs; j++)
                acc = _mm256_add_epi32(acc, _mm256_madd_epi16(_mm256_load_si256((const __m256i *)(const void *)(past - (size_t)j * 64)), coef[j]));
            acc = _mm256_sra_epi32(acc, shift);
            mu[h] = _mm256_min_epi32(_mm256_max_epi32(acc, zero), l.top);
            slot[h] = _mm256_or_si256(_mm256_and_si256(even[h], slot_mask), _mm256_slli_epi64(_mm256_and_si256(odd[h], slot_mask), 32));
            /* entries b and b + 1 arrive together: the upper half is the one wanted */
            __m256i t = gather((const int32_t *)(const void *)x->quantile, _mm256_srli_epi32(slot[h], N1C_PROB_BITS - N1C_QUANTILE_BITS), 2);
            t = _mm256_add_epi32(mu[h], _mm256_srai_epi32(t, 16));
            lo[h] = _mm256_min_epi32(_mm256_max_epi32(t, zero), l.top);
        }
        for (unsigned h = 0; h < halves; h++) {
            const __m256i e = gather((const int32_t *)(const void *)x->at, lo[h], 4);
            lo[h] = _mm256_sub_epi32(lo[h], _mm256_and_si256(_mm256_srli_epi32(e, 10), ten_bits));
            hi[h] = _mm256_add_epi32(lo[h], _mm256_and_si256(e, ten_bits));
            code[h] = _mm256_srli_epi32(e, 20);
        }
        for (unsigned h = 0; h < halves; h++)
            law_bounds(&l, code[h], lo[h], hi[h], mu[h], &low[h], &high[h]);
        for (unsigned h = 0; h < halves; h++) {
            __m256i mid = _mm256_sub_epi32(_mm256_srli_epi32(_mm256_add_epi32(lo[h], hi[h]), 1), centre);
            const __m256i right = _mm256_andnot_si256(_mm256_cmpgt_epi32(low[h], slot[h]), _mm256_cmpgt_epi32(high[h], slot[h]));
            const uint32_t wrong = 0xffu ^ (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(right));
            if (__builtin_expect(wrong, 0)) {
                repair(job, wrong, mu[h], slot[h], &code[h], &low[h], &high[h]);
                mid = gather((const int32_t *)(const void *)x->mid, code[h], 2);
            }
            pair[h] = _mm256_blend_epi16(_mm256_slli_epi32(pair[h], 16), mid, 0x55);
            _mm256_store_si256((__m256i *)(void *)(ring[h] + r * 32), pair[h]);
            _mm_storeu_si128((__m128i *)(void *)(job->mid + (N1C_HISTORY + row) * lanes + 8 * h), narrow(mid));
            _mm_storeu_si128((__m128i *)(void *)(job->code + row * lanes + 8 * h), narrow(code[h]));
            const __m256i freq = _mm256_sub_epi32(high[h], low[h]), rest = _mm256_sub_epi32(slot[h], low[h]);
            even[h] = _mm256_add_epi64(_mm256_mul_epu32(_mm256_srli_epi64(even[h], N1C_PROB_BITS), freq), _mm256_and_si256(rest, low_half));
            odd[h] = _mm256_add_epi64(_mm256_mul_epu32(_mm256_srli_epi64(odd[h], N1C_PROB_BITS), _mm256_srli_epi64(freq, 32)),
                                      _mm256_srli_epi64(rest, 32));
        }
        for (unsigned h = 0; h < halves; h += 2) {
            refill(&even[h], &even[h + 1], &p);
            refill(&odd[h], &odd[h + 1], &p);
        }
    }
    for (unsigned h = 0; h < halves; h++) {
        uint64_t *s = state + 16 * (h / 2) + 4 * (h % 2);
        _mm256_storeu_si256((__m256i *)(void *)s, even[h]);
        _mm256_storeu_si256((__m256i *)(void *)(s + 8), odd[h]);
    }
    *at = p;
    return row < job->rows ? n1c_lanes_decode_scalar(job, row, state, at, end) : N1_OK;
}

TARGET n1_status n1c_lanes_decode_avx2(const n1c_lane_job *job, uint64_t *state, const uint8_t **at, const uint8_t *end)
{
    const unsigned pairs = job->channel->order / 2u;
    if (job->lanes == 32)
        return pairs == 4 ? decode_rows(job, state, at, end, 4, 4) : decode_rows(job, state, at, end, 4, pairs);
    return decode_rows(job, state, at, end, 2, pairs);
}

/* Dword d of the result's 64 bits: the selected states' low words, the last one highest, at the top. */
static const uint8_t pack_words[16][16] __attribute__((aligned(16))) = {
#define N 0x80, 0x80
#define S(n) 4 * (n), 4 * (n) + 1
#define R N, N, N, N
    {N, N, N, N, R}, {N, N, N, S(0), R}, {N, N, N, S(1), R}, {N, N, S(0), S(1), R},
    {N, N, N, S(2), R}, {N, N, S(0), S(2), R}, {N, N, S(1), S(2), R}, {N, S(0), S(1), S(2), R},
    {N, N, N, S(3), R}, {N, N, S(0), S(3), R}, {N, N, S(1), S(3), R}, {N, S(0), S(1), S(3), R},
    {N, N, S(2), S(3), R}, {N, S(0), S(2), S(3), R}, {N, S(1), S(2), S(3), R}, {S(0), S(1), S(2), S(3), R}
#undef N
#undef S
#undef R
};

/* Write the low words of the states in mask below *p. The store is always 8 bytes: what it spoils is written later. */
INLINE void put_words(__m256i x, unsigned mask, uint8_t **p)
{
    const __m256i low = _mm256_permutevar8x32_epi32(x, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
    _mm_storel_epi64((__m128i *)(void *)(*p - 8),
                     _mm_shuffle_epi8(_mm256_castsi256_si128(low), _mm_load_si128((const __m128i *)(const void *)pack_words[mask])));
    *p -= 2 * (unsigned)__builtin_popcount(mask);
}

INLINE unsigned mask_of(__m256i v) { return (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(v)); }

/* An octet: states too large for their frequency lose a word, rarely two; those come later in the stream. */
INLINE void shrink(__m256i *a, __m256i *b, __m256i freq_a, __m256i freq_b, uint8_t **p)
{
    const __m256i la = _mm256_sub_epi64(_mm256_slli_epi64(freq_a, 20), _mm256_set1_epi64x(1));
    const __m256i lb = _mm256_sub_epi64(_mm256_slli_epi64(freq_b, 20), _mm256_set1_epi64x(1));
    const __m256i ma = _mm256_cmpgt_epi64(*a, la), mb = _mm256_cmpgt_epi64(*b, lb);
    __m256i ya = _mm256_blendv_epi8(*a, _mm256_srli_epi64(*a, 16), ma), yb = _mm256_blendv_epi8(*b, _mm256_srli_epi64(*b, 16), mb);
    const __m256i again_a = _mm256_cmpgt_epi64(ya, la), again_b = _mm256_cmpgt_epi64(yb, lb);
    if (__builtin_expect(_mm256_movemask_epi8(_mm256_or_si256(again_a, again_b)), 0)) {
        put_words(*b, mask_of(again_b), p);
        put_words(*a, mask_of(again_a), p);
        *a = _mm256_blendv_epi8(*a, ya, again_a);
        *b = _mm256_blendv_epi8(*b, yb, again_b);
        ya = _mm256_blendv_epi8(ya, _mm256_srli_epi64(ya, 16), again_a);
        yb = _mm256_blendv_epi8(yb, _mm256_srli_epi64(yb, 16), again_b);
    }
    put_words(*b, mask_of(mb), p);
    put_words(*a, mask_of(ma), p);
    *a = ya;
    *b = yb;
}

/* x / freq with x < 2^20 * freq <= 2^40: exact in double, see the AVX-512 kernel. x becomes a double by the 2^52 trick. */
INLINE __m256i push(__m256i x, __m256i freq, __m256i low)
{
    const __m256i magic = _mm256_set1_epi64x(0x4330000000000000);
    const __m256d m = _mm256_castsi256_pd(magic);
    const __m256d xd = _mm256_sub_pd(_mm256_castsi256_pd(_mm256_or_si256(x, magic)), m);
    const __m256d fd = _mm256_sub_pd(_mm256_castsi256_pd(_mm256_or_si256(freq, magic)), m);
    const __m256i q = _mm256_cvtepu32_epi64(_mm256_cvttpd_epi32(_mm256_div_pd(xd, fd)));
    const __m256i rest = _mm256_sub_epi64(_mm256_set1_epi64x(N1C_PROB_ONE), freq);
    return _mm256_add_epi64(_mm256_add_epi64(x, low), _mm256_mul_epu32(q, rest));
}

TARGET n1_status n1c_lanes_encode_avx2(const n1c_lane_job *job, uint64_t *state, uint8_t *begin, uint8_t **at)
{
    const law l = law_of(job);
    const unsigned lanes = job->lanes, halves = lanes / 8;
    const __m256i low_half = _mm256_set1_epi64x(0xffffffff), word = _mm256_set1_epi32(0xffff);
    __m256i even[4], odd[4];
    for (unsigned h = 0; h < halves; h++) {
        const uint64_t *s = state + 16 * (h / 2) + 4 * (h % 2);
        even[h] = _mm256_loadu_si256((const __m256i *)(const void *)s);
        odd[h] = _mm256_loadu_si256((const __m256i *)(const void *)(s + 8));
    }
    uint8_t *p = *at;
    for (size_t row = job->rows; row-- > 1;) {
        if (p - begin < (ptrdiff_t)(4 * lanes + 8))
            return N1_ERROR_DST_TOO_SMALL;
        for (unsigned h = halves; h > 0;) {
            h -= 2;
            __m256i low[2], high[2], freq[2], fe[2], fo[2];
            for (unsigned i = 0; i < 2; i++) {
                const size_t place = row * lanes + 8 * (h + i);
                const __m256i e = _mm256_loadu_si256((const __m256i *)(const void *)(job->edges + place));
                law_bounds(&l, widen(job->code + place), _mm256_and_si256(e, word), _mm256_srli_epi32(e, 16), widen(job->mu + place),
                           &low[i], &high[i]);
                freq[i] = _mm256_sub_epi32(high[i], low[i]);
                fe[i] = _mm256_and_si256(freq[i], low_half);
                fo[i] = _mm256_srli_epi64(freq[i], 32);
            }
            shrink(&odd[h], &odd[h + 1], fo[0], fo[1], &p);
            shrink(&even[h], &even[h + 1], fe[0], fe[1], &p);
            for (unsigned i = 0; i < 2; i++) {
                odd[h + i] = push(odd[h + i], fo[i], _mm256_srli_epi64(low[i], 32));
                even[h + i] = push(even[h + i], fe[i], _mm256_and_si256(low[i], low_half));
            }
        }
    }
    for (unsigned h = 0; h < halves; h++) {
        uint64_t *s = state + 16 * (h / 2) + 4 * (h % 2);
        _mm256_storeu_si256((__m256i *)(void *)s, even[h]);
        _mm256_storeu_si256((__m256i *)(void *)(s + 8), odd[h]);
    }
    *at = p;
    return N1_OK;
}
#endif
