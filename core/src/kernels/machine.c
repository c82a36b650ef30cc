/* Which kernels this machine and this build have. */
#include "kernels/target.h"
#include "n1/codec.h"

#if N1_X86
#include <cpuid.h>

static unsigned long long enabled_state(void)
{
    unsigned a, d;
    __asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
    return (unsigned long long)d << 32 | a;
}

n1_kernel n1_best_kernel(void)
{
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
        return N1_KERNEL_PORTABLE;
    const unsigned long long os = enabled_state();
    if ((os & 6) != 6 || !__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & bit_AVX2))
        return N1_KERNEL_PORTABLE;
    const unsigned need = bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL;
    if ((os & 0xe6) == 0xe6 && (b & need) == need && (c & bit_AVX512VBMI2))
        return N1_KERNEL_AVX512;
    return N1_KERNEL_AVX2;
}
#else
n1_kernel n1_best_kernel(void) { return N1_KERNEL_PORTABLE; }
#endif
