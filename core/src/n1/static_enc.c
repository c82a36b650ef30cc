/* Static mode, encoder. Channels are fitted upwards, then coded downwards: rANS writes what is read last first. */
#include "values.h"
#include "plane.h"

/* Buffers of one channel. */
typedef struct {
    uint16_t *line;     /* codes in time order */
    uint32_t *edges;    /* of each code of the plane: lower, upper << 16 */
    uint16_t *mu;
} line_buffers;

/* Codes of a channel in time order to planes, midpoints, seeds and histories. */
static void to_planes(n1c_chunk *c, size_t channel, const line_buffers *b, n1_kernel kernel)
{
    const n1c_geometry *g = &c->g;
    uint16_t *code = c->code + channel * n1c_code_size(g), *seed = c->seed + channel * n1c_seeds(g);
    uint16_t *tail_code = c->tail_code + channel * g->tail;
    int16_t *tail_mid = c->tail_mid + channel * (N1C_HISTORY + g->tail) + N1C_HISTORY;
    n1c_to_plane(b->line, code, g->rows, g->lanes);
    n1c_lanes_expand(c->axis, code, b->edges, c->mid + channel * n1c_mid_size(g) + N1C_HISTORY * g->lanes, n1c_code_size(g), kernel);
    memcpy(tail_code, b->line + g->n_samples - g->tail, g->tail * sizeof *tail_code);
    for (size_t t = 0; t < g->tail; t++)
        tail_mid[t] = c->axis->mid[tail_code[t]];
    for (unsigned s = 0; s < n1c_seeds(g); s++)
        seed[s] = b->line[s * g->rows];
    n1c_fill_history(c, channel);
    n1c_tail_history(c, channel);
}

static void write_header(n1c_bit_writer *w, const n1c_chunk *c)
{
    const n1c_geometry *g = &c->g;
    n1c_bits_put(w, N1C_MODE_STATIC, 8);
    n1c_bits_put(w, g->lanes / 16, 2);
    if (g->lanes)
        n1c_bits_put(w, (uint32_t)g->tail, 10);
    n1c_bits_put(w, c->n_alphabets - 1, 3);
    for (unsigned i = 0; i < c->n_alphabets; i++)
        n1c_alphabet_write(w, &c->alphabet[i]);
    for (size_t i = 0; i < g->n_channels; i++) {
        n1c_channel_write(w, &c->channel[i], c->alphabet_bits);
        if (c->channel[i].kind != N1C_CHANNEL_MODEL)
            continue;
        const uint16_t *seed = c->seed + i * n1c_seeds(g);
        uint32_t delta[N1C_MAX_LANES];
        for (unsigned j = 1; j < n1c_seeds(g); j++)
            delta[j] = n1c_zigzag((int32_t)seed[j] - seed[j - 1]);
        unsigned k = n1c_rice_choose(delta + 1, n1c_seeds(g) - 1);
        n1c_bits_put_golomb(w, seed[0], 8);
        n1c_bits_put(w, k, 4);
        for (unsigned j = 1; j < n1c_seeds(g); j++)
            n1c_bits_put_rice(w, delta[j], k);
    }
    n1c_bits_align(w);
}

static void write_raw(n1c_bit_writer *w, const n1c_chunk *c, const int32_t *time, const uint16_t *line)
{
    for (size_t i = 0; i < c->g.n_channels; i++) {
        const n1c_alphabet *a = &c->alphabet[c->channel[i].alphabet];
        unsigned bits = c->channel[i].kind == N1C_CHANNEL_MODEL ? a->raw_bits
                        : c->channel[i].kind == N1C_CHANNEL_PACKED ? n1c_ceil_log2(a->n_full) : 0;
        if (!bits)
            continue;
        const int32_t *v = time ? time + i * c->g.n_samples : NULL;
        for (size_t t = 0; t < c->g.n_samples; t++) {
            const uint32_t full = time ? n1c_full_code(a, v[t]) : line[t];
            n1c_bits_put(w, full, bits);
        }
    }
    n1c_bits_align(w);
}

/* The tail of all channels as bytes at the end of [begin, end): start state, then words. NULL: no room. */
static uint8_t *encode_tail(n1c_chunk *c, n1c_arena scratch, uint8_t *begin, uint8_t *end)
{
    const n1c_geometry *g = &c->g;
    const size_t from = g->lanes ? 0 : 1;
    uint32_t (*interval)[2] = n1c_arena_take(&scratch, g->n_channels * g->tail * sizeof *interval);
    size_t n = 0;
    if (!interval)
        return NULL;
    for (size_t i = 0; i < g->n_channels; i++) {
        if (c->channel[i].kind != N1C_CHANNEL_MODEL || g->tail <= from)
            continue;
        n1c_chunk_use(c, (unsigned)i);
        const n1c_scale scale = n1c_scale_of(c->channel[i].sigma, c->channel[i].law);
        for (size_t t = from; t < g->tail; t++, n++) {
            int32_t mu = n1c_tail_mu(c, i, t);
            uint32_t k = c->tail_code[i * g->tail + t];
            interval[n][0] = n1c_cum(c->axis, &scale, mu, k);
            interval[n][1] = n1c_cum(c->axis, &scale, mu, k + 1) - interval[n][0];
        }
    }
    if (!n)
        return end;
    uint64_t x = N1C_RANS_LOW;
    while (n-- > 0) {
        uint16_t words[2];
        unsigned used = n1c_rans_shrink(&x, interval[n][1], words);
        if (end - begin < 16)
            return NULL;
        for (unsigned j = 0; j < used; j++)
            n1c_put_word(end -= 2, words[j]);
        x = n1c_rans_push(x, interval[n][1], interval[n][0]);
    }
    for (unsigned j = N1C_STATE_BYTES; j-- > 0;)
        *--end = (uint8_t)(x >> (8 * j));
    return end;
}

static void line_of(const n1c_alphabet *a, const uint16_t *lookup, const int32_t *v, uint16_t *line, size_t n)
{
    const uint32_t first = (uint32_t)a->first;
    if (a->kind == N1C_LATTICE_STRIDE && a->stride == 1)   /* the usual case, without a division */
        for (size_t t = 0; t < n; t++)
            line[t] = (uint16_t)(((uint32_t)v[t] - first) >> a->raw_bits);
    else if (a->kind == N1C_LATTICE_LIST)   /* without a search */
        for (size_t t = 0; t < n; t++)
            line[t] = (uint16_t)(lookup[(uint32_t)v[t] - first] >> a->raw_bits);
    else
        for (size_t t = 0; t < n; t++)
            line[t] = (uint16_t)(n1c_full_code(a, v[t]) >> a->raw_bits);
}

static n1_status make_codes(n1c_chunk *c, const int32_t *time, const line_buffers *b, n1_kernel kernel, n1c_arena scratch)
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
                lookup[(uint32_t)a->value[k] - (uint32_t)a->first] = (uint16_t)k;
            looked = p->alphabet;
        }
        if (p->kind == N1C_CHANNEL_CONSTANT) {
            p->constant = time ? time[i * c->g.n_samples] : a->value[0];
            continue;
        }
        if (!n1c_chunk_use(c, (unsigned)i))
            return N1_ERROR_DST_TOO_SMALL;
        if (time) /* else the scan has left the codes of the only channel in the line */
            line_of(a, lookup, time + i * c->g.n_samples, b->line, c->g.n_samples);
        to_planes(c, i, b, kernel);
    }
    return N1_OK;
}

static n1c_lane_job time_job(n1c_chunk *c, size_t channel, uint16_t *mu)
{
    const n1c_geometry *g = &c->g;
    n1c_lane_job job = {c->axis, &c->channel[channel], n1c_scale_of(0, 0), NULL, c->tail_mid + channel * (N1C_HISTORY + g->tail),
                       c->tail_code + channel * g->tail, mu, NULL, g->rows, 1};
    for (size_t t = 0; t < g->tail; t++)
        mu[t] = (uint16_t)n1c_tail_mu(c, channel, t);
    return job;
}

static n1c_lane_job predict(n1c_chunk *c, size_t channel, n1_kernel kernel, uint16_t *mu)
{
    if (!c->g.lanes)
        return time_job(c, channel, mu);
    n1c_lane_job job = n1c_chunk_job(c, channel, kernel);
    job.mu = mu;
    n1c_lanes_predict(&job, kernel);
    return job;
}

#define COEFFICIENT_COST (8 * 256u)   /* 256ths of a bit */

/* mu: the predictions of one channel after the other. They are kept: to make them again takes longer than to read them. */
static void fit(n1c_chunk *c, const n1c_level *level, n1_kernel kernel, uint16_t *mu, n1c_fit *work)
{
    for (size_t i = 0; i < c->g.n_channels; i++, mu += c->g.n_samples) {
        n1c_channel *p = &c->channel[i];
        if (p->kind != N1C_CHANNEL_MODEL)
            continue;
        n1c_chunk_use(c, (unsigned)i);
        n1c_channel best = *p;
        uint64_t least = ~(uint64_t)0;
        n1c_level quick = *level;
        quick.search = level->order[1] ? 0 : level->search;
        n1c_lane_job job = {0};
        unsigned last = 0;
        work->held = 0;
        for (unsigned o = 0; o < 4 && level->order[o]; o++) {
            n1c_fit_channel(c, i, level, level->order[o], kernel, work);
            job = predict(c, i, kernel, mu);
            const uint64_t cost = n1c_fit_scale(c, i, &job, &quick) + COEFFICIENT_COST * p->order;
            last = p->order;
            if (cost < least) {
                least = cost;
                best = *p;
            }
        }
        *p = best;
        if (last != best.order)   /* a single channel is coded with the predictions that its fit leaves */
            job = predict(c, i, kernel, mu);
        if (level->order[1])
            n1c_fit_scale(c, i, &job, level);
        /* log2(sigma sqrt(2 pi e)) bits against a plain number */
        const n1c_alphabet *a = &c->alphabet[p->alphabet];
        int32_t bits = p->sigma * 16 + 524 - (int32_t)(256 * a->unit_bits);
        if (bits + (int32_t)(256 * a->raw_bits) > (int32_t)(256 * n1c_ceil_log2(a->n_full)))
            p->kind = N1C_CHANNEL_PACKED;
    }
}

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

n1_status n1c_static_encode(const void *samples, const n1_shape *s, int level, n1_kernel kernel, n1c_arena *a, uint8_t *dst,
                           size_t capacity, size_t *written)
{
    n1c_chunk c;
    n1c_geometry *g = &c.g;
    const size_t all = s->n_samples * s->n_channels;
    n1_status status = n1c_chunk_begin(&c, s, a);
    if (status != N1_OK)
        return status;
    line_buffers b = {n1c_arena_take(a, s->n_samples * sizeof *b.line), n1c_arena_take(a, s->n_samples * sizeof *b.edges),
                      n1c_arena_take(a, s->n_samples * sizeof *b.mu)};
    if (!b.line || !b.edges || !b.mu)
        return N1_ERROR_DST_TOO_SMALL;
    unsigned rough_bits = 4;
    int32_t *time = NULL;
    uint32_t low, high;
    if (s->n_channels == 1 && s->dtype == N1_INT16 && n1c_n1_scan(samples, s->n_samples, b.line, &low, &high, kernel)) {
        n1c_n1_alphabet(&c.alphabet[0], low, high);
        c.n_alphabets = 1;
        c.channel[0].kind = low == high ? N1C_CHANNEL_CONSTANT : N1C_CHANNEL_MODEL;
        for (size_t t = 0; t < s->n_samples; t++)
            b.line[t] = (uint16_t)(b.line[t] - low);
        choose_n1_widths(&c.alphabet[0], b.line, s->n_samples, *a);
    } else {
        time = n1c_arena_take(a, all * sizeof *time);
        if (!time || !n1c_to_time(samples, s, time))
            return N1_ERROR_DST_TOO_SMALL;
        status = n1c_survey(&c, time, s->dtype, a, &rough_bits);
        if (status != N1_OK)
            return status;
    }

    /* Each lane costs a seed, a warm-up and a state; 16 are slower to decode than 32. */
    g->lanes = s->n_samples < N1C_LANES_MIN_SAMPLES ? 0 : s->n_samples < 8192 || level >= 3 ? 16 : 32;
    if (g->lanes) {
        /* enough tail to fill the free bits of the lanes' start states */
        g->tail = s->n_samples % g->lanes;
        while (g->tail + g->lanes <= N1C_TAIL_MAX / 2
               && g->tail * s->n_channels * rough_bits < 8 * (N1C_PAYLOAD * g->lanes - N1C_STATE_BYTES))
            g->tail += g->lanes;
        g->rows = (s->n_samples - g->tail) / g->lanes;
    } else {
        g->tail = g->rows = s->n_samples;
    }
    status = n1c_chunk_take(&c, a);
    if (status == N1_OK)
        status = make_codes(&c, time, &b, kernel, *a);
    if (status != N1_OK)
        return status;
    const n1c_level l = n1c_level_of(level, s->n_channels);
    /* The words are written from the end of the buffer down, a channel's after its predictions have been read: two bytes
       a sample for these leave room for the 20 bits that a sample's words have at most. */
    const size_t room = all * 4 + 4096;
    n1c_fit *work = n1c_arena_take(a, sizeof *work);
    uint8_t *buffer = n1c_arena_take(a, room);
    if (!work || !buffer)
        return N1_ERROR_DST_TOO_SMALL;
    uint16_t *const mu = s->n_channels > 1 ? (uint16_t *)(void *)buffer : b.mu;
    fit(&c, &l, kernel, mu, work);

    n1c_bit_writer w = {dst, capacity, 0, 0, 0, 0};
    write_header(&w, &c);
    write_raw(&w, &c, time, b.line);
    if (w.full)
        return N1_ERROR_DST_TOO_SMALL;
    size_t at = w.size;

    uint8_t *kept = buffer + (g->lanes && s->n_channels > 1 ? all * sizeof *mu : 0);
    uint8_t *tail_end = buffer + room, *tail = encode_tail(&c, *a, kept, tail_end);
    if (!tail)
        return N1_ERROR_DST_TOO_SMALL;
    if (g->lanes) {
        int any = 0;
        for (size_t i = 0; i < g->n_channels; i++)
            any |= c.channel[i].kind == N1C_CHANNEL_MODEL;
        uint64_t state[N1C_MAX_LANES];
        for (unsigned i = 0; i < g->lanes && any; i++) {
            state[i] = N1C_RANS_LOW;
            for (unsigned j = 0; j < N1C_PAYLOAD && tail < tail_end; j++)
                state[i] |= (uint64_t)*tail++ << (8 * j);
        }
        uint8_t *p = tail;
        for (size_t i = g->n_channels; i-- > 0;) {
            if (c.channel[i].kind != N1C_CHANNEL_MODEL)
                continue;
            n1c_chunk_use(&c, (unsigned)i);
            n1c_lane_job job = n1c_own_job(&c, i);
            job.mu = mu + i * g->n_samples;
            job.edges = b.edges;
            if (g->n_channels > 1)   /* a single channel still has what its scan left */
                n1c_lanes_expand(c.axis, job.code, b.edges, NULL, n1c_code_size(g), kernel);
            uint8_t *const begin = s->n_channels > 1 ? (uint8_t *)(void *)(job.mu + g->n_samples) : buffer;
            status = n1c_lanes_encode(&job, kernel, state, begin, &p);
            if (status != N1_OK)
                return status;
        }
        if (any) {
            for (unsigned i = 0; i < g->lanes; i++)
                n1c_bits_put_state(&w, state[i]);
            n1c_bits_align(&w);
            if (w.full)
                return N1_ERROR_DST_TOO_SMALL;
            at = w.size;
        }
        tail = p;
    }
    const size_t size = (size_t)(tail_end - tail);
    if (capacity - at < size)
        return N1_ERROR_DST_TOO_SMALL;
    memcpy(dst + at, tail, size);
    *written = at + size;
    return N1_OK;
}
