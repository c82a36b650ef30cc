/* Intervals of the backward mode in AVX2, encoder. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "kernels/x86/rows_avx2.h"

INLINE uint64_t *write_rank(const common *b, uint32_t i, uint32_t step, uint64_t *record, uint32_t from, uint32_t to,
                            int whole)
{
    const n1_backward *s = b->s;
    n1_rank *g = &s->rank[i];
    const size_t row = (N1_ROWS_BEFORE + step) * b->slots + i * LANES;
    const __m256i mask = whole ? set(-1) : working(s, i, from, to), k = wide(s->code + row);
    const __m256i mu = predict(b, g, row - i * LANES, row);
    span v = span_of(b, g, k, mu);
    const __m256i tag = _mm256_slli_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), 24),
                  start = _mm256_or_si256(v.lo, tag);
    const __m256i freq = _mm256_sub_epi32(v.hi, v.lo);
    const __m256i low = _mm256_unpacklo_epi32(start, freq), high = _mm256_unpackhi_epi32(start, freq);
    uint64_t made[LANES], *out = whole ? record : made;
    store(out, _mm256_permute2x128_si256(low, high, 0x20));
    store(out + LANES / 2, _mm256_permute2x128_si256(low, high, 0x31));
    learn(b, g, row, k, &v, mu, mask);
    if (whole) return record + LANES;
    const unsigned at_work = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(mask));
    for (unsigned q = 0; q < LANES; q++)
        if (at_work >> q & 1U) *record++ = made[q];
    return record;
}

TARGET uint64_t *n1_rows_write_avx2(n1_backward *s, uint64_t *record)
{
    const common b = start(s);
    const uint32_t least = s->channels / LANES;
    for (uint32_t step = 0; step < STEPS; step++) {
        const uint32_t from = step < N1_INTERVAL ? 0 : step - N1_INTERVAL + 1, to = step < LANES ? step + 1 : LANES;
        uint32_t i = 0;
        if (to - from == LANES)
            for (; i < least; i++) record = write_rank(&b, i, step, record, from, to, 1);
        for (; i < s->ranks; i++) record = write_rank(&b, i, step, record, from, to, 0);
    }
    return record;
}
#endif
