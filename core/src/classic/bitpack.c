/* bitpack.c - blocks of values as a width, a minimum, and the differences to it in so many bits each. */
#include "n1/classic.h"

#include "base/types.h"

static inline uint32_t bits_of(uint32_t v)
{
    uint32_t bits = 0;
    for (; v; v >>= 1)
        bits++;
    return bits;
}

size_t n1_bitpack_bound(size_t n, n1_type type, size_t block)
{
    const size_t itemsize = n1_type_bits(type) / 8;
    return n * itemsize + (n / block + (n % block != 0)) * (1 + itemsize);
}

/* The differences modulo 2^32 are exact: minimum <= value in the order of the type. */
#define PACK(T)                                                                                                       \
    for (size_t start = 0; start < n; start += block) {                                                               \
        const T *x = (const T *)src + start;                                                                          \
        const size_t count = n - start < block ? n - start : block;                                                   \
        T low = x[0], high = x[0];                                                                                    \
        for (size_t i = 1; i < count; i++) {                                                                          \
            low = x[i] < low ? x[i] : low;                                                                            \
            high = x[i] > high ? x[i] : high;                                                                         \
        }                                                                                                             \
        const uint32_t base = (uint32_t)low, width = bits_of((uint32_t)high - base);                                  \
        *p++ = (uint8_t)width;                                                                                        \
        for (unsigned b = 0; b < itemsize; b++)                                                                       \
            *p++ = (uint8_t)(base >> (8 * b));                                                                        \
        uint64_t held = 0;                                                                                            \
        unsigned n_held = 0;                                                                                          \
        for (size_t i = 0; i < count; i++) {                                                                          \
            held |= (uint64_t)((uint32_t)x[i] - base) << n_held;                                                      \
            for (n_held += width; n_held >= 8; n_held -= 8, held >>= 8)                                               \
                *p++ = (uint8_t)held;                                                                                 \
        }                                                                                                             \
        if (n_held)                                                                                                   \
            *p++ = (uint8_t)held;                                                                                     \
    }

size_t n1_bitpack(const void *src, n1_type type, size_t n, size_t block, uint8_t *dst)
{
    const unsigned itemsize = n1_type_bits(type) / 8;
    uint8_t *p = dst;
    N1_FOR_TYPE(type, PACK)
    return (size_t)(p - dst);
}

#define UNPACK(T)                                                                                                     \
    for (size_t start = 0; start < n; start += block) {                                                               \
        T *x = (T *)dst + start;                                                                                      \
        const size_t count = n - start < block ? n - start : block;                                                   \
        if (len - at < 1 + itemsize)                                                                                  \
            return N1_ERROR_TRUNCATED;                                                                                \
        const unsigned width = src[at++];                                                                             \
        if (width > 8 * itemsize)                                                                                     \
            return N1_ERROR_CORRUPT;                                                                                  \
        uint32_t base = 0;                                                                                            \
        for (size_t b = 0; b < itemsize; b++)                                                                         \
            base |= (uint32_t)src[at++] << (8 * b);                                                                   \
        const size_t bytes = count / 8 * width + (count % 8 * width + 7) / 8;                                         \
        if (len - at < bytes)                                                                                         \
            return N1_ERROR_TRUNCATED;                                                                                \
        const uint64_t mask = ((uint64_t)1 << width) - 1;                                                             \
        uint64_t held = 0;                                                                                            \
        unsigned n_held = 0;                                                                                          \
        for (size_t i = 0; i < count; i++) {                                                                          \
            for (; n_held < width; n_held += 8)                                                                       \
                held |= (uint64_t)src[at++] << n_held;                                                                \
            x[i] = (T)(base + (uint32_t)(held & mask));                                                               \
            held >>= width;                                                                                           \
            n_held -= width;                                                                                          \
        }                                                                                                             \
        if (held)                                                                                                     \
            return N1_ERROR_CORRUPT;                                                                                  \
    }

n1_status n1_bitunpack(const uint8_t *src, size_t len, n1_type type, size_t n, size_t block, void *dst)
{
    const size_t itemsize = n1_type_bits(type) / 8;
    size_t at = 0;
    N1_FOR_TYPE(type, UNPACK)
    return at == len ? N1_OK : N1_ERROR_CORRUPT;
}
