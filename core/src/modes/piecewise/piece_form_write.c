/* The piecewise mode: forms of channels, written. */
#include "modes/piecewise/piece_form.h"

void n1_piece_form_write(n1_bitwriter *w, const n1_piece_channel *c)
{
    n1_put_field(w, (uint32_t)c->form, 2);
    if (c->form == N1_PIECE_PLAIN)
        return;
    n1_put_field(w, c->low < 0, 1);
    n1_put_golomb(w, (uint32_t)(c->low < 0 ? -(c->low + 1) : c->low), 8);
    n1_put_golomb(w, (uint32_t)(c->modulus - 1), 8);
    n1_put_golomb(w, c->begin, 8);
}
