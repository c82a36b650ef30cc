/* Forward mode, encoder: the model of each channel, from those that a level tries. */
#include "base/log2.h"
#include "modes/forward/fit.h"

static n1_lane_job time_job(n1_forward *f, size_t channel, uint16_t *mu)
{
    const n1_geometry *g = &f->g;
    int16_t *mid = f->tail_mid + channel * (N1_PLANE_HISTORY + g->tail);
    uint16_t *code = f->tail_code + channel * g->tail;
    n1_lane_job job = {f->axis, &f->channel[channel], n1_scale_of(0, 0), NULL, mid, code, g->rows, 1, mu, NULL, NULL};
    for (size_t t = 0; t < g->tail; t++)
        mu[t] = (uint16_t)n1_tail_mu(f, channel, t);
    return job;
}

static n1_lane_job predict(n1_forward *f, size_t channel, const n1_encode_kernels *k, uint16_t *mu)
{
    if (!f->g.lanes)
        return time_job(f, channel, mu);
    n1_lane_job job = n1_forward_job(f, channel, &k->both);
    job.mu = mu;
    k->lanes_predict(&job);
    return job;
}

#define COEFFICIENT_COST (8 * 256u)   /* 256ths of a bit */

void n1_fit_channels(n1_forward *f, const n1_effort *effort, const n1_encode_kernels *k, uint16_t *mu, n1_fit *work)
{
    for (size_t i = 0; i < f->g.n_channels; i++, mu += f->g.n_samples) {
        n1_channel *p = &f->channel[i];
        if (p->kind != N1_CHANNEL_MODEL)
            continue;
        n1_forward_use(f, (unsigned)i);
        n1_channel best = *p;
        uint64_t least = ~(uint64_t)0;
        n1_effort quick = *effort;
        quick.search = effort->order[1] ? 0 : effort->search;
        n1_lane_job job = {0};
        unsigned last = 0, of_best = 0;   /* orders that were asked for */
        work->held = 0;
        for (unsigned o = 0; o < 4 && effort->order[o]; o++) {
            const unsigned order = n1_fit_order(&f->g, effort->order[o]);
            if (order == last)   /* in a short block several come to the same */
                continue;
            n1_fit_channel(f, i, effort, order, k, work);
            job = predict(f, i, k, mu);
            const uint64_t cost = n1_fit_scale(f, i, &job, &quick) + COEFFICIENT_COST * p->order;
            last = order;
            if (cost < least) {
                least = cost;
                of_best = order;
                best = *p;
            }
        }
        *p = best;
        if (last != of_best)   /* a single channel is coded with the predictions that its fit leaves */
            job = predict(f, i, k, mu);
        if (effort->order[1])
            n1_fit_scale(f, i, &job, effort);
        /* log2(sigma sqrt(2 pi e)) bits against a plain number */
        const n1_alphabet *a = &f->alphabet[p->alphabet];
        int32_t bits = p->sigma * 16 + 524 - (int32_t)(256 * a->unit_bits);
        if (bits + (int32_t)(256 * a->raw_bits) > (int32_t)(256 * n1_ceil_log2(a->n_full)))
            p->kind = N1_CHANNEL_PACKED;
    }
}
