/* Small fixed-point helpers shared by the adaptive levels. */
#ifndef N1_BASE_FIXED_H
#define N1_BASE_FIXED_H
#include "base/inline.h"
#include "base/log2.h"
#include "base/tables.h"

/* C leaves the right shift of a negative number to the implementation; every compiler we know copies the sign. One
 * that does not is refused here rather than trusted to decode differently. */
_Static_assert((-5 >> 1) == -3 && (INT64_C(-5) >> 1) == INT64_C(-3), "right shifts must copy the sign");
N1_INLINE int64_t n1_asr(int64_t v, int s) { return v >> s; }
N1_INLINE int32_t n1_clamp(int32_t v, int32_t lo, int32_t hi) { return v < lo ? lo : v > hi ? hi : v; }
N1_INLINE int64_t n1_clamp64(int64_t v, int64_t lo, int64_t hi) { return v < lo ? lo : v > hi ? hi : v; }
static inline int64_t n1_abs64(int64_t v) { return v < 0 ? -v : v; }

/* log2(v) in Q12, v > 0, from 11 bits of mantissa: error below 2^-11.5, far below what moves a probability. */
static inline int32_t n1_log2_q12(uint64_t v)
{
    int e = n1_top_bit(v);
    uint32_t m = (uint32_t)((v << (63 - e)) >> 52) & 2047U;
    return e * 4096 + N1_LOG2[m];
}

/* n1_log2_q12(a) - n1_log2_q12(b) of two numbers above 0: the same values, made for 32 bits. */
N1_INLINE int32_t n1_log2_ratio(uint32_t a, uint32_t b)
{
#if defined(__GNUC__)
    const int x = __builtin_clz(a), y = __builtin_clz(b);
    return (y - x) * 4096 + N1_LOG2[(a << x) >> 20 & 2047U] - N1_LOG2[(b << y) >> 20 & 2047U];
#else
    return n1_log2_q12(a) - n1_log2_q12(b);
#endif
}

/* round(256 * 65536 / sqrt(variance)) for a variance in squared voltage units (1/32 octave steps of sigma). */
static inline uint32_t n1_inv_sigma(uint64_t variance)
{
    int32_t i = (n1_log2_q12(variance | 1U) + 128) >> 8;
    return N1_INV_SIGMA[i > 511 ? 511 : i];
}
#endif
