/* stored.h - the stored mode: lowest value, bits a sample, then value - lowest packed. */
#ifndef N1_MODES_STORED_STORED_H
#define N1_MODES_STORED_STORED_H
#include "base/types.h"
#include "n1/codec.h"

/* Most bytes of a block, whatever its samples. */
static inline size_t n1_stored_bound(const n1_shape *s)
{
    return s->n_samples * s->n_channels * n1_type_size(s->dtype) + N1_BLOCK_OVERHEAD;
}

/* Whether n1_stored_encode writes fewer bytes: mostly a few samples tell that it does not. */
int n1_stored_is_smaller(const void *samples, const n1_shape *s, size_t than);
n1_status n1_stored_encode(const void *samples, const n1_shape *s, uint8_t *dst, size_t capacity, size_t *written);
n1_status n1_stored_decode(const uint8_t *src, size_t size, const n1_shape *s, void *samples);
#endif
