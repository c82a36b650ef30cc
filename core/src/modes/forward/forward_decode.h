/* forward_decode.h - the forward mode's decoder. */
#ifndef N1_MODES_FORWARD_FORWARD_DECODE_H
#define N1_MODES_FORWARD_FORWARD_DECODE_H
#include "modes/forward/forward.h"

/* Take what a block needs; where the arena measures, that alone. */
n1_status n1_forward_decode_measure(const uint8_t *src, size_t size, const n1_shape *s, n1_arena *a);
/* The most that any block of a shape takes. */
void n1_forward_decode_most(const n1_shape *s, n1_arena *a);
/* Frames are `pitch` samples apart. */
n1_status n1_forward_decode(const uint8_t *src, size_t size, const n1_shape *s, const n1_kernels *k, n1_arena *a, void *samples,
                            size_t pitch);
#endif
