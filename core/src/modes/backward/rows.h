/* rows.h - an interval of the backward mode laid out for vector kernels: see n1_rank. */
#ifndef N1_MODES_BACKWARD_ROWS_H
#define N1_MODES_BACKWARD_ROWS_H
#include "modes/backward/backward.h"

/* Lay out an interval in rows, with its codes or, for a decoder, none (NULL). */
void n1_rows_fill(n1_backward *s, const uint16_t *codes);
/* Learn from the rows; a decoder's codes go to `codes`, if there is one. */
void n1_rows_empty(n1_backward *s, uint16_t *codes);
#endif
