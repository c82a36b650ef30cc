/* What the wide mode's decoder in AVX-512 looks up: see wide_guess_avx512.h. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "kernels/x86/wide_guess_avx512.h"

enum { HALF = 16 /* of what a slope is rounded to, as part of c1 */ };

/* Entries of `near` for sixteen units that begin at `from`, in codes k; beyond the last code nothing comes. */
INLINE void put_near(uint64_t *to, const uint16_t *edge, uint32_t codes, __m512i k, __m512i from)
{
    const __m512i nine = set(NINE), word = set(0xFFFF), limit = set(NINE + 1);
    const __m512i a = GATHER(edge, k, 2), b = GATHER(edge + 2, k, 2), end = set(edge[codes]);
    const __m512i e1 = _mm512_srli_epi32(a, 16), e2 = _mm512_min_epu32(_mm512_and_si512(b, word), end);
    const __m512i e3 = _mm512_mask_mov_epi32(_mm512_srli_epi32(b, 16), _mm512_cmpgt_epi32_mask(k, set((int32_t)codes - 3)), end);
    const __m512i e4 = _mm512_mask_mov_epi32(_mm512_and_si512(GATHER(edge + 4, k, 2), word), _mm512_cmpgt_epi32_mask(k, set((int32_t)codes - 4)), end);
    const __m512i back = _mm512_sub_epi32(from, _mm512_and_si512(a, word)), ahead = _mm512_sub_epi32(e1, from);
    const __m512i second = _mm512_sub_epi32(e2, e1), third = _mm512_sub_epi32(e3, e2), fourth = _mm512_sub_epi32(e4, e3);
    const __m512i most = _mm512_max_epu32(_mm512_max_epu32(back, ahead), _mm512_max_epu32(second, third));
    const __mmask16 fits = _mm512_cmplt_epu32_mask(most, limit) & _mm512_cmplt_epu32_mask(fourth, set(NOWHERE));
    const __m512i code = _mm512_mask_mov_epi32(set(NOWHERE), fits, k);
    __m512i low = _mm512_or_si512(_mm512_and_si512(back, nine), _mm512_slli_epi32(_mm512_and_si512(ahead, nine), 9));
    low = _mm512_or_si512(low, _mm512_slli_epi32(code, 18));
    __m512i high = _mm512_or_si512(_mm512_and_si512(second, nine), _mm512_slli_epi32(_mm512_and_si512(third, nine), 9));
    high = _mm512_or_si512(high, _mm512_slli_epi32(fourth, 18));
    const __m512i i = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    _mm512_storeu_si512(to, _mm512_permutex2var_epi32(low, i, high));
    _mm512_storeu_si512(to + 8, _mm512_permutex2var_epi32(low, _mm512_add_epi32(i, set(8)), high));
}

static TARGET void make_near(n1_wide *s)
{
    const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), most = set((int32_t)s->codes - 1);
    for (uint32_t g = 0; g < s->width.sets; g++) {
        const n1_edges *e = &s->edges[g];
        for (uint32_t unit = 0; unit < s->codes; unit += 16) {
            __m512i k = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)(e->find + unit)));
            k = _mm512_min_epi32(k, most);
            const __m512i from = _mm512_sll_epi32(_mm512_add_epi32(set((int32_t)unit), lane), _mm_cvtsi32_si128(s->width.shift));
            put_near(s->near + (size_t)g * s->codes + unit, e->edge, s->codes, k, from);
        }
    }
}

/* The steps below the middle, in 1/128, at which the law's lower half has the mass u + 1/2. */
static int32_t steps_at(const n1_wide *s, uint32_t u, int64_t granted)
{
    const uint32_t *law = s->law + N1_WIDE_LAW_MIDDLE;
    const int down = N1_WIDE_STEP_BITS + s->width.shift;
    int32_t j = -N1_WIDE_LAW, above = 1;
    while (above - j > 1) {
        const int32_t i = j + (above - j) / 2;
        if (2 * (law[i] + n1_asr(i * granted, down)) <= 2 * (int64_t)u + 1)
            j = i;
        else
            above = i;
    }
    const int64_t low = 2 * (law[j] + n1_asr(j * granted, down)), high = 2 * (law[j + 1] + n1_asr((j + 1) * granted, down));
    const int64_t part = high > low ? (2 * (int64_t)u + 1 - low) * 128 / (high - low) : 0;
    return -j * 128 - (int32_t)n1_clamp((int32_t)part, 0, 128);
}

static void make_curve(n1_wide *s)
{
    for (uint32_t e = 3; e < N1_PROB_BITS - 1; e++)
        for (uint32_t h = 0; h < 2; h++) {
            const uint32_t quarter = (1u << e) >> 2, u = (4 + 2 * h) * quarter, at = (2 * e + h + 30) % 32;
            const int32_t q[3] = {steps_at(s, u, s->granted), steps_at(s, u + quarter, s->granted), steps_at(s, u + 2 * quarter, s->granted)};
            const int32_t c1 = n1_clamp(-3 * q[0] + 4 * q[1] - q[2] + HALF, -32767, 32767), c2 = n1_clamp(q[0] - 2 * q[1] + q[2], -32767, 32767);
            s->curve[0][at] = (int32_t)((uint32_t)c1 << 16 | (uint16_t)c2);
            s->curve[1][at] = (int32_t)((uint32_t)n1_clamp((q[0] + 8) >> 4, -32767, 32767) << 16);
        }
}

/* `near` is made where that pays: in a table that is soon renewed too little is looked up. */
TARGET int n1_wide_prepare_avx512(n1_wide *s)
{
    if (s->intervals == 0) make_curve(s);
    if (s->codes >= NOWHERE - 4) return 0;
    if (s->near_until == s->width.next) return 1;
    if (s->width.next - s->width.n < (uint64_t)s->width.sets * s->codes) return 0;
    make_near(s);
    s->near_until = s->width.next;
    return 1;
}
#endif
