/* Kernel choice, and the loops that compilers vectorise by themselves. */
#include "modes/forward/lanes.h"

#define TARGET_AVX2 N1_TARGET("avx2")
#define TARGET_AVX512 N1_TARGET("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi2")

N1_INLINE void predict_rows(const n1_lane_job *job, unsigned order)
{
    const int32_t top = (int32_t)job->axis->axis_len - 1, bias = job->channel->bias;
    const unsigned shift = job->channel->shift;
    const ptrdiff_t lanes = job->lanes;
    int32_t own[N1_MAX_ORDER];
    for (unsigned j = 0; j < order; j++)
        own[j] = job->channel->own[j];
    const size_t n = job->rows * job->lanes;
    const int16_t *mid = job->mid + N1_PLANE_HISTORY * job->lanes;
    const int32_t *extra = job->extra;
    uint16_t *mu = job->mu;
    int32_t sum[64];
    for (size_t i = 0; i < n; i += 16) { /* lanes is a multiple of 16 */
        for (unsigned l = 0; l < 16; l++)
            sum[l] = bias + (extra ? extra[i + l] : 0);
        for (unsigned j = 0; j < order; j++) {
            const int16_t *m = mid + (ptrdiff_t)i - (ptrdiff_t)(j + 1) * lanes;
            for (unsigned l = 0; l < 16; l++)
                sum[l] += own[j] * m[l];
        }
        for (unsigned l = 0; l < 16; l++) {
            int32_t v = sum[l] >> shift;
            v = v < 0 ? 0 : v;
            v = v > top ? top : v;
            mu[i + l] = (uint16_t)v;
        }
    }
}

static void predict_base(const n1_lane_job *job) { predict_rows(job, job->channel->order); }

#if N1_X86
#include <immintrin.h>

TARGET_AVX2 N1_INLINE __m256i load16(const int16_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* Two taps in one multiply-add: the products of a coefficient pair with the interleaved midpoints of two rows. What is
   interleaved within halves is put back in order by packing within halves. A sum of two products fits 32 bits, as the
   sum of all of them does. */
TARGET_AVX2 N1_INLINE void predict_pairs(const n1_lane_job *job, unsigned order)
{
    const __m256i zero = _mm256_setzero_si256(), top = _mm256_set1_epi32((int32_t)job->axis->axis_len - 1);
    const __m256i bias = _mm256_set1_epi32(job->channel->bias);
    const __m128i shift = _mm_cvtsi32_si128(job->channel->shift);
    const size_t n = job->rows * job->lanes, lanes = job->lanes;
    __m256i pair[N1_MAX_ORDER / 2];
    for (unsigned j = 0; j < order / 2; j++)
        pair[j] = _mm256_unpacklo_epi16(_mm256_set1_epi16(job->channel->own[2 * j]),
                                        _mm256_set1_epi16(job->channel->own[2 * j + 1]));
    for (size_t i = 0; i < n; i += 16) {
        const int16_t *m = job->mid + N1_PLANE_HISTORY * lanes + i;
        __m256i low = bias, high = bias;
        if (job->extra) {
            const __m256i a = load16((const int16_t *)(const void *)(job->extra + i));
            const __m256i b = load16((const int16_t *)(const void *)(job->extra + i + 8));
            low = _mm256_add_epi32(low, _mm256_permute2x128_si256(a, b, 0x20));
            high = _mm256_add_epi32(high, _mm256_permute2x128_si256(a, b, 0x31));
        }
        for (unsigned j = 0; j < order / 2; j++, m -= 2 * lanes) {
            const __m256i a = load16(m - lanes), b = load16(m - 2 * lanes);
            low = _mm256_add_epi32(low, _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), pair[j]));
            high = _mm256_add_epi32(high, _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), pair[j]));
        }
        low = _mm256_min_epi32(_mm256_max_epi32(_mm256_sra_epi32(low, shift), zero), top);
        high = _mm256_min_epi32(_mm256_max_epi32(_mm256_sra_epi32(high, shift), zero), top);
        _mm256_storeu_si256((__m256i *)(void *)(job->mu + i), _mm256_packus_epi32(low, high));
    }
}

/* Orders are even; those that the levels try have their loops unrolled. */
TARGET_AVX2 static void predict_avx2(const n1_lane_job *job)
{
    switch (job->channel->order) {
    case 8: predict_pairs(job, 8); break;
    case 16: predict_pairs(job, 16); break;
    case 20: predict_pairs(job, 20); break;
    case 24: predict_pairs(job, 24); break;
    case 28: predict_pairs(job, 28); break;
    case 32: predict_pairs(job, 32); break;
    default: predict_pairs(job, job->channel->order); break;
    }
}
#endif

void n1_lanes_predict(const n1_lane_job *job, n1_kernel kernel)
{
#if N1_X86
    if (kernel != N1_KERNEL_PORTABLE) {
        predict_avx2(job);
        return;
    }
#endif
    (void)kernel;
    predict_base(job);
}

N1_INLINE void expand(const n1_axis *axis, const uint16_t *restrict code, uint32_t *restrict edges,
                       int16_t *restrict mid, size_t n)
{
    const uint32_t *pair = axis->pair;
    const int32_t centre = axis->centre;
    for (size_t i = 0; i < n; i++)
        edges[i] = pair[code[i]];
    for (size_t i = 0; i < n && mid; i++)
        mid[i] = (int16_t)((int32_t)(((edges[i] & 0xffff) + (edges[i] >> 16)) >> 1) - centre);
}
static void expand_base(const n1_axis *x, const uint16_t *k, uint32_t *e, int16_t *m, size_t n)
{
    expand(x, k, e, m, n);
}
TARGET_AVX2 static void expand_avx2(const n1_axis *x, const uint16_t *k, uint32_t *e, int16_t *m, size_t n)
{
    expand(x, k, e, m, n);
}
TARGET_AVX512 static void expand_avx512(const n1_axis *x, const uint16_t *k, uint32_t *e, int16_t *m, size_t n)
{
    expand(x, k, e, m, n);
}

void n1_lanes_expand(const n1_axis *axis, const uint16_t *code, uint32_t *edges, int16_t *mid, size_t n,
                      n1_kernel kernel)
{
    if (kernel == N1_KERNEL_AVX512)
        expand_avx512(axis, code, edges, mid, n);
    else if (kernel == N1_KERNEL_AVX2)
        expand_avx2(axis, code, edges, mid, n);
    else
        expand_base(axis, code, edges, mid, n);
}

N1_INLINE void accumulate(int32_t *restrict acc, const int16_t *restrict mid, int32_t c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        acc[i] += c * mid[i];
}
static void accumulate_base(int32_t *acc, const int16_t *mid, int32_t c, size_t n) { accumulate(acc, mid, c, n); }
TARGET_AVX2 static void accumulate_avx2(int32_t *acc, const int16_t *mid, int32_t c, size_t n)
{
    accumulate(acc, mid, c, n);
}

void n1_accumulate(int32_t *acc, const int16_t *mid, int32_t coefficient, size_t n, n1_kernel kernel)
{
    if (kernel == N1_KERNEL_PORTABLE)
        accumulate_base(acc, mid, coefficient, n);
    else
        accumulate_avx2(acc, mid, coefficient, n);
}

n1_status n1_lanes_decode(const n1_lane_job *job, n1_kernel kernel, uint64_t *state, const uint8_t **at,
                           const uint8_t *end)
{
#if N1_X86
    if (kernel == N1_KERNEL_AVX512)
        return n1_lanes_decode_avx512(job, state, at, end);
    if (kernel == N1_KERNEL_AVX2)
        return n1_lanes_decode_avx2(job, state, at, end);
#endif
    (void)kernel;
    return n1_lanes_decode_portable(job, 1, state, at, end);
}

n1_status n1_lanes_encode(const n1_lane_job *job, n1_kernel kernel, uint64_t *state, uint8_t *begin, uint8_t **at)
{
#if N1_X86
    if (kernel == N1_KERNEL_AVX512)
        return n1_lanes_encode_avx512(job, state, begin, at);
    if (kernel == N1_KERNEL_AVX2)
        return n1_lanes_encode_avx2(job, state, begin, at);
#endif
    (void)kernel;
    return n1_lanes_encode_portable(job, state, begin, at);
}
