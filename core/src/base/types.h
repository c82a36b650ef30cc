/* types.h - one loop for every type of sample. */
#ifndef N1_TYPES_H
#define N1_TYPES_H

#include "n1/n1.h"

/* Run the statement macro LOOP(T) with the C type that a n1_type stands for. */
#define N1_FOR_TYPE(type, LOOP)                                                                                       \
    switch (type) {                                                                                                   \
    case N1_INT8: LOOP(int8_t) break;                                                                                 \
    case N1_UINT8: LOOP(uint8_t) break;                                                                               \
    case N1_INT16: LOOP(int16_t) break;                                                                               \
    case N1_UINT16: LOOP(uint16_t) break;                                                                             \
    case N1_INT32: LOOP(int32_t) break;                                                                               \
    case N1_UINT32: LOOP(uint32_t) break;                                                                             \
    }

static inline unsigned n1_type_size(n1_type type) { return 1u << ((unsigned)type >> 1); }
static inline unsigned n1_type_bits(n1_type type) { return 8 * n1_type_size(type); }

/* The lowest value of the signed type of the same width for unsigned types, 0 for signed ones: what is added to a
 * value, wrapping around, to make it signed without changing the order of values. */
static inline uint32_t n1_type_bias(n1_type type)
{
    return (unsigned)type & 1 ? UINT32_MAX << (n1_type_bits(type) - 1) : 0;
}

/* Keep the low bits of v as a signed number of that many bits (1..32), without undefined or implementation-defined
 * shifts. */
static inline int32_t n1_wrap(uint32_t v, unsigned bits)
{
    uint32_t sign = (uint32_t)1 << (bits - 1);
    return (int32_t)(((v & (sign | (sign - 1))) ^ sign) - sign);
}

/* floor(v / 2^shift) for shift 0..63. */
static inline int64_t n1_floor_shift(int64_t v, unsigned shift)
{
    return v >= 0 ? (int64_t)((uint64_t)v >> shift) : ~(int64_t)(~(uint64_t)v >> shift);
}

#endif
