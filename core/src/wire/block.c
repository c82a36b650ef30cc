/* Entry points, geometry and workspace. */
#include "modes/adaptive/adaptive.h"

size_t n1_type_size(n1_type t) { return t <= N1_UINT8 ? 1 : t <= N1_UINT16 ? 2 : 4; }

int64_t n1_load_sample(const void *samples, n1_type t, size_t i)
{
    switch (t) {
    case N1_INT8: return ((const int8_t *)samples)[i];
    case N1_UINT8: return ((const uint8_t *)samples)[i];
    case N1_INT16: return ((const int16_t *)samples)[i];
    case N1_UINT16: return ((const uint16_t *)samples)[i];
    case N1_INT32: return ((const int32_t *)samples)[i];
    default: return ((const uint32_t *)samples)[i];
    }
}

void n1_store_sample(void *samples, n1_type t, size_t i, int64_t v)
{
    switch (t) {
    case N1_INT8: ((int8_t *)samples)[i] = (int8_t)v; break;
    case N1_UINT8: ((uint8_t *)samples)[i] = (uint8_t)v; break;
    case N1_INT16: ((int16_t *)samples)[i] = (int16_t)v; break;
    case N1_UINT16: ((uint16_t *)samples)[i] = (uint16_t)v; break;
    case N1_INT32: ((int32_t *)samples)[i] = (int32_t)v; break;
    default: ((uint32_t *)samples)[i] = (uint32_t)v; break;
    }
}

unsigned n1_ceil_log2(uint32_t n)
{
    unsigned b = 0;
    while (b < 32 && ((uint64_t)1 << b) < n)
        b++;
    return b;
}

void *n1_arena_take(n1_arena *a, size_t bytes)
{
    size_t at = (a->used + 63) & ~(size_t)63;
    if (at > a->size || a->size - at < bytes)
        return NULL;
    a->used = at + bytes;
    return a->base + at;
}

int n1_alphabet_take(n1_alphabet *alphabet, n1_arena *a)
{
    alphabet->log_width = n1_arena_take(a, N1_MAX_CODES);
    alphabet->value = n1_arena_take(a, N1_MAX_CODES * sizeof(int32_t));
    return alphabet->log_width && alphabet->value;
}

n1_status n1_forward_begin(n1_forward *c, const n1_shape *s, n1_arena *a)
{
    memset(c, 0, sizeof *c);
    c->g.n_samples = s->n_samples;
    c->g.n_channels = s->n_channels;
    c->channel = n1_arena_take(a, s->n_channels * sizeof *c->channel);
    c->axis = n1_arena_take(a, sizeof *c->axis);
    if (!c->channel || !c->axis)
        return N1_ERROR_DST_TOO_SMALL;
    memset(c->channel, 0, s->n_channels * sizeof *c->channel);
    for (unsigned i = 0; i < N1_MAX_ALPHABETS; i++)
        if (!n1_alphabet_take(&c->alphabet[i], a))
            return N1_ERROR_DST_TOO_SMALL;
    return N1_OK;
}

unsigned n1_alphabet_bits(unsigned n_alphabets) { return n1_ceil_log2(n_alphabets); }

n1_status n1_forward_take(n1_forward *c, n1_arena *a)
{
    const n1_geometry *g = &c->g;
    const size_t n = g->n_channels;
    c->built_alphabet = c->built_law = -1;
    c->mid = n1_arena_take(a, n * n1_mid_size(g) * sizeof *c->mid);
    c->code = n1_arena_take(a, n * n1_code_size(g) * sizeof *c->code);
    c->tail_mid = n1_arena_take(a, n * (N1_PLANE_HISTORY + g->tail) * sizeof *c->tail_mid);
    c->tail_code = n1_arena_take(a, n * g->tail * sizeof *c->tail_code);
    c->extra = n1_arena_take(a, n1_code_size(g) * sizeof *c->extra);
    c->seed = n1_arena_take(a, n * n1_seeds(g) * sizeof *c->seed);
    return c->mid && c->code && c->tail_mid && c->tail_code && c->extra && c->seed ? N1_OK : N1_ERROR_DST_TOO_SMALL;
}

int n1_forward_use(n1_forward *c, unsigned channel)
{
    const n1_channel *p = &c->channel[channel];
    if (c->built_alphabet != p->alphabet) {
        if (!n1_axis_build(&c->alphabet[p->alphabet], c->axis))
            return 0;
        c->built_alphabet = p->alphabet;
        c->built_law = -1;
    }
    if (c->built_law != p->law) {
        n1_axis_law(c->axis, p->law);
        c->built_law = p->law;
    }
    return 1;
}

n1_lane_job n1_own_job(n1_forward *c, size_t channel)
{
    const n1_geometry *g = &c->g;
    const n1_channel *p = &c->channel[channel];
    return (n1_lane_job){c->axis, p, n1_scale_of(p->sigma, p->law), NULL, c->mid + channel * n1_mid_size(g),
                          c->code + channel * n1_code_size(g), NULL, NULL, g->rows, g->lanes, c->axis->recent};
}

n1_lane_job n1_forward_job(n1_forward *c, size_t channel, n1_kernel kernel)
{
    const n1_geometry *g = &c->g;
    const n1_channel *p = &c->channel[channel];
    const size_t n = n1_code_size(g);
    n1_lane_job job = n1_own_job(c, channel);
    if (p->n_neighbours && n) {
        memset(c->extra, 0, n * sizeof *c->extra);
        for (unsigned i = 0; i < p->n_neighbours; i++) {
            const int16_t *mid = c->mid + (channel - p->distance[i]) * n1_mid_size(g) + N1_PLANE_HISTORY * g->lanes;
            for (unsigned j = 0; j < p->neighbour_taps; j++)
                n1_accumulate(c->extra, mid - j * g->lanes, p->neighbour[i][j], n, kernel);
        }
        job.extra = c->extra;
    }
    return job;
}

void n1_fill_history(n1_forward *c, size_t channel)
{
    const n1_geometry *g = &c->g;
    const uint16_t *seed = c->seed + channel * n1_seeds(g);
    int16_t *mid = c->mid + channel * n1_mid_size(g);
    uint16_t *code = c->code + channel * n1_code_size(g);
    for (unsigned s = 0; s < g->lanes; s++) {
        uint32_t pos = n1_lane_position(s);
        for (unsigned row = 0; row <= N1_PLANE_HISTORY; row++)
            mid[row * g->lanes + pos] = c->axis->mid[seed[s]];
        code[pos] = seed[s];
    }
    if (!g->lanes) {
        int16_t *tail = c->tail_mid + channel * (N1_PLANE_HISTORY + g->tail);
        for (unsigned row = 0; row <= N1_PLANE_HISTORY; row++)
            tail[row] = c->axis->mid[seed[0]];
        c->tail_code[channel * g->tail] = seed[0];
    }
}

void n1_tail_history(n1_forward *c, size_t channel)
{
    const n1_geometry *g = &c->g;
    if (!g->lanes)
        return;
    const int16_t *mid = c->mid + channel * n1_mid_size(g) + g->rows * g->lanes + n1_lane_position(g->lanes - 1);
    int16_t *tail = c->tail_mid + channel * (N1_PLANE_HISTORY + g->tail);
    for (unsigned j = 0; j < N1_PLANE_HISTORY; j++)
        tail[j] = mid[j * g->lanes];
}

int32_t n1_tail_mu(const n1_forward *c, size_t channel, size_t t)
{
    const n1_channel *p = &c->channel[channel];
    const size_t size = N1_PLANE_HISTORY + c->g.tail;
    const int16_t *own = c->tail_mid + channel * size + N1_PLANE_HISTORY + t;
    int32_t extra = 0;
    for (unsigned i = 0; i < p->n_neighbours; i++) {
        const int16_t *other = own - p->distance[i] * size;
        for (unsigned j = 0; j < p->neighbour_taps; j++)
            extra += p->neighbour[i][j] * other[-(ptrdiff_t)j];
    }
    return n1_predict(c->axis, p, own - 1, 1, extra);
}

static int shape_ok(const n1_shape *s)
{
    if (!s || (unsigned)s->dtype > N1_UINT32 || s->n_channels > N1_MAX_CHANNELS)
        return 0;
    return s->n_channels == 0 || s->n_samples <= N1_MAX_BLOCK / s->n_channels;
}

static uint64_t padded(uint64_t bytes) { return ((bytes + 63) & ~(uint64_t)63) + 64; }

/* The larger of encoder and decoder. Lanes need n >= N1_LANES_MIN_SAMPLES, so history never dominates. In 64 bits: a size_t
   of 32 bits does not hold what some shapes take. */
uint64_t n1_forward_workspace(const n1_shape *s)
{
    const uint64_t n = s->n_samples, c = s->n_channels, all = n * c;
    const uint64_t lanes = n >= N1_LANES_MIN_SAMPLES ? N1_MAX_LANES : 1;
    const uint64_t tail = n >= N1_LANES_MIN_SAMPLES ? N1_TAIL_MAX : n;
    uint64_t total = padded(sizeof(n1_axis)) + padded(c * sizeof(n1_channel));
    total += N1_MAX_ALPHABETS * (padded(N1_MAX_CODES) + padded(N1_MAX_CODES * sizeof(int32_t)));
    total += padded((all + c * N1_PLANE_HISTORY * lanes) * 2) + padded(all * 2);                 /* mid, code */
    total += padded(c * (N1_PLANE_HISTORY + tail) * 2) + padded(c * tail * 2);                    /* tail */
    total += padded(n * 4) + padded(n * 2) + padded(c * N1_MAX_LANES * 2);                  /* extra, mu, seeds */
    total += padded(all * 4);                                                               /* samples in time order */
    total += padded(all * 4 + 4096) + padded(c * tail * 8 + 4096);                          /* words; tail intervals */
    total += padded(n * 4) + padded(n * 2 + n * 4 * (c == 1 ? 0 : 32) + 64);                /* edges; line and band */
    total += padded(65536 * 4) + padded(65536 * 2) + padded(c * 24);                        /* survey */
    total += padded(sizeof(n1_fit));                                                       /* fit */
    return total;
}

size_t n1_block_workspace(const n1_shape *s)
{
    if (!shape_ok(s))
        return 0;
    const uint64_t total = n1_forward_workspace(s) + (n1_adaptive_takes(s) ? n1_adaptive_workspace(s) : 0);
    return total <= PTRDIFF_MAX ? (size_t)total : 0;
}

size_t n1_block_bound(const n1_shape *s)
{
    if (!shape_ok(s))
        return 0;
    return s->n_samples * s->n_channels * n1_type_size(s->dtype) + N1_BLOCK_OVERHEAD;
}

n1_status n1_forward_or_stored(const void *samples, const n1_shape *s, int level, n1_kernel kernel, n1_arena arena,
                               uint8_t *dst, size_t capacity, size_t *written)
{
    if (level > N1_FORWARD_EFFORTS)
        level = N1_FORWARD_LEVELS;   /* what is left to gain is the adaptive modes' */
    if (n1_forward_encode(samples, s, level, kernel, &arena, dst, capacity, written) == N1_OK
        && *written <= n1_stored_size(samples, s))
        return N1_OK;
    return n1_stored_encode(samples, s, dst, capacity, written);
}

/* Put a forward block of this level in the place of what is there if it is smaller. */
static void keep_smaller(const void *samples, const n1_shape *s, int level, n1_kernel kernel, n1_arena arena,
                         uint8_t *dst, size_t *written)
{
    size_t other = 0;
    uint8_t *again = n1_arena_take(&arena, n1_block_bound(s));
    if (again && n1_forward_or_stored(samples, s, level, kernel, arena, again, n1_block_bound(s), &other) == N1_OK
        && other < *written) {
        memcpy(dst, again, other);
        *written = other;
    }
}

/* What is tried first: a share of the block, of a number of channels between these two; stretches all over a long
   block, for what is in one may not be in another, which make up a part of it but are no shorter than these frames. The
   level has few coefficients: they are to a part what those of a higher level are to the whole. */
#define TRIED_SHARE 8u
#define TRIED_LEAST 16u
#define TRIED_CHANNELS 64u
#define TRIED_RUNS 16u
#define TRIED_PART 16u
#define TRIED_FRAMES 256u
#define TRIED_LEVEL 2

/* Whether a forward block of many channels promises to be smaller than an adaptive one: channels in the middle, in
   stretches all over the block, are coded as both. */
static int static_promises(const void *samples, const n1_shape *s, int level, n1_kernel kernel, n1_arena arena)
{
    const size_t frame = s->n_channels * n1_type_size(s->dtype), part = s->n_samples / TRIED_PART;
    const size_t runs = s->n_samples > TRIED_RUNS * TRIED_FRAMES ? TRIED_RUNS : 1;
    const n1_shape run = {runs == 1 ? s->n_samples : part > runs * TRIED_FRAMES ? part / runs : TRIED_FRAMES,
                          s->n_channels, s->dtype};
    size_t n = s->n_samples * s->n_channels / (TRIED_SHARE * runs * run.n_samples);
    n = n < TRIED_LEAST ? TRIED_LEAST : n > TRIED_CHANNELS ? TRIED_CHANNELS : n;
    n = n < s->n_channels ? n : s->n_channels;
    const n1_shape tried = {runs * run.n_samples, n, s->dtype};
    const size_t bound = n1_block_bound(&tried);
    uint8_t *in = n1_arena_take(&arena, bound), *out = n1_arena_take(&arena, bound);
    uint16_t *channel = n1_arena_take(&arena, n * sizeof *channel);
    size_t fixed = 0, learnt = 0;
    if (!in || !out || !channel)
        return 0;
    for (size_t i = 0; i < n; i++)
        channel[i] = (uint16_t)((s->n_channels - n) / 2 + i);
    for (size_t i = 0; i < runs; i++) {
        const size_t at = (2 * i + 1) * s->n_samples / (2 * runs) - run.n_samples / 2;
        n1_gather_channels((const uint8_t *)samples + at * frame, &run, channel, n,
                   in + i * run.n_samples * n * n1_type_size(s->dtype));
    }
    return n1_forward_or_stored(in, &tried, TRIED_LEVEL, kernel, arena, out, bound, &fixed) == N1_OK
           && n1_adaptive_encode(in, &tried, level, kernel, arena, out, bound, &learnt) == N1_OK && fixed < learnt;
}

n1_status n1_encode_block(const void *samples, const n1_shape *s, int level, n1_kernel kernel, void *workspace,
                          size_t workspace_size, uint8_t *dst, size_t capacity, size_t *written)
{
    if (!shape_ok(s) || level < 1 || level > N1_MAX_LEVEL || !written)
        return N1_ERROR_ARGUMENT;
    *written = 0;
    if (s->n_samples == 0 || s->n_channels == 0)
        return N1_OK;
    if (!samples || !workspace || !dst)
        return N1_ERROR_ARGUMENT;
    if (!n1_block_workspace(s) || workspace_size < n1_block_workspace(s))
        return N1_ERROR_ARGUMENT;
    if (capacity < n1_block_bound(s))
        return N1_ERROR_DST_TOO_SMALL;
    n1_arena arena = {workspace, workspace_size, 0};
    const int few = s->n_channels < N1_MANY_CHANNELS;
    if (level <= N1_FORWARD_LEVELS || !n1_adaptive_takes(s))
        return n1_forward_or_stored(samples, s, level, kernel, arena, dst, capacity, written);
    if (few && level < N1_FORWARD_EFFORTS) {
        const n1_status status = n1_forward_or_stored(samples, s, level, kernel, arena, dst, capacity, written);
        if (status == N1_OK) /* more care is not always less error: what the level below gives may be smaller */
            keep_smaller(samples, s, N1_FORWARD_LEVELS, kernel, arena, dst, written);
        return status;
    }
    if (n1_adaptive_encode(samples, s, level, kernel, arena, dst, capacity, written) != N1_OK)
        return n1_forward_or_stored(samples, s, level, kernel, arena, dst, capacity, written);
    /* A forward block takes a small part of the mixed mode's time, but as much as the backward one of many channels. */
    if (few || level > N1_FORWARD_EFFORTS || static_promises(samples, s, level, kernel, arena))
        keep_smaller(samples, s, level < N1_FORWARD_EFFORTS ? level : N1_FORWARD_EFFORTS, kernel, arena, dst, written);
    else if (*written > n1_stored_size(samples, s))
        return n1_stored_encode(samples, s, dst, capacity, written);
    return N1_OK;
}

n1_status n1_decode_block(const uint8_t *src, size_t size, const n1_shape *s, n1_kernel kernel, void *workspace,
                          size_t workspace_size, void *samples)
{
    if (!shape_ok(s))
        return N1_ERROR_ARGUMENT;
    if (s->n_samples == 0 || s->n_channels == 0)
        return size == 0 ? N1_OK : N1_ERROR_CORRUPT;
    if (!src || !workspace || !samples)
        return N1_ERROR_ARGUMENT;
    if (!n1_block_workspace(s) || workspace_size < n1_block_workspace(s))
        return N1_ERROR_ARGUMENT;
    if (size < 1)
        return N1_ERROR_TRUNCATED;
    n1_arena arena = {workspace, workspace_size, 0};
    switch (src[0]) {
    case N1_MODE_STORED: return n1_stored_decode(src, size, s, samples);
    case N1_MODE_FORWARD: return n1_forward_decode(src, size, s, kernel, &arena, samples);
    case N1_MODE_BACKWARD:
    case N1_MODE_MIXED: return n1_adaptive_decode(src, size, s, kernel, arena, samples);
    default: return N1_ERROR_CORRUPT;
    }
}
