/* loops.h - loops that compilers vectorise by themselves, once for each kernel. */
#ifndef N1_KERNELS_PORTABLE_LOOPS_H
#define N1_KERNELS_PORTABLE_LOOPS_H
#include "base/inline.h"

#include <stddef.h>
#include <stdint.h>

N1_INLINE void n1_midpoints_loop(const int16_t *restrict of, const uint16_t *restrict code, int16_t *restrict mid, size_t n)
{
    for (size_t i = 0; i < n; i++)
        mid[i] = of[code[i]];
}
/* Some residuals in a row: added to what is counted already. */
N1_INLINE void n1_residuals_loop(const int16_t *restrict mid, const uint16_t *restrict mu, int32_t centre, size_t n,
                                 uint32_t limit, uint32_t far, uint32_t *beyond, uint32_t *within, uint64_t *sum)
{
    uint32_t out = 0, in = 0;
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++) {
        const uint32_t d = (uint32_t)(mid[i] + centre - mu[i]), e = d * d;   /* |d| < 2^16 */
        out += e > far;
        in += e <= limit;
        total += e <= limit ? e : 0;
    }
    *beyond += out;
    *within += in;
    *sum += total;
}
N1_INLINE void n1_accumulate_loop(int32_t *restrict acc, const int16_t *restrict mid, int32_t c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        acc[i] += c * mid[i];
}
/* trunc(k * 65535 / 1023 - 32768) = 64 k - 32768 + 21 k / 341, rounded up below zero and down above. All of it fits
   16 bits: x / 341 = x * 24601 >> 23 for every x that occurs (tested over all 1024 codes). */
N1_INLINE int16_t n1_nlink_value16(uint16_t k)
{
    const uint16_t x = (uint16_t)(21 * k + (k < 512 ? 340 : 0));
    const uint16_t high = (uint16_t)(((uint32_t)x * 24601u) >> 16);
    return (int16_t)(uint16_t)(64 * k + 32768 + (high >> 7));
}

N1_INLINE int n1_nlink_codes_loop(const int16_t *restrict v, size_t n, uint16_t *restrict code, uint32_t *low, uint32_t *high)
{
    uint16_t wrong = 0, lo = 1023, hi = 0;
    for (size_t i = 0; i < n; i++) {
        const uint32_t u = (uint32_t)(v[i] + 32768);
        const uint16_t k = (uint16_t)((u * 1023 + 32768) >> 16);
        wrong = (uint16_t)(wrong | (n1_nlink_value16(k) ^ v[i]));
        lo = k < lo ? k : lo;
        hi = k > hi ? k : hi;
        code[i] = k;
    }
    *low = lo;
    *high = hi;
    return !wrong;
}
N1_INLINE void n1_nlink_values_loop(const uint16_t *code, int32_t first, int16_t *out, size_t n)
{
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC ivdep /* each element depends on itself only */
#endif
    for (size_t i = 0; i < n; i++)
        out[i] = (int16_t)n1_nlink_value16((uint16_t)(code[i] + first));
}

#endif
