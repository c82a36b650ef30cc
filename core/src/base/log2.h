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
    v -= v >> 1 & 0x5555555555555555u;
    v = (v & 0x3333333333333333u) + (v >> 2 & 0x3333333333333333u);
    v = (v + (v >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return (unsigned)(v * 0x0101010101010101u >> 56);
}

/* log2(v) in 256ths, v > 0. */
int32_t n1_log2_q8(uint64_t v);

/* Bits that hold 0 .. n - 1. */
unsigned n1_ceil_log2(uint32_t n);
#endif
