/* piece_widths.h - encoder: how wide a channel's codes are, from how often each occurs. */
#ifndef N1_MODES_PIECEWISE_PIECE_WIDTHS_H
#define N1_MODES_PIECEWISE_PIECE_WIDTHS_H
#include "modes/piecewise/piece_effort.h"
#include "modes/piecewise/piecewise.h"

typedef struct {
    double *count;           /* of each code */
    uint64_t *smooth, *sum;
    uint32_t *next;          /* the first code from each on that occurs */
} n1_piece_widths;

/* Codes whose widths so many frames may tell. */
uint32_t n1_piece_most_wide(size_t n);
void n1_piece_widths_take(n1_piece_widths *w, n1_arena *a, size_t n);
/* Whether codes that never occur are next to many that do, as where samples were multiplied by a gain and rounded: from how often each
 * occurs in n frames. */
int n1_piece_has_holes(const double *count, uint32_t n_codes, size_t n);
/* Widths for the channel, in its tables, from its codes. 0: the codes are too many or too few for them, or look even. */
int n1_piece_widths_learn(n1_piece_widths *w, n1_piece_channel *c, const int32_t *code, size_t n, n1_piece_look look);
#endif
