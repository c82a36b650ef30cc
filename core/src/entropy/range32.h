/* range32.h - the range coder of range.h for small machines: a range of 32 bits, masses of 2^16, no division to write.
 *
 * Martin's coder again: after each symbol the range is brought back above 2^24 by whole bytes, found with one count of
 * leading zeros and stored with one word, so that nothing branches but the carry. A writer goes forwards from the begin of
 * its buffer or backwards from its end: two of them share a buffer without a length between them. The bytes that end it lie
 * in the range whatever follows them.
 */
#ifndef N1_ENTROPY_RANGE32_H
#define N1_ENTROPY_RANGE32_H
#include "base/bytes.h"
#include "base/inline.h"

#include <stddef.h>

#define N1_RANGE32_BITS 16 /* of a mass */
#define N1_RANGE32_SLACK 4 /* bytes beyond the place that a word may touch */

typedef struct n1_range32_writer {
    uint32_t low, range;
    uint8_t *p; /* forwards: the next byte; backwards: the last one */
} n1_range32_writer;

typedef struct n1_range32_reader {
    uint32_t code, range; /* the code relative to the range's begin */
    const uint8_t *p;
} n1_range32_reader;

/* Whether there is an instruction that counts leading zeros: RISC-V has one as an option only. */
#if defined(__GNUC__) && (!defined(__riscv) || defined(__riscv_zbb))
#define N1_COUNTS_ZEROS 1
#else
#define N1_COUNTS_ZEROS 0
#endif

/* Leading zeros of v > 0. */
N1_INLINE unsigned n1_zeros32(uint32_t v)
{
#if N1_COUNTS_ZEROS
    return (unsigned)__builtin_clz(v);
#else
    unsigned n = 0;
    for (; !(v >> 31); v <<= 1)
        n++;
    return n;
#endif
}

/* Whole zero bytes on top of v >= 2^8, in bits. */
N1_INLINE unsigned n1_zero_bytes32(uint32_t v)
{
#if N1_COUNTS_ZEROS
    return n1_zeros32(v) & 24U;
#else
    return ((unsigned)(v < 1U << 24) + (unsigned)(v < 1U << 16)) << 3;
#endif
}

N1_INLINE void n1_range32_begin(n1_range32_writer *w, uint8_t *p)
{
    w->low = 0;
    w->range = UINT32_MAX;
    w->p = p;
}

static inline void n1_range32_carry(uint8_t *p, int backwards)
{
    if (backwards)
        while (++*p == 0)
            p++;
    else
        while (++*--p == 0)
            ;
}

/* The top `bits` of low, whole bytes of it, are done. */
N1_INLINE void n1_range32_out(n1_range32_writer *w, unsigned bits, int backwards)
{
    const uint32_t v = w->low;
    if (backwards) {
        n1_store32(w->p - 4, v);
        w->p -= bits >> 3;
    } else {
        w->p[0] = (uint8_t)(v >> 24);
        w->p[1] = (uint8_t)(v >> 16);
        w->p[2] = (uint8_t)(v >> 8);
        w->p[3] = (uint8_t)v;
        w->p += bits >> 3;
    }
}

/* The interval [unit * start, unit * (start + freq)) of the range, freq > 0 and unit >= 1. */
N1_INLINE void n1_range32_narrow(n1_range32_writer *w, uint32_t unit, uint32_t start, uint32_t freq, int backwards)
{
    const uint32_t offset = unit * start;
    w->low += offset;
    if (w->low < offset)
        n1_range32_carry(w->p, backwards);
    w->range = unit * freq;
    const unsigned bits = n1_zero_bytes32(w->range);
    n1_range32_out(w, bits, backwards);
    w->low <<= bits;
    w->range <<= bits;
}

N1_INLINE void n1_range32_put(n1_range32_writer *w, uint32_t start, uint32_t freq, int backwards)
{
    n1_range32_narrow(w, w->range >> N1_RANGE32_BITS, start, freq, backwards);
}

/* v < 2^bits, all alike; bits <= 16. */
N1_INLINE void n1_range32_put_even(n1_range32_writer *w, uint32_t v, unsigned bits, int backwards)
{
    n1_range32_narrow(w, w->range >> bits, v, 1, backwards);
}

/* One byte where a whole step of 2^24 lies in the range, else two. */
static inline void n1_range32_end(n1_range32_writer *w, int backwards)
{
    unsigned bits = 8;
    uint32_t v = w->low + 0xFFFFFFU;
    if ((v & 0xFF000000U) - w->low > w->range - 0x1000000U || w->range < 0x1000000U) {
        bits = 16;
        v = w->low + 0xFFFFU;
    }
    if (v < w->low)
        n1_range32_carry(w->p, backwards);
    w->low = v & ~(UINT32_MAX >> bits);
    n1_range32_out(w, bits, backwards);
}

/* The next four bytes, the first one on top. */
N1_INLINE uint32_t n1_range32_ahead(const uint8_t *p, int backwards)
{
#if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint32_t v; /* compilers see through sums of bytes only where these stand alone */
    __builtin_memcpy(&v, backwards ? p - 4 : p, sizeof v);
    return backwards ? v : __builtin_bswap32(v);
#else
    return backwards ? n1_load32(p - 4) : (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
#endif
}

/* Four bytes ahead of p are read: the caller makes them readable. */
N1_INLINE void n1_range32_open(n1_range32_reader *r, const uint8_t *p, int backwards)
{
    r->code = n1_range32_ahead(p, backwards);
    r->range = UINT32_MAX;
    r->p = backwards ? p - 4 : p + 4;
}

N1_INLINE uint32_t n1_range32_unit(const n1_range32_reader *r) { return r->range >> N1_RANGE32_BITS; }

N1_INLINE void n1_range32_take(n1_range32_reader *r, uint32_t unit, uint32_t start, uint32_t freq, int backwards)
{
    const uint32_t code = r->code - unit * start, range = unit * freq;
    const unsigned bits = n1_zeros32(range | 1U) & 24U;
    const uint64_t both = (uint64_t)code << 32 | n1_range32_ahead(r->p, backwards);
    r->code = (uint32_t)(both << bits >> 32);
    r->range = range << bits;
    r->p += backwards ? -(ptrdiff_t)(bits >> 3) : (ptrdiff_t)(bits >> 3);
}

#endif
