/* bitpack.c - blocks of values as a width, a minimum, and the differences to it in so many bits each. */
#include "n1/classic.h"

#include "base/bits.h"
#include "base/samples.h"
#include "base/types.h"

static inline uint32_t bits_of(uint32_t v)
{
    uint32_t bits = 0;
    for (; v; v >>= 1)
        bits++;
    return bits;
}

/* Bytes of so many differences of so many bits each. */
static inline size_t packed_bytes(size_t count, unsigned width) { return count / 8 * width + (count % 8 * width + 7) / 8; }

size_t n1_bitpack_bound(size_t n, n1_type type, size_t block)
{
    const size_t itemsize = n1_type_size(type);
    const uint64_t total = (uint64_t)n * itemsize + (uint64_t)(n / block + (n % block != 0)) * (1 + itemsize);
    return total <= SIZE_MAX ? (size_t)total : SIZE_MAX;
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
        p = n1_put_sample(p, base, itemsize);                                                                         \
        n1_bitwriter w;                                                                                               \
        n1_bitwriter_init(&w, p, packed_bytes(count, width));                                                         \
        for (size_t i = 0; i < count; i++)                                                                            \
            n1_put_low_bits(&w, (uint32_t)x[i] - base, width);                                                        \
        (void)n1_bitwriter_finish_low(&w); /* there is room: the bound */                                             \
        p = w.p;                                                                                                      \
    }

size_t n1_bitpack(const void *src, n1_type type, size_t n, size_t block, uint8_t *dst)
{
    const unsigned itemsize = n1_type_size(type);
    uint8_t *p = dst;
    N1_FOR_TYPE(type, PACK)
    return (size_t)(p - dst);
}

#define UNPACK(T)                                                                                                     \
    for (size_t start = 0; start < n; start += block) {                                                               \
        T *x = (T *)dst + start;                                                                                      \
        const size_t count = n - start < block ? n - start : block;                                                   \
        if (len - at < 1 + (size_t)itemsize)                                                                          \
            return N1_ERROR_TRUNCATED;                                                                                \
        const unsigned width = src[at++];                                                                             \
        if (width > 8 * itemsize)                                                                                     \
            return N1_ERROR_CORRUPT;                                                                                  \
        const uint32_t base = n1_get_sample(src + at, itemsize);                                                      \
        at += itemsize;                                                                                               \
        const size_t bytes = packed_bytes(count, width);                                                              \
        if (len - at < bytes)                                                                                         \
            return N1_ERROR_TRUNCATED;                                                                                \
        n1_bitreader r;                                                                                               \
        n1_bitreader_init(&r, src + at, bytes);                                                                       \
        for (size_t i = 0; i < count; i++) {                                                                          \
            n1_refill_low(&r);                                                                                        \
            x[i] = (T)(base + n1_take_low_bits(&r, width));                                                           \
        }                                                                                                             \
        if (n1_bitreader_finish(&r) != N1_OK)                                                                         \
            return N1_ERROR_CORRUPT;                                                                                  \
        at += bytes;                                                                                                  \
    }

n1_status n1_bitunpack(const uint8_t *src, size_t len, n1_type type, size_t n, size_t block, void *dst)
{
    const unsigned itemsize = n1_type_size(type);
    size_t at = 0;
    N1_FOR_TYPE(type, UNPACK)
    return at == len ? N1_OK : N1_ERROR_CORRUPT;
}
