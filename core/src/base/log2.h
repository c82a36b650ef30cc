/* log2.h - logarithms that are the same on every machine. */
#ifndef N1_BASE_LOG2_H
#define N1_BASE_LOG2_H
#include <stdint.h>

/* log2(v) in 256ths, v > 0. */
int32_t n1_log2_q8(uint64_t v);

/* Bits that hold 0 .. n - 1. */
unsigned n1_ceil_log2(uint32_t n);
#endif
