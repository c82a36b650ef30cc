/* The tail, channel after channel, by one state. */
#include "modes/forward/tail_decode.h"

static uint32_t tail_byte(n1_tail_source *t)
{
    if (t->used < t->n_payload)
        return t->payload[t->used++];
    if (t->at < t->end)
        return *t->at++;
    t->short_read = 1;
    return 0;
}

/* Nothing left but zeros within the lane states. */
static int tail_ends(n1_tail_source *t)
{
    while (t->used < t->n_payload)
        if (t->payload[t->used++])
            return 0;
    return t->at == t->end;
}

/* A code near a place of the axis: that place's where there is a table, else what it would be if all were as wide. */
static uint32_t near_code(const n1_forward *f, int32_t mu)
{
    return f->lookup ? f->lookup->at[mu] >> 20 : (uint32_t)mu * f->axis->n_codes / f->axis->axis_len;
}

n1_status n1_tail_decode(n1_forward *f, n1_tail_source *src)
{
    const n1_geometry *g = &f->g;
    const size_t from = g->lanes ? 0 : 1;
    int any = 0;
    for (size_t i = 0; i < g->n_channels; i++)
        any |= f->channel[i].kind == N1_CHANNEL_MODEL && g->tail > from;
    if (!any) {
        for (size_t i = 0; !g->lanes && i < g->n_channels; i++) { /* a single sample is its channel's seed */
            if (f->channel[i].kind != N1_CHANNEL_MODEL)
                continue;
            if (!n1_forward_use(f, (unsigned)i))
                return N1_ERROR_CORRUPT;
            n1_fill_history(f, i);
        }
        return tail_ends(src) ? N1_OK : N1_ERROR_CORRUPT;
    }
    uint64_t x = 0;
    for (unsigned i = 0; i < N1_STATE_BYTES; i++)
        x |= (uint64_t)tail_byte(src) << (8 * i);
    if (x < N1_RANS_LOW)
        return N1_ERROR_CORRUPT;
    for (size_t i = 0; i < g->n_channels; i++) {
        if (f->channel[i].kind != N1_CHANNEL_MODEL)
            continue;
        if (!n1_forward_use(f, (unsigned)i))
            return N1_ERROR_CORRUPT;
        if (!g->lanes)
            n1_fill_history(f, i);
        const n1_scale scale = n1_scale_of(f->channel[i].sigma, f->channel[i].law);
        int16_t *mid = f->tail_mid + i * (N1_PLANE_HISTORY + g->tail) + N1_PLANE_HISTORY;
        for (size_t t = from; t < g->tail; t++) {
            int32_t mu = n1_tail_mu(f, i, t);
            uint32_t slot = (uint32_t)x & (N1_PROB_ONE - 1), low, high;
            uint32_t k = near_code(f, mu);   /* a quantile table would not pay for a few samples */
            k = n1_find_code(f->axis, &scale, mu, slot, k, &low, &high);
            x = (uint64_t)(high - low) * (x >> N1_PROB_BITS) + (slot - low);
            for (unsigned pass = 0; pass < 2 && x < N1_RANS_LOW; pass++) {
                uint32_t w = tail_byte(src);
                x = x << 16 | w | tail_byte(src) << 8;
            }
            mid[t] = f->axis->mid[k];
            f->tail_code[i * g->tail + t] = (uint16_t)k;
        }
        if (src->short_read)
            return N1_ERROR_TRUNCATED;
    }
    return x == N1_RANS_LOW && tail_ends(src) ? N1_OK : N1_ERROR_CORRUPT;
}
