/* Piecewise mode, encoder: channel after channel. */
#include "modes/piecewise/piecewise_encode.h"
#include "base/fixed.h"
#include "base/inline.h"
#include "base/status.h"
#include "modes/piecewise/piece_fit.h"
#include "modes/piecewise/piece_output.h"
#include "modes/piecewise/piece_survey.h"
#include "modes/piecewise/piece_widths.h"

#include <string.h>

#define LEAST_FRAMES 32u   /* of a block: fewer are stored */
#define LEAST_PARTS  8u    /* shorter blocks have shorter pieces, */
#define FINE         1u    /* log2 of their units at least */
#define SHORT_FRAMES 2048u /* of a block: in fewer, coefficients may cost what they bring */
#define STEPS_SHARE  32u   /* frames to a step at least */
#define FORM_DOUBT   128u  /* what a form takes may be more by one part of so many: samples in part tell */
#define STEP_EVERY   3u    /* one frame of so many, or of more in long blocks, tells how long steps are */
#define STEPS        16384u /* that are enough */
#define CERTAIN      9     /* log2 of 4096ths of a bit a frame: widths that promise so much are better without another trial */
#define STEP_BITS    6963u /* 1.7 bits: what normal noise takes beyond the mean logarithm of twice its values */

typedef struct {
    const n1_shape *shape;
    const n1_encode_kernels *k;
    n1_piece_output out;
    n1_piece_effort effort[N1_PIECE_EFFORTS];
    unsigned n_efforts;
    uint32_t *largest;        /* [channel]: code from the first one's, without its sign */
    int32_t *series;          /* [channel][history + samples]: codes, from the first one's */
    n1_piece_channel form, plain, uneven; /* the channel in hand: in its form, if it has one; as it is; with widths */
    int32_t *samples;         /* those of a channel that is tried in a form */
    n1_piece_steps steps;
    n1_piece_tables tables, of_form;
    n1_piece_survey survey;
    n1_piece_fit fit;
    n1_piece_widths widths;
    int32_t *some;            /* codes of some frames that tell whether widths promise */
    int learnt;               /* the channel's codes have widths of their own to try */
    n1_piece_trial trial[3];  /* the best of a channel, its rival, and that with widths */
    n1_piece_scale *scale;
} encoder;

/* Fewer taps for short blocks: each must earn its bits. */
static n1_piece_effort effort_for(const n1_shape *s, const n1_piece_effort *effort)
{
    n1_piece_effort e = *effort;
    const size_t most = s->n_samples / 16;
    e.own = e.own < most ? e.own : (uint8_t)most;
    e.others = s->n_channels > e.others ? e.others : (uint8_t)(s->n_channels - 1);
    e.lags = e.others ? e.lags : 0;
    while (e.finest > FINE && (((size_t)N1_PIECE_UNIT * LEAST_PARTS) << e.finest) > s->n_samples)
        e.finest--;
    while (e.finest && ((size_t)N1_PIECE_UNIT << e.finest) > s->n_samples)
        e.finest--;
    return e;
}

static uint8_t larger(uint8_t a, uint8_t b) { return a > b ? a : b; }

/* Efforts for a shape; returns one that is as large as the largest of them in everything. */
static n1_piece_effort efforts_for(encoder *e, const n1_shape *s, const n1_piece_effort *effort)
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

static size_t most_steps(size_t n) { return n / STEPS_SHARE; }

static void take(encoder *e, n1_arena *a, const n1_shape *s, const n1_piece_effort *effort)
{
    const size_t n = s->n_samples, parts = (n + N1_PIECE_UNIT - 1) / N1_PIECE_UNIT;
    e->shape = s;
    e->tables.wide = effort->widths ? n1_piece_most_wide(n) : 0;
    e->tables.listed = n1_piece_most_listed(n);
    e->series = n1_arena_take(a, (uint64_t)s->n_channels * n1_piece_stride(n), sizeof *e->series);
    e->largest = n1_arena_take(a, s->n_channels, sizeof *e->largest);
    e->samples = n1_arena_take(a, N1_PIECE_FORMS ? n : 0, sizeof *e->samples);
    e->steps.frame = n1_arena_take(a, N1_PIECE_FORMS ? most_steps(n) : 0, sizeof *e->steps.frame);
    e->steps.size = n1_arena_take(a, N1_PIECE_FORMS ? most_steps(n) : 0, sizeof *e->steps.size);
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
    encoder e;
    const n1_piece_effort mine = efforts_for(&e, s, effort);
    (void)n1_arena_take(&a, 1, sizeof e);
    take(&e, &a, s, &mine);
    return a.most;
}

static void load_codes(double *x, const int32_t *code, size_t n)
{
    for (size_t t = 0; t < n; t++)
        x[t] = code[t];
}

/* The series that a channel is fitted to. */
static void load_series(encoder *e, const n1_piece_effort *effort, const n1_piece_channel *c, size_t channel)
{
    const size_t n = e->shape->n_samples, stride = n1_piece_stride(n);
    n1_piece_series *const x = &e->fit.series;
    uint32_t largest = e->largest[channel];
    x->own = effort->own;
    x->others = c->n_others;
    x->lags = c->lags;
    load_codes(x->x, e->series + channel * stride + N1_PIECE_HISTORY, n);
    for (unsigned i = 0; i < c->n_others; i++) {
        load_codes(x->y[i], e->series + c->other[i] * stride + N1_PIECE_HISTORY, n);
        largest = largest > e->largest[c->other[i]] ? largest : e->largest[c->other[i]];
    }
    x->largest = (double)largest;
}

static uint64_t bits_of(encoder *e, const n1_piece_trial *r, size_t channel) { return r->bits + n1_piece_header_bits(&e->out, r, channel); }

static void swap(n1_piece_trial *a, n1_piece_trial *b)
{
    const n1_piece_trial c = *a;
    *a = *b;
    *b = c;
}

/* What widths of its codes promise to save of a channel whose predictions are in trial[1], in 4096ths of a bit, less what they take
 * in its header; below 0 if nothing. */
static int64_t promise_of_widths(encoder *e, const n1_piece_effort *effort, size_t channel)
{
    const size_t n = e->shape->n_samples;
    const int32_t *const code = e->series + channel * n1_piece_stride(n) + N1_PIECE_HISTORY;
    n1_piece_trial *const r = &e->trial[1], *const uneven = &e->trial[2];
    if (!effort->widths || !e->learnt)
        return -1;
    uneven->channel = r->channel;
    uneven->channel.widths = 1;
    uneven->n_pieces = 0;
    const int64_t promise = n1_piece_trial_promise(uneven, r, code, n, e->scale, e->k, e->some);
    if (promise == INT64_MAX) /* too short to tell */
        return 0;
    return promise < 0 ? promise : promise - (int64_t)n1_piece_header_bits(&e->out, uneven, channel);
}

/* A channel by one effort, in trial[1], and in trial[2] with widths of its codes, where they promise; what is smaller comes
 * to be trial[1]. Returns its bits. */
static uint64_t try_effort(encoder *e, const n1_piece_effort *effort, const n1_piece_channel *c, size_t channel)
{
    const size_t n = e->shape->n_samples;
    const int32_t *const code = e->series + channel * n1_piece_stride(n) + N1_PIECE_HISTORY;
    const int32_t *other[N1_PIECE_OTHERS] = {0};
    n1_piece_trial *const r = &e->trial[1], *const uneven = &e->trial[2];
    uint64_t bits = UINT64_MAX;
    r->channel = *c;
    r->channel.n_others = c->n_others < effort->others ? c->n_others : effort->others;
    r->channel.lags = r->channel.n_others ? effort->lags : 0;
    e->fit.effort = effort;
    load_series(e, effort, &r->channel, channel);
    r->n_pieces = n1_piece_fit_all(&e->fit, r->piece);
    for (unsigned i = 0; i < r->channel.n_others; i++)
        other[i] = e->series + c->other[i] * n1_piece_stride(n) + N1_PIECE_HISTORY;
    n1_piece_trial_predict(r, &e->fit.series, code, other);
    const int64_t promise = promise_of_widths(e, effort, channel);
    if (promise < (int64_t)n << CERTAIN) {
        n1_piece_trial_run(r, code, n, e->scale, e->k);
        bits = bits_of(e, r, channel);
    }
    if (promise < 0)
        return bits;
    n1_piece_trial_place(uneven, r, n);
    n1_piece_trial_run(uneven, code, n, e->scale, e->k);
    const uint64_t with_widths = bits_of(e, uneven, channel);
    if (with_widths >= bits)
        return bits;
    swap(uneven, r);
    return with_widths;
}

/* Whether a fit took a channel for one that rests, for it rests most of the time, which is not what it costs. */
static int is_doubtful(const n1_piece_fit *f, uint64_t bits, size_t n)
{
    return f->cost[0] < -1.5 * (double)n && bits > (uint64_t)n << 10;
}

/* Weights that follow from what a fit leaves settle where a signal decays and jumps again and again on what is of no use: one
 * round of them is less. */
static n1_piece_effort in_one_round(const n1_piece_effort *effort)
{
    n1_piece_effort e = *effort;
    e.rounds = 1;
    return e;
}

/* About what a channel's steps take, or their own, and a fifteenth more, in 4096ths of a bit: of one frame of so many. */
static uint64_t step_bits(const int32_t *code, size_t n)
{
    const size_t every = n / STEPS > STEP_EVERY ? n / STEPS | 1 : STEP_EVERY;
    uint64_t first = 0, second = 0, tried = 0;
    for (size_t t = 2; t < n; t += every, tried++) {
        const int64_t a = (int64_t)code[t] - code[t - 1], b = (int64_t)code[t - 1] - code[t - 2], c = a - b;
        first += (uint64_t)n1_log2_q12((uint64_t)(2 * (a < 0 ? -a : a) + 1));
        second += (uint64_t)n1_log2_q12((uint64_t)(2 * (c < 0 ? -c : c) + 1));
    }
    return tried ? ((first < second ? first : second) / tried + STEP_BITS) * n / 15 * 16 : 0;
}

/* What was tried, if it is less. */
static void keep_less(encoder *e, uint64_t bits, uint64_t *least)
{
    if (bits >= *least)
        return;
    *least = bits;
    swap(&e->trial[0], &e->trial[1]);
}

/* A channel by its values, where that is smaller than `least` bits: then in trial[0]. */
N1_APART static n1_status try_values(encoder *e, const n1_piece_values *values, n1_piece_channel *c, size_t channel, uint64_t *least)
{
    const size_t n = e->shape->n_samples;
    const n1_piece_effort *const last = &e->effort[e->n_efforts - 1];
    const n1_status status = n1_piece_survey_values(&e->survey, values, c);
    if (status != N1_OK)
        return status;
    e->largest[channel] = c->origin > c->n_codes - 1 - c->origin ? c->origin : c->n_codes - 1 - c->origin;
    if (e->shape->n_channels > 1 && last->others)
        n1_piece_survey_others(&e->survey, e->series, n, channel, last->others, c);
    if (c->n_codes == 1) {
        *least = 0;
        e->trial[0].channel = *c;
        return N1_OK;
    }
    e->uneven = *c;
    e->learnt = c->form == N1_PIECE_PLAIN && n1_piece_widths_learn(&e->widths, &e->uneven, values->x, n, (n1_piece_look)last->widths);
    int doubtful = 1;
    for (unsigned i = e->n_efforts; i-- > 0 && (doubtful || n < SHORT_FRAMES);) {
        const uint64_t bits = try_effort(e, &e->effort[i], c, channel);
        doubtful = is_doubtful(&e->fit, bits, n);
        keep_less(e, bits, least);
    }
    const n1_piece_effort once = in_one_round(last);
    if (last->rounds > 1 && (doubtful || step_bits(values->x, n) < *least))
        keep_less(e, try_effort(e, &once, c, channel), least);
    return N1_OK;
}

static void exchange(int32_t *a, int32_t *b, size_t n)
{
    for (size_t t = 0; t < n; t++) {
        const int32_t x = a[t];
        a[t] = b[t];
        b[t] = x;
    }
}

/* Whether a channel seems to have a form: then e->form. */
static int has_form(encoder *e, const n1_piece_values *v)
{
    if (!N1_PIECE_FORMS)
        return 0;
    if (n1_piece_wraps(v, e->shape->dtype, &e->form))
        return 1;
    e->form.form = N1_PIECE_STEPPED;
    e->form.steps = &e->steps;
    return n1_piece_find_steps(v, &e->steps, most_steps(v->n));
}

/* Samples to what the form makes of them; 0: it cannot. */
static int take_form(const encoder *e, n1_piece_values *v)
{
    if (e->form.form == N1_PIECE_STEPPED)
        return n1_piece_take_steps(v, &e->steps);
    n1_piece_wrap(v, &e->form);
    return 1;
}

/* A channel in its form, and as it is where that is no more than it costs. */
N1_APART static n1_status try_form(encoder *e, const n1_piece_values *plain, size_t channel)
{
    const size_t n = plain->n;
    const unsigned others = e->effort[e->n_efforts - 1].others;
    n1_piece_values formed = *plain;
    uint64_t least = UINT64_MAX;
    memcpy(e->samples, plain->x, n * sizeof *plain->x);
    const n1_status status = take_form(e, &formed) ? try_values(e, &formed, &e->form, channel, &least) : N1_NOT_APPLICABLE;
    if (status == N1_OK && !least) /* a constant */
        return N1_OK;
    const uint64_t wrapped = least = status == N1_OK ? least + least / FORM_DOUBT : UINT64_MAX;
    const uint32_t largest = e->largest[channel];
    exchange(plain->x, e->samples, n);
    const n1_status other = try_values(e, plain, &e->plain, channel, &least);
    if (least < wrapped || status != N1_OK)
        return other;
    exchange(plain->x, e->samples, n);
    e->largest[channel] = largest;
    if (e->shape->n_channels > 1 && others)
        n1_piece_survey_others(&e->survey, e->series, n, channel, others, &e->form); /* for channels above it */
    return N1_OK;
}

/* A channel as it may be: what its values are is yet to be seen. */
N1_APART static void begin_channel(encoder *e)
{
    e->plain = n1_piece_channel_of(&e->tables);
    if (N1_PIECE_FORMS)
        e->form = n1_piece_channel_of(&e->of_form);
}

static n1_status encode_channel(encoder *e, const void *samples, size_t channel)
{
    const n1_shape *const s = e->shape;
    int32_t *const code = e->series + channel * n1_piece_stride(s->n_samples) + N1_PIECE_HISTORY;
    n1_piece_values values = {.x = code};
    uint64_t least = UINT64_MAX;
    memset(code - N1_PIECE_HISTORY, 0, N1_PIECE_HISTORY * sizeof *code);
    n1_piece_survey_load(samples, s, channel, &values);
    begin_channel(e);
    const n1_status status = has_form(e, &values) ? try_form(e, &values, channel)
                                                  : try_values(e, &values, &e->plain, channel, &least);
    if (status != N1_OK)
        return status;
    n1_piece_output_put(&e->out, &e->trial[0], code, channel);
    return n1_piece_output_overran(&e->out) ? N1_NOT_APPLICABLE : N1_OK;
}

n1_status n1_piecewise_encode(const void *samples, const n1_shape *s, const n1_piece_effort *effort, const n1_encode_kernels *k,
                              n1_arena arena, uint8_t *dst, size_t capacity, size_t *written, n1_part *part)
{
    if (s->n_channels > N1_PIECE_CHANNELS || s->n_samples < LEAST_FRAMES)
        return N1_NOT_APPLICABLE;
    encoder *const e = n1_arena_take(&arena, 1, sizeof *e);
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
