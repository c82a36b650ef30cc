/* piece_form.h - how a channel's samples follow from its values: as they are, or as changes from sample to sample in a range that
 * samples wrap around in. */
#ifndef N1_MODES_PIECEWISE_PIECE_FORM_H
#define N1_MODES_PIECEWISE_PIECE_FORM_H
#include "base/fields.h"
#include "modes/piecewise/piecewise.h"

#define N1_PIECE_FORMED 32u /* in a block's second byte: its channels have forms */

n1_status n1_piece_form_read(n1_bitreader *r, n1_piece_channel *c, n1_type dtype);
void n1_piece_form_write(n1_bitwriter *w, const n1_piece_channel *c);

/* The sample, from the lowest one, that a change leads to. */
static inline uint32_t n1_piece_changed(const n1_piece_channel *c, uint32_t from, int64_t change)
{
    const int64_t at = from + change, modulus = (int64_t)c->modulus;
    return (uint32_t)(at < 0 ? at + modulus : at >= modulus ? at - modulus : at);
}
#endif
