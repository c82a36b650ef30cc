/* contexts_decode.h - the contexts mode's decoder. */
#ifndef N1_MODES_CONTEXTS_CONTEXTS_DECODE_H
#define N1_MODES_CONTEXTS_CONTEXTS_DECODE_H
#include "kernels/table.h"
#include "modes/contexts/contexts.h"

/* Take what a block needs; where the arena measures, that alone. */
n1_status n1_contexts_decode_measure(const uint8_t *src, size_t size, const n1_shape *s, n1_arena *a);
/* The most that any block of a shape takes. */
void n1_contexts_decode_most(const n1_shape *s, n1_arena *a);
n1_status n1_contexts_decode(const uint8_t *src, size_t size, const n1_shape *s, const n1_kernels *k, n1_arena *a,
                             void *samples);
#endif
