/* Adaptive modes, decoder. */
#include "modes/adaptive/adaptive_decode.h"
#include "base/load.h"
#include "converter/alphabet.h"
#include "modes/adaptive/others.h"
#include "modes/backward/backward_decode.h"
#include "modes/mixed/mixed_decode.h"
#include "modes/wide/wide_decode.h"

#include <string.h>

/* The counts that a decoder gives memory for, below N1_STATE_MANY channels and from there on: part of the format, whatever
 * encoders ask today. */
#define N1_STATE_MANY 8u
#define N1_STATE_FEW_OWN 32
#define N1_STATE_FEW_NEIGHBOURS 4
#define N1_STATE_FEW_PAST 2
#define N1_STATE_MANY_OWN 8
#define N1_STATE_MANY_NEIGHBOURS 12
#define N1_STATE_MANY_PAST 1

static n1_params most_counts(size_t n_channels)
{
    const int few = n_channels < N1_STATE_MANY;
    n1_params p;
    memset(&p, 0, sizeof p);
    p.channels = (uint16_t)n_channels;
    p.own = few ? N1_STATE_FEW_OWN : N1_STATE_MANY_OWN;
    p.neighbours = few ? N1_STATE_FEW_NEIGHBOURS : N1_STATE_MANY_NEIGHBOURS;
    p.past = few ? N1_STATE_FEW_PAST : N1_STATE_MANY_PAST;
    p.widths.sets = N1_MAX_WIDTH_SETS;
    return p;
}

static int within(const n1_params *p)
{
    const n1_params most = most_counts(p->channels);
    return p->own <= most.own && p->neighbours <= most.neighbours && p->past <= most.past;
}

/* Where the parts of a block are. */
typedef struct {
    n1_mode mode;
    size_t n, rest;                 /* adaptive channels, and others */
    n1_alphabet a;
    n1_bitreader raw;            /* the raw area */
    n1_others others;
    const uint8_t *params, *packet, *end;
    n1_params p;                    /* the counts */
    n1_wide_params wide;            /* or these */
} parts;

/* member and other: room for the channels, or NULL. So are the alphabet's arrays. */
static n1_status find_parts(parts *f, const uint8_t *src, size_t size, const n1_shape *s, uint16_t *member, uint16_t *other)
{
    n1_bitreader r;
    n1_bitreader_init(&r, src, size);
    f->mode = (n1_mode)n1_get_field(&r, 8);   /* checked by the caller */
    f->end = src + size;
    f->n = f->rest = 0;
    const uint32_t whole = n1_get_field(&r, 1);
    for (size_t i = 0; i < s->n_channels; i++) {
        const int mine = whole || n1_get_field(&r, 1);
        if (member && mine)
            member[f->n] = (uint16_t)i;
        if (other && !mine)
            other[f->rest] = (uint16_t)i;
        f->n += mine != 0;
        f->rest += mine == 0;
    }
    n1_status status = n1_alphabet_read(&r, &f->a, s->dtype);
    if (n1_bitreader_overran(&r))
        return N1_ERROR_TRUNCATED;
    if (status != N1_OK)
        return status;
    if (f->n == 0 || (!whole && f->rest == 0) || f->a.n_codes < 2)
        return N1_ERROR_CORRUPT;
    size_t at = n1_bitreader_used(&r, src);
    const uint64_t raw_bytes = ((uint64_t)s->n_samples * f->n * f->a.raw_bits + 7) / 8;
    if (raw_bytes > size - at)
        return N1_ERROR_TRUNCATED;
    n1_bitreader_init(&f->raw, src + at, (size_t)raw_bytes);
    at += (size_t)raw_bytes;
    status = n1_others_find(&f->others, src, size, &at, s, f->rest);
    if (status != N1_OK)
        return status;
    if (f->mode == N1_MODE_WIDE) {
        status = n1_wide_head(&f->wide, src + at, size - at);
        f->params = src + at;
        return status != N1_OK || (f->wide.channels == f->n && f->wide.widths.codes == f->a.n_codes) ? status : N1_ERROR_CORRUPT;
    }
    size_t whole_params;
    status = n1_params_head(&f->p, src + at, size - at, &whole_params);
    if (status != N1_OK)
        return status;
    f->params = src + at;
    f->packet = f->params + whole_params;
    return f->p.channels == f->n && f->p.widths.codes == f->a.n_codes && within(&f->p) && f->p.own && f->p.widths.sets
               ? N1_OK
               : N1_ERROR_CORRUPT;
}

typedef struct {
    parts f;
    uint16_t *member, *other, *codes, *neighbour;
    uint16_t *place;     /* of each member's code within a frame */
    uint8_t *set;
    n1_wide_params wide;
    uint64_t mark;       /* what follows: the others' decoder, then the adaptive one */
} decoder;

static n1_status take(decoder *d, const n1_shape *s, n1_arena *a)
{
    const parts *f = &d->f;
    void *gathered;
    d->wide = f->wide;
    d->member = n1_arena_take(a, f->n, sizeof *d->member);
    d->other = n1_arena_take(a, f->rest, sizeof *d->other);
    d->place = n1_arena_take(a, f->n, sizeof *d->place);
    n1_alphabet_take(&d->f.a, a, N1_MAX_CODES, 0);
    if (f->mode == N1_MODE_WIDE)
        n1_wide_params_take(&d->wide, a);
    else {
        d->codes = n1_arena_take(a, s->n_samples * f->n, sizeof *d->codes);
        d->neighbour = n1_arena_take(a, f->n * f->p.neighbours, sizeof *d->neighbour);
        d->set = n1_arena_take(a, f->n, sizeof *d->set);
    }
    d->mark = a->used;
    const n1_status status = n1_others_take(&f->others, a, &gathered);
    a->used = d->mark;
    n1_arena later = *a;   /* it is taken once the others are decoded */
    later.base = NULL;
    if (f->mode == N1_MODE_WIDE)
        (void)n1_wide_take(&later, &f->wide, 1);
    else if (f->mode == N1_MODE_BACKWARD)
        (void)n1_backward_take(&later, &f->p, N1_ORDER_STRANDS);
    else
        (void)n1_mixed_take(&later, &f->p);
    a->most = later.most;
    a->lacking = later.lacking;
    return status;
}

/* The most that a wide block takes, whatever its rows. */
static void most_of_wide(decoder *d, const n1_shape *s, n1_arena *a)
{
    n1_wide_params *const p = &d->f.wide;
    d->f.mode = N1_MODE_WIDE;
    for (size_t rows = 1; rows <= s->n_channels / N1_WIDE_FROM; rows++) {
        a->used = 0;
        *p = (n1_wide_params){.rows = (uint16_t)rows, .own = N1_WIDE_OWN, .neighbours = N1_WIDE_NEIGHBOURS, .deep = N1_WIDE_DEEP};
        p->channels = (uint16_t)(s->n_channels < rows * N1_WIDE_LANES ? s->n_channels : rows * N1_WIDE_LANES);
        p->widths.sets = N1_MAX_WIDTH_SETS;
        p->widths.codes = N1_MAX_CODES;
        (void)take(d, s, a);
    }
}

void n1_adaptive_decode_most(const n1_shape *s, n1_arena *a)
{
    const size_t counts[] = {1, s->n_channels < N1_STATE_MANY ? s->n_channels : N1_STATE_MANY - 1, s->n_channels};
    decoder d;
    memset(&d, 0, sizeof d);
    if (!n1_adaptive_takes(s))
        return;
    for (unsigned i = 0; i < 6; i++) {   /* all channels are members; others come on top */
        a->used = 0;
        d.f.mode = i % 2 ? N1_MODE_MIXED : N1_MODE_BACKWARD;
        d.f.n = s->n_channels;
        d.f.p = most_counts(counts[i / 2]);
        (void)n1_arena_take(a, s->n_channels, N1_MAX_NEIGHBOURS * sizeof(uint16_t));
        (void)take(&d, s, a);
    }
    const uint64_t mark = d.mark;
    most_of_wide(&d, s, a);
    if (s->n_channels > 1) {
        a->used = mark;
        (void)n1_arena_take(a, s->n_channels, sizeof(uint16_t));
        n1_others_most(s, s->n_channels - 1, a);
    }
}

n1_status n1_adaptive_decode_measure(const uint8_t *src, size_t size, const n1_shape *s, n1_arena *a)
{
    decoder d;
    memset(&d, 0, sizeof d);
    if (!n1_adaptive_takes(s))
        return N1_ERROR_CORRUPT;
    const n1_status status = find_parts(&d.f, src, size, s, NULL, NULL);
    return status == N1_OK ? take(&d, s, a) : status;
}

/* Frames of a section, if one can be decoded without those before it. */
static size_t section_of(const parts *f, const n1_shape *s)
{
    return f->mode == N1_MODE_WIDE && !f->a.raw_bits ? n1_wide_section(&f->wide, s->n_samples) : s->n_samples;
}

n1_status n1_adaptive_reach(const uint8_t *src, size_t size, const n1_shape *s, size_t *first)
{
    parts f;
    memset(&f, 0, sizeof f);
    if (!n1_adaptive_takes(s))
        return N1_ERROR_CORRUPT;
    const n1_status status = find_parts(&f, src, size, s, NULL, NULL);
    if (status == N1_OK)
        *first -= *first % section_of(&f, s);
    return status;
}

/* Codes of frames that lie `frame` apart, a channel's at its place. */
typedef struct {
    const uint16_t *codes;
    size_t n_frames, frame;
} layout;

/* Where samples go, frame after frame. */
typedef struct {
    decoder *d;
    const n1_shape *shape;
    void *samples;
    size_t frame, stop;  /* how many are there, how many are wanted */
    int plain;           /* int16 of a table of values: the usual case */
} sink;

/* s: of what is wanted. */
static sink sink_of(decoder *d, const n1_shape *s, void *samples)
{
    const n1_alphabet *a = &d->f.a;
    const sink to = {d, s, samples, 0, s->n_samples, !a->raw_bits && s->dtype == N1_INT16};
    const n1_wide_params *w = d->f.mode == N1_MODE_WIDE ? &d->wide : NULL;
    for (size_t i = 0; i < d->f.n; i++)
        d->place[i] = (uint16_t)(w ? i % w->rows * n1_wide_stride(w) + i / w->rows : i);
    if (to.plain && a->kind == N1_LATTICE_STRIDE)
        for (uint32_t k = 0; k < a->n_codes; k++)
            a->value[k] = (int32_t)n1_value_of(a, k);
    return to;
}

static void emit_plain(sink *to, const layout *from)
{
    const size_t n = to->d->f.n;
    const uint16_t *const member = to->d->member, *const place = to->d->place, *code = from->codes;
    const int32_t *const value = to->d->f.a.value;
    int16_t *out = (int16_t *)to->samples + to->frame * to->shape->n_channels;
    for (size_t t = 0; t < from->n_frames; t++, out += to->shape->n_channels, code += from->frame)
        if (to->d->f.rest)
            for (size_t i = 0; i < n; i++)
                out[member[i]] = (int16_t)value[code[place[i]]];
        else
            for (size_t i = 0; i < n; i++)
                out[i] = (int16_t)value[code[place[i]]];
}

/* Codes and raw bits to samples of the adaptive channels. */
static void emit(sink *to, const layout *from)
{
    const decoder *d = to->d;
    const n1_alphabet *a = &d->f.a;
    if (to->plain)
        emit_plain(to, from);
    else
        for (size_t t = 0; t < from->n_frames; t++)
            for (size_t i = 0; i < d->f.n; i++) {
                uint32_t full = (uint32_t)from->codes[t * from->frame + d->place[i]] << a->raw_bits;
                if (a->raw_bits)
                    full |= n1_get_field(&to->d->f.raw, a->raw_bits);
                n1_store_sample(to->samples, to->shape->dtype, (to->frame + t) * to->shape->n_channels + d->member[i],
                                n1_value_of(a, full));
            }
    to->frame += from->n_frames;
}

static void emit_wide(void *to, const n1_wide *s)
{
    sink *const out = to;
    const size_t left = out->stop - out->frame; /* an interval may end behind what is wanted */
    const layout rows = {s->code, s->frames < left ? s->frames : left, (size_t)s->rows * s->stride};
    emit(out, &rows);
}

static n1_status decode_packet(const decoder *d, const n1_params *p, const n1_kernels *k, n1_arena a, size_t n_samples, n1_frames wanted, sink *to)
{
    const layout frames = {d->codes, n_samples, d->f.n};
    n1_status status;
    const uint8_t *in = d->f.packet;
    const size_t size = (size_t)(d->f.end - in);
    a.used = d->mark;
    if (d->f.mode == N1_MODE_WIDE) {
        n1_wide *s = n1_wide_take(&a, &d->wide, 1);
        if (!s)
            return N1_ERROR_INTERNAL;
        return n1_wide_decode(s, &d->wide, k, in, size, n_samples, wanted.first, wanted.stop, emit_wide, to);
    }
    if (d->f.mode == N1_MODE_BACKWARD) {
        n1_backward *s = n1_backward_take(&a, p, N1_ORDER_STRANDS);
        if (!s)
            return N1_ERROR_INTERNAL;
        n1_backward_init(s, p, k);
        status = n1_backward_decode(s, N1_CODER_RANS, in, size, d->codes, n_samples);
    } else {
        n1_mixed *s = n1_mixed_take(&a, p);
        if (!s)
            return N1_ERROR_INTERNAL;
        n1_mixed_init(s, p, k);
        status = n1_mixed_decode(s, in, size, d->codes, n_samples);
    }
    if (status == N1_OK)
        emit(to, &frames);
    return status;
}

n1_status n1_adaptive_decode(const uint8_t *src, size_t size, const n1_shape *s, n1_frames wanted, const n1_kernels *k, n1_arena *a,
                             void *samples, size_t pitch)
{
    const n1_shape apart = {wanted.stop - wanted.first, pitch, s->dtype}; /* as where they go */
    decoder d;
    n1_params p;
    size_t used;
    memset(&d, 0, sizeof d);
    if (!n1_adaptive_takes(s))
        return N1_ERROR_CORRUPT;
    n1_status status = find_parts(&d.f, src, size, s, NULL, NULL);
    if (status == N1_OK)
        status = take(&d, s, a);
    if (status != N1_OK)
        return status;
    if (wanted.first > wanted.stop || wanted.first % section_of(&d.f, s))
        return N1_ERROR_ARGUMENT;
    if (!n1_arena_holds(a))
        return N1_ERROR_INTERNAL;
    status = find_parts(&d.f, src, size, s, d.member, d.other);
    if (status == N1_OK && d.f.mode == N1_MODE_WIDE) {
        status = n1_wide_params_read(&d.wide, d.f.params, (size_t)(d.f.end - d.f.params), &used);
        d.f.packet = d.f.params + used;
        if (status == N1_OK && d.wide.known)
            status = n1_wide_know(&d.wide, k->known, &d.f.a);
    } else if (status == N1_OK)
        status = n1_params_read(&p, d.f.params, (size_t)(d.f.end - d.f.params), d.neighbour, d.set, &used);
    a->used = d.mark;
    if (status == N1_OK && d.f.rest)
        status = n1_others_decode(&d.f.others, d.other, k, *a, wanted.first, &apart, samples);
    if (status != N1_OK)
        return status;
    sink to = sink_of(&d, &apart, samples);
    return decode_packet(&d, &p, k, *a, s->n_samples, wanted, &to);
}
