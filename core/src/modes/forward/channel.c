/* Decoder: the predictor of a channel from the wire. */
#include "modes/forward/channel.h"
#include "predict/axis.h"
#include <string.h>

static int read_coef(n1_bitreader *r, unsigned k, int16_t *out, int32_t *sum)
{
    int32_t v = n1_unfold_sign(n1_get_rice(r, k));
    if (v < -N1_COEF_BUDGET || v > N1_COEF_BUDGET)
        return 0;
    *out = (int16_t)v;
    *sum += v < 0 ? -v : v;
    return *sum <= N1_COEF_BUDGET;
}

n1_status n1_channel_read(n1_bitreader *r, n1_channel *c, unsigned alphabet_bits, size_t index)
{
    memset(c, 0, sizeof *c);
    c->kind = (uint8_t)n1_get_field(r, 2);
    c->alphabet = (uint8_t)n1_get_field(r, alphabet_bits);
    if (c->kind == N1_CHANNEL_CONSTANT)
        c->constant = n1_get_signed(r, 4);
    if (c->kind > N1_CHANNEL_PACKED)
        return N1_ERROR_CORRUPT;
    if (c->kind != N1_CHANNEL_MODEL)
        return n1_bitreader_overran(r) ? N1_ERROR_TRUNCATED : N1_OK;
    c->sigma = (uint8_t)n1_get_field(r, 8);
    c->law = (uint8_t)n1_get_field(r, 2);
    c->order = (uint8_t)(2 * n1_get_field(r, 5));
    c->n_neighbours = (uint8_t)n1_get_field(r, 4);
    c->shift = (uint8_t)(n1_get_field(r, 3) + N1_SHIFT_MIN);
    if (c->order > N1_MAX_ORDER || c->sigma > N1_SIGMA_MAX)
        return N1_ERROR_CORRUPT;
    if (c->n_neighbours) {
        c->neighbour_taps = (uint8_t)(n1_get_field(r, 2) + 1);
        for (unsigned i = 0; i < c->n_neighbours; i++) {
            c->distance[i] = (uint8_t)(n1_get_field(r, 6) + 1);
            if (c->distance[i] > index)
                return N1_ERROR_CORRUPT;
        }
    }
    int32_t sum = 0;
    if (c->order) {
        int32_t v = n1_get_signed(r, 8);
        if (v < -N1_COEF_BUDGET || v > N1_COEF_BUDGET)
            return N1_ERROR_CORRUPT;
        c->own[0] = (int16_t)v;
        sum = v < 0 ? -v : v;
    }
    c->bias = n1_get_signed(r, 12);
    if (c->bias > N1_BIAS_LIMIT || c->bias < -N1_BIAS_LIMIT)
        return N1_ERROR_CORRUPT;
    unsigned k = n1_get_field(r, 4);
    for (unsigned j = 1; j < c->order; j++)
        if (!read_coef(r, k, &c->own[j], &sum))
            return N1_ERROR_CORRUPT;
    for (unsigned i = 0; i < c->n_neighbours; i++)
        for (unsigned j = 0; j < c->neighbour_taps; j++)
            if (!read_coef(r, k, &c->neighbour[i][j], &sum))
                return N1_ERROR_CORRUPT;
    return n1_bitreader_overran(r) ? N1_ERROR_TRUNCATED : N1_OK;
}
