/* range.h - a range coder of masses of 2^20 that writes forwards, for what cannot wait until all of it is known.
 *
 * G. Nigel N. Martin, "Range encoding" (1979), with a range of 64 bits, so that nothing is lost to its truncation. A carry
 * runs back through the bytes already written. The last bytes are the fewest that, followed by zeros, lie in the range.
 */
#ifndef N1_ENTROPY_RANGE_H
#define N1_ENTROPY_RANGE_H
#include "entropy/mass.h"

#include <stddef.h>

#define N1_MASS_RANGE_MIN ((uint64_t)1 << 56)

typedef struct n1_mass_writer {
    uint8_t *begin, *p, *end;
    uint64_t low, range;
    int overrun;
} n1_mass_writer;

typedef struct n1_mass_reader {
    const uint8_t *p, *end;
    uint64_t code, range; /* the code relative to the range's begin */
    uint32_t beyond;      /* bytes read past the end                */
    int damaged;
} n1_mass_reader;

static inline void n1_mass_begin(n1_mass_writer *w, uint8_t *out, size_t capacity)
{
    *w = (n1_mass_writer){out, out, out + capacity, 0, UINT64_MAX, 0};
}

static inline void n1_mass_byte(n1_mass_writer *w, uint8_t byte)
{
    if (w->p < w->end)
        *w->p++ = byte;
    else
        w->overrun = 1;
}

static inline void n1_mass_carry(n1_mass_writer *w)
{
    for (uint8_t *p = w->p; p > w->begin && ++*--p == 0;)
        ;
}

static inline void n1_mass_put(n1_mass_writer *w, uint32_t start, uint32_t freq)
{
    const uint64_t unit = w->range >> N1_PROB_BITS, offset = unit * start;
    w->low += offset;
    if (w->low < offset)
        n1_mass_carry(w);
    for (w->range = unit * freq; w->range < N1_MASS_RANGE_MIN; w->range <<= 8, w->low <<= 8)
        n1_mass_byte(w, (uint8_t)(w->low >> 56));
}

static inline void n1_mass_finish(n1_mass_writer *w)
{
    for (unsigned n = 0; n <= 8; n++) {
        const uint64_t rest = n == 8 ? 0 : UINT64_MAX >> (8 * n), v = (w->low + rest) & ~rest;
        if (v - w->low >= w->range)
            continue;
        if (v < w->low)
            n1_mass_carry(w);
        for (unsigned i = 0; i < n; i++)
            n1_mass_byte(w, (uint8_t)(v >> (56 - 8 * i)));
        return;
    }
}

static inline uint8_t n1_mass_next(n1_mass_reader *r)
{
    if (r->p < r->end)
        return *r->p++;
    r->beyond++;
    return 0;
}

static inline void n1_mass_open(n1_mass_reader *r, const uint8_t *in, size_t size)
{
    *r = (n1_mass_reader){in, in + size, 0, UINT64_MAX, 0, 0};
    for (int i = 0; i < 8; i++)
        r->code = r->code << 8 | n1_mass_next(r);
}

/* The slot that the code points to: n1_mass_take must follow with the interval that holds it. */
static inline uint32_t n1_mass_slot(n1_mass_reader *r)
{
    const uint64_t slot = r->code / (r->range >> N1_PROB_BITS);
    if (slot < N1_PROB_ONE)
        return (uint32_t)slot;
    r->damaged = 1;
    return N1_PROB_ONE - 1;
}

static inline void n1_mass_take(n1_mass_reader *r, uint32_t start, uint32_t freq)
{
    const uint64_t unit = r->range >> N1_PROB_BITS;
    r->code -= unit * start;
    for (r->range = unit * freq; r->range < N1_MASS_RANGE_MIN; r->range <<= 8)
        r->code = r->code << 8 | n1_mass_next(r);
}

/* All bytes used, and no more than a decoder looks ahead. */
static inline int n1_mass_closed(const n1_mass_reader *r) { return !r->damaged && r->p == r->end && r->beyond <= 8; }
#endif
