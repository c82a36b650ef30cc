/* AVX-512 kernel, encoder. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "kernels/x86/lanes_avx512.h"
#include "kernels/x86/rans_avx512.h"

/* Entries of 16 bits, the next one above each: what is above is dropped. The table's last entry has neighbours, too. */
TARGET void n1_midpoints_avx512(const n1_axis *axis, const uint16_t *code, int16_t *mid, size_t n)
{
    size_t i = 0;
    for (; i + 16 <= n; i += 16)
        _mm256_storeu_si256((__m256i *)(void *)(mid + i), _mm512_cvtepi32_epi16(gather(load_wide(code + i), axis->mid, 2)));
    for (; i < n; i++)
        mid[i] = axis->mid[code[i]];
}

/* As n1_dots_avx2 does: of 32 rows' products, each sum of two below 2^25, the parts fit 32 bits. */
INLINE void dots(const int16_t *a, const int16_t *const *b, unsigned m, size_t n, unsigned down, int64_t *sum)
{
    const __m128i shift = _mm_cvtsi32_si128((int)down);
    __m512i total[8];
    for (unsigned k = 0; k < m; k++)
        total[k] = _mm512_setzero_si512();
    for (size_t i = 0; i < n;) {
        const size_t left = (n - i) / 32, steps = left < 32 ? left : 32;
        __m512i part[8];
        for (unsigned k = 0; k < m; k++)
            part[k] = _mm512_setzero_si512();
        for (size_t j = 0; j < steps; j++, i += 32) {
            const __m512i x = _mm512_sra_epi16(_mm512_loadu_si512(a + i), shift);
            for (unsigned k = 0; k < m; k++)
                part[k] = _mm512_add_epi32(part[k], _mm512_madd_epi16(x, _mm512_sra_epi16(_mm512_loadu_si512(b[k] + i), shift)));
        }
        for (unsigned k = 0; k < m; k++) {
            total[k] = _mm512_add_epi64(total[k], _mm512_srai_epi64(_mm512_slli_epi64(part[k], 32), 32));
            total[k] = _mm512_add_epi64(total[k], _mm512_srai_epi64(part[k], 32));
        }
    }
    for (unsigned k = 0; k < m; k++)
        sum[k] = _mm512_reduce_add_epi64(total[k]);
}

#define DOTS(m) (dots(a, b, m, n, down, sum), b += m, sum += m)

TARGET void n1_dots_avx512(const int16_t *a, const int16_t *const *b, size_t m, size_t n, unsigned down, int64_t *sum)
{
    if (n % 32 || n < 128) {
        n1_dots_avx2(a, b, m, n, down, sum);
        return;
    }
    for (; m >= 8; m -= 8)
        DOTS(8);
    if (m & 4)
        DOTS(4);
    if (m & 2)
        DOTS(2);
    if (m & 1)
        DOTS(1);
}

/* The last row first; in each, the last sixteen first. States stay in registers. */
INLINE n1_status encode_rows(const n1_lane_job *job, uint64_t *state, uint8_t *begin, uint8_t **at, unsigned sixteens)
{
    const law l = law_of(job);
    const unsigned lanes = 16 * sixteens;
    const __m512i low_half = _mm512_set1_epi64(0xffffffff);
    __m512i xe[2], xo[2];
    for (unsigned g = 0; g < sixteens; g++) {
        xe[g] = _mm512_loadu_si512(state + 16 * g);
        xo[g] = _mm512_loadu_si512(state + 16 * g + 8);
    }
    uint8_t *p = *at;
    n1_status status = N1_OK;
    for (size_t row = job->rows; row-- > 1;) {
        if (p - begin < (ptrdiff_t)(4 * lanes + 8)) {
            status = N1_ERROR_INTERNAL;
            break;
        }
        __m512i low[2], freq[2];
        for (unsigned g = 0; g < sixteens; g++) {
            const size_t place = row * lanes + 16 * g;
            const __m512i code = load_wide(job->code + place), e = gather(code, job->axis->pair, 4);
            __m512i high;
            law_bounds(&l, code, _mm512_and_si512(e, _mm512_set1_epi32(0xffff)), _mm512_srli_epi32(e, 16),
                       load_wide(job->mu + place), &low[g], &high);
            freq[g] = _mm512_sub_epi32(high, low[g]);
        }
        for (unsigned g = sixteens; g-- > 0;) {
            const __m512i fo = _mm512_srli_epi64(freq[g], 32), fe = _mm512_and_si512(freq[g], low_half);
            xo[g] = n1_shrink(xo[g], _mm512_slli_epi64(fo, 20), &p);
            xe[g] = n1_shrink(xe[g], _mm512_slli_epi64(fe, 20), &p);
            xo[g] = n1_push_eight(xo[g], fo, _mm512_srli_epi64(low[g], 32));
            xe[g] = n1_push_eight(xe[g], fe, _mm512_and_si512(low[g], low_half));
        }
    }
    for (unsigned g = 0; g < sixteens; g++) {
        _mm512_storeu_si512(state + 16 * g, xe[g]);
        _mm512_storeu_si512(state + 16 * g + 8, xo[g]);
    }
    *at = p;
    return status;
}

/* Functions of their own: in one, their frames on the stack would add up. */
static __attribute__((noinline)) TARGET n1_status encode_16(const n1_lane_job *job, uint64_t *state, uint8_t *begin, uint8_t **at)
{
    return encode_rows(job, state, begin, at, 1);
}

static __attribute__((noinline)) TARGET n1_status encode_32(const n1_lane_job *job, uint64_t *state, uint8_t *begin, uint8_t **at)
{
    return encode_rows(job, state, begin, at, 2);
}

TARGET n1_status n1_lanes_encode_avx512(const n1_lane_job *job, uint64_t *state, uint8_t *begin, uint8_t **at)
{
    return job->lanes == 32 ? encode_32(job, state, begin, at) : encode_16(job, state, begin, at);
}
#endif
