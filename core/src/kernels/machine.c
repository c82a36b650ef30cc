/* Which kernels this build and this machine have. */
#include "kernels/target.h"
#include "n1/codec.h"

int n1_kernel_available(n1_kernel kernel)
{
    switch (kernel) {
    case N1_KERNEL_PORTABLE: return 1;
#if N1_X86
    case N1_KERNEL_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");
    case N1_KERNEL_AVX512:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("avx512f")
               && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
               && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd")
               && __builtin_cpu_supports("avx512vbmi2");
#endif
#if N1_ARM
    case N1_KERNEL_NEON: return 1;
#endif
    default: return 0;
    }
}

n1_kernel n1_best_kernel(void)
{
    n1_kernel best = N1_KERNEL_PORTABLE;
    for (int k = 0; k < N1_KERNELS; k++)
        if (n1_kernel_available((n1_kernel)k))
            best = (n1_kernel)k;
    return best;
}

const char *n1_kernel_name(n1_kernel kernel)
{
    switch (kernel) {
    case N1_KERNEL_PORTABLE: return "portable";
    case N1_KERNEL_AVX2: return "avx2";
    case N1_KERNEL_AVX512: return "avx512";
    case N1_KERNEL_NEON: return "neon";
    default: return "unknown";
    }
}
