/* adaptive_decode.h - the adaptive modes' decoder. */
#ifndef N1_MODES_ADAPTIVE_ADAPTIVE_DECODE_H
#define N1_MODES_ADAPTIVE_ADAPTIVE_DECODE_H
#include "kernels/table.h"
#include "modes/adaptive/adaptive.h"
#include "modes/frames.h"

/* Take what a block needs; where the arena measures, that alone. */
n1_status n1_adaptive_decode_measure(const uint8_t *src, size_t size, const n1_shape *s, n1_arena *a);
/* The most that any block of a shape takes. */
void n1_adaptive_decode_most(const n1_shape *s, n1_arena *a);
/* Of the wide mode, the first frame of those that are decoded to see one. */
n1_status n1_adaptive_reach(const uint8_t *src, size_t size, const n1_shape *s, size_t *first);
/* Which frames are wanted: all but of the wide mode, whose first is one that n1_adaptive_reach gives. They are `pitch` samples apart. */
n1_status n1_adaptive_decode(const uint8_t *src, size_t size, const n1_shape *s, n1_frames wanted, const n1_kernels *k, n1_arena *a,
                             void *samples, size_t pitch);
#endif
