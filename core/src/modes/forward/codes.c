/* Static mode, encoder: from samples to codes. */
#include "modes/forward/stages.h"
#include "modes/forward/plane.h"
#include "converter/values.h"

/* A part of a long channel tells whether the widths are the N1's; if not, all of it says what they are. */
static void choose_n1_widths(n1c_alphabet *a, const uint16_t *line, size_t n, n1c_arena scratch)
{
    uint32_t *hist = n1c_arena_take(&scratch, a->n_codes * sizeof *hist);
    size_t every = n >= 32768 ? 8 : 1;
    while (hist && every) {
        memset(hist, 0, a->n_codes * sizeof *hist);
        for (size_t t = 0; t < n; t += every)
            hist[line[t]]++;
        n1c_choose_widths(hist, a, &scratch);
        every = every > 1 && a->widths != N1C_WIDTHS_PRIOR ? 1 : 0;
    }
}

n1_status n1c_read_samples(n1c_chunk *c, const void *samples, const n1_shape *s, n1_kernel kernel, n1c_arena *a,
                           const n1c_line_buffers *b, int32_t **time, unsigned *rough_bits)
{
    uint32_t low, high;
    *rough_bits = 4;
    *time = NULL;
    if (s->n_channels == 1 && s->dtype == N1_INT16
        && n1c_n1_scan(samples, s->n_samples, b->line, &low, &high, kernel)) {
        n1c_n1_alphabet(&c->alphabet[0], low, high);
        c->n_alphabets = 1;
        c->channel[0].kind = low == high ? N1C_CHANNEL_CONSTANT : N1C_CHANNEL_MODEL;
        for (size_t t = 0; t < s->n_samples; t++)
            b->line[t] = (uint16_t)(b->line[t] - low);
        choose_n1_widths(&c->alphabet[0], b->line, s->n_samples, *a);
        return N1_OK;
    }
    *time = n1c_arena_take(a, s->n_samples * s->n_channels * sizeof **time);
    if (!*time || !n1c_to_time(samples, s, *time))
        return N1_ERROR_DST_TOO_SMALL;
    return n1c_survey(c, *time, s->dtype, a, rough_bits);
}

/* Codes of a channel in time order to planes, midpoints, seeds and histories. */
static void to_planes(n1c_chunk *c, size_t channel, const n1c_line_buffers *b, n1_kernel kernel)
{
    const n1c_geometry *g = &c->g;
    uint16_t *code = c->code + channel * n1c_code_size(g), *seed = c->seed + channel * n1c_seeds(g);
    uint16_t *tail_code = c->tail_code + channel * g->tail;
    int16_t *tail_mid = c->tail_mid + channel * (N1C_HISTORY + g->tail) + N1C_HISTORY;
    n1c_to_plane(b->line, code, g->rows, g->lanes);
    int16_t *mid = c->mid + channel * n1c_mid_size(g) + N1C_HISTORY * g->lanes;
    n1c_lanes_expand(c->axis, code, b->edges, mid, n1c_code_size(g), kernel);
    memcpy(tail_code, b->line + g->n_samples - g->tail, g->tail * sizeof *tail_code);
    for (size_t t = 0; t < g->tail; t++)
        tail_mid[t] = c->axis->mid[tail_code[t]];
    for (unsigned s = 0; s < n1c_seeds(g); s++)
        seed[s] = b->line[s * g->rows];
    n1c_fill_history(c, channel);
    n1c_tail_history(c, channel);
}

static void line_of(const n1c_alphabet *a, const uint16_t *lookup, const int32_t *v, uint16_t *line, size_t n)
{
    const uint32_t first = (uint32_t)a->first, stride = a->stride;
    if (a->kind == N1C_LATTICE_STRIDE && a->stride == 1)   /* the usual case, without a division */
        for (size_t t = 0; t < n; t++)
            line[t] = (uint16_t)(((uint32_t)v[t] - first) >> a->raw_bits);
    else if (a->kind == N1C_LATTICE_LIST)   /* without a search: values lie within 65536 strides of the first */
        for (size_t t = 0; t < n; t++)
            line[t] = lookup[((uint32_t)v[t] - first) / stride];
    else
        for (size_t t = 0; t < n; t++)
            line[t] = (uint16_t)(n1c_full_code(a, v[t]) >> a->raw_bits);
}

n1_status n1c_make_codes(n1c_chunk *c, const int32_t *time, const n1c_line_buffers *b, n1_kernel kernel,
                         n1c_arena scratch)
{
    uint16_t *lookup = n1c_arena_take(&scratch, 65536 * sizeof *lookup);
    int looked = -1;
    if (!lookup)
        return N1_ERROR_DST_TOO_SMALL;
    for (size_t i = 0; i < c->g.n_channels; i++) {
        n1c_channel *p = &c->channel[i];
        const n1c_alphabet *a = &c->alphabet[p->alphabet];
        if (a->kind == N1C_LATTICE_LIST && looked != p->alphabet) {
            for (uint32_t k = 0; k < a->n_codes; k++)
                lookup[((uint32_t)a->value[k] - (uint32_t)a->first) / a->stride] = (uint16_t)k;
            looked = p->alphabet;
        }
        if (p->kind == N1C_CHANNEL_CONSTANT) {
            p->constant = time ? time[i * c->g.n_samples] : a->value[0];
            continue;
        }
        if (!n1c_chunk_use(c, (unsigned)i))
            return N1_ERROR_DST_TOO_SMALL;
        if (time)
            line_of(a, lookup, time + i * c->g.n_samples, b->line, c->g.n_samples);
        to_planes(c, i, b, kernel);
    }
    return N1_OK;
}
