/* piece_form.h - how a channel's samples follow from its values: as they are; as changes from sample to sample in a range that
 * samples wrap around in; as what is left when steps, which are told one by one, are taken away. */
#ifndef N1_MODES_PIECEWISE_PIECE_FORM_H
#define N1_MODES_PIECEWISE_PIECE_FORM_H
#include "base/fields.h"
#include "modes/piecewise/piecewise.h"

#define N1_PIECE_FORMED 32u /* in a block's second byte: its channels have forms */

/* Steps of a channel: in which frames, how far, in so many of a sample's units. */
typedef struct n1_piece_steps {
    uint32_t *frame, quantum;
    int32_t *size;
    size_t n;
} n1_piece_steps;

/* Read a channel's form. Where it has steps, its samples become what these add up to until then. */
n1_status n1_piece_form_read(n1_bitreader *r, n1_piece_channel *c, const n1_shape *s, size_t channel, void *samples);
void n1_piece_form_write(n1_bitwriter *w, const n1_piece_channel *c);

/* A number modulo what a type holds. */
int64_t n1_piece_within(n1_type dtype, uint32_t v);

/* The sample, from the lowest one, that a change leads to. */
static inline uint32_t n1_piece_changed(const n1_piece_channel *c, uint32_t from, int64_t change)
{
    const int64_t at = from + change, modulus = (int64_t)c->modulus;
    return (uint32_t)(at < 0 ? at + modulus : at >= modulus ? at - modulus : at);
}
#endif
