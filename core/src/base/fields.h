/* Bits of the block header, least significant first. */
#ifndef N1_BASE_FIELDS_H
#define N1_BASE_FIELDS_H
#include "n1/codec.h"

typedef struct {
    uint8_t *data;
    size_t capacity, size;   /* bytes */
    uint64_t held;           /* bits not yet written, low first */
    unsigned n_held;
    int full;                /* set once a byte did not fit */
} n1_field_writer;

typedef struct {
    const uint8_t *data;
    size_t size, at;
    uint64_t held;
    unsigned n_held;
    int short_read;          /* set once a bit was missing; reads return zeros from there */
} n1_field_reader;

void n1_put_field(n1_field_writer *w, uint32_t value, unsigned n_bits);      /* n_bits <= 32 */
void n1_put_golomb(n1_field_writer *w, uint32_t value, unsigned k);    /* Exp-Golomb of order k <= 16 */
void n1_put_signed(n1_field_writer *w, int32_t value, unsigned k);     /* zigzag, then Exp-Golomb */
void n1_put_rice(n1_field_writer *w, uint32_t value, unsigned k);      /* unary to 24, beyond it Exp-Golomb */
void n1_fields_align(n1_field_writer *w);

/* A rANS state in [2^24, 2^40): 4 bits give the length beyond 25 bits, then all but the leading one. */
void n1_put_state(n1_field_writer *w, uint64_t state);
uint64_t n1_get_state(n1_field_reader *r);

uint32_t n1_get_field(n1_field_reader *r, unsigned n_bits);
uint32_t n1_get_golomb(n1_field_reader *r, unsigned k);
int32_t n1_get_signed(n1_field_reader *r, unsigned k);
uint32_t n1_get_rice(n1_field_reader *r, unsigned k);
size_t n1_fields_end(n1_field_reader *r);                                     /* bytes used, the last one whole */

static inline uint32_t n1_fold_sign(int32_t v) { return ((uint32_t)v << 1) ^ (0u - ((uint32_t)v >> 31)); }
static inline int32_t n1_unfold_sign(uint32_t z)
{
    uint32_t v = (z >> 1) ^ (0u - (z & 1u));
    return v > 0x7fffffffu ? -(int32_t)(~v) - 1 : (int32_t)v;
}

/* Best Rice parameter (0..15) for n values by trying each: the lists of a header are short. */
unsigned n1_rice_choose(const uint32_t *values, size_t n);
#endif
