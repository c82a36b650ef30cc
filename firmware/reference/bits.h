/* bits.h - bits, most significant first, and Rice codes by an adaptive parameter. */
#ifndef N1_FIRMWARE_BITS_H
#define N1_FIRMWARE_BITS_H
#include "reference.h"

#define N1_REFERENCE_INLINE static inline __attribute__((always_inline))
#define N1_RICE_START  96u /* sum after a key */
#define N1_RICE_LONGEST 8u /* ones; with so many the code itself follows */

typedef struct n1_bits {
    uint8_t *p;
    uint32_t waiting, count; /* the lowest `count` bits, below 16 between calls */
} n1_bits;

/* v < 2^n, n <= 16. */
N1_REFERENCE_INLINE void n1_bits_put(n1_bits *b, uint32_t v, uint32_t n)
{
    b->waiting = b->waiting << n | v;
    b->count += n;
    if (b->count >= 16) {
        b->count -= 16;
        const uint32_t out = b->waiting >> b->count;
        b->p[0] = (uint8_t)(out >> 8);
        b->p[1] = (uint8_t)out;
        b->p += 2;
    }
}

N1_REFERENCE_INLINE size_t n1_bits_end(n1_bits *b, const uint8_t *begin)
{
    if (b->count > 8)
        n1_bits_put(b, 0, 16 - b->count);
    else if (b->count)
        *b->p++ = (uint8_t)(b->waiting << (8 - b->count));
    return (size_t)(b->p - begin);
}

/* Bits of v < 2^10; 0 of 0. */
N1_REFERENCE_INLINE uint32_t n1_bits_of(uint32_t v)
{
#if !defined(__riscv) || defined(__riscv_zbb)
    return 31U - (uint32_t)__builtin_clz(v << 1 | 1U);
#else /* no instruction: a table */
    static const uint8_t bits[1024] = {0, 1, 2, 2, [4 ... 7] = 3, [8 ... 15] = 4, [16 ... 31] = 5, [32 ... 63] = 6,
                                       [64 ... 127] = 7, [128 ... 255] = 8, [256 ... 511] = 9, [512 ... 1023] = 10};
    return bits[v];
#endif
}

/* A residual; the code where it is too far off. Returns the sum after it. */
N1_REFERENCE_INLINE uint32_t n1_rice_put(n1_bits *b, int32_t residual, uint32_t code, uint32_t sum)
{
    const uint32_t z = (uint32_t)(residual << 1 ^ residual >> 31);
    uint32_t k = n1_bits_of(sum * 3U >> 7);
    k = k < 8 ? k : 8;
    const uint32_t ones = z >> k;
    if (ones < N1_RICE_LONGEST) {
        n1_bits_put(b, ((2U << ones) - 2U) << k | (z & ((1U << k) - 1U)), ones + 1 + k);
    } else {
        n1_bits_put(b, (1U << N1_RICE_LONGEST) - 1, N1_RICE_LONGEST);
        n1_bits_put(b, code, N1_REFERENCE_BITS);
    }
    return sum + z - (sum >> 4);
}
#endif
