/* Forward mode, encoder: the tail, the last sample first. */
#include "modes/forward/stages.h"

uint8_t *n1_tail_encode(n1_forward_encoder *e, uint8_t *begin, uint8_t *end)
{
    n1_forward *f = &e->f;
    const n1_geometry *g = &f->g;
    uint32_t (*const interval)[2] = e->interval;
    const size_t from = g->lanes ? 0 : 1;
    size_t n = 0;
    for (size_t i = 0; i < g->n_channels; i++) {
        if (f->channel[i].kind != N1_CHANNEL_MODEL || g->tail <= from)
            continue;
        n1_forward_use(f, (unsigned)i);
        const n1_scale scale = n1_scale_of(f->channel[i].sigma, f->channel[i].law);
        for (size_t t = from; t < g->tail; t++, n++) {
            int32_t mu = n1_tail_mu(f, i, t);
            uint32_t k = f->tail_code[i * g->tail + t];
            interval[n][0] = n1_cum(f->axis, &scale, mu, k);
            interval[n][1] = n1_cum(f->axis, &scale, mu, k + 1) - interval[n][0];
        }
    }
    if (!n)
        return end;
    uint64_t x = N1_RANS_LOW;
    while (n-- > 0) {
        uint16_t words[2];
        unsigned used = n1_rans_shrink(&x, interval[n][1], words);
        if (end - begin < 16)
            return NULL;
        for (unsigned j = 0; j < used; j++)
            n1_store16(end -= 2, words[j]);
        x = n1_rans_push(x, interval[n][1], interval[n][0]);
    }
    for (unsigned j = N1_STATE_BYTES; j-- > 0;)
        *--end = (uint8_t)(x >> (8 * j));
    return end;
}
