/* Forward mode, decoder: header, raw bits, lane states, words, tail. */
#include "modes/forward/forward_decode.h"
#include "base/log2.h"
#include "modes/forward/emit.h"
#include "modes/forward/tail_decode.h"

#include <string.h>

/* What says how much memory the rest takes. */
static n1_status read_geometry(n1_bitreader *r, const n1_shape *s, n1_forward *f)
{
    n1_geometry *g = &f->g;
    memset(f, 0, sizeof *f);
    g->n_samples = s->n_samples;
    g->n_channels = s->n_channels;
    n1_get_field(r, 8); /* mode, checked by the caller */
    const uint32_t lanes = n1_get_field(r, 2);
    if (lanes > 2)
        return N1_ERROR_CORRUPT;
    g->lanes = lanes * 16;
    if ((g->lanes == 0) != (g->n_samples < N1_LANES_MIN_SAMPLES))
        return N1_ERROR_CORRUPT;
    if (g->lanes) {
        g->tail = n1_get_field(r, 10);
        if (g->tail >= g->n_samples || (g->n_samples - g->tail) % g->lanes)
            return N1_ERROR_CORRUPT;
        g->rows = (g->n_samples - g->tail) / g->lanes;
    } else
        g->tail = g->rows = g->n_samples;
    f->n_alphabets = n1_get_field(r, 3) + 1;
    f->alphabet_bits = n1_ceil_log2(f->n_alphabets);
    return n1_bitreader_overran(r) ? N1_ERROR_TRUNCATED : N1_OK;
}

static void take(n1_forward *f, const n1_shape *s, n1_arena *a, n1_emitter *e)
{
    const size_t mids = s->n_channels <= N1_MAX_DISTANCE ? s->n_channels : N1_MAX_DISTANCE + 1;   /* neighbours reach so far */
    for (unsigned i = 0; i < f->n_alphabets; i++)
        n1_alphabet_take(&f->alphabet[i], a, N1_MAX_CODES, N1_MAX_CODES);
    n1_forward_take(f, a, &f->g, mids, 1);
    f->extra = n1_arena_take(a, s->n_channels > 1 && f->g.lanes ? s->n_samples : 0, sizeof *f->extra);
    if (f->g.lanes)
        f->lookup = n1_arena_take(a, 1, sizeof *f->lookup);
    n1_emitter_take(e, a, s);
}

n1_status n1_forward_decode_measure(const uint8_t *src, size_t size, const n1_shape *s, n1_arena *a)
{
    n1_forward f;
    n1_emitter e;
    n1_bitreader r;
    n1_bitreader_init(&r, src, size);
    const n1_status status = read_geometry(&r, s, &f);
    (void)n1_arena_take(a, 1, sizeof f);
    if (status == N1_OK)
        take(&f, s, a, &e);
    return status;
}

void n1_forward_decode_most(const n1_shape *s, n1_arena *a)
{
    n1_forward f;
    n1_emitter e;
    memset(&f, 0, sizeof f);
    f.g.n_samples = s->n_samples;
    f.g.n_channels = s->n_channels;
    f.g.lanes = s->n_samples < N1_LANES_MIN_SAMPLES ? 0 : N1_MAX_LANES;
    f.g.tail = f.g.lanes ? N1_TAIL_MAX : s->n_samples;
    f.n_alphabets = N1_MAX_ALPHABETS;
    (void)n1_arena_take(a, 1, sizeof f);
    take(&f, s, a, &e);
}

static n1_status read_seeds(n1_bitreader *r, n1_forward *f, size_t channel)
{
    uint16_t *seed = f->seed + channel * n1_seeds(&f->g);
    int32_t last = (int32_t)n1_get_golomb(r, 8);
    const unsigned k = n1_get_field(r, 4);
    for (unsigned j = 0; j < n1_seeds(&f->g); j++) {
        if (j)
            last += n1_unfold_sign(n1_get_rice(r, k) & 0xffff);
        if (last < 0 || (uint32_t)last >= f->alphabet[f->channel[channel].alphabet].n_codes)
            return N1_ERROR_CORRUPT;
        seed[j] = (uint16_t)last;
    }
    return n1_bitreader_overran(r) ? N1_ERROR_TRUNCATED : N1_OK;
}

static n1_status read_channels(n1_bitreader *r, n1_forward *f, n1_type dtype)
{
    for (size_t i = 0; i < f->g.n_channels; i++) {
        n1_channel *p = &f->channel[i];
        n1_status status = n1_channel_read(r, p, f->alphabet_bits, i);
        if (status != N1_OK)
            return status;
        if (p->alphabet >= f->n_alphabets)
            return N1_ERROR_CORRUPT;
        if (p->kind == N1_CHANNEL_CONSTANT && !n1_type_holds(dtype, p->constant))
            return N1_ERROR_CORRUPT;
        for (unsigned j = 0; j < p->n_neighbours; j++)
            if (f->channel[i - p->distance[j]].kind != N1_CHANNEL_MODEL)
                return N1_ERROR_CORRUPT;
        if (p->kind != N1_CHANNEL_MODEL)
            continue;
        status = read_seeds(r, f, i);
        if (status != N1_OK)
            return status;
    }
    return n1_bitreader_overran(r) ? N1_ERROR_TRUNCATED : N1_OK;
}

/* Bits stored as they are. */
static uint64_t count_raw_bits(const n1_forward *f)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < f->g.n_channels; i++)
        bits += (uint64_t)f->g.n_samples * n1_verbatim_bits(f, i);
    return bits;
}

static int any_modelled(const n1_forward *f)
{
    size_t i = 0;
    while (i < f->g.n_channels && f->channel[i].kind != N1_CHANNEL_MODEL)
        i++;
    return i < f->g.n_channels;
}

/* The mean of the seeds. */
static uint32_t usual_code(const n1_forward *f, size_t channel)
{
    const unsigned n = n1_seeds(&f->g);
    uint32_t sum = 0;
    for (unsigned i = 0; i < n; i++)
        sum += f->seed[channel * n + i];
    return sum / n;
}

/* The lanes of a channel: to the emitter, and their last rows to where the tail looks for them. */
static n1_status decode_channel(n1_forward *f, size_t channel, const n1_kernels *k, uint64_t *state, const uint8_t **at,
                                const uint8_t *end, n1_emitter *e)
{
    if (!n1_forward_use(f, (unsigned)channel))
        return N1_ERROR_CORRUPT;
    n1_fill_history(f, channel);
    n1_lane_job job = n1_forward_job(f, channel);
    if (f->channel[channel].n_neighbours) {
        k->neighbour_sums(&job, f->extra);
        job.extra = f->extra;
    }
    n1_lookup_quantiles(f->axis, f->lookup, &job.scale, usual_code(f, channel));
    const n1_status status = k->lanes_decode(&job, state, at, end);
    if (status != N1_OK)
        return status;
    k->from_plane(job.code, n1_emit_line(e, channel), job.rows, job.lanes);
    n1_tail_history(f, channel);
    return N1_OK;
}

/* The lanes of all channels: their words are at tail->at; what the states carry goes to the tail. */
static n1_status decode_lanes(n1_forward *f, const n1_kernels *k, n1_tail_source *tail, n1_emitter *e)
{
    const unsigned stated = any_modelled(f) ? f->g.lanes : 0;
    uint64_t state[N1_MAX_LANES];
    n1_bitreader states;
    n1_bitreader_init(&states, tail->at, (size_t)(tail->end - tail->at));
    for (unsigned i = 0; i < stated; i++)
        state[i] = n1_get_state(&states);
    if (n1_bitreader_overran(&states))
        return N1_ERROR_TRUNCATED;
    tail->at += n1_bitreader_used(&states, tail->at);
    n1_emit_begin(e, 0, n1_code_size(&f->g));
    for (size_t i = 0; i < f->g.n_channels; i++) {
        if (f->channel[i].kind == N1_CHANNEL_MODEL) {
            const n1_status status = decode_channel(f, i, k, state, &tail->at, tail->end, e);
            if (status != N1_OK)
                return status;
        }
        n1_emit(e, f, i, k);
    }
    for (unsigned i = 0; i < stated; i++) {
        if (state[i] >> 24 != 1)
            return N1_ERROR_CORRUPT;
        for (unsigned j = 0; j < N1_PAYLOAD; j++)
            tail->payload[tail->n_payload++] = (uint8_t)(state[i] >> (8 * j));
    }
    return N1_OK;
}

static void emit_tails(const n1_forward *f, const n1_kernels *k, n1_emitter *e)
{
    const size_t n = f->g.tail;
    n1_emit_begin(e, f->g.n_samples - n, n);
    for (size_t i = 0; i < f->g.n_channels; i++) {
        if (f->channel[i].kind == N1_CHANNEL_MODEL)
            memcpy(n1_emit_line(e, i), f->tail_code + i * n, n * sizeof *f->tail_code);
        n1_emit(e, f, i, k);
    }
}

n1_status n1_forward_decode(const uint8_t *src, size_t size, const n1_shape *s, const n1_kernels *k, n1_arena *a, void *samples,
                            size_t pitch)
{
    n1_forward *const f = n1_arena_take(a, 1, sizeof *f);   /* large for a stack */
    n1_emitter e;
    n1_bitreader r;
    if (!f)
        return N1_ERROR_INTERNAL;
    n1_bitreader_init(&r, src, size);
    n1_status status = read_geometry(&r, s, f);
    if (status != N1_OK)
        return status;
    take(f, s, a, &e);
    if (!n1_arena_holds(a))
        return N1_ERROR_INTERNAL;
    for (unsigned i = 0; i < f->n_alphabets && status == N1_OK; i++)
        status = n1_alphabet_read(&r, &f->alphabet[i], s->dtype);
    if (status == N1_OK)
        status = read_channels(&r, f, s->dtype);
    if (status != N1_OK)
        return status;

    const size_t at = n1_bitreader_used(&r, src);
    const uint64_t raw_bytes = (count_raw_bits(f) + 7) / 8;
    if (raw_bytes > size - at)
        return N1_ERROR_TRUNCATED;
    e.samples = samples;
    e.pitch = pitch;
    e.raw = src + at;
    e.raw_size = (size_t)raw_bytes;
    n1_tail_source tail = {{0}, 0, 0, src + at + (size_t)raw_bytes, src + size, 0};
    if (f->g.lanes)
        status = decode_lanes(f, k, &tail, &e);
    if (status == N1_OK)
        status = n1_tail_decode(f, &tail);
    if (status == N1_OK)
        emit_tails(f, k, &e);
    return status;
}
