/* Piecewise mode, encoder: channel after channel; headers, raw bits and records of what is to be coded grow side by side. */
#include "modes/piecewise/piecewise_encode.h"
#include "base/fixed.h"
#include "base/status.h"
#include "base/varint.h"
#include "entropy/rans_write.h"
#include "modes/mode.h"
#include "modes/piecewise/piece_fit.h"
#include "modes/piecewise/piece_header.h"
#include "modes/piecewise/piece_survey.h"
#include "modes/piecewise/piece_trial.h"
#include "modes/piecewise/piece_widths.h"
#include "modes/stored/stored.h"

#include <string.h>

#define LEAST_FRAMES 32u   /* of a block: fewer are stored */
#define LEAST_PARTS  8u    /* shorter blocks have shorter pieces, */
#define FINE         1u    /* log2 of their units at least */
#define SHORT_FRAMES 2048u /* of a block: in fewer, coefficients may cost what they bring */
#define STEP_EVERY   3u    /* one frame of so many, or of more in long blocks, tells how long steps are */
#define STEPS        16384u /* that are enough */
#define STEP_BITS    6963u /* 1.7 bits: what normal noise takes beyond the mean logarithm of twice its values */

typedef struct {
    const n1_shape *shape;
    const n1_encode_kernels *k;
    n1_piece_effort effort[N1_PIECE_EFFORTS];
    unsigned n_efforts;
    uint32_t *largest;        /* [channel]: code from the first one's, without its sign */
    int32_t *series;          /* [channel][history + samples]: codes, from the first one's */
    n1_piece_tables tables;
    n1_piece_survey survey;
    n1_piece_fit fit;
    n1_piece_widths widths;
    int32_t *some;            /* codes of some frames that tell whether widths promise */
    int learnt;               /* the channel's codes have widths of their own to try */
    n1_piece_trial trial[3];  /* the best of a channel, its rival, and that with widths */
    n1_piece_scale *scale;
    uint64_t *record;
    size_t n_records;
    size_t room;              /* of each of the two below */
    uint8_t *header_bytes, *raw_bytes;
    n1_bitwriter header, raw;
    unsigned listed_bits, wide_bits;
    n1_part *part;            /* whose bits are wanted, or NULL */
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

static void take(encoder *e, n1_arena *a, const n1_shape *s, const n1_piece_effort *effort)
{
    const size_t n = s->n_samples, parts = (n + N1_PIECE_UNIT - 1) / N1_PIECE_UNIT;
    e->shape = s;
    e->room = n1_stored_bound(s);
    e->tables.wide = effort->widths ? n1_piece_most_wide(n) : 0;
    e->tables.listed = n1_piece_most_listed(n);
    e->series = n1_arena_take(a, (uint64_t)s->n_channels * n1_piece_stride(n), sizeof *e->series);
    e->largest = n1_arena_take(a, s->n_channels, sizeof *e->largest);
    n1_piece_tables_take(&e->tables, a);
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
    e->record = n1_arena_take(a, (uint64_t)n * s->n_channels, sizeof *e->record);
    e->header_bytes = n1_arena_take(a, e->room, 1);
    e->raw_bytes = n1_arena_take(a, e->room, 1);
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

/* What follows a sample's span raw: how far outside of its window it is, the bits that are below its cell. */
static void put_raw(encoder *e, const n1_piece_frames *f, unsigned law, size_t t, int outside)
{
    const unsigned cut = n1_piece_cut(f->channel, f->scale[t]);
    if (outside) {
        n1_piece_spot s;
        n1_piece_spot_of(&s, f, law, t);
        n1_put_golomb(&e->raw, n1_piece_outside(&s), 5);
    }
    if (cut)
        n1_put_field(&e->raw, (uint32_t)(f->code[t] + (int64_t)f->channel->origin) & ((1u << cut) - 1), cut);
}

/* Whether any frame has something raw. */
static int has_raw(const n1_piece_frames *f, uint64_t outside)
{
    unsigned most = 0;
    for (size_t t = 0; t < f->n; t++)
        most = f->scale[t] > most ? f->scale[t] : most;
    return outside || n1_piece_cut(f->channel, most);
}

static void put_samples(encoder *e, const n1_piece_trial *r, const int32_t *code, unsigned law, size_t from, size_t end)
{
    n1_piece_frames f = {&r->channel, NULL, NULL, NULL, 0};
    for (; from < end; from += f.n, e->n_records += f.n) {
        uint64_t *const record = e->record + e->n_records; /* of two states by turns: spans */
        f.n = end - from < N1_PIECE_AT_ONCE ? end - from : N1_PIECE_AT_ONCE;
        f.mu = r->mu + from;
        f.scale = r->scale + from;
        f.code = code + from;
        const uint64_t outside = e->k->piece_spans(&f, law, record);
        for (size_t t = 0, raw = (size_t)has_raw(&f, outside) * f.n; t < raw; t++)
            put_raw(e, &f, law, t, (int)(outside >> t & 1));
    }
}

static void put_headers(encoder *e, const n1_piece_trial *r, size_t channel)
{
    uint64_t units = (e->shape->n_samples + N1_PIECE_UNIT - 1) / N1_PIECE_UNIT;
    n1_piece_channel_write(&e->header, &r->channel, channel);
    for (size_t i = 0; i < r->n_pieces && r->channel.n_codes > 1; i++) {
        n1_piece_write(&e->header, &r->piece[i], &r->channel, units);
        units -= r->piece[i].units < units ? r->piece[i].units : units;
    }
}

static uint64_t bits_so_far(const encoder *e)
{
    return 8 * (uint64_t)(e->header.p - e->header_bytes + (e->raw.p - e->raw_bytes));
}

/* What a channel takes in the part that is wanted: its samples there, and a share of what was put beside them. */
static void tell_part(encoder *e, size_t channel, const uint64_t *record, uint64_t beside)
{
    n1_part *const p = e->part;
    const size_t n = e->shape->n_samples;
    uint64_t bits = 0;
    if (channel < p->first || channel - p->first >= p->n_channels)
        return;
    for (size_t i = 0; i < p->runs; i++) {
        const size_t at = n1_part_at(p, i, n);
        for (size_t t = at ? at : 1; t < at + p->length && record + t - 1 < e->record + e->n_records; t++)
            bits += (N1_PROB_BITS << 12) - (uint32_t)n1_log2_q12(record[t - 1] >> 32);
    }
    p->bits += (bits >> 12) + beside * (p->runs * p->length) / n;
}

static void put_channel(encoder *e, const n1_piece_trial *r, size_t channel)
{
    const size_t n = e->shape->n_samples;
    const int32_t *const code = e->series + channel * n1_piece_stride(n) + N1_PIECE_HISTORY;
    const uint64_t *const record = e->record + e->n_records, before = bits_so_far(e);
    put_headers(e, r, channel);
    if (r->channel.kind == N1_PIECE_LIST)
        while (r->channel.n_codes > 1u << e->listed_bits || !e->listed_bits)
            e->listed_bits++;
    if (r->channel.widths)
        while (r->channel.n_codes > 1u << e->wide_bits || !e->wide_bits)
            e->wide_bits++;
    for (size_t i = 0, t = 1, end = 0; i < r->n_pieces && r->channel.n_codes > 1; i++) {
        end = i + 1 < r->n_pieces ? end + r->piece[i].units * (size_t)N1_PIECE_UNIT : n;
        put_samples(e, r, code, r->piece[i].law, t, end);
        t = end;
    }
    if (e->part)
        tell_part(e, channel, record, bits_so_far(e) - before);
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

/* Bits of a trial's headers, in 4096ths. */
static uint64_t header_bits(encoder *e, const n1_piece_trial *r, size_t channel)
{
    const n1_bitwriter before = e->header;
    put_headers(e, r, channel);
    const uint64_t bytes = (uint64_t)(e->header.p - before.p);
    e->header = before;
    return bytes << 15;
}

static uint64_t bits_of(encoder *e, const n1_piece_trial *r, size_t channel) { return r->bits + header_bits(e, r, channel); }

static void swap(n1_piece_trial *a, n1_piece_trial *b)
{
    const n1_piece_trial c = *a;
    *a = *b;
    *b = c;
}

/* A channel by one effort, in trial[1], and in trial[2] with widths of its codes, where they promise; what is smaller comes
 * to be trial[1]. Returns its bits. */
static uint64_t try_effort(encoder *e, const n1_piece_effort *effort, const n1_piece_channel *c, size_t channel)
{
    const size_t n = e->shape->n_samples;
    const int32_t *const code = e->series + channel * n1_piece_stride(n) + N1_PIECE_HISTORY;
    const int32_t *other[N1_PIECE_OTHERS] = {0};
    n1_piece_trial *const r = &e->trial[1], *const uneven = &e->trial[2];
    r->channel = *c;
    r->channel.n_others = c->n_others < effort->others ? c->n_others : effort->others;
    r->channel.lags = r->channel.n_others ? effort->lags : 0;
    e->fit.effort = effort;
    load_series(e, effort, &r->channel, channel);
    r->n_pieces = n1_piece_fit_all(&e->fit, r->piece);
    for (unsigned i = 0; i < r->channel.n_others; i++)
        other[i] = e->series + c->other[i] * n1_piece_stride(n) + N1_PIECE_HISTORY;
    n1_piece_trial_predict(r, &e->fit.series, code, other);
    n1_piece_trial_run(r, code, n, e->scale, e->k);
    const uint64_t bits = bits_of(e, r, channel);
    if (!effort->widths || !e->learnt)
        return bits;
    uneven->channel = r->channel;
    uneven->channel.widths = 1;
    uneven->n_pieces = 0;
    const int64_t promise = n1_piece_trial_promise(uneven, r, code, n, e->scale, e->k, e->some);
    if (promise < 0 || (uint64_t)promise < header_bits(e, uneven, channel))
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

static n1_status encode_channel(encoder *e, const void *samples, size_t channel)
{
    const n1_shape *const s = e->shape;
    const size_t n = s->n_samples;
    int32_t *const code = e->series + channel * n1_piece_stride(n) + N1_PIECE_HISTORY;
    const n1_piece_effort *const last = &e->effort[e->n_efforts - 1];
    n1_piece_channel c = n1_piece_channel_of(&e->tables);
    memset(code - N1_PIECE_HISTORY, 0, N1_PIECE_HISTORY * sizeof *code);
    const n1_status status = n1_piece_survey_values(&e->survey, samples, s, channel, &c, code);
    if (status != N1_OK)
        return status;
    e->largest[channel] = c.origin > c.n_codes - 1 - c.origin ? c.origin : c.n_codes - 1 - c.origin;
    if (s->n_channels > 1 && last->others)
        n1_piece_survey_others(&e->survey, e->series, n, channel, last->others, &c);
    e->trial[0].channel = c;
    if (c.n_codes > 1) {
        uint64_t least = UINT64_MAX;
        n1_piece_channel uneven = c;
        e->learnt = n1_piece_widths_learn(&e->widths, &uneven, code, n, (n1_piece_look)last->widths);
        int doubtful = 1;
        for (unsigned i = e->n_efforts; i-- > 0 && (doubtful || n < SHORT_FRAMES);) {
            const uint64_t bits = try_effort(e, &e->effort[i], &c, channel);
            doubtful = is_doubtful(&e->fit, bits, n);
            if (bits < least) {
                least = bits;
                swap(&e->trial[0], &e->trial[1]);
            }
        }
        const n1_piece_effort once = in_one_round(last);
        if (last->rounds > 1 && (doubtful || step_bits(code, n) < least) && try_effort(e, &once, &c, channel) < least)
            swap(&e->trial[0], &e->trial[1]);
    }
    put_channel(e, &e->trial[0], channel);
    return e->header.overrun || e->raw.overrun ? N1_NOT_APPLICABLE : N1_OK;
}

/* Headers, raw bits and words, one after the other. */
static n1_status assemble(encoder *e, const n1_encode_kernels *k, uint8_t *dst, size_t capacity, size_t *written)
{
    n1_fields_align(&e->header);
    n1_fields_align(&e->raw);
    if (e->header.overrun || e->raw.overrun)
        return N1_NOT_APPLICABLE;
    const size_t header = (size_t)(e->header.p - e->header_bytes), raw = (size_t)(e->raw.p - e->raw_bytes);
    const size_t most = 3 + n1_varint_size(header) + n1_varint_size(raw) + header + raw;
    if (most > capacity)
        return N1_NOT_APPLICABLE;
    uint8_t *at = dst;
    *at++ = N1_MODE_PIECEWISE;
    *at++ = (uint8_t)e->wide_bits;
    *at++ = (uint8_t)e->listed_bits;
    at = n1_put_varint(at, header);
    at = n1_put_varint(at, raw);
    memcpy(at, e->header_bytes, header);
    memcpy(at + header, e->raw_bytes, raw);
    at += header + raw;
    const int64_t words = n1_rans_write_turns(e->record, e->n_records, k, at, capacity - most);
    if (words < 0)
        return N1_NOT_APPLICABLE;
    *written = most + (size_t)words;
    return N1_OK;
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
    e->part = part;
    e->n_records = 0;
    e->wide_bits = e->listed_bits = 0;
    n1_bitwriter_init(&e->header, e->header_bytes, e->room);
    n1_bitwriter_init(&e->raw, e->raw_bytes, e->room);
    for (size_t i = 0; i < s->n_channels; i++) {
        const n1_status status = encode_channel(e, samples, i);
        if (status != N1_OK)
            return status;
    }
    return assemble(e, k, dst, capacity, written);
}
