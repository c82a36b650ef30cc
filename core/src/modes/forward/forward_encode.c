/* Forward mode, encoder. Channels are fitted upwards, then coded downwards: rANS writes what is read last first. */
#include "modes/forward/forward_encode.h"
#include "base/status.h"
#include "modes/forward/stages.h"
#include "modes/stored/stored.h"

#include <string.h>

/* Each lane costs a seed, a warm-up and a state; 16 are slower to decode than 32. */
static void choose_geometry(n1_geometry *g, const n1_effort *effort, unsigned rough_bits)
{
    g->lanes = n1_forward_lanes(g->n_samples, effort);
    if (!g->lanes) {
        g->tail = g->rows = g->n_samples;
        return;
    }
    /* enough tail to fill the free bits of the lanes' start states */
    g->tail = g->n_samples % g->lanes;
    while (g->tail + g->lanes <= N1_TAIL_MAX / 2
           && g->tail * g->n_channels * rough_bits < 8 * (N1_PAYLOAD * g->lanes - N1_STATE_BYTES))
        g->tail += g->lanes;
    g->rows = (g->n_samples - g->tail) / g->lanes;
}

/* The lanes of all channels. Their words go below *at, the tail, which ends at tail_end and whose first bytes move into
   the start states; the states that are left go to w. */
static n1_status encode_lanes(n1_forward_encoder *e, const n1_encode_kernels *k, uint16_t *mu, n1_bitwriter *w,
                              uint8_t **at, const uint8_t *tail_end)
{
    n1_forward *f = &e->f;
    const n1_geometry *g = &f->g;
    uint64_t state[N1_MAX_LANES];
    int any = 0;
    for (size_t i = 0; i < g->n_channels; i++)
        any |= f->channel[i].kind == N1_CHANNEL_MODEL;
    if (!any)
        return N1_OK;
    for (unsigned i = 0; i < g->lanes; i++) {
        state[i] = N1_RANS_LOW;
        for (unsigned j = 0; j < N1_PAYLOAD && *at < tail_end; j++)
            state[i] |= (uint64_t)*(*at)++ << (8 * j);
    }
    for (size_t i = g->n_channels; i-- > 0;) {
        if (f->channel[i].kind != N1_CHANNEL_MODEL)
            continue;
        n1_forward_use(f, (unsigned)i);
        n1_lane_job job = n1_forward_job(f, i);
        job.mu = mu + i * g->n_samples;
        uint8_t *const begin = g->n_channels > 1 ? (uint8_t *)(void *)(job.mu + g->n_samples) : e->buffer;
        const n1_status status = k->lanes_encode(&job, state, begin, at);
        if (status != N1_OK)
            return status;
    }
    for (unsigned i = 0; i < g->lanes; i++)
        n1_put_state(w, state[i]);
    n1_fields_align(w);
    return N1_OK;
}

uint64_t n1_forward_encode_measure(const n1_shape *s, const n1_effort *effort)
{
    const n1_effort mine = n1_effort_for(effort, s->n_channels);
    n1_arena a = n1_arena_measure();
    n1_forward_encoder e;
    (void)n1_arena_take(&a, 1, sizeof e);
    n1_forward_encoder_take(&e, &a, s, &mine);
    return a.most;
}

n1_status n1_forward_encode(const void *samples, const n1_shape *s, const n1_effort *effort, const n1_encode_kernels *k,
                            n1_arena arena, uint8_t *dst, size_t capacity, size_t *written)
{
    const n1_effort mine = n1_effort_for(effort, s->n_channels);
    const size_t all = s->n_samples * s->n_channels;
    n1_forward_encoder *const e = n1_arena_take(&arena, 1, sizeof *e);   /* large for a stack */
    if (!e)
        return N1_ERROR_INTERNAL;
    n1_forward_encoder_take(e, &arena, s, &mine);
    if (!n1_arena_holds(&arena))
        return N1_ERROR_INTERNAL;
    n1_status status = n1_read_samples(e, samples, s, k);
    if (status != N1_OK)
        return status;
    choose_geometry(&e->f.g, &mine, e->survey.rough_bits);
    /* The words are written from the end of the buffer down, a channel's after its predictions have been read: two
       bytes a sample for these leave room for the 20 bits that a sample's words have at most. */
    uint16_t *const mu = s->n_channels > 1 ? (uint16_t *)(void *)e->buffer : e->mu;
    n1_begin_codes(e);
    n1_fit_begin(&e->fit);
    for (size_t i = 0; i < s->n_channels; i++) {
        status = n1_make_codes(e, i, k);
        if (status != N1_OK)
            return status;
        n1_fit_model(&e->f, i, &mine, k, mu + i * s->n_samples, &e->fit);
    }

    n1_bitwriter w;
    n1_bitwriter_init(&w, dst, capacity);
    n1_forward_write_header(&w, &e->f);
    n1_forward_write_raw(&w, e, k);
    uint8_t *const kept = e->buffer + (e->f.g.lanes && s->n_channels > 1 ? all * sizeof *mu : 0), *const end = e->buffer + e->room;
    uint8_t *words = n1_tail_encode(e, kept, end);
    if (!words)
        return N1_ERROR_INTERNAL;
    if (e->f.g.lanes)
        status = encode_lanes(e, k, mu, &w, &words, end);
    if (status != N1_OK)
        return status;
    const size_t size = (size_t)(end - words);
    if (w.overrun || (size_t)(w.end - w.p) < size)
        return N1_NOT_APPLICABLE;
    memcpy(w.p, words, size);
    *written = (size_t)(w.p - dst) + size;
    return N1_OK;
}

n1_status n1_forward_or_stored(const void *samples, const n1_shape *s, const n1_effort *effort,
                               const n1_encode_kernels *k, n1_arena arena, uint8_t *dst, size_t capacity, size_t *written)
{
    const n1_status status = n1_forward_encode(samples, s, effort, k, arena, dst, capacity, written);
    if (status != N1_OK && status != N1_NOT_APPLICABLE)
        return status;
    if (status == N1_OK && !n1_stored_is_smaller(samples, s, *written))
        return N1_OK;
    return n1_stored_encode(samples, s, dst, capacity, written);
}
