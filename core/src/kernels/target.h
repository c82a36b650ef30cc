/* cpu.h - whether kernels for x86-64 are part of this build. */
#ifndef N1C_CPU_H
#define N1C_CPU_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(N1_SCALAR_ONLY)
#define N1C_X86 1
#define N1C_TARGET(features) __attribute__((target(features)))
#else
#define N1C_X86 0
#define N1C_TARGET(features)
#endif

/* For loops that are compiled once for each kernel: they must become part of the function that has the target. */
#if defined(__GNUC__)
#define N1C_INLINE static inline __attribute__((always_inline))
#else
#define N1C_INLINE static inline
#endif

#endif
