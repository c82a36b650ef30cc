/* Forward mode, encoder: the model of each channel, from those that a level tries. */
#include "modes/forward/stages.h"

static n1_lane_job time_job(n1_forward *c, size_t channel, uint16_t *mu)
{
    const n1_geometry *g = &c->g;
    int16_t *mid = c->tail_mid + channel * (N1_PLANE_HISTORY + g->tail);
    uint16_t *code = c->tail_code + channel * g->tail;
    n1_lane_job job = {c->axis, &c->channel[channel], n1_scale_of(0, 0), NULL, mid, code, mu, NULL, g->rows, 1, NULL};
    for (size_t t = 0; t < g->tail; t++)
        mu[t] = (uint16_t)n1_tail_mu(c, channel, t);
    return job;
}

static n1_lane_job predict(n1_forward *c, size_t channel, n1_kernel kernel, uint16_t *mu)
{
    if (!c->g.lanes)
        return time_job(c, channel, mu);
    n1_lane_job job = n1_forward_job(c, channel, kernel);
    job.mu = mu;
    n1_lanes_predict(&job, kernel);
    return job;
}

#define COEFFICIENT_COST (8 * 256u)   /* 256ths of a bit */

void n1_fit_channels(n1_forward *c, const n1_effort *level, n1_kernel kernel, uint16_t *mu, n1_fit *work)
{
    for (size_t i = 0; i < c->g.n_channels; i++, mu += c->g.n_samples) {
        n1_channel *p = &c->channel[i];
        if (p->kind != N1_CHANNEL_MODEL)
            continue;
        n1_forward_use(c, (unsigned)i);
        n1_channel best = *p;
        uint64_t least = ~(uint64_t)0;
        n1_effort quick = *level;
        quick.search = level->order[1] ? 0 : level->search;
        n1_lane_job job = {0};
        unsigned last = 0, of_best = 0;   /* orders that were asked for */
        work->held = 0;
        for (unsigned o = 0; o < 4 && level->order[o]; o++) {
            const unsigned order = n1_fit_order(&c->g, level->order[o]);
            if (order == last)   /* in a short block several come to the same */
                continue;
            n1_fit_channel(c, i, level, order, kernel, work);
            job = predict(c, i, kernel, mu);
            const uint64_t cost = n1_fit_scale(c, i, &job, &quick) + COEFFICIENT_COST * p->order;
            last = order;
            if (cost < least) {
                least = cost;
                of_best = order;
                best = *p;
            }
        }
        *p = best;
        if (last != of_best)   /* a single channel is coded with the predictions that its fit leaves */
            job = predict(c, i, kernel, mu);
        if (level->order[1])
            n1_fit_scale(c, i, &job, level);
        /* log2(sigma sqrt(2 pi e)) bits against a plain number */
        const n1_alphabet *a = &c->alphabet[p->alphabet];
        int32_t bits = p->sigma * 16 + 524 - (int32_t)(256 * a->unit_bits);
        if (bits + (int32_t)(256 * a->raw_bits) > (int32_t)(256 * n1_ceil_log2(a->n_full)))
            p->kind = N1_CHANNEL_PACKED;
    }
}
