/* Predictions in AVX2: two taps in one multiply-add, sixteen samples at a time. */
#ifndef N1_KERNELS_X86_TAPS_AVX2_H
#define N1_KERNELS_X86_TAPS_AVX2_H
#include "kernels/x86/x86.h"
#include "modes/forward/lanes.h"

#include <immintrin.h>

#define N1_TAPS_AVX2 N1_INLINE N1_TARGET("avx2")

/* Sums of sixteen samples: 0 .. 3 and 8 .. 11 in low, the others in high, as unpacking within halves leaves them. */
typedef struct {
    __m256i low, high;
} n1_sums;

N1_TAPS_AVX2 __m256i n1_taps_pair(int16_t a, int16_t b) { return _mm256_set1_epi32((int32_t)((uint32_t)(uint16_t)a | (uint32_t)(uint16_t)b << 16)); }

/* The products of a coefficient pair with the interleaved midpoints of two rows. A sum of two products fits 32 bits, as the
   sum of all of them does. */
N1_TAPS_AVX2 void n1_taps_add(n1_sums *s, const int16_t *a, const int16_t *b, __m256i pair)
{
    const __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)a), y = _mm256_loadu_si256((const __m256i *)(const void *)b);
    s->low = _mm256_add_epi32(s->low, _mm256_madd_epi16(_mm256_unpacklo_epi16(x, y), pair));
    s->high = _mm256_add_epi32(s->high, _mm256_madd_epi16(_mm256_unpackhi_epi16(x, y), pair));
}

/* The coefficients of the neighbours in pairs, the last one of an odd number of taps with a zero. */
typedef struct {
    __m256i pair[N1_FORWARD_NEIGHBOURS][N1_FORWARD_NEIGHBOUR_TAPS / 2];
} n1_neighbour_pairs;

N1_TAPS_AVX2 void n1_neighbour_pairs_of(n1_neighbour_pairs *p, const n1_channel *c)
{
    for (unsigned a = 0; a < c->n_neighbours; a++)
        for (unsigned j = 0; j < c->neighbour_taps; j += 2)
            p->pair[a][j / 2] = n1_taps_pair(c->neighbour[a][j], j + 1 < c->neighbour_taps ? c->neighbour[a][j + 1] : 0);
}

/* What `n` neighbours add to sixteen samples from i on. */
N1_TAPS_AVX2 void n1_neighbours_add(n1_sums *s, const n1_lane_job *job, const n1_neighbour_pairs *p, unsigned n, unsigned taps, size_t i)
{
    const size_t lanes = job->lanes;
    for (unsigned a = 0; a < n; a++) {
        const int16_t *m = job->neighbour[a] + i;
        n1_taps_add(s, m, m - (taps > 1 ? lanes : 0), p->pair[a][0]);
        if (taps > 2)
            n1_taps_add(s, m - 2 * lanes, m - (taps > 3 ? 3 : 2) * lanes, p->pair[a][1]);
    }
}

#endif
