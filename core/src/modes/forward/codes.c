/* Forward mode, encoder: from samples to codes. */
#include "base/log2.h"
#include "base/status.h"
#include "converter/learn_widths.h"
#include "converter/nlink.h"
#include "converter/values.h"
#include "modes/forward/stages.h"

#include <string.h>

#define LOOKED_UP 65536u   /* samples: of fewer, listed values are searched */

/* A part of a long channel tells whether the widths are the N1's; if not, all of it says what they are. */
static void choose_nlink_widths(n1_forward_encoder *e, n1_alphabet *a, size_t n)
{
    size_t every = n >= 32768 ? 8 : 1;
    while (every) {
        memset(e->survey.hist, 0, a->n_codes * sizeof *e->survey.hist);
        for (size_t t = 0; t < n; t += every)
            e->survey.hist[e->line[t]]++;
        n1_choose_widths(e->survey.hist, a, e->survey.widths);
        every = every > 1 && a->widths != N1_WIDTHS_PRIOR ? 1 : 0;
    }
}

/* One channel of the N1's codes, without a survey. */
static int read_nlink(n1_forward_encoder *e, const void *samples, const n1_shape *s, const n1_encode_kernels *k)
{
    uint32_t low, high;
    const size_t probe = s->n_samples < 64 ? s->n_samples : 64;   /* most other recordings fail at once */
    if (s->n_channels != 1 || s->dtype != N1_INT16 || !k->nlink_codes(samples, probe, e->line, &low, &high)
        || !k->nlink_codes(samples, s->n_samples, e->line, &low, &high))
        return 0;
    n1_alphabet *a = &e->survey.alphabet[0];
    n1_nlink_alphabet(a, low, high);
    e->survey.n_alphabets = 1;
    e->survey.alphabet_of[0] = 0;
    e->survey.rough_bits = 4;
    for (size_t t = 0; t < s->n_samples; t++)
        e->line[t] = (uint16_t)(e->line[t] - low);
    choose_nlink_widths(e, a, s->n_samples);
    return 1;
}

n1_status n1_read_samples(n1_forward_encoder *e, const void *samples, const n1_shape *s, const n1_encode_kernels *k)
{
    n1_forward *f = &e->f;
    e->in_line = read_nlink(e, samples, s, k);
    if (!e->in_line) {
        if (!n1_to_track(samples, s, e->time, k))
            return N1_NOT_APPLICABLE;
        const n1_status status = n1_survey_track(&e->survey, e->time, s->dtype);
        if (status != N1_OK)
            return status;
    }
    /* what the survey worked with makes room for the channels */
    const int constant = e->in_line && e->survey.alphabet[0].n_codes == 1;
    for (size_t i = 0; i < s->n_channels; i++)
        e->survey.alphabet_of[i] |= (constant || (!e->in_line && n1_is_constant(&e->survey.stats[i]))) ? 0x80 : 0;
    f->n_alphabets = e->survey.n_alphabets;
    f->alphabet_bits = n1_ceil_log2(f->n_alphabets);
    memcpy(f->alphabet, e->survey.alphabet, sizeof f->alphabet);
    memset(f->channel, 0, s->n_channels * sizeof *f->channel);
    for (size_t i = 0; i < s->n_channels; i++) {
        f->channel[i].alphabet = e->survey.alphabet_of[i] & 0x7F;
        f->channel[i].kind = e->survey.alphabet_of[i] & 0x80 ? N1_CHANNEL_CONSTANT : N1_CHANNEL_MODEL;
    }
    return N1_OK;
}

/* Codes of a channel in time order to planes, midpoints, seeds and histories. */
static void to_planes(n1_forward_encoder *e, size_t channel, const n1_encode_kernels *k)
{
    n1_forward *f = &e->f;
    const n1_geometry *g = &f->g;
    uint16_t *code = n1_code_of(f, channel), *seed = f->seed + channel * n1_seeds(g);
    uint16_t *tail_code = f->tail_code + channel * g->tail;
    int16_t *tail_mid = f->tail_mid + channel * (N1_PLANE_HISTORY + g->tail) + N1_PLANE_HISTORY;
    k->to_plane(e->line, code, g->rows, g->lanes);
    int16_t *mid = n1_mid_of(f, channel) + N1_PLANE_HISTORY * g->lanes;
    k->midpoints(f->axis, code, mid, n1_code_size(g));
    memcpy(tail_code, e->line + g->n_samples - g->tail, g->tail * sizeof *tail_code);
    for (size_t t = 0; t < g->tail; t++)
        tail_mid[t] = f->axis->mid[tail_code[t]];
    for (unsigned s = 0; s < n1_seeds(g); s++)
        seed[s] = e->line[s * g->rows];
    n1_fill_history(f, channel);
    n1_tail_history(f, channel);
}

/* The usual case, without a division. */
#define PROGRESSION(T)                                                       \
    {                                                                        \
        const T *const v = (const T *)time.samples + from;                   \
        for (size_t t = 0; t < n; t++)                                       \
            line[t] = (uint16_t)(((uint32_t)v[t] - first) >> a->raw_bits);   \
    }

static void line_of(const n1_alphabet *a, const uint16_t *lookup, n1_track time, size_t from, uint16_t *line, size_t n)
{
    const uint32_t first = (uint32_t)a->first, stride = a->stride;
    if (a->kind == N1_LATTICE_STRIDE && a->stride == 1) {
        if (time.wide)
            PROGRESSION(int32_t)
        else
            PROGRESSION(int16_t)
    } else if (a->kind == N1_LATTICE_LIST && lookup) /* without a search: values lie within 65536 strides of the first */
        for (size_t t = 0; t < n; t++)
            line[t] = lookup[((uint32_t)n1_track_at(time, from + t) - first) / stride];
    else
        for (size_t t = 0; t < n; t++)
            line[t] = (uint16_t)(n1_full_code(a, n1_track_at(time, from + t)) >> a->raw_bits);
}

static void list_codes(n1_forward_encoder *e, const n1_alphabet *a, unsigned alphabet)
{
    if (a->kind != N1_LATTICE_LIST || !e->lookup || e->listed == alphabet + 1)
        return;
    for (uint32_t j = 0; j < a->n_codes; j++)
        e->lookup[((uint32_t)a->value[j] - (uint32_t)a->first) / a->stride] = (uint16_t)j;
    e->listed = alphabet + 1;
}

void n1_begin_codes(n1_forward_encoder *e)
{
    n1_forward *f = &e->f;
    e->in_place = f->g.lanes && !e->in_line && !e->time.wide;
    for (unsigned i = 0; i < f->n_alphabets; i++)
        e->in_place = e->in_place && f->alphabet[i].raw_bits == 0;
    if (e->in_place)   /* a plane is no longer than its channel */
        f->code = e->time.samples;
}

n1_status n1_make_codes(n1_forward_encoder *e, size_t channel, const n1_encode_kernels *k)
{
    n1_forward *f = &e->f;
    const size_t n = f->g.n_samples;
    n1_channel *p = &f->channel[channel];
    const n1_alphabet *a = &f->alphabet[p->alphabet];
    if (p->kind == N1_CHANNEL_CONSTANT) {
        p->constant = e->in_line ? a->value[0] : n1_track_at(e->time, channel * e->time.apart);
        return N1_OK;
    }
    list_codes(e, a, p->alphabet);
    if (!n1_forward_use(f, (unsigned)channel))
        return N1_ERROR_INTERNAL;
    if (!e->in_line)
        line_of(a, e->lookup, e->time, channel * e->time.apart, e->line, n);
    to_planes(e, channel, k);
    return N1_OK;
}

/* What is known before the samples: a geometry at its largest. */
static n1_geometry most_of(const n1_shape *s, const n1_effort *effort)
{
    n1_geometry g = {s->n_samples, s->n_channels, n1_forward_lanes(s->n_samples, effort), 0, 0};
    g.tail = g.lanes ? N1_TAIL_MAX / 2 : s->n_samples;
    return g;
}

void n1_forward_encoder_take(n1_forward_encoder *e, n1_arena *a, const n1_shape *s, const n1_effort *effort)
{
    const size_t n = s->n_samples, all = n * s->n_channels;
    const n1_geometry most = most_of(s, effort);
    memset(e, 0, sizeof *e);
    e->f.g = most;
    const size_t reach = effort->neighbours ? effort->reach : 0, mids = s->n_channels <= reach ? s->n_channels : reach + 1;
    e->line = n1_arena_take(a, n, sizeof *e->line);
    e->mu = n1_arena_take(a, s->n_channels == 1 ? n : 0, sizeof *e->mu);
    e->time.wide = n1_is_wide(s->dtype);
    e->time.apart = e->time.wide ? n : n1_track_apart(n);
    e->time.samples = n1_arena_take(a, e->time.apart * s->n_channels, n1_track_size(s->dtype));
    n1_survey_take(&e->survey, a, s);
    a->used = e->survey.kept;   /* what follows comes when the survey is done */
    n1_forward_take(&e->f, a, &most, mids, s->n_channels);
    e->lookup = all >= LOOKED_UP ? n1_arena_take(a, N1_SPREAD, sizeof *e->lookup) : NULL;
    n1_fit_take(&e->fit, a, effort);
    e->room = all * 4 + 4096;
    e->buffer = n1_arena_take(a, e->room, 1);
    e->interval = n1_arena_take(a, s->n_channels * most.tail, sizeof *e->interval);
}
