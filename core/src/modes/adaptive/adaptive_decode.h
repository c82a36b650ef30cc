/* adaptive_decode.h - the adaptive modes' decoder. */
#ifndef N1_MODES_ADAPTIVE_ADAPTIVE_DECODE_H
#define N1_MODES_ADAPTIVE_ADAPTIVE_DECODE_H
#include "kernels/table.h"
#include "modes/adaptive/adaptive.h"

/* Take what a block needs; where the arena measures, that alone. */
n1_status n1_adaptive_decode_measure(const uint8_t *src, size_t size, const n1_shape *s, n1_arena *a);
/* The most that any block of a shape takes. */
void n1_adaptive_decode_most(const n1_shape *s, n1_arena *a);
/* frames: how many are wanted, from the first on; less than all of the wide mode's alone. They are `pitch` samples apart. */
n1_status n1_adaptive_decode(const uint8_t *src, size_t size, const n1_shape *s, size_t frames, const n1_kernels *k, n1_arena *a,
                             void *samples, size_t pitch);
#endif
