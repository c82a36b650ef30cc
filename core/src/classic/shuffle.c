/* shuffle.c - bytes or bits of the same weight side by side. */
#include "n1/classic.h"

#include <string.h>

n1_status n1_byte_shuffle(const void *src, size_t n, unsigned itemsize, uint8_t *dst)
{
    switch (itemsize) {
    case 1:
        memcpy(dst, src, n);
        return N1_OK;
    case 2:
        for (size_t i = 0; i < n; i++) {
            const unsigned v = ((const uint16_t *)src)[i];
            dst[i] = (uint8_t)v;
            dst[n + i] = (uint8_t)(v >> 8);
        }
        return N1_OK;
    case 4:
        for (size_t i = 0; i < n; i++) {
            const uint32_t v = ((const uint32_t *)src)[i];
            dst[i] = (uint8_t)v;
            dst[n + i] = (uint8_t)(v >> 8);
            dst[2 * n + i] = (uint8_t)(v >> 16);
            dst[3 * n + i] = (uint8_t)(v >> 24);
        }
        return N1_OK;
    default:
        return N1_ERROR_ARGUMENT;
    }
}

n1_status n1_byte_unshuffle(const uint8_t *src, size_t n, unsigned itemsize, void *dst)
{
    switch (itemsize) {
    case 1:
        memcpy(dst, src, n);
        return N1_OK;
    case 2:
        for (size_t i = 0; i < n; i++)
            ((uint16_t *)dst)[i] = (uint16_t)(src[i] | src[n + i] << 8);
        return N1_OK;
    case 4:
        for (size_t i = 0; i < n; i++)
            ((uint32_t *)dst)[i] = (uint32_t)src[i] | (uint32_t)src[n + i] << 8 | (uint32_t)src[2 * n + i] << 16 |
                                   (uint32_t)src[3 * n + i] << 24;
        return N1_OK;
    default:
        return N1_ERROR_ARGUMENT;
    }
}

/* Transpose the 8 x 8 matrix of bits whose row r is byte r: swap halves of 1, 2 and 4 bits with those of the rows as
 * far away. */
static inline uint64_t transpose8(uint64_t m)
{
    uint64_t t = (m ^ m >> 7) & 0x00AA00AA00AA00AAu;
    m ^= t ^ t << 7;
    t = (m ^ m >> 14) & 0x0000CCCC0000CCCCu;
    m ^= t ^ t << 14;
    t = (m ^ m >> 28) & 0x00000000F0F0F0F0u;
    return m ^ t ^ t << 28;
}

static inline uint32_t load_value(const void *src, unsigned itemsize, size_t i)
{
    if (itemsize == 1)
        return ((const uint8_t *)src)[i];
    return itemsize == 2 ? ((const uint16_t *)src)[i] : ((const uint32_t *)src)[i];
}

static inline void store_value(void *dst, unsigned itemsize, size_t i, uint32_t v)
{
    if (itemsize == 1)
        ((uint8_t *)dst)[i] = (uint8_t)v;
    else if (itemsize == 2)
        ((uint16_t *)dst)[i] = (uint16_t)v;
    else
        ((uint32_t *)dst)[i] = v;
}

/* One octet of up to 8 values; inlined for each itemsize and for whole octets. */
static inline void spread(const void *src, size_t octet, size_t count, unsigned itemsize, size_t plane, uint8_t *dst)
{
    uint64_t column[4] = {0, 0, 0, 0};
    for (size_t i = 0; i < count; i++) {
        const uint32_t v = load_value(src, itemsize, 8 * octet + i);
        for (unsigned b = 0; b < itemsize; b++)
            column[b] |= (uint64_t)(v >> (8 * b) & 0xFF) << (8 * i);
    }
    for (unsigned b = 0; b < itemsize; b++) {
        const uint64_t rows = transpose8(column[b]);
        for (unsigned bit = 0; bit < 8; bit++)
            dst[(8 * b + bit) * plane + octet] = (uint8_t)(rows >> (8 * bit));
    }
}

/* The inverse; returns what the unused bits hold. */
static inline uint64_t gather(const uint8_t *src, size_t octet, size_t count, unsigned itemsize, size_t plane,
                              void *dst)
{
    uint64_t column[4] = {0, 0, 0, 0}, unused = 0;
    for (unsigned b = 0; b < itemsize; b++) {
        uint64_t rows = 0;
        for (unsigned bit = 0; bit < 8; bit++)
            rows |= (uint64_t)src[(8 * b + bit) * plane + octet] << (8 * bit);
        column[b] = transpose8(rows);
        if (count < 8)
            unused |= column[b] >> (8 * count);
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t v = 0;
        for (unsigned b = 0; b < itemsize; b++)
            v |= (uint32_t)(column[b] >> (8 * i) & 0xFF) << (8 * b);
        store_value(dst, itemsize, 8 * octet + i, v);
    }
    return unused;
}

static inline void spread_all(const void *src, size_t n, unsigned itemsize, uint8_t *dst)
{
    const size_t plane = n / 8 + (n % 8 != 0);
    for (size_t octet = 0; octet < n / 8; octet++)
        spread(src, octet, 8, itemsize, plane, dst);
    if (n % 8)
        spread(src, n / 8, n % 8, itemsize, plane, dst);
}

static inline n1_status gather_all(const uint8_t *src, size_t n, unsigned itemsize, void *dst)
{
    const size_t plane = n / 8 + (n % 8 != 0);
    for (size_t octet = 0; octet < n / 8; octet++)
        gather(src, octet, 8, itemsize, plane, dst);
    return n % 8 && gather(src, n / 8, n % 8, itemsize, plane, dst) ? N1_ERROR_CORRUPT : N1_OK;
}

n1_status n1_bit_shuffle(const void *src, size_t n, unsigned itemsize, uint8_t *dst)
{
    switch (itemsize) {
    case 1: spread_all(src, n, 1, dst); return N1_OK;
    case 2: spread_all(src, n, 2, dst); return N1_OK;
    case 4: spread_all(src, n, 4, dst); return N1_OK;
    default: return N1_ERROR_ARGUMENT;
    }
}

n1_status n1_bit_unshuffle(const uint8_t *src, size_t n, unsigned itemsize, void *dst)
{
    switch (itemsize) {
    case 1: return gather_all(src, n, 1, dst);
    case 2: return gather_all(src, n, 2, dst);
    case 4: return gather_all(src, n, 4, dst);
    default: return N1_ERROR_ARGUMENT;
    }
}
