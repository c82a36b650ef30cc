/* varint.h - the one variable-length integer of all formats: unsigned LEB128 in its shortest form, of at most 64 bits.
 *
 * Seven bits a byte, least significant first, the top bit set on all bytes but the last. A number has one spelling only:
 * a last byte of zero after the first is refused.
 */
#ifndef N1_VARINT_H
#define N1_VARINT_H

#include "n1/n1.h"

#define N1_MAX_VARINT_BYTES 10u

/* Bytes that a number takes. */
static inline size_t n1_varint_size(uint64_t value)
{
    size_t size = 1;
    while (value >>= 7)
        size++;
    return size;
}

/* Write a number where there is room for it; returns the place after it. */
static inline uint8_t *n1_put_varint(uint8_t *p, uint64_t value)
{
    for (; value > 0x7F; value >>= 7)
        *p++ = (uint8_t)(value | 0x80);
    *p++ = (uint8_t)value;
    return p;
}

/* Read a number of at most `limit` and go past it. N1_ERROR_TRUNCATED if the bytes end within it; N1_ERROR_CORRUPT if it
 * is larger, or not in its shortest form. */
static inline n1_status n1_get_varint(const uint8_t **p, const uint8_t *end, uint64_t limit, uint64_t *value)
{
    uint64_t v = 0;

    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (*p == end)
            return N1_ERROR_TRUNCATED;
        const uint8_t byte = *(*p)++;
        if (shift == 63 && byte > 1)
            return N1_ERROR_CORRUPT;
        v |= (uint64_t)(byte & 0x7F) << shift;
        if (v > limit)
            return N1_ERROR_CORRUPT;
        if (byte < 0x80) {
            *value = v;
            return shift && !byte ? N1_ERROR_CORRUPT : N1_OK;
        }
    }
    return N1_ERROR_CORRUPT;
}

#endif
