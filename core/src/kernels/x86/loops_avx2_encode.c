/* The encoder's loops in AVX2. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "kernels/portable/loops.h"
#include "kernels/portable/portable.h"
#include "kernels/x86/taps_avx2.h"

#include <immintrin.h>

#define TARGET N1_TARGET("avx2")
#define PRODUCTS 64u   /* added up in 32 bits: as the portable form does */

TARGET void n1_midpoints_avx2(const n1_axis *axis, const uint16_t *code, int16_t *mid, size_t n)
{
    n1_midpoints_loop(axis->mid, code, mid, n);
}

TARGET int n1_nlink_codes_avx2(const int16_t *samples, size_t n, uint16_t *code, uint32_t *low, uint32_t *high)
{
    return n1_nlink_codes_loop(samples, n, code, low, high);
}

TARGET N1_INLINE __m256i load16(const int16_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* What unpacking within halves has interleaved, packing within halves puts back in order. */
TARGET N1_INLINE void predict(const n1_lane_job *job, unsigned order, unsigned neighbours, unsigned taps)
{
    const __m256i zero = _mm256_setzero_si256(), top = _mm256_set1_epi32((int32_t)job->axis->axis_len - 1);
    const __m256i bias = _mm256_set1_epi32(job->channel->bias);
    const __m128i shift = _mm_cvtsi32_si128(job->channel->shift);
    const size_t n = job->rows * job->lanes, lanes = job->lanes;
    n1_neighbour_pairs others;
    __m256i pair[N1_MAX_ORDER / 2];
    n1_neighbour_pairs_of(&others, job->channel);
    for (unsigned j = 0; j < order / 2; j++)
        pair[j] = n1_taps_pair(job->channel->own[2 * j], job->channel->own[2 * j + 1]);
    for (size_t i = 0; i < n; i += 16) {
        const int16_t *m = job->mid + N1_PLANE_HISTORY * lanes + i;
        n1_sums s = {bias, bias};
        n1_neighbours_add(&s, job, &others, neighbours, taps, i);
        for (unsigned j = 0; j < order / 2; j++, m -= 2 * lanes)
            n1_taps_add(&s, m - lanes, m - 2 * lanes, pair[j]);
        const __m256i low = _mm256_min_epi32(_mm256_max_epi32(_mm256_sra_epi32(s.low, shift), zero), top);
        const __m256i high = _mm256_min_epi32(_mm256_max_epi32(_mm256_sra_epi32(s.high, shift), zero), top);
        _mm256_storeu_si256((__m256i *)(void *)(job->mu + i), _mm256_packus_epi32(low, high));
    }
}

/* Orders are even; what the levels try has its loops unrolled. */
TARGET void n1_lanes_predict_avx2(const n1_lane_job *job)
{
    const n1_channel *c = job->channel;
    if (c->order == 8 && c->n_neighbours == 2 && c->neighbour_taps == 3)
        predict(job, 8, 2, 3);
    else if (c->order == 8 && c->n_neighbours == 3 && c->neighbour_taps == 3)
        predict(job, 8, 3, 3);
    else if (c->n_neighbours)
        predict(job, c->order, c->n_neighbours, c->neighbour_taps);
    else if (c->order == 8)
        predict(job, 8, 0, 0);
    else if (c->order == 16)
        predict(job, 16, 0, 0);
    else if (c->order == 24)
        predict(job, 24, 0, 0);
    else
        predict(job, c->order, 0, 0);
}

TARGET void n1_residuals_avx2(const n1_lane_job *job, size_t every, n1_residuals *r)
{
    const size_t lanes = job->lanes, rows = job->rows, run = every > 1 ? 1 : rows - 1;
    const int16_t *const mid = job->mid + N1_PLANE_HISTORY * lanes;
    uint32_t beyond = 0, within = 0;
    r->all = r->sum = 0;
    for (size_t row = 1; row < rows; row += every > 1 ? every : run) {
        n1_residuals_loop(mid + row * lanes, job->mu + row * lanes, job->axis->centre, run * lanes, r->limit, r->far, &beyond,
                          &within, &r->sum);
        r->all += run * lanes;
    }
    r->beyond = beyond;
    r->within = within;
}

/* Sums of 64 bits, their parts of 32: one multiply-add makes 16 products of each of m others; compilers do not find it behind
   the shift. */
TARGET N1_INLINE void dots(const int16_t *a, const int16_t *const *b, unsigned m, size_t n, int shifted, unsigned down, int64_t *sum)
{
    const __m128i shift = _mm_cvtsi32_si128((int)down);
    const __m256i zero = _mm256_setzero_si256();
    __m256i total[8];
    for (unsigned k = 0; k < m; k++)
        total[k] = zero;
    for (size_t i = 0; i + 16 <= n;) {
        const size_t left = (n - i) / 16, steps = left < PRODUCTS / 2 ? left : PRODUCTS / 2;
        __m256i part[8];
        for (unsigned k = 0; k < m; k++)
            part[k] = zero;
        for (size_t j = 0; j < steps; j++, i += 16) {
            const __m256i x = load16(a + i), y = shifted ? _mm256_sra_epi16(x, shift) : x;
            for (unsigned k = 0; k < m; k++) {
                const __m256i z = load16(b[k] + i);
                part[k] = _mm256_add_epi32(part[k], _mm256_madd_epi16(y, shifted ? _mm256_sra_epi16(z, shift) : z));
            }
        }
        for (unsigned k = 0; k < m; k++) {
            const __m256i sign = _mm256_cmpgt_epi32(zero, part[k]);
            total[k] = _mm256_add_epi64(total[k], _mm256_unpacklo_epi32(part[k], sign));
            total[k] = _mm256_add_epi64(total[k], _mm256_unpackhi_epi32(part[k], sign));
        }
    }
    for (unsigned k = 0; k < m; k++) {
        const __m128i half = _mm_add_epi64(_mm256_castsi256_si128(total[k]), _mm256_extracti128_si256(total[k], 1));
        sum[k] = _mm_cvtsi128_si64(half) + _mm_extract_epi64(half, 1);
    }
    for (size_t i = n / 16 * 16; i < n; i++)
        for (unsigned k = 0; k < m; k++)
            sum[k] += (a[i] >> down) * (b[k][i] >> down);
}

#define DOTS(m) (down ? dots(a, b, m, n, 1, down, sum) : dots(a, b, m, n, 0, 0, sum), b += m, sum += m)

TARGET void n1_dots_avx2(const int16_t *a, const int16_t *const *b, size_t m, size_t n, unsigned down, int64_t *sum)
{
    for (; m >= 8; m -= 8)
        DOTS(8);
    if (m & 4)
        DOTS(4);
    if (m & 2)
        DOTS(2);
    if (m & 1)
        DOTS(1);
}

TARGET int64_t n1_dot_avx2(const int16_t *a, const int16_t *b, size_t n, unsigned down)
{
    int64_t sum;
    n1_dots_avx2(a, &b, 1, n, down, &sum);
    return sum;
}
/* Sums of 32 bits to one of 64. */
N1_INLINE TARGET int64_t total_of(__m256i v)
{
    int32_t part[8];
    int64_t sum = 0;
    _mm256_storeu_si256((__m256i *)(void *)part, v);
    for (int i = 0; i < 8; i++) sum += part[i];
    return sum;
}

TARGET void n1_lagged_avx2(const int16_t *x, const int16_t *y, size_t n, int64_t sum[9])
{
    size_t t = 0;
    while (t + 16 <= n) {
        const size_t left = (n - t) / 16, m = left < 32 ? left : 32; /* 2^25 each: 2^30 */
        __m256i part[9];
        for (int i = 0; i < 9; i++) part[i] = _mm256_setzero_si256();
        for (size_t j = 0; j < m; j++, t += 16) {
            const __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(x + t));
            for (int i = 0; i < 9; i++) {
                const __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(y + (ptrdiff_t)t + 4 - i));
                part[i] = _mm256_add_epi32(part[i], _mm256_madd_epi16(a, b));
            }
        }
        for (int i = 0; i < 9; i++) sum[i] += total_of(part[i]);
    }
    if (t < n) n1_lagged_portable(x + t, y + t, n - t, sum);
}
#endif
