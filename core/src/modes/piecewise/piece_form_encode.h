/* piece_form_encode.h - encoder: channels whose samples wrap around, or jump now and then. */
#ifndef N1_MODES_PIECEWISE_PIECE_FORM_ENCODE_H
#define N1_MODES_PIECEWISE_PIECE_FORM_ENCODE_H
#include "modes/piecewise/piece_form.h"

/* A channel's samples modulo 2^32, the lowest and the highest; of a form, what it leaves. */
typedef struct {
    int32_t *x;
    size_t n;
    int64_t low, high;
} n1_piece_values;

/* Whether samples seem to wrap around, as a counter of 16 bits does: then the channel's form, and how often they do. */
int n1_piece_wraps(const n1_piece_values *v, n1_type dtype, n1_piece_channel *c, uint64_t *wraps);
/* Samples to changes, in place; that before the first one is as the one behind it. */
void n1_piece_wrap(n1_piece_values *v, const n1_piece_channel *c);
/* Whether a channel has steps that are worth to be told, `most` of them at most. */
int n1_piece_find_steps(const n1_piece_values *v, n1_piece_steps *s, size_t most);
/* Samples to what is left without steps, in place. 0: it has no place in 32 bits. */
int n1_piece_take_steps(n1_piece_values *v, const n1_piece_steps *s);
#endif
