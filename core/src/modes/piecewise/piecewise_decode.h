/* piecewise_decode.h - the piecewise mode's decoder. */
#ifndef N1_MODES_PIECEWISE_PIECEWISE_DECODE_H
#define N1_MODES_PIECEWISE_PIECEWISE_DECODE_H
#include "modes/piecewise/piecewise.h"

/* Take what a block needs: its first bytes say how large tables are. */
n1_status n1_piecewise_decode_measure(const uint8_t *src, size_t size, const n1_shape *s, n1_arena *a);
/* The most that any block of a shape takes. */
void n1_piecewise_decode_most(const n1_shape *s, n1_arena *a);
n1_status n1_piecewise_decode(const uint8_t *src, size_t size, const n1_shape *s, n1_arena *a, void *samples);
#endif
