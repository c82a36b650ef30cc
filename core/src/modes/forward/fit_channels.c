/* Forward mode, encoder: the model of each channel, from those that a level tries. */
#include "base/log2.h"
#include "modes/forward/fit.h"

#include <string.h>

static n1_lane_job time_job(n1_forward *f, size_t channel, uint16_t *mu)
{
    const n1_geometry *g = &f->g;
    int16_t *mid = f->tail_mid + channel * (N1_PLANE_HISTORY + g->tail);
    uint16_t *code = f->tail_code + channel * g->tail;
    n1_lane_job job = {.axis = f->axis, .channel = &f->channel[channel], .mid = mid, .code = code, .rows = g->rows, .lanes = 1, .mu = mu};
    for (size_t t = 0; t < g->tail; t++)
        mu[t] = (uint16_t)n1_tail_mu(f, channel, t);
    return job;
}

/* The channel's job: with lanes, its predictions are still to be made. */
static n1_lane_job job_of(n1_forward *f, size_t channel, uint16_t *mu)
{
    if (!f->g.lanes)
        return time_job(f, channel, mu);
    n1_lane_job job = n1_forward_job(f, channel);
    job.mu = mu;
    return job;
}

void n1_fit_begin(n1_fit *work)
{
    if (work->tally)
        work->tally->alphabet = -1;
    memset(work->known, 0, work->n_known * sizeof *work->known);
}

void n1_fit_model(n1_forward *f, size_t channel, const n1_effort *effort, const n1_encode_kernels *k, uint16_t *mu, n1_fit *work)
{
    n1_channel *p = &f->channel[channel];
    if (p->kind != N1_CHANNEL_MODEL)
        return;
    n1_forward_use(f, (unsigned)channel);
    n1_fit_channel(f, channel, effort, k, work);
    n1_lane_job job = job_of(f, channel, mu);
    if (f->g.lanes)
        k->lanes_predict(&job);
    const int32_t bits = n1_fit_scale(f, channel, &job, effort, k, work->tally); /* against a plain number */
    const n1_alphabet *a = &f->alphabet[p->alphabet];
    if (bits + (int32_t)(256 * a->raw_bits) > (int32_t)(256 * n1_ceil_log2(a->n_full)))
        p->kind = N1_CHANNEL_PACKED;
}
