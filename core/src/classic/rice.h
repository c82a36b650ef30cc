/* rice.h - an adaptive Golomb-Rice code, one sample at a time.
 *
 * R. F. Rice, "Some practical universal noiseless coding techniques" (JPL 79-22, 1979). The parameter k follows a
 * running mean of the coded values, as in JPEG-LS and True Audio: no side information, and a state of eight bytes a
 * channel.
 */
#ifndef N1_RICE_H
#define N1_RICE_H

#include "base/bits.h"

#include "n1/classic.h"

#define N1_RICE_MEMORY   6u  /* the mean forgets by 2^-6 a sample                   */
#define N1_RICE_START    64u /* the mean a channel begins with                      */
#define N1_RICE_MAX_BITS 56u /* most bits of a value: N1_RICE_ESCAPE and 32 raw ones */

/* State of a channel: 2^N1_RICE_MEMORY times the running mean. */
typedef struct n1_rice {
    uint64_t sum;
} n1_rice;

static inline void n1_rice_init(n1_rice *rice)
{
    rice->sum = (uint64_t)N1_RICE_START << N1_RICE_MEMORY;
}

/* The smallest k with 2^k > mean / 2, within the width of a value. */
static inline unsigned n1_rice_parameter(const n1_rice *rice, unsigned width)
{
    uint32_t half = (uint32_t)(rice->sum >> (N1_RICE_MEMORY + 1));
    unsigned k = half ? n1_log2(half) + 1 : 0;

    return k < width ? k : width - 1;
}

static inline void n1_rice_update(n1_rice *rice, uint32_t value)
{
    rice->sum += value - (rice->sum >> N1_RICE_MEMORY);
}

/* Append a value below 2^width: its quotient by 2^k as so many zeros and a one, then its k low bits; from a quotient of
 * N1_RICE_ESCAPE on, that many zeros and the value in `width` bits. */
static inline void n1_rice_put(n1_rice *rice, n1_bitwriter *w, uint32_t value, unsigned width)
{
    unsigned k = n1_rice_parameter(rice, width);
    uint32_t quotient = value >> k;

    if (quotient < N1_RICE_ESCAPE) {
        n1_put_bits(w, 1, quotient + 1);
        n1_put_bits(w, value & ((1u << k) - 1), k);
    } else {
        n1_put_bits(w, 0, N1_RICE_ESCAPE);
        n1_put_bits(w, value, width);
    }
    n1_rice_update(rice, value);
}

/* The next value; from damaged bits it may exceed the width. Needs N1_RICE_MAX_BITS ready. */
static inline uint32_t n1_rice_get(n1_rice *rice, n1_bitreader *r, unsigned width)
{
    unsigned k = n1_rice_parameter(rice, width);
    uint32_t head = n1_peek_bits(r, N1_RICE_ESCAPE), value;

    if (head) {
        unsigned quotient = N1_RICE_ESCAPE - 1 - n1_log2(head);
        n1_skip_bits(r, quotient + 1);
        value = quotient << k | n1_take_bits(r, k);
    } else {
        n1_skip_bits(r, N1_RICE_ESCAPE);
        value = n1_take_bits(r, width);
    }
    n1_rice_update(rice, value);
    return value;
}

/* Signed bits of a sample 0, -1, 1, -2, 2, ... to 0, 1, 2, 3, 4, ... in `width` bits, and back. */
static inline uint32_t n1_zigzag(uint32_t v, unsigned width)
{
    v <<= 32 - width;
    return (v << 1 ^ (0 - (v >> 31))) >> (32 - width);
}

static inline uint32_t n1_unzigzag(uint32_t u)
{
    return u >> 1 ^ (0 - (u & 1));
}

#endif
