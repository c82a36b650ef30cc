/* piece_header.h - the piecewise mode's headers: a channel's values and widths, and the parameters of a piece. */
#ifndef N1_MODES_PIECEWISE_PIECE_HEADER_H
#define N1_MODES_PIECEWISE_PIECE_HEADER_H
#include "base/fields.h"
#include "modes/piecewise/piecewise.h"

/* channel: its number, for those that it is predicted from are below it. */
n1_status n1_piece_channel_read(n1_bitreader *r, n1_piece_channel *c, size_t channel, n1_type dtype);
n1_status n1_piece_read(n1_bitreader *r, n1_piece *p, const n1_piece_channel *c, uint64_t units_left);

/* The order of Exp-Golomb codes for numbers of which there are counts[i] with i binary digits. */
unsigned n1_piece_best_order(const uint64_t *counts, unsigned most);
static inline unsigned n1_piece_digits(uint64_t v) { return v ? (unsigned)n1_top_bit(v) + 1 : 0; }
void n1_piece_channel_write(n1_bitwriter *w, const n1_piece_channel *c, size_t channel);
void n1_piece_write(n1_bitwriter *w, const n1_piece *p, const n1_piece_channel *c, uint64_t units_left);
#endif
