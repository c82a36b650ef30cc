/* Adaptive modes, encoder. */
#include "modes/adaptive/adaptive_encode.h"
#include "base/load.h"
#include "base/status.h"
#include "base/stride.h"
#include "converter/survey.h"
#include "converter/values.h"
#include "modes/adaptive/others_write.h"
#include "modes/adaptive/plan.h"
#include "modes/backward/backward_encode.h"
#include "modes/mixed/mixed_encode.h"
#include "modes/wide/wide_block_encode.h"
#include "modes/wide/wide_known.h"

typedef struct {
    uint16_t *member, *other, *neighbour, *codes;
    uint8_t *set;
    n1_alphabet a;       /* of the members */
    size_t n, rest;      /* members, others */
    n1_params p;
    uint64_t mark;       /* what follows is in turn: the survey with the plan, a nested block, the coder */
    n1_track time;       /* the samples, channel after channel */
    n1_survey survey;
    n1_adaptive_work work;
    uint8_t *known_set;  /* each member's table of those that are known */
    int known;           /* whether they are of use */
    n1_backward_writer writer;
    n1_wide_params wide;
} encoder;

/* A coder's state and what else it works with, for the counts of so many channels. */
static uint64_t measure_coder(const n1_shape *s, size_t n, const n1_adaptive_effort *effort, uint64_t mark)
{
    n1_arena a = n1_arena_measure();
    n1_params p;
    a.used = mark;
    const n1_mode mode = n1_adaptive_mode(effort, s->n_channels, n);
    if (mode == N1_MODE_FORWARD)
        return 0;
    if (mode == N1_MODE_WIDE)
        return n1_wide_encode_measure(&effort->wide, n, s->n_samples, n1_adaptive_sets(n), mark);
    n1_adaptive_counts(effort, n, &p);
    p.widths.sets = n1_adaptive_sets(s->n_channels);
    if (effort->mode == N1_MODE_MIXED)
        (void)n1_mixed_take(&a, &p);
    else {
        n1_backward_writer w;
        n1_backward_writer_take(&w, &a, &p, N1_ORDER_STRANDS, N1_CODER_RANS, s->n_samples);
    }
    return a.most;
}

static void take(encoder *e, n1_arena *a, const n1_shape *s)
{
    const size_t c = s->n_channels;
    e->member = n1_arena_take(a, c, sizeof *e->member);
    e->other = n1_arena_take(a, c, sizeof *e->other);
    e->neighbour = n1_arena_take(a, c * N1_MAX_NEIGHBOURS, sizeof *e->neighbour);
    e->set = n1_arena_take(a, c, sizeof *e->set);
    e->known_set = n1_arena_take(a, c, sizeof *e->known_set);
    e->codes = n1_arena_take(a, s->n_samples * c, sizeof *e->codes);
    e->mark = a->used;
    e->time.wide = n1_is_wide(s->dtype);
    e->time.apart = e->time.wide ? s->n_samples : n1_track_apart(s->n_samples);
    e->time.samples = n1_arena_take(a, e->time.apart * c, n1_track_size(s->dtype));
    n1_survey_take(&e->survey, a, s);
    n1_adaptive_work_take(&e->work, a, s);
    a->used = e->mark;
}

uint64_t n1_adaptive_encode_measure(const n1_shape *s, const n1_adaptive_effort *effort, const n1_effort *others)
{
    n1_arena a = n1_arena_measure();
    encoder e;
    (void)n1_arena_take(&a, 1, sizeof e);
    take(&e, &a, s);
    uint64_t most = a.most;
    /* how many channels are members shows later: a few may have more of a state each than many, and more rows of lanes */
    const size_t counts[] = {1, N1_MANY_CHANNELS - 1, N1_WIDE_CHANNELS - 1};
    for (unsigned i = 0; i < 3; i++) {
        const uint64_t size = measure_coder(s, counts[i] < s->n_channels ? counts[i] : s->n_channels, effort, e.mark);
        most = size > most ? size : most;
    }
    for (size_t n = N1_WIDE_MEMBERS; n <= s->n_channels; n++) {
        const uint64_t size = measure_coder(s, n, effort, e.mark);
        most = size > most ? size : most;
    }
    a.most = 0;
    n1_others_write_measure(&a, s, others);
    most = a.most > most ? a.most : most;
    return most;
}

/* The channels of the alphabet that most modelled channels have. */
static void choose_members(encoder *e)
{
    const n1_survey *s = &e->survey;
    size_t count[N1_MAX_ALPHABETS] = {0};
    unsigned index = 0;
    for (size_t i = 0; i < s->n_channels; i++)
        if (!n1_is_constant(&s->stats[i]))
            count[s->alphabet_of[i]]++;
    for (unsigned a = 1; a < s->n_alphabets; a++)
        if (count[a] > count[index])
            index = a;
    e->n = e->rest = 0;
    for (size_t i = 0; i < s->n_channels; i++)
        if (!n1_is_constant(&s->stats[i]) && s->alphabet_of[i] == index)
            e->member[e->n++] = (uint16_t)i;
        else
            e->other[e->rest++] = (uint16_t)i;
    e->a = s->alphabet[index];
}

/* Channels side by side, without one between them. */
static int is_run(const uint16_t *member, size_t n) { return (size_t)(member[n - 1] - member[0]) == n - 1; }

/* Codes frame after frame, of the samples themselves: int16, an arithmetic progression. */
static void codes_of_progression(const n1_alphabet *a, const int16_t *samples, const n1_shape *s,
                                 const uint16_t *member, size_t n, uint16_t *codes)
{
    const uint32_t first = (uint32_t)a->first;
    const n1_stride stride = n1_stride_of(a->stride);
    const int run = a->stride == 1 && is_run(member, n);
    for (size_t t = 0; t < s->n_samples; t++, samples += s->n_channels, codes += n)
        if (run) { /* differences below 2^16, which 16 bits hold */
            const int16_t *const from = samples + member[0];
            for (size_t i = 0; i < n; i++)
                codes[i] = (uint16_t)((uint16_t)((uint16_t)from[i] - (uint16_t)first) >> a->raw_bits);
        } else if (a->stride == 1)
            for (size_t i = 0; i < n; i++)
                codes[i] = (uint16_t)(((uint32_t)samples[member[i]] - first) >> a->raw_bits);
        else
            for (size_t i = 0; i < n; i++)
                codes[i] = (uint16_t)(n1_multiple(&stride, (uint32_t)samples[member[i]] - first) >> a->raw_bits);
}

/* Codes frame after frame. time: the samples, channels in time order. */
static void make_codes(const n1_alphabet *a, const void *samples, n1_track time, const n1_shape *s,
                       const uint16_t *member, size_t n, uint16_t *codes)
{
    const size_t n_samples = s->n_samples;
    if (s->dtype == N1_INT16 && a->kind == N1_LATTICE_STRIDE) {
        codes_of_progression(a, samples, s, member, n, codes);
        return;
    }
    for (size_t t0 = 0; t0 < n_samples; t0 += 16) {
        const size_t t1 = t0 + 16 < n_samples ? t0 + 16 : n_samples;
        for (size_t i = 0; i < n; i++) {
            const size_t from = member[i] * time.apart;
            for (size_t t = t0; t < t1; t++)
                codes[t * n + i] = (uint16_t)(n1_full_code(a, n1_track_at(time, from + t)) >> a->raw_bits);
        }
    }
}

static n1_status packet(encoder *e, const n1_adaptive_effort *effort, const n1_encode_kernels *k, size_t n_samples,
                        n1_arena a, uint8_t *dst, size_t capacity, size_t *written)
{
    a.used = e->mark;
    if (effort->mode == N1_MODE_MIXED) {
        n1_mixed *s = n1_mixed_take(&a, &e->p);
        if (!s)
            return N1_ERROR_INTERNAL;
        n1_mixed_init(s, &e->p, &k->both);
        return n1_mixed_encode(s, e->codes, n_samples, dst, capacity, written);
    }
    n1_backward_writer *const w = &e->writer;
    n1_backward_writer_take(w, &a, &e->p, N1_ORDER_STRANDS, N1_CODER_RANS, n_samples);
    if (!w->s)
        return N1_ERROR_INTERNAL;
    n1_backward_writer_init(w, &e->p, k);
    n1_backward_begin(w, dst, capacity);
    if (n1_backward_push(w, e->codes, n_samples) != N1_OK)
        return N1_ERROR_INTERNAL;
    return n1_backward_end(w, written);
}

/* In 256ths of a bit: probes of all kinds are below 10, electrodes on heads above 50. Each of these has neighbours anywhere that do more for
 * it than what a row has in common: the forward mode, which looks for each channel's own, may be smaller by far. */
#define UNLIKE 26u

/* What a part of the block has cost: what is predicted, bits that are not, and its share of what comes before. */
static void tell(const encoder *e, const n1_wide_writer *w, size_t n_samples, n1_part *part)
{
    const uint64_t all = (uint64_t)n_samples * e->n;
    uint16_t channel[N1_PART_CHANNELS];
    size_t n = 0;
    part->sure = e->known;
    part->unlike = N1_UNLIKE_CHANNELS && w->unlike >= UNLIKE;
    if (part->sure || part->unlike)
        return;
    for (size_t m = 0; m < e->n && n < N1_PART_CHANNELS; m++)
        if (e->member[m] >= part->first && e->member[m] - part->first < part->n_channels)
            channel[n++] = (uint16_t)m;
    for (size_t i = 0; i < part->runs; i++)
        part->bits += n1_wide_bits(w, channel, n, n1_part_at(part, i, n_samples), part->length);
    const uint64_t samples = (uint64_t)n * part->runs * part->length;
    part->bits += e->a.raw_bits * samples + 8 * (uint64_t)w->params * samples / all;
}

/* A program that has no tables does without: see challenge/Makefile. */
#ifndef N1_KNOWN_WIDTHS
#define N1_KNOWN_WIDTHS 1
#endif
#define SECTION 2u /* 2048 frames of widths that are known: what a reader decodes to see one of them */

/* The tables that are known are those of the block. */
static void know(encoder *e, const n1_width_tables *tables)
{
    n1_wide_params *const p = &e->wide;
    p->known = 1;
    p->id = tables->id;
    p->set = e->known_set;
    p->widths = (n1_width_priors){.codes = p->widths.codes, .sets = (uint8_t)tables->sets};
    (void)n1_wide_know(p, tables, &e->a); /* they are these */
}

/* What the wide mode begins with. */
static void begin_wide(encoder *e, const n1_adaptive_effort *effort, const n1_encode_kernels *k, size_t n_samples)
{
    n1_wide_params *const p = &e->wide;
    n1_wide_counts(p, &effort->wide, e->n, n_samples);
    p->widths = e->p.widths;
    p->set = e->set;
    if (N1_KNOWN_WIDTHS && e->known) {
        know(e, k->both.known);
        p->section = n_samples > N1_WIDE_SECTION << SECTION ? SECTION : 0;
    }
    p->first = n1_wide_first(e->p.sigma);
}

/* The wide mode's parameters and its packet. */
static n1_status packet_wide(encoder *e, const n1_adaptive_effort *effort, const n1_encode_kernels *k, size_t n_samples, n1_arena a,
                             uint8_t *dst, size_t capacity, size_t *written, n1_part *part)
{
    n1_wide_writer w;
    a.used = e->mark;
    begin_wide(e, effort, k, n_samples);
    const n1_status status = n1_wide_encode_block(&e->wide, &effort->wide, e->codes, n_samples, k, a, dst, capacity, written, &w);
    if (status == N1_OK && part)
        tell(e, &w, n_samples, part);
    return status;
}

/* Everything before the parameters but the others. */
static void write_head(const encoder *e, n1_bitwriter *w, n1_mode mode, const n1_shape *s)
{
    n1_put_field(w, (uint32_t)mode, 8);
    n1_members_write(w, e->member, e->n, s);
    n1_alphabet_write(w, &e->a);
    n1_fields_align(w);
    for (size_t t = 0; e->a.raw_bits && t < s->n_samples; t++)
        for (size_t i = 0; i < e->n; i++)
            n1_put_field(w, n1_full_code(&e->a, n1_track_at(e->time, e->member[i] * e->time.apart + t)), e->a.raw_bits);
    n1_fields_align(w);
}

/* Which of the tables that are known the members have, if they are of use. */
static void assign(encoder *e, const n1_width_tables *tables, const n1_shape *s)
{
    const n1_adaptive_work *w = &e->work;
    int16_t *const room = (int16_t *)w->part; /* of 64 parts, at least, of 32 bits each: so many channels there are */
    const n1_known_work work = {room, room + (size_t)N1_MAX_WIDTH_SETS * N1_MAX_CODES, (uint8_t *)w->one_set, (uint8_t *)w->all};
    e->known = tables && tables->sets <= n1_adaptive_sets(e->n) && !e->a.raw_bits && e->a.kind != N1_LATTICE_NLINK &&
               n1_wide_assign(tables, &e->a, e->codes, e->n, s->n_samples, &work, e->known_set);
}

/* All that comes before the bytes. *mode: how members are coded. */
static n1_status prepare(encoder *e, const void *samples, const n1_shape *s, const n1_adaptive_effort *effort,
                         const n1_encode_kernels *k, n1_arena *arena, n1_mode *mode_of)
{
    take(e, arena, s);
    if (!n1_arena_holds(arena))
        return N1_ERROR_INTERNAL;
    if (!n1_to_track(samples, s, e->time, k))
        return N1_NOT_APPLICABLE;
    n1_status status = n1_survey_track(&e->survey, e->time, s->dtype);
    if (status != N1_OK)
        return status;
    choose_members(e);
    const n1_mode mode = *mode_of = n1_adaptive_mode(effort, s->n_channels, e->n);
    if (e->n == 0 || e->a.n_codes < 2 || mode == N1_MODE_FORWARD)
        return N1_NOT_APPLICABLE;
    e->a.widths = e->a.kind == N1_LATTICE_NLINK ? N1_WIDTHS_PRIOR : N1_WIDTHS_EVEN;
    make_codes(&e->a, samples, e->time, s, e->member, e->n, e->codes);
    n1_adaptive_counts(effort, e->n, &e->p);
    if (mode == N1_MODE_WIDE)
        e->p.neighbours = 0; /* it has its own way to choose them */
    e->p.widths.codes = (uint16_t)e->a.n_codes;
    e->p.widths.prior = e->a.widths == N1_WIDTHS_PRIOR;
    e->p.widths.prior_first = e->p.widths.prior ? (uint16_t)e->a.first : 0;
    e->known = 0;
    if (N1_KNOWN_WIDTHS && mode == N1_MODE_WIDE)
        assign(e, k->both.known, s);
    e->p.widths.known = e->known ? k->both.known : NULL;
    n1_adaptive_plan(&e->p, e->codes, s->n_samples, e->member, e->neighbour, e->set, k, &e->work);
    return N1_OK;
}

n1_status n1_adaptive_encode(const void *samples, const n1_shape *s, const n1_adaptive_effort *effort,
                             const n1_effort *others, const n1_encode_kernels *k, n1_arena arena, uint8_t *dst,
                             size_t capacity, size_t *written, n1_part *part)
{
    encoder *const e = n1_arena_take(&arena, 1, sizeof *e);   /* large for a stack */
    n1_mode mode;
    if (!e)
        return N1_ERROR_INTERNAL;
    n1_status status = prepare(e, samples, s, effort, k, &arena, &mode);
    if (status != N1_OK)
        return status;

    n1_bitwriter w;
    size_t params, size;
    n1_bitwriter_init(&w, dst, capacity);
    write_head(e, &w, mode, s);
    arena.used = e->mark;
    if (e->rest)
        status = n1_others_write(&w, samples, s, e->other, e->rest, others, k, arena);
    if (status == N1_OK && w.overrun)
        status = N1_NOT_APPLICABLE;
    if (status == N1_OK && mode == N1_MODE_WIDE) {
        status = packet_wide(e, effort, k, s->n_samples, arena, w.p, (size_t)(w.end - w.p), &size, part);
        if (status == N1_OK)
            *written = (size_t)(w.p - dst) + size;
        return status;
    }
    if (status == N1_OK)
        status = n1_params_write(&e->p, w.p, (size_t)(w.end - w.p), &params);
    if (status == N1_OK)
        status = packet(e, effort, k, s->n_samples, arena, w.p + params, (size_t)(w.end - w.p) - params, &size);
    if (status == N1_OK)
        *written = (size_t)(w.p - dst) + params + size;
    return status;
}

n1_status n1_adaptive_learn(const void *samples, const n1_shape *s, const n1_adaptive_effort *effort, const n1_encode_kernels *k,
                            n1_arena arena, uint8_t *dst, size_t capacity, size_t *written)
{
    encoder *const e = n1_arena_take(&arena, 1, sizeof *e);
    n1_wide_writer w;
    n1_mode mode = N1_MODE_FORWARD;
    *written = 0;
    if (!e)
        return N1_ERROR_INTERNAL;
    n1_status status = prepare(e, samples, s, effort, k, &arena, &mode);
    if (status == N1_NOT_APPLICABLE || (status == N1_OK && (mode != N1_MODE_WIDE || e->a.raw_bits || e->a.kind == N1_LATTICE_NLINK)))
        return N1_OK;
    if (status == N1_OK) {
        begin_wide(e, effort, k, s->n_samples);
        arena.used = e->mark;
        status = n1_wide_learn_block(&e->wide, &effort->wide, e->codes, s->n_samples, k, arena, &w);
    }
    return status == N1_OK ? n1_wide_tables_write(w.s, &e->a, dst, capacity, written) : status;
}
