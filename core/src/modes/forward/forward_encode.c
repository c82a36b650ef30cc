/* Forward mode, encoder. Channels are fitted upwards, then coded downwards: rANS writes what is read last first. */
#include "modes/forward/stages.h"
#include "converter/values.h"

static void write_header(n1_field_writer *w, const n1_forward *c)
{
    const n1_geometry *g = &c->g;
    n1_put_field(w, N1_MODE_FORWARD, 8);
    n1_put_field(w, g->lanes / 16, 2);
    if (g->lanes)
        n1_put_field(w, (uint32_t)g->tail, 10);
    n1_put_field(w, c->n_alphabets - 1, 3);
    for (unsigned i = 0; i < c->n_alphabets; i++)
        n1_alphabet_write(w, &c->alphabet[i]);
    for (size_t i = 0; i < g->n_channels; i++) {
        n1_channel_write(w, &c->channel[i], c->alphabet_bits);
        if (c->channel[i].kind != N1_CHANNEL_MODEL)
            continue;
        const uint16_t *seed = c->seed + i * n1_seeds(g);
        uint32_t delta[N1_MAX_LANES];
        for (unsigned j = 1; j < n1_seeds(g); j++)
            delta[j] = n1_fold_sign((int32_t)seed[j] - seed[j - 1]);
        unsigned k = n1_rice_choose(delta + 1, n1_seeds(g) - 1);
        n1_put_golomb(w, seed[0], 8);
        n1_put_field(w, k, 4);
        for (unsigned j = 1; j < n1_seeds(g); j++)
            n1_put_rice(w, delta[j], k);
    }
    n1_fields_align(w);
}

static void write_raw(n1_field_writer *w, const n1_forward *c, const int32_t *time, const uint16_t *line)
{
    for (size_t i = 0; i < c->g.n_channels; i++) {
        const n1_alphabet *a = &c->alphabet[c->channel[i].alphabet];
        unsigned bits = c->channel[i].kind == N1_CHANNEL_MODEL ? a->raw_bits
                        : c->channel[i].kind == N1_CHANNEL_PACKED ? n1_ceil_log2(a->n_full) : 0;
        if (!bits)
            continue;
        const int32_t *v = time ? time + i * c->g.n_samples : NULL;
        for (size_t t = 0; t < c->g.n_samples; t++) {
            const uint32_t full = time ? n1_full_code(a, v[t]) : line[t];
            n1_put_field(w, full, bits);
        }
    }
    n1_fields_align(w);
}

/* The tail of all channels as bytes at the end of [begin, end): start state, then words. NULL: no room. */
static uint8_t *encode_tail(n1_forward *c, n1_arena scratch, uint8_t *begin, uint8_t *end)
{
    const n1_geometry *g = &c->g;
    const size_t from = g->lanes ? 0 : 1;
    uint32_t (*interval)[2] = n1_arena_take(&scratch, g->n_channels * g->tail * sizeof *interval);
    size_t n = 0;
    if (!interval)
        return NULL;
    for (size_t i = 0; i < g->n_channels; i++) {
        if (c->channel[i].kind != N1_CHANNEL_MODEL || g->tail <= from)
            continue;
        n1_forward_use(c, (unsigned)i);
        const n1_scale scale = n1_scale_of(c->channel[i].sigma, c->channel[i].law);
        for (size_t t = from; t < g->tail; t++, n++) {
            int32_t mu = n1_tail_mu(c, i, t);
            uint32_t k = c->tail_code[i * g->tail + t];
            interval[n][0] = n1_cum(c->axis, &scale, mu, k);
            interval[n][1] = n1_cum(c->axis, &scale, mu, k + 1) - interval[n][0];
        }
    }
    if (!n)
        return end;
    uint64_t x = N1_RANS_LOW;
    while (n-- > 0) {
        uint16_t words[2];
        unsigned used = n1_rans_shrink(&x, interval[n][1], words);
        if (end - begin < 16)
            return NULL;
        for (unsigned j = 0; j < used; j++)
            n1_put_word(end -= 2, words[j]);
        x = n1_rans_push(x, interval[n][1], interval[n][0]);
    }
    for (unsigned j = N1_STATE_BYTES; j-- > 0;)
        *--end = (uint8_t)(x >> (8 * j));
    return end;
}

/* Each lane costs a seed, a warm-up and a state; 16 are slower to decode than 32. */
static void choose_geometry(n1_geometry *g, int level, unsigned rough_bits)
{
    g->lanes = g->n_samples < N1_LANES_MIN_SAMPLES ? 0 : g->n_samples < 8192 || level >= 3 ? 16 : 32;
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
static n1_status encode_lanes(n1_forward *c, const n1_line_buffers *b, n1_kernel kernel, uint16_t *mu, uint8_t *buffer,
                              n1_field_writer *w, uint8_t **at, const uint8_t *tail_end)
{
    const n1_geometry *g = &c->g;
    uint64_t state[N1_MAX_LANES];
    int any = 0;
    for (size_t i = 0; i < g->n_channels; i++)
        any |= c->channel[i].kind == N1_CHANNEL_MODEL;
    if (!any)
        return N1_OK;
    for (unsigned i = 0; i < g->lanes; i++) {
        state[i] = N1_RANS_LOW;
        for (unsigned j = 0; j < N1_PAYLOAD && *at < tail_end; j++)
            state[i] |= (uint64_t)*(*at)++ << (8 * j);
    }
    for (size_t i = g->n_channels; i-- > 0;) {
        if (c->channel[i].kind != N1_CHANNEL_MODEL)
            continue;
        n1_forward_use(c, (unsigned)i);
        n1_lane_job job = n1_own_job(c, i);
        job.mu = mu + i * g->n_samples;
        job.edges = b->edges;
        if (g->n_channels > 1)   /* a single channel still has what its scan left */
            n1_lanes_expand(c->axis, job.code, b->edges, NULL, n1_code_size(g), kernel);
        uint8_t *const begin = g->n_channels > 1 ? (uint8_t *)(void *)(job.mu + g->n_samples) : buffer;
        const n1_status status = n1_lanes_encode(&job, kernel, state, begin, at);
        if (status != N1_OK)
            return status;
    }
    for (unsigned i = 0; i < g->lanes; i++)
        n1_put_state(w, state[i]);
    n1_fields_align(w);
    return N1_OK;
}

n1_status n1_forward_encode(const void *samples, const n1_shape *s, int level, n1_kernel kernel, n1_arena *a,
                            uint8_t *dst, size_t capacity, size_t *written)
{
    n1_forward c;
    n1_status status = n1_forward_begin(&c, s, a);
    if (status != N1_OK)
        return status;
    n1_line_buffers b;
    b.line = n1_arena_take(a, s->n_samples * sizeof *b.line);
    b.edges = n1_arena_take(a, s->n_samples * sizeof *b.edges);
    b.mu = n1_arena_take(a, s->n_samples * sizeof *b.mu);
    if (!b.line || !b.edges || !b.mu)
        return N1_ERROR_DST_TOO_SMALL;
    unsigned rough_bits;
    int32_t *time;
    status = n1_read_samples(&c, samples, s, kernel, a, &b, &time, &rough_bits);
    if (status != N1_OK)
        return status;
    choose_geometry(&c.g, level, rough_bits);
    status = n1_forward_take(&c, a);
    if (status == N1_OK)
        status = n1_make_codes(&c, time, &b, kernel, *a);
    if (status != N1_OK)
        return status;

    /* The words are written from the end of the buffer down, a channel's after its predictions have been read: two
       bytes a sample for these leave room for the 20 bits that a sample's words have at most. */
    const size_t all = s->n_samples * s->n_channels, room = all * 4 + 4096;
    const n1_effort l = n1_effort_of(level, s->n_channels);
    n1_fit *work = n1_arena_take(a, sizeof *work);
    uint8_t *buffer = n1_arena_take(a, room);
    if (!work || !buffer)
        return N1_ERROR_DST_TOO_SMALL;
    uint16_t *const mu = s->n_channels > 1 ? (uint16_t *)(void *)buffer : b.mu;
    n1_fit_channels(&c, &l, kernel, mu, work);

    n1_field_writer w = {dst, capacity, 0, 0, 0, 0};
    write_header(&w, &c);
    write_raw(&w, &c, time, b.line);
    if (w.full)
        return N1_ERROR_DST_TOO_SMALL;
    uint8_t *const kept = buffer + (c.g.lanes && s->n_channels > 1 ? all * sizeof *mu : 0), *const end = buffer + room;
    uint8_t *words = encode_tail(&c, *a, kept, end);
    if (!words)
        return N1_ERROR_DST_TOO_SMALL;
    if (c.g.lanes)
        status = encode_lanes(&c, &b, kernel, mu, buffer, &w, &words, end);
    if (status != N1_OK)
        return status;
    const size_t size = (size_t)(end - words);
    if (w.full || capacity - w.size < size)
        return N1_ERROR_DST_TOO_SMALL;
    memcpy(dst + w.size, words, size);
    *written = w.size + size;
    return N1_OK;
}
