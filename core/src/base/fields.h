/* fields.h - numbers in a header, by base/bits.h, least significant bit first. */
#ifndef N1_BASE_FIELDS_H
#define N1_BASE_FIELDS_H
#include "base/bits.h"

/* n_bits <= 32 */
static inline void n1_put_field(n1_bitwriter *w, uint32_t value, unsigned n_bits)
{
    n1_put_low_bits(w, (uint32_t)(value & (((uint64_t)1 << n_bits) - 1)), n_bits);
}
void n1_put_golomb(n1_bitwriter *w, uint32_t value, unsigned k);    /* Exp-Golomb of order k <= 16 */
void n1_put_signed(n1_bitwriter *w, int32_t value, unsigned k);     /* zigzag, then Exp-Golomb */
void n1_put_rice(n1_bitwriter *w, uint32_t value, unsigned k);      /* unary to 24, beyond it Exp-Golomb */
/* Fill up the last byte: what follows may be written at w->p. What has not fitted is noted: w->overrun. */
void n1_fields_align(n1_bitwriter *w);

/* A rANS state in [2^24, 2^40): 4 bits give the length beyond 25 bits, then all but the leading one. */
void n1_put_state(n1_bitwriter *w, uint64_t state);
uint64_t n1_get_state(n1_bitreader *r);

/* Beyond the end, zeros: n1_bitreader_overran() tells. */
static inline uint32_t n1_get_field(n1_bitreader *r, unsigned n_bits)
{
    n1_refill_low(r);
    return n1_take_low_bits(r, n_bits);
}
uint32_t n1_get_golomb(n1_bitreader *r, unsigned k);
int32_t n1_get_signed(n1_bitreader *r, unsigned k);
uint32_t n1_get_rice(n1_bitreader *r, unsigned k);

static inline uint32_t n1_fold_sign(int32_t v) { return ((uint32_t)v << 1) ^ (0u - ((uint32_t)v >> 31)); }
static inline int32_t n1_unfold_sign(uint32_t z)
{
    uint32_t v = (z >> 1) ^ (0u - (z & 1u));
    return v > 0x7fffffffu ? -(int32_t)(~v) - 1 : (int32_t)v;
}

/* Best Rice parameter (0..15) for n values by trying each: the lists of a header are short. */
unsigned n1_rice_choose(const uint32_t *values, size_t n);
#endif
