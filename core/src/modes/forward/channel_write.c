/* Encoder: the predictor of a channel on the wire. */
#include "modes/forward/channel.h"

void n1_channel_write(n1_bitwriter *w, const n1_channel *c, unsigned alphabet_bits)
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
