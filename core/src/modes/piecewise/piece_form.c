/* The piecewise mode: forms of channels, read. */
#include "modes/piecewise/piece_form.h"
#include "converter/alphabet.h"

n1_status n1_piece_form_read(n1_bitreader *r, n1_piece_channel *c, n1_type dtype)
{
    const unsigned form = n1_get_field(r, 2);
    c->form = (n1_piece_form)form;
    if (form != N1_PIECE_WRAPPED)
        return form == N1_PIECE_PLAIN ? N1_OK : N1_ERROR_CORRUPT;
    const int negative = (int)n1_get_field(r, 1);
    const int64_t magnitude = n1_get_golomb(r, 8);
    c->low = negative ? -magnitude - 1 : magnitude;
    c->modulus = (uint64_t)n1_get_golomb(r, 8) + 1;
    c->begin = n1_get_golomb(r, 8);
    if (n1_bitreader_overran(r))
        return N1_ERROR_TRUNCATED;
    if (!n1_type_holds(dtype, c->low) || !n1_type_holds(dtype, c->low + (int64_t)c->modulus - 1) || c->begin >= c->modulus)
        return N1_ERROR_CORRUPT;
    return N1_OK;
}
