/* range_coder.h - a range coder for bits and symbols, with adaptive bit probabilities.
 *
 * G. Nigel N. Martin, "Range encoding" (1979), with 32-bit range, renormalised byte by byte. `low` of the encoder is
 * kept modulo 2^32; a carry out of it runs back through the bytes already written, which cannot run past the first one
 * since the code value as a fraction stays below 1. Probabilities multiply the whole range (64-bit product), so nothing
 * is lost to truncated ranges. Flushing writes `low` itself: the decoder has then read exactly the bytes written and
 * its code value is 0, which it checks. Neither end reads or writes outside its memory: it notes that it would have to,
 * and goes on.
 */
#ifndef N1_RANGE_CODER_H
#define N1_RANGE_CODER_H

#include "n1/classic.h"

#define N1_BIT_PRECISION 22u                            /* bits of a bit probability                 */
#define N1_BIT_HALF      (1u << (N1_BIT_PRECISION - 1)) /* the probability one half                  */
#define N1_BIT_LIMIT     1023u                          /* bits after which a model stops slowing down */
#define N1_RANGE_MIN     (1u << 24)                     /* the range is at least this between calls  */

typedef struct n1_range_encoder {
    uint8_t *start, *p, *end;
    uint32_t low, range;
    int overrun;
} n1_range_encoder;

typedef struct n1_range_decoder {
    const uint8_t *p, *end;
    uint32_t code, range; /* the code value relative to `low` */
    int overrun;
} n1_range_decoder;

static inline void n1_range_encoder_init(n1_range_encoder *e, uint8_t *dst, size_t capacity)
{
    e->start = e->p = dst;
    e->end = dst + capacity;
    e->low = 0;
    e->range = 0xFFFFFFFFu;
    e->overrun = 0;
}

/* Write the top byte of `low`. */
static inline void n1_range_shift_out(n1_range_encoder *e)
{
    if (e->p < e->end)
        *e->p++ = (uint8_t)(e->low >> 24);
    else
        e->overrun = 1;
    e->low <<= 8;
}

/* Narrow the interval to `size` (at least 1) from `offset` on, both within the range. */
static inline void n1_range_narrow(n1_range_encoder *e, uint32_t offset, uint32_t size)
{
    e->low += offset;
    if (e->low < offset) {
        uint8_t *p = e->p;
        while (p > e->start && ++*--p == 0)
            ;
    }
    e->range = size;
    while (e->range < N1_RANGE_MIN) {
        n1_range_shift_out(e);
        e->range <<= 8;
    }
}

static inline n1_status n1_range_encoder_finish(n1_range_encoder *e)
{
    for (int i = 0; i < 4; i++)
        n1_range_shift_out(e);
    return e->overrun ? N1_ERROR_DST_TOO_SMALL : N1_OK;
}

static inline void n1_range_shift_in(n1_range_decoder *d)
{
    uint8_t byte = 0;

    if (d->p < d->end)
        byte = *d->p++;
    else
        d->overrun = 1;
    d->code = d->code << 8 | byte;
}

static inline void n1_range_decoder_init(n1_range_decoder *d, const uint8_t *src, size_t len)
{
    d->p = src;
    d->end = src + len;
    d->code = 0;
    d->range = 0xFFFFFFFFu;
    d->overrun = 0;
    for (int i = 0; i < 4; i++)
        n1_range_shift_in(d);
}

static inline void n1_range_follow(n1_range_decoder *d, uint32_t offset, uint32_t size)
{
    d->code -= offset;
    d->range = size;
    while (d->range < N1_RANGE_MIN) {
        n1_range_shift_in(d);
        d->range <<= 8;
    }
}

/* After the last symbol; the bytes from d->p on belong to what follows. */
static inline n1_status n1_range_decoder_finish(const n1_range_decoder *d)
{
    if (d->overrun)
        return N1_ERROR_TRUNCATED;
    return d->code == 0 ? N1_OK : N1_ERROR_CORRUPT;
}

/* Symbols of known frequency: `low` and `low + size` of a total of 2^precision (at most 2^16). */
static inline void n1_encode_slots(n1_range_encoder *e, uint32_t low, uint32_t size, unsigned precision)
{
    uint32_t from = (uint32_t)((uint64_t)e->range * low >> precision);
    uint32_t to = (uint32_t)((uint64_t)e->range * (low + size) >> precision);

    n1_range_narrow(e, from, to - from);
}

/* The slot that the code value points to; n1_decode_slots must follow with the symbol that holds it. A code value
 * outside the range comes only from damaged data: it gives a slot beyond the total, here the last one. */
static inline uint32_t n1_peek_slot(const n1_range_decoder *d, unsigned precision)
{
    uint64_t slot = (((uint64_t)d->code + 1) << precision) - 1;
    uint32_t last = (1u << precision) - 1;

    slot /= d->range;
    return slot < last ? (uint32_t)slot : last;
}

static inline void n1_decode_slots(n1_range_decoder *d, uint32_t low, uint32_t size, unsigned precision)
{
    uint32_t from = (uint32_t)((uint64_t)d->range * low >> precision);
    uint32_t to = (uint32_t)((uint64_t)d->range * (low + size) >> precision);

    n1_range_follow(d, from, to - from);
}

/* Up to 16 bits that are equally likely. */
static inline void n1_encode_even(n1_range_encoder *e, uint32_t value, unsigned count)
{
    n1_encode_slots(e, value, 1, count);
}

static inline uint32_t n1_decode_even(n1_range_decoder *d, unsigned count)
{
    uint32_t value = n1_peek_slot(d, count);

    n1_decode_slots(d, value, 1, count);
    return value;
}

/* Adaptive bits: the 22 high bits are the probability of a 0, the 10 low bits count the bits seen (up to N1_BIT_LIMIT).
 * The probability moves towards what was seen by 1 / (count + 3), Laplace's rule of succession: it learns at once and
 * ends up as an average over the last thousand bits. It can reach neither 0 nor 1, for steps are rounded down and at
 * most a third. */
typedef uint32_t n1_bit;

/* The steps 2^16 / (count + 3). */
typedef struct n1_bit_rates {
    uint16_t step[N1_BIT_LIMIT + 1];
} n1_bit_rates;

static inline void n1_bit_rates_init(n1_bit_rates *rates)
{
    for (uint32_t i = 0; i <= N1_BIT_LIMIT; i++)
        rates->step[i] = (uint16_t)(65536u / (i + 3));
}

static inline void n1_bits_init(n1_bit *bits, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bits[i] = N1_BIT_HALF << 10;
}

/* `zeros` is all ones for a 0 and 0 for a 1: selections by masks, since the bits that cost are those nobody can
 * predict. */
static inline void n1_bit_update(n1_bit *bit, uint32_t zeros, const n1_bit_rates *rates)
{
    uint32_t p = *bit >> 10, count = *bit & N1_BIT_LIMIT;
    uint32_t turn = (1u << N1_BIT_PRECISION) & zeros;
    uint32_t missed = turn + ((p ^ zeros) - zeros); /* p or 1 - p: the probability of the other value */

    missed -= (uint32_t)((uint64_t)missed * rates->step[count] >> 16);
    p = turn + ((missed ^ zeros) - zeros);
    *bit = p << 10 | (count + (count < N1_BIT_LIMIT));
}

static inline void n1_encode_bit(n1_range_encoder *e, n1_bit *bit, unsigned value, const n1_bit_rates *rates)
{
    uint32_t zero = (uint32_t)((uint64_t)e->range * (*bit >> 10) >> N1_BIT_PRECISION);
    uint32_t ones = 0 - (uint32_t)value;

    n1_range_narrow(e, zero & ones, zero + ((e->range - 2 * zero) & ones));
    n1_bit_update(bit, ~ones, rates);
}

static inline unsigned n1_decode_bit(n1_range_decoder *d, n1_bit *bit, const n1_bit_rates *rates)
{
    uint32_t zero = (uint32_t)((uint64_t)d->range * (*bit >> 10) >> N1_BIT_PRECISION);
    unsigned value = d->code >= zero;
    uint32_t ones = 0 - (uint32_t)value;

    n1_range_follow(d, zero & ones, zero + ((d->range - 2 * zero) & ones));
    n1_bit_update(bit, ~ones, rates);
    return value;
}

/* A number of `depth` bits, highest first, each bit in the context of those above it: `tree` has 2^depth nodes, the
 * first unused. */
static inline void n1_encode_tree(n1_range_encoder *e, n1_bit *tree, uint32_t value, unsigned depth,
                                  const n1_bit_rates *rates)
{
    uint32_t node = 1;

    for (unsigned i = depth; i--;) {
        unsigned bit = value >> i & 1;
        n1_encode_bit(e, &tree[node], bit, rates);
        node = 2 * node + bit;
    }
}

static inline uint32_t n1_decode_tree(n1_range_decoder *d, n1_bit *tree, unsigned depth, const n1_bit_rates *rates)
{
    uint32_t node = 1;

    for (unsigned i = depth; i--;)
        node = 2 * node + n1_decode_bit(d, &tree[node], rates);
    return node - (1u << depth);
}

#endif
