/* Piecewise mode, encoder: channel after channel. */
#include "modes/piecewise/piecewise_encode.h"
#include "base/inline.h"
#include "base/status.h"
#include "modes/piecewise/piece_encoder.h"

#include <string.h>

#define LEAST_FRAMES 32u   /* of a block: fewer are stored */
#define LEAST_PARTS  8u    /* shorter blocks have shorter pieces, */
#define MANY         12u   /* channels that others are predicted from: their pieces are longer; */
#define LONG         32768u /* or frames: then their pieces are longer, too */
#define FINEST_OF_MANY 2u  /* log2 of the units of both */
#define FINE         1u    /* log2 of their units at least */
#define BAND         16u   /* channels that are taken out of their frames at a time */

/* Fewer taps for short blocks: each must earn its bits. */
static n1_piece_effort effort_for(const n1_shape *s, const n1_piece_effort *effort)
{
    n1_piece_effort e = *effort;
    const size_t most = s->n_samples / 16;
    e.own = e.own < most ? e.own : (uint8_t)most;
    e.others = s->n_channels > e.others ? e.others : (uint8_t)(s->n_channels - 1);
    e.lags = e.others ? e.lags : 0;
    if ((s->n_channels >= MANY || s->n_samples >= LONG) && e.finest < FINEST_OF_MANY)
        e.finest = FINEST_OF_MANY;
    while (e.finest > FINE && (((size_t)N1_PIECE_UNIT * LEAST_PARTS) << e.finest) > s->n_samples)
        e.finest--;
    while (e.finest && ((size_t)N1_PIECE_UNIT << e.finest) > s->n_samples)
        e.finest--;
    return e;
}

static uint8_t larger(uint8_t a, uint8_t b) { return a > b ? a : b; }

/* Efforts for a shape; returns one that is as large as the largest of them in everything. */
static n1_piece_effort efforts_for(n1_piece_encoder *e, const n1_shape *s, const n1_piece_effort *effort)
{
    n1_piece_effort most = effort_for(s, effort);
    e->n_efforts = 0;
    for (unsigned i = effort->also + 1u; i-- > 0;) {
        const n1_piece_effort mine = effort_for(s, effort - i);
        e->effort[e->n_efforts++] = mine;
        most.own = larger(most.own, mine.own);
        most.others = larger(most.others, mine.others);
        most.lags = larger(most.lags, mine.lags);
        most.widths = larger(most.widths, mine.widths);
        most.finest = mine.finest < most.finest ? mine.finest : most.finest;
    }
    return most;
}

/* Whether channels are: one by one, each would read all of memory. */
static int banded(const n1_shape *s) { return N1_PIECE_FORMS && s->n_channels >= BAND / 2 && (s->dtype == N1_INT16 || s->dtype == N1_UINT16); }

static void take(n1_piece_encoder *e, n1_arena *a, const n1_shape *s, const n1_piece_effort *effort)
{
    const size_t n = s->n_samples, parts = (n + N1_PIECE_UNIT - 1) / N1_PIECE_UNIT;
    e->shape = s;
    e->tables.wide = effort->widths ? n1_piece_most_wide(n) : 0;
    e->tables.listed = n1_piece_most_listed(n);
    e->series = n1_arena_take(a, (uint64_t)s->n_channels * n1_piece_stride(n), sizeof *e->series);
    e->largest = n1_arena_take(a, s->n_channels, sizeof *e->largest);
    e->band = n1_arena_take(a, banded(s) ? BAND * (uint64_t)n : 0, sizeof *e->band);
    e->samples = n1_arena_take(a, N1_PIECE_FORMS ? n : 0, sizeof *e->samples);
    e->steps.frame = n1_arena_take(a, N1_PIECE_FORMS ? n1_piece_most_steps(n) : 0, sizeof *e->steps.frame);
    e->steps.size = n1_arena_take(a, N1_PIECE_FORMS ? n1_piece_most_steps(n) : 0, sizeof *e->steps.size);
    if (N1_PIECE_FORMS)
        n1_piece_parts_take(&e->parts, a, n, effort->others);
    n1_piece_tables_take(&e->tables, a);
    e->of_form = e->tables;
    if (N1_PIECE_FORMS)
        e->of_form.value = n1_arena_take(a, e->tables.listed, sizeof *e->of_form.value);
    n1_piece_survey_take(&e->survey, a, s);
    n1_piece_fit_take(&e->fit, a, n, effort->others, effort);
    n1_piece_trial_take(&e->trial[0], a, n, parts);
    n1_piece_trial_take(&e->trial[1], a, n, parts);
    if (effort->widths) {
        n1_piece_widths_take(&e->widths, a, n);
        e->some = n1_arena_take(a, N1_PIECE_SOME, sizeof *e->some);
        n1_piece_trial_take(&e->trial[2], a, n, parts);
    }
    e->scale = n1_arena_take(a, 1, sizeof *e->scale);
    n1_piece_output_take(&e->out, a, s);
}

uint64_t n1_piecewise_encode_measure(const n1_shape *s, const n1_piece_effort *effort)
{
    n1_arena a = n1_arena_measure();
    n1_piece_encoder e;
    const n1_piece_effort mine = efforts_for(&e, s, effort);
    (void)n1_arena_take(&a, 1, sizeof e);
    take(&e, &a, s, &mine);
    return a.most;
}

/* A channel as it may be: what its values are is yet to be seen. */
N1_APART static void begin_channel(n1_piece_encoder *e)
{
    e->plain = n1_piece_channel_of(&e->tables);
    if (N1_PIECE_FORMS)
        e->form = n1_piece_channel_of(&e->of_form);
}

/* A channel's samples. */
static void load(n1_piece_encoder *e, const void *samples, size_t channel, n1_piece_values *values)
{
    const n1_shape *const s = e->shape, one = {s->n_samples, 1, s->dtype};
    const size_t place = channel % BAND, left = s->n_channels - channel;
    if (!banded(s)) {
        n1_piece_survey_load(samples, s, channel, values);
        return;
    }
    if (place == 0)
        e->k->deinterleave16((const int16_t *)samples + channel, s->n_channels, left < BAND ? left : BAND, s->n_samples, e->band, s->n_samples);
    n1_piece_survey_load(e->band + place * s->n_samples, &one, 0, values);
}

static n1_status encode_channel(n1_piece_encoder *e, const void *samples, size_t channel)
{
    const n1_shape *const s = e->shape;
    int32_t *const code = e->series + channel * n1_piece_stride(s->n_samples) + N1_PIECE_HISTORY;
    n1_piece_values values = {.x = code};
    uint64_t least = UINT64_MAX;
    memset(code - N1_PIECE_HISTORY, 0, N1_PIECE_HISTORY * sizeof *code);
    load(e, samples, channel, &values);
    begin_channel(e);
    const int formed = N1_PIECE_FORMS && n1_piece_encoder_has_form(e, &values);
    const n1_status status = formed ? n1_piece_encoder_try_form(e, &values, channel) : n1_piece_encoder_survey(e, &values, &e->plain, channel);
    if (status != N1_OK)
        return status;
    if (!formed)
        n1_piece_encoder_try(e, &e->plain, channel, &least);
    n1_piece_output_put(&e->out, &e->trial[0], code, channel);
    return n1_piece_output_overran(&e->out) ? N1_NOT_APPLICABLE : N1_OK;
}

n1_status n1_piecewise_encode(const void *samples, const n1_shape *s, const n1_piece_effort *effort, const n1_encode_kernels *k,
                              n1_arena arena, uint8_t *dst, size_t capacity, size_t *written, n1_part *part)
{
    if (s->n_channels > N1_PIECE_CHANNELS || s->n_samples < LEAST_FRAMES)
        return N1_NOT_APPLICABLE;
    n1_piece_encoder *const e = n1_arena_take(&arena, 1, sizeof *e);
    if (!e)
        return N1_ERROR_INTERNAL;
    const n1_piece_effort mine = efforts_for(e, s, effort);
    take(e, &arena, s, &mine);
    if (!n1_arena_holds(&arena))
        return N1_ERROR_INTERNAL;
    e->k = e->survey.k = e->fit.series.k = k;
    n1_piece_output_begin(&e->out, k, part);
    for (size_t i = 0; i < s->n_channels; i++) {
        const n1_status status = encode_channel(e, samples, i);
        if (status != N1_OK)
            return status;
    }
    return n1_piece_output_write(&e->out, dst, capacity, written);
}
