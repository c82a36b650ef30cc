/* Forward mode, encoder: from samples to codes. */
#include "modes/forward/stages.h"
#include "modes/forward/plane.h"
#include "converter/values.h"

/* A part of a long channel tells whether the widths are the N1's; if not, all of it says what they are. */
static void choose_n1_widths(n1_alphabet *a, const uint16_t *line, size_t n, n1_arena scratch)
{
    uint32_t *hist = n1_arena_take(&scratch, a->n_codes * sizeof *hist);
    size_t every = n >= 32768 ? 8 : 1;
    while (hist && every) {
        memset(hist, 0, a->n_codes * sizeof *hist);
        for (size_t t = 0; t < n; t += every)
            hist[line[t]]++;
        n1_choose_widths(hist, a, &scratch);
        every = every > 1 && a->widths != N1_WIDTHS_PRIOR ? 1 : 0;
    }
}

n1_status n1_read_samples(n1_forward *c, const void *samples, const n1_shape *s, n1_kernel kernel, n1_arena *a,
                           const n1_line_buffers *b, int32_t **time, unsigned *rough_bits)
{
    uint32_t low, high;
    *rough_bits = 4;
    *time = NULL;
    if (s->n_channels == 1 && s->dtype == N1_INT16
        && n1_nlink_scan(samples, s->n_samples, b->line, &low, &high, kernel)) {
        n1_nlink_alphabet(&c->alphabet[0], low, high);
        c->n_alphabets = 1;
        c->channel[0].kind = low == high ? N1_CHANNEL_CONSTANT : N1_CHANNEL_MODEL;
        for (size_t t = 0; t < s->n_samples; t++)
            b->line[t] = (uint16_t)(b->line[t] - low);
        choose_n1_widths(&c->alphabet[0], b->line, s->n_samples, *a);
        return N1_OK;
    }
    *time = n1_arena_take(a, s->n_samples * s->n_channels * sizeof **time);
    if (!*time || !n1_to_time(samples, s, *time))
        return N1_ERROR_DST_TOO_SMALL;
    return n1_survey(c, *time, s->dtype, a, rough_bits);
}

/* Codes of a channel in time order to planes, midpoints, seeds and histories. */
static void to_planes(n1_forward *c, size_t channel, const n1_line_buffers *b, n1_kernel kernel)
{
    const n1_geometry *g = &c->g;
    uint16_t *code = c->code + channel * n1_code_size(g), *seed = c->seed + channel * n1_seeds(g);
    uint16_t *tail_code = c->tail_code + channel * g->tail;
    int16_t *tail_mid = c->tail_mid + channel * (N1_PLANE_HISTORY + g->tail) + N1_PLANE_HISTORY;
    n1_to_plane(b->line, code, g->rows, g->lanes);
    int16_t *mid = c->mid + channel * n1_mid_size(g) + N1_PLANE_HISTORY * g->lanes;
    n1_lanes_expand(c->axis, code, b->edges, mid, n1_code_size(g), kernel);
    memcpy(tail_code, b->line + g->n_samples - g->tail, g->tail * sizeof *tail_code);
    for (size_t t = 0; t < g->tail; t++)
        tail_mid[t] = c->axis->mid[tail_code[t]];
    for (unsigned s = 0; s < n1_seeds(g); s++)
        seed[s] = b->line[s * g->rows];
    n1_fill_history(c, channel);
    n1_tail_history(c, channel);
}

static void line_of(const n1_alphabet *a, const uint16_t *lookup, const int32_t *v, uint16_t *line, size_t n)
{
    const uint32_t first = (uint32_t)a->first, stride = a->stride;
    if (a->kind == N1_LATTICE_STRIDE && a->stride == 1)   /* the usual case, without a division */
        for (size_t t = 0; t < n; t++)
            line[t] = (uint16_t)(((uint32_t)v[t] - first) >> a->raw_bits);
    else if (a->kind == N1_LATTICE_LIST)   /* without a search: values lie within 65536 strides of the first */
        for (size_t t = 0; t < n; t++)
            line[t] = lookup[((uint32_t)v[t] - first) / stride];
    else
        for (size_t t = 0; t < n; t++)
            line[t] = (uint16_t)(n1_full_code(a, v[t]) >> a->raw_bits);
}

n1_status n1_make_codes(n1_forward *c, const int32_t *time, const n1_line_buffers *b, n1_kernel kernel,
                         n1_arena scratch)
{
    uint16_t *lookup = n1_arena_take(&scratch, 65536 * sizeof *lookup);
    int looked = -1;
    if (!lookup)
        return N1_ERROR_DST_TOO_SMALL;
    for (size_t i = 0; i < c->g.n_channels; i++) {
        n1_channel *p = &c->channel[i];
        const n1_alphabet *a = &c->alphabet[p->alphabet];
        if (a->kind == N1_LATTICE_LIST && looked != p->alphabet) {
            for (uint32_t k = 0; k < a->n_codes; k++)
                lookup[((uint32_t)a->value[k] - (uint32_t)a->first) / a->stride] = (uint16_t)k;
            looked = p->alphabet;
        }
        if (p->kind == N1_CHANNEL_CONSTANT) {
            p->constant = time ? time[i * c->g.n_samples] : a->value[0];
            continue;
        }
        if (!n1_forward_use(c, (unsigned)i))
            return N1_ERROR_DST_TOO_SMALL;
        if (time)
            line_of(a, lookup, time + i * c->g.n_samples, b->line, c->g.n_samples);
        to_planes(c, i, b, kernel);
    }
    return N1_OK;
}
