/* Forward mode, decoder: header, raw bits, lane states, words, tail. */
#include "converter/values.h"

static n1_status read_header(n1_field_reader *r, n1_forward *c, const n1_shape *s, n1_arena *a)
{
    n1_geometry *g = &c->g;
    g->n_samples = s->n_samples;
    g->n_channels = s->n_channels;
    n1_get_field(r, 8); /* mode, checked by the caller */
    uint32_t lanes = n1_get_field(r, 2);
    if (lanes > 2)
        return N1_ERROR_CORRUPT;
    g->lanes = lanes * 16;
    if (g->lanes) {
        if (g->n_samples < N1_LANES_MIN_SAMPLES)
            return N1_ERROR_CORRUPT;
        g->tail = n1_get_field(r, 10);
        if (g->tail >= g->n_samples || (g->n_samples - g->tail) % g->lanes)
            return N1_ERROR_CORRUPT;
        g->rows = (g->n_samples - g->tail) / g->lanes;
    } else {
        if (g->n_samples >= N1_LANES_MIN_SAMPLES)
            return N1_ERROR_CORRUPT;
        g->tail = g->rows = g->n_samples;
    }
    c->channel = n1_arena_take(a, g->n_channels * sizeof *c->channel);
    c->axis = n1_arena_take(a, sizeof *c->axis);
    if (!c->channel || !c->axis)
        return N1_ERROR_DST_TOO_SMALL;
    c->n_alphabets = n1_get_field(r, 3) + 1;
    c->alphabet_bits = n1_alphabet_bits(c->n_alphabets);
    for (unsigned i = 0; i < c->n_alphabets; i++) {
        if (!n1_alphabet_take(&c->alphabet[i], a))
            return N1_ERROR_DST_TOO_SMALL;
        n1_status status = n1_alphabet_read(r, &c->alphabet[i], s->dtype);
        if (status != N1_OK)
            return status;
    }
    n1_status status = n1_forward_take(c, a);
    if (status != N1_OK)
        return status;
    for (size_t i = 0; i < g->n_channels; i++) {
        n1_channel *p = &c->channel[i];
        status = n1_channel_read(r, p, c->alphabet_bits, i);
        if (status != N1_OK)
            return status;
        if (p->alphabet >= c->n_alphabets)
            return N1_ERROR_CORRUPT;
        const n1_alphabet *al = &c->alphabet[p->alphabet];
        if (p->kind == N1_CHANNEL_CONSTANT && !n1_type_holds(s->dtype, p->constant))
            return N1_ERROR_CORRUPT;
        for (unsigned j = 0; j < p->n_neighbours; j++)
            if (c->channel[i - p->distance[j]].kind != N1_CHANNEL_MODEL)
                return N1_ERROR_CORRUPT;
        if (p->kind != N1_CHANNEL_MODEL)
            continue;
        uint16_t *seed = c->seed + i * n1_seeds(g);
        int32_t last = (int32_t)n1_get_golomb(r, 8);
        unsigned k = n1_get_field(r, 4);
        for (unsigned j = 0; j < n1_seeds(g); j++) {
            if (j)
                last += n1_unfold_sign(n1_get_rice(r, k) & 0xffff);
            if (last < 0 || (uint32_t)last >= al->n_codes)
                return N1_ERROR_CORRUPT;
            seed[j] = (uint16_t)last;
        }
        if (r->short_read)
            return N1_ERROR_TRUNCATED;
    }
    return N1_OK;
}

/* Reader of the tail's words: first the bytes from the lane states, then the end of the block. */
typedef struct {
    uint8_t payload[N1_MAX_LANES * N1_PAYLOAD];
    size_t n_payload, used;
    const uint8_t *at, *end;
    int short_read;
} tail_source;

static uint32_t tail_byte(tail_source *t)
{
    if (t->used < t->n_payload)
        return t->payload[t->used++];
    if (t->at < t->end)
        return *t->at++;
    t->short_read = 1;
    return 0;
}

/* Nothing left but zeros within the lane states. */
static int tail_ends(tail_source *t)
{
    while (t->used < t->n_payload)
        if (t->payload[t->used++])
            return 0;
    return t->at == t->end;
}

static n1_status decode_tail(n1_forward *c, tail_source *src)
{
    const n1_geometry *g = &c->g;
    const size_t from = g->lanes ? 0 : 1;
    int any = 0;
    for (size_t i = 0; i < g->n_channels; i++)
        any |= c->channel[i].kind == N1_CHANNEL_MODEL && g->tail > from;
    if (!any) {
        for (size_t i = 0; !g->lanes && i < g->n_channels; i++) { /* a single sample is its channel's seed */
            if (c->channel[i].kind != N1_CHANNEL_MODEL)
                continue;
            if (!n1_forward_use(c, (unsigned)i))
                return N1_ERROR_CORRUPT;
            n1_fill_history(c, i);
        }
        return tail_ends(src) ? N1_OK : N1_ERROR_CORRUPT;
    }
    uint64_t x = 0;
    for (unsigned i = 0; i < N1_STATE_BYTES; i++)
        x |= (uint64_t)tail_byte(src) << (8 * i);
    if (x < N1_RANS_LOW)
        return N1_ERROR_CORRUPT;
    for (size_t i = 0; i < g->n_channels; i++) {
        if (c->channel[i].kind != N1_CHANNEL_MODEL)
            continue;
        if (!n1_forward_use(c, (unsigned)i))
            return N1_ERROR_CORRUPT;
        if (!g->lanes)
            n1_fill_history(c, i);
        n1_tail_history(c, i);
        const n1_scale scale = n1_scale_of(c->channel[i].sigma, c->channel[i].law);
        int16_t *mid = c->tail_mid + i * (N1_PLANE_HISTORY + g->tail) + N1_PLANE_HISTORY;
        for (size_t t = from; t < g->tail; t++) {
            int32_t mu = n1_tail_mu(c, i, t);
            uint32_t slot = (uint32_t)x & (N1_PROB_ONE - 1), low, high;
            uint32_t k = c->axis->at[mu] >> 20;   /* a quantile table would not pay for a few samples */
            k = n1_find_code(c->axis, &scale, mu, slot, k, &low, &high);
            x = (uint64_t)(high - low) * (x >> N1_PROB_BITS) + (slot - low);
            for (unsigned pass = 0; pass < 2 && x < N1_RANS_LOW; pass++) {
                uint32_t w = tail_byte(src);
                x = x << 16 | w | tail_byte(src) << 8;
            }
            mid[t] = c->axis->mid[k];
            c->tail_code[i * g->tail + t] = (uint16_t)k;
        }
        if (src->short_read)
            return N1_ERROR_TRUNCATED;
    }
    return x == N1_RANS_LOW && tail_ends(src) ? N1_OK : N1_ERROR_CORRUPT;
}

n1_status n1_forward_decode(const uint8_t *src, size_t size, const n1_shape *s, n1_kernel kernel, n1_arena *a,
                            void *samples)
{
    n1_forward c;
    memset(&c, 0, sizeof c);
    n1_field_reader r = {src, size, 0, 0, 0, 0};
    n1_status status = read_header(&r, &c, s, a);
    if (status != N1_OK)
        return status;
    if (r.short_read)
        return N1_ERROR_TRUNCATED;
    const n1_geometry *g = &c.g;
    size_t at = n1_fields_end(&r);

    uint64_t raw_bits = 0;
    int any = 0;
    for (size_t i = 0; i < g->n_channels; i++) {
        const n1_alphabet *al = &c.alphabet[c.channel[i].alphabet];
        if (c.channel[i].kind == N1_CHANNEL_MODEL)
            raw_bits += (uint64_t)g->n_samples * al->raw_bits;
        else if (c.channel[i].kind == N1_CHANNEL_PACKED)
            raw_bits += (uint64_t)g->n_samples * n1_ceil_log2(al->n_full);
        any |= c.channel[i].kind == N1_CHANNEL_MODEL;
    }
    const uint64_t raw_bytes = (raw_bits + 7) / 8;
    if (raw_bytes > size - at)
        return N1_ERROR_TRUNCATED;
    n1_field_reader raw = {src + at, (size_t)raw_bytes, 0, 0, 0, 0};
    at += (size_t)raw_bytes;

    tail_source tail = {{0}, 0, 0, NULL, src + size, 0};
    if (g->lanes && any) {
        uint64_t state[N1_MAX_LANES];
        n1_field_reader states = {src + at, size - at, 0, 0, 0, 0};
        for (unsigned i = 0; i < g->lanes; i++)
            state[i] = n1_get_state(&states);
        if (states.short_read)
            return N1_ERROR_TRUNCATED;
        at += n1_fields_end(&states);
        const uint8_t *p = src + at;
        for (size_t i = 0; i < g->n_channels; i++) {
            if (c.channel[i].kind != N1_CHANNEL_MODEL)
                continue;
            if (!n1_forward_use(&c, (unsigned)i))
                return N1_ERROR_CORRUPT;
            n1_fill_history(&c, i);
            n1_lane_job job = n1_forward_job(&c, i, kernel);
            n1_axis_quantile(c.axis, &job.scale);
            status = n1_lanes_decode(&job, kernel, state, &p, src + size);
            if (status != N1_OK)
                return status;
        }
        at = (size_t)(p - src);
        for (unsigned i = 0; i < g->lanes; i++) {
            if (state[i] >> 24 != 1)
                return N1_ERROR_CORRUPT;
            for (unsigned j = 0; j < N1_PAYLOAD; j++)
                tail.payload[tail.n_payload++] = (uint8_t)(state[i] >> (8 * j));
        }
    }
    tail.at = src + at;
    status = decode_tail(&c, &tail);
    if (status != N1_OK)
        return status;
    void *scratch = n1_arena_take(a, n1_emit_size(s));
    if (!scratch)
        return N1_ERROR_DST_TOO_SMALL;
    n1_emit(&c, &raw, s, samples, kernel, scratch);
    return N1_OK;
}
