/* shape.h - the shapes that a block may have. */
#ifndef N1_WIRE_SHAPE_H
#define N1_WIRE_SHAPE_H
#include "n1/codec.h"

static inline int n1_shape_valid(const n1_shape *s)
{
    if (!s || (unsigned)s->dtype > N1_UINT32 || s->n_channels > N1_MAX_CHANNELS)
        return 0;
    return s->n_channels == 0 || s->n_samples <= N1_MAX_BLOCK / s->n_channels;
}

static inline int n1_shape_empty(const n1_shape *s) { return s->n_samples == 0 || s->n_channels == 0; }
#endif
