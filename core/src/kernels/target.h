/* target.h - which machines' kernels are part of this build. */
#ifndef N1_KERNELS_TARGET_H
#define N1_KERNELS_TARGET_H
#include "base/inline.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(N1_SCALAR_ONLY)
#define N1_X86 1
#define N1_TARGET(features) __attribute__((target(features)))
#else
#define N1_X86 0
#endif

#if defined(__aarch64__) && defined(__ARM_NEON) && defined(__GNUC__) && !defined(__AARCH64EB__) && !defined(N1_SCALAR_ONLY)
#define N1_ARM 1
#else
#define N1_ARM 0
#endif

#endif
