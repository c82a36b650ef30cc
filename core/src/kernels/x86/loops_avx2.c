/* The loops of kernels/portable/loops.h, compiled for AVX2. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "kernels/portable/loops.h"

#define TARGET N1_TARGET("avx2")

TARGET void n1_accumulate_avx2(int32_t *acc, const int16_t *mid, int32_t coefficient, size_t n)
{
    n1_accumulate_loop(acc, mid, coefficient, n);
}

TARGET void n1_nlink_values_avx2(const uint16_t *code, int32_t first, int16_t *out, size_t n)
{
    n1_nlink_values_loop(code, first, out, n);
}
#endif
