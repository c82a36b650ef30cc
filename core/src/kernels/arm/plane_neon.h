/* plane_neon.h - 8 x 8 elements of 16 bits in NEON: rows in, columns out. */
#ifndef N1_KERNELS_ARM_PLANE_NEON_H
#define N1_KERNELS_ARM_PLANE_NEON_H
#include "base/inline.h"

#include <arm_neon.h>

N1_INLINE void n1_transpose8_neon(uint16x8_t r[8])
{
    uint32x4_t a[8];
    for (int i = 0; i < 8; i += 2) {
        a[i] = vreinterpretq_u32_u16(vtrn1q_u16(r[i], r[i + 1]));
        a[i + 1] = vreinterpretq_u32_u16(vtrn2q_u16(r[i], r[i + 1]));
    }
    uint64x2_t b[8];
    for (int i = 0; i < 8; i += 4)
        for (int j = 0; j < 2; j++) {
            b[i + j] = vreinterpretq_u64_u32(vtrn1q_u32(a[i + j], a[i + j + 2]));
            b[i + j + 2] = vreinterpretq_u64_u32(vtrn2q_u32(a[i + j], a[i + j + 2]));
        }
    for (int i = 0; i < 4; i++) {
        r[i] = vreinterpretq_u16_u64(vtrn1q_u64(b[i], b[i + 4]));
        r[i + 4] = vreinterpretq_u16_u64(vtrn2q_u64(b[i], b[i + 4]));
    }
}

#endif
