/* The forward mode's arrays, and how a channel lies in them. */
#include "modes/forward/forward.h"
#include "base/log2.h"

#include <string.h>

void n1_forward_take(n1_forward *f, n1_arena *a, const n1_geometry *most, size_t mids, size_t codes)
{
    const size_t n = most->n_channels, samples = most->lanes ? most->n_samples : 0;
    f->built_alphabet = f->built_law = -1;
    f->channel = n1_arena_take(a, n, sizeof *f->channel);
    f->axis = n1_arena_take(a, 1, sizeof *f->axis);
    f->mids = mids;
    f->codes = codes;
    f->mid = n1_arena_take(a, mids * (N1_PLANE_HISTORY * most->lanes + samples), sizeof *f->mid);
    f->code = n1_arena_take(a, codes * samples, sizeof *f->code);
    f->tail_mid = n1_arena_take(a, n * (N1_PLANE_HISTORY + most->tail), sizeof *f->tail_mid);
    f->tail_code = n1_arena_take(a, n * most->tail, sizeof *f->tail_code);
    f->seed = n1_arena_take(a, n * n1_seeds(most), sizeof *f->seed);
}

int n1_forward_use(n1_forward *f, unsigned channel)
{
    const n1_channel *p = &f->channel[channel];
    if (f->built_alphabet != p->alphabet) {
        if (!n1_axis_build(&f->alphabet[p->alphabet], f->axis))
            return 0;
        if (f->lookup)
            n1_lookup_build(f->axis, f->lookup);
        f->built_alphabet = p->alphabet;
        f->built_law = -1;
    }
    if (f->built_law != p->law) {
        n1_axis_law(f->axis, p->law);
        f->built_law = p->law;
    }
    return 1;
}

n1_lane_job n1_forward_job(n1_forward *f, size_t channel)
{
    const n1_geometry *g = &f->g;
    const n1_channel *p = &f->channel[channel];
    n1_lane_job job = {.axis = f->axis, .channel = p, .scale = n1_scale_of(p->sigma, p->law), .mid = n1_mid_of(f, channel),
                       .code = n1_code_of(f, channel), .rows = g->rows, .lanes = g->lanes, .lookup = f->lookup};
    for (unsigned i = 0; i < p->n_neighbours; i++)
        job.neighbour[i] = n1_mid_of(f, channel - p->distance[i]) + N1_PLANE_HISTORY * g->lanes;
    return job;
}

void n1_fill_history(n1_forward *f, size_t channel)
{
    const n1_geometry *g = &f->g;
    const uint16_t *seed = f->seed + channel * n1_seeds(g);
    int16_t *mid = n1_mid_of(f, channel);
    uint16_t *code = n1_code_of(f, channel);
    for (unsigned s = 0; s < g->lanes; s++) {
        uint32_t pos = n1_lane_position(s);
        for (unsigned row = 0; row <= N1_PLANE_HISTORY; row++)
            mid[row * g->lanes + pos] = f->axis->mid[seed[s]];
        code[pos] = seed[s];
    }
    if (!g->lanes) {
        int16_t *tail = f->tail_mid + channel * (N1_PLANE_HISTORY + g->tail);
        for (unsigned row = 0; row <= N1_PLANE_HISTORY; row++)
            tail[row] = f->axis->mid[seed[0]];
        f->tail_code[channel * g->tail] = seed[0];
    }
}

void n1_tail_history(n1_forward *f, size_t channel)
{
    const n1_geometry *g = &f->g;
    if (!g->lanes)
        return;
    const int16_t *mid = n1_mid_of(f, channel) + g->rows * g->lanes + n1_lane_position(g->lanes - 1);
    int16_t *tail = f->tail_mid + channel * (N1_PLANE_HISTORY + g->tail);
    for (unsigned j = 0; j < N1_PLANE_HISTORY; j++)
        tail[j] = mid[j * g->lanes];
}

int32_t n1_tail_mu(const n1_forward *f, size_t channel, size_t t)
{
    const n1_channel *p = &f->channel[channel];
    const size_t size = N1_PLANE_HISTORY + f->g.tail;
    const int16_t *own = f->tail_mid + channel * size + N1_PLANE_HISTORY + t;
    int32_t extra = 0;
    for (unsigned i = 0; i < p->n_neighbours; i++) {
        const int16_t *other = own - p->distance[i] * size;
        for (unsigned j = 0; j < p->neighbour_taps; j++)
            extra += p->neighbour[i][j] * other[-(ptrdiff_t)j];
    }
    return n1_predict(f->axis, p, own - 1, 1, extra);
}

unsigned n1_verbatim_bits(const n1_forward *f, size_t channel)
{
    const n1_channel *p = &f->channel[channel];
    const n1_alphabet *a = &f->alphabet[p->alphabet];
    return p->kind == N1_CHANNEL_MODEL ? a->raw_bits : p->kind == N1_CHANNEL_PACKED ? n1_ceil_log2(a->n_full) : 0;
}
