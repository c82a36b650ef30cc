/* The loops of kernels/portable/loops.h, compiled for AVX2. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "kernels/portable/loops.h"
#include "kernels/x86/taps_avx2.h"

#define TARGET N1_TARGET("avx2")

TARGET N1_INLINE void neighbour_sums(const n1_lane_job *job, int32_t *sum, unsigned neighbours, unsigned taps)
{
    const size_t n = job->rows * job->lanes;
    n1_neighbour_pairs pairs;
    n1_neighbour_pairs_of(&pairs, job->channel);
    for (size_t i = 0; i < n; i += 16) {
        n1_sums s = {_mm256_setzero_si256(), _mm256_setzero_si256()};
        n1_neighbours_add(&s, job, &pairs, neighbours, taps, i);
        _mm256_storeu_si256((__m256i *)(void *)(sum + i), _mm256_permute2x128_si256(s.low, s.high, 0x20));
        _mm256_storeu_si256((__m256i *)(void *)(sum + i + 8), _mm256_permute2x128_si256(s.low, s.high, 0x31));
    }
}

/* Those that the levels use have their loops unrolled. */
TARGET void n1_neighbour_sums_avx2(const n1_lane_job *job, int32_t *sum)
{
    const unsigned n = job->channel->n_neighbours, taps = job->channel->neighbour_taps;
    if (n == 2 && taps == 3)
        neighbour_sums(job, sum, 2, 3);
    else if (n == 3 && taps == 3)
        neighbour_sums(job, sum, 3, 3);
    else if (n == 4 && taps == 3)
        neighbour_sums(job, sum, 4, 3);
    else
        neighbour_sums(job, sum, n, taps);
}

TARGET void n1_nlink_values_avx2(const uint16_t *code, int32_t first, int16_t *out, size_t n)
{
    n1_nlink_values_loop(code, first, out, n);
}
#endif
