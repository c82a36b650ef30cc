/* Predictor and scale of one channel on the wire. */
#include "predict/axis.h"

#define BIAS_LIMIT (1 << 30)

void n1_channel_write(n1_field_writer *w, const n1_channel *c, unsigned alphabet_bits)
{
    n1_put_field(w, c->kind, 2);
    n1_put_field(w, c->alphabet, alphabet_bits);
    if (c->kind == N1_CHANNEL_CONSTANT)
        n1_put_signed(w, c->constant, 4);
    if (c->kind != N1_CHANNEL_MODEL)
        return;
    n1_put_field(w, c->sigma, 8);
    n1_put_field(w, c->law, 2);
    n1_put_field(w, c->order / 2u, 5);
    n1_put_field(w, c->n_neighbours, 4);
    n1_put_field(w, c->shift - N1_SHIFT_MIN, 3);
    uint32_t list[N1_MAX_ORDER + N1_FORWARD_NEIGHBOURS * N1_FORWARD_NEIGHBOUR_TAPS];
    size_t n = 0;
    for (unsigned j = 1; j < c->order; j++)
        list[n++] = n1_fold_sign(c->own[j]);
    if (c->n_neighbours) {
        n1_put_field(w, c->neighbour_taps - 1u, 2);
        for (unsigned i = 0; i < c->n_neighbours; i++) {
            n1_put_field(w, c->distance[i] - 1u, 6);
            for (unsigned j = 0; j < c->neighbour_taps; j++)
                list[n++] = n1_fold_sign(c->neighbour[i][j]);
        }
    }
    unsigned k = n1_rice_choose(list, n);
    if (c->order)
        n1_put_signed(w, c->own[0], 8);
    n1_put_signed(w, c->bias, 12);
    n1_put_field(w, k, 4);
    for (size_t i = 0; i < n; i++)
        n1_put_rice(w, list[i], k);
}

static int read_coef(n1_field_reader *r, unsigned k, int16_t *out, int32_t *sum)
{
    int32_t v = n1_unfold_sign(n1_get_rice(r, k));
    if (v < -N1_COEF_BUDGET || v > N1_COEF_BUDGET)
        return 0;
    *out = (int16_t)v;
    *sum += v < 0 ? -v : v;
    return *sum <= N1_COEF_BUDGET;
}

n1_status n1_channel_read(n1_field_reader *r, n1_channel *c, unsigned alphabet_bits, size_t index)
{
    memset(c, 0, sizeof *c);
    c->kind = (uint8_t)n1_get_field(r, 2);
    c->alphabet = (uint8_t)n1_get_field(r, alphabet_bits);
    if (c->kind == N1_CHANNEL_CONSTANT)
        c->constant = n1_get_signed(r, 4);
    if (c->kind > N1_CHANNEL_PACKED)
        return N1_ERROR_CORRUPT;
    if (c->kind != N1_CHANNEL_MODEL)
        return r->short_read ? N1_ERROR_TRUNCATED : N1_OK;
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
    if (c->bias > BIAS_LIMIT || c->bias < -BIAS_LIMIT)
        return N1_ERROR_CORRUPT;
    unsigned k = n1_get_field(r, 4);
    for (unsigned j = 1; j < c->order; j++)
        if (!read_coef(r, k, &c->own[j], &sum))
            return N1_ERROR_CORRUPT;
    for (unsigned i = 0; i < c->n_neighbours; i++)
        for (unsigned j = 0; j < c->neighbour_taps; j++)
            if (!read_coef(r, k, &c->neighbour[i][j], &sum))
                return N1_ERROR_CORRUPT;
    return r->short_read ? N1_ERROR_TRUNCATED : N1_OK;
}
