/* log2.h - logarithms that are the same on every machine. */
#ifndef N1_BASE_LOG2_H
#define N1_BASE_LOG2_H
#include <stdint.h>

/* Position of the highest set bit; v > 0. */
static inline int n1_top_bit(uint64_t v)
{
#if defined(__GNUC__) || defined(__clang__)
    return 63 - __builtin_clzll(v);
#else
    int n = 0;
    while (v >>= 1)
        n++;
    return n;
#endif
}

/* How many bits are set. */
static inline unsigned n1_ones(uint64_t v)
{
#if defined(__GNUC__)
    return (unsigned)__builtin_popcountll(v);
#else
    unsigned n = 0;
    for (; v; v &= v - 1)
        n++;
    return n;
#endif
}

/* log2(v) in 256ths, v > 0. */
int32_t n1_log2_q8(uint64_t v);

/* Bits that hold 0 .. n - 1. */
unsigned n1_ceil_log2(uint32_t n);
#endif
