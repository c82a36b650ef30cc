/* The piecewise mode: forms of channels, read. */
#include "modes/piecewise/piece_form.h"
#include "base/load.h"
#include "base/types.h"
#include "converter/alphabet.h"

int64_t n1_piece_within(n1_type dtype, uint32_t v)
{
    const unsigned bits = n1_type_bits(dtype);
    return (unsigned)dtype & 1 ? (int64_t)(v & (UINT32_MAX >> (32 - bits))) : n1_wrap(v, bits);
}

static n1_status read_wrap(n1_bitreader *r, n1_piece_channel *c, n1_type dtype)
{
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

static n1_status read_steps(n1_bitreader *r, const n1_shape *s, size_t channel, void *samples)
{
    const uint32_t quantum = n1_get_golomb(r, 0) + 1, more = n1_get_golomb(r, 4);
    const unsigned k_gap = n1_get_field(r, 4), k_size = n1_get_field(r, 4);
    uint32_t gap = 1, size = 0, sum = 0;
    size_t t = 0;
    for (uint64_t i = 0; i <= more; i++) {
        gap = n1_get_field(r, 1) ? gap : n1_get_golomb(r, k_gap) + 1;
        if (n1_get_field(r, 1))
            size = n1_get_field(r, 1) ? 0 - size : size;
        else
            size = (uint32_t)n1_get_signed(r, k_size);
        if (n1_bitreader_overran(r))
            return N1_ERROR_TRUNCATED;
        if (!gap || gap >= s->n_samples - t)
            return N1_ERROR_CORRUPT;
        for (const size_t end = t + gap; t < end; t++)
            n1_store_sample(samples, s->dtype, t * s->n_channels + channel, n1_piece_within(s->dtype, sum));
        sum += size * quantum;
    }
    for (; t < s->n_samples; t++)
        n1_store_sample(samples, s->dtype, t * s->n_channels + channel, n1_piece_within(s->dtype, sum));
    return N1_OK;
}

n1_status n1_piece_form_read(n1_bitreader *r, n1_piece_channel *c, const n1_shape *s, size_t channel, void *samples)
{
    const unsigned form = n1_get_field(r, 2);
    c->form = (n1_piece_form)form;
    if (form > N1_PIECE_STEPPED)
        return N1_ERROR_CORRUPT;
    return form == N1_PIECE_WRAPPED ? read_wrap(r, c, s->dtype) : form == N1_PIECE_STEPPED ? read_steps(r, s, channel, samples) : N1_OK;
}
