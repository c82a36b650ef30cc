/*
 * The realtime mode. For each channel of each frame: predict (own past, lower channels now and past), one normal law whose
 * scale follows the channel, its mass between the code's two learned edges, rANS.
 */
#include "dot.h"
#include "ls.h"
#include "rans.h"
#include "series.h"
#include <string.h>

enum {
    COEF_Q = 12,
    BLOCKS_DENSE = 64,  /* every block feeds the sums until then, later one in ... */
    DENSE_EVERY = 4,
    SCALE_MEMORY = 12,  /* blocks: the variance's time constant once it has settled */
    FORGET = 16384,     /* blocks after which everything gathered counts half */
    BLOCKS_MOST = 1 << 30, /* then the count steps back by half: it only sets rhythms by now */
    SOLVE_MOST = 64,    /* blocks between two solutions, at most */
    OLD = 32            /* room for lags 5 .. N1A_MAX_OWN, in whole vectors of 8 */
};

typedef struct {
    uint32_t inv;      /* 256 * 65536 / sigma */
    int32_t sigma;     /* voltage units, Q4 */
    uint64_t variance; /* squared voltage units */
    uint64_t cap, sum; /* of this block's squared errors, each at most cap */
    uint32_t edges, tally, learns; /* learns: wide enough to count for the code widths */
    uint16_t source[N1A_MAX_NEIGHBOURS];
    int16_t young[4]; /* taps on lags 1 .. 4 */
    int16_t side[N1A_MAX_NEIGHBOURS * (1 + N1A_MAX_PAST)]; /* taps on the neighbours, oldest lag first */
    int16_t old[OLD]; /* taps on lags 5 .. olds + 4, oldest first; zero beyond own */
} channel;

struct n1a_realtime {
    uint32_t channels, codes, own, olds, neighbours, past, features;
    uint32_t t;        /* place in the block */
    uint32_t blocks, next_solve, dense, started;
    n1a_width width;
    n1a_ls_work work;
    uint8_t first[N1A_MAX_FEATURES + 1]; /* of a run of views, see n1a_ls_products */
    int32_t block[(N1A_MAX_FEATURES + 1) * (N1A_MAX_FEATURES + 2) / 2];
    uint32_t law[4097]; /* distribution function in 1/256 sigma, scaled to leave 1 of 2^20 for each code */
    channel *channel;
    int32_t *recent; /* per channel: its newest sample in the high half, the one before in the low half */
    n1a_series *series;
    n1a_edges *edges;
    n1a_tally *tally;
    int64_t *sums; /* channels x (triangle, target) */
};

static size_t round16(size_t n) { return (n + 15U) & ~(size_t)15U; }

size_t n1a_realtime_size(const n1a_params *p) { return n1a_params_check(p) ? n1a_realtime_need(p) : 0; }

size_t n1a_realtime_need(const n1a_params *p)
{
    size_t f = (size_t)p->own + (size_t)p->neighbours * (1U + p->past), c = p->channels;
    return round16(sizeof(n1a_realtime)) + round16((c + 2) * sizeof(channel)) + round16(c * sizeof(int32_t)) +
           round16((c + 2) * sizeof(n1a_series)) +
           round16(n1a_tables(p->groups) * sizeof(n1a_edges)) + round16(p->groups * sizeof(n1a_tally)) +
           round16(c * (f * (f + 1) / 2 + f) * sizeof(int64_t));
}

n1a_realtime *n1a_realtime_init(void *memory, size_t size, const n1a_params *p)
{
    static const int16_t start[4] = {3362, 180, 82, 390}; /* a neural field's usual first taps, Q12 */
    size_t need = n1a_realtime_size(p);
    if (!need || size < need || !memory) return NULL;
    uint8_t *at = memory;
    memset(memory, 0, need);
    n1a_realtime *s = memory;
    s->channels = p->channels;
    s->codes = p->codes;
    s->own = p->own;
    s->olds = s->own > 4 ? (s->own - 4 + 7U) / 8 * 8 : 0;
    s->neighbours = p->neighbours;
    s->past = p->past;
    s->features = s->own + s->neighbours * (1 + s->past);
    s->next_solve = 1;
    s->first[0] = 1;
    for (uint32_t i = 0; i < s->neighbours; i++) s->first[s->own + 1 + i * (1 + s->past)] = 1;
    at += round16(sizeof *s);
    s->channel = (channel *)(void *)at;
    at += round16((s->channels + 2) * sizeof *s->channel);
    s->recent = (int32_t *)(void *)at;
    at += round16(s->channels * sizeof *s->recent);
    s->series = (n1a_series *)(void *)at;
    at += round16((s->channels + 2) * sizeof *s->series);
    s->edges = (n1a_edges *)(void *)at;
    at += round16(n1a_tables(p->groups) * sizeof *s->edges);
    s->tally = (n1a_tally *)(void *)at;
    at += round16(p->groups * sizeof *s->tally);
    s->sums = (int64_t *)(void *)at;

    n1a_width_init(&s->width, s->edges, s->tally, p);
    for (uint32_t i = 0; i <= 4096; i++)
        s->law[i] = (uint32_t)(((uint64_t)N1A_NORMAL[i] * ((1U << N1A_RANS_BITS) - s->codes)) >> 28);
    uint32_t n = s->features, tri = n * (n + 1) / 2;
    uint64_t variance = (uint64_t)1 << p->sigma;
    for (uint32_t c = 0; c < s->channels; c++) {
        channel *h = &s->channel[c];
        n1a_series_init(&s->series[c], (int32_t)((s->codes << s->width.shift) / 2), s->width.shift);
        h->variance = variance;
        h->cap = 16 * variance;
        h->learns = variance >= s->width.least;
        h->inv = N1A_INV_SIGMA[16U * p->sigma];
        h->sigma = (int32_t)(((uint32_t)1 << 28) / h->inv);
        h->edges = h->tally = p->groups > 1 ? p->group[c] : 0;
        for (uint32_t i = 0; i < s->neighbours; i++) {
            h->source[i] = p->neighbour[c * s->neighbours + i];
            if (h->source[i] == N1A_NO_NEIGHBOUR) h->source[i] = (uint16_t)c; 
        }
        /* The sums begin as if they had met the usual taps a few times. */
        int64_t *a = s->sums + (size_t)c * (tri + n), *b = a + tri, r = (int64_t)((variance << 8) >> (2 * s->width.shift)) + 16;
        for (uint32_t j = 0; j < n; j++) a[j * (j + 1) / 2 + j] = r;
        for (uint32_t j = 0; j < 4 && j < s->own; j++) {
            h->young[j] = start[j];
            b[s->own - 1 - j] = (r * start[j]) >> COEF_Q;
        }
    }
    return s;
}

/* Neighbours with one past sample each, from the packed pairs: four of them at a time where SSE2 is there. */
N1A_INLINE int32_t side_of_pairs(const int32_t *recent, uint32_t neighbours, const channel *h)
{
    uint32_t i = 0;
    int32_t sum = 0;
#if defined(__SSE2__)
    const int32_t *r = recent;
    __m128i v = _mm_setzero_si128();
    for (; i + 4 <= neighbours; i += 4) {
        const uint16_t *o = h->source + i;
        v = _mm_add_epi32(v, _mm_madd_epi16(_mm_set_epi32(r[o[3]], r[o[2]], r[o[1]], r[o[0]]),
                                            _mm_loadu_si128((const __m128i *)(const void *)(h->side + 2 * i))));
    }
    v = _mm_add_epi32(v, _mm_shuffle_epi32(v, 0x4E));
    v = _mm_add_epi32(v, _mm_shuffle_epi32(v, 0xB1));
    sum = _mm_cvtsi128_si32(v);
#endif
    for (; i < neighbours; i++) {
        int32_t pair = recent[h->source[i]];
        sum += (int16_t)(pair & 0xFFFF) * h->side[2 * i] + (pair >> 16) * h->side[2 * i + 1];
    }
    return sum;
}

/* Predicted voltage of channel c at place t. |taps| add up to less than 2^15, so 32 bits hold the sum. The four
 * youngest taps are apart: their samples may not have left the processor's store queue as a vector can be read. */
N1A_INLINE int32_t predict(const n1a_realtime *s, const channel *h, const n1a_series *r, uint32_t t)
{
    const int16_t *x = r->volt + N1A_HISTORY + t;
    int32_t sum = 0;
    if (s->olds) sum = n1a_dot(x - 4 - s->olds, h->old, s->olds);
    sum += x[-4] * h->young[3] + x[-3] * h->young[2] + x[-2] * h->young[1];
    if (s->past == 1) sum += side_of_pairs(s->recent, s->neighbours, h);
    else
        for (uint32_t i = 0, j = 0; i < s->neighbours; i++)
            for (uint32_t lag = s->past + 1; lag-- > 0; j++)
                sum += s->series[h->source[i]].volt[N1A_HISTORY + t - lag] * h->side[j];
    sum += x[-1] * h->young[0];
    return r->centre + ((sum + (1 << (COEF_Q - 1))) >> COEF_Q);
}

/* Mass below voltage mu + d, in 1 / 2^20. */
N1A_INLINE uint32_t standing(const uint32_t *law, int32_t d, uint32_t inv)
{
    int64_t i = n1a_asr((int64_t)d * inv, 16);
    i = i < -2048 ? -2048 : i;
    i = i > 2048 ? 2048 : i;
    return law[i + 2048];
}
N1A_INLINE uint32_t cumulative(const uint32_t *law, const n1a_edges *e, uint32_t codes, uint32_t k, int32_t mu, uint32_t inv)
{
    return k == 0 ? 0 : k == codes ? 1U << N1A_RANS_BITS : standing(law, e->edge[k] - mu, inv) + k;
}

/*
 * Touch what the channel two places on will need: its table around its last code. Waiting for these lines one after
 * the other is what limits a decoder with many channels. The arrays have two channels to spare.
 */
N1A_INLINE void look_ahead(const n1a_realtime *s, const channel *h, const n1a_series *r)
{
#if defined(__GNUC__)
    const uint32_t k = r[2].code[N1A_HISTORY + s->t - 1] & (N1A_MAX_CODES - 1);
    const n1a_edges *e = &s->edges[h[2].edges];
    __builtin_prefetch(&e->edge[k]);
    __builtin_prefetch(&e->find[k]);
    __builtin_prefetch(h + 4);
    __builtin_prefetch((const char *)(h + 4) + 64);
    __builtin_prefetch(&r[4].volt[N1A_HISTORY + s->t]);
    __builtin_prefetch(&r[4].code[N1A_HISTORY + s->t]);
#else
    (void)s, (void)h, (void)r;
#endif
}

/* What is learned from code k of channel c, where mu was predicted. */
N1A_INLINE void learn(n1a_realtime *s, channel *h, n1a_series *r, const n1a_edges *e, uint32_t c, uint32_t k, int32_t mu)
{
    int32_t v = n1a_middle(e, k), d = v - mu;
    uint64_t q = (uint64_t)((int64_t)d * d);
    if (!s->started) r->centre = v;
    else h->sum += q < h->cap ? q : h->cap;
    int32_t now = n1a_series_put(r, s->t, k, v);
    s->recent[c] = (int32_t)((uint32_t)now << 16 | (uint32_t)s->recent[c] >> 16);
    if (h->learns) n1a_tally_add(&s->tally[h->tally], &s->width, k, mu);
}

/* Add the block's products to the channel's sums. Views: own lags own .. 1, the target, each neighbour's lags. */
static void gather(n1a_realtime *s, uint32_t c)
{
    static const int16_t nothing[N1A_BLOCK] = {0};
    const int16_t *x[N1A_MAX_FEATURES + 1];
    uint32_t n = 0, own = s->own, tri = s->features * (s->features + 1) / 2;
    int64_t *a = s->sums + (size_t)c * (tri + s->features), *b = a + tri, *from = a;
    const int32_t *row = s->block;
    for (uint32_t j = 0; j <= own; j++) x[n++] = s->series[c].half + N1A_HISTORY - own + j;
    for (uint32_t i = 0; i < s->neighbours; i++) {
        uint32_t o = s->channel[c].source[i];
        for (uint32_t j = 0; j <= s->past; j++) x[n++] = o == c ? nothing : s->series[o].half + N1A_HISTORY - s->past + j;
    }
    n1a_ls_products(x, s->first, n, s->block);
    for (uint32_t j = 0; j < n; row += ++j) {
        if (j == own) {
            for (uint32_t k = 0; k < own; k++) *b++ += row[k];
            continue;
        }
        for (uint32_t k = 0; k < own && k <= j; k++) *a++ += row[k];
        if (j < own) continue;
        *b++ += row[own];
        for (uint32_t k = own + 1; k <= j; k++) *a++ += row[k];
    }
    if (s->blocks % FORGET == 0) /* a long stream stays able to change, and the sums inside 64 bits */
        for (uint32_t j = 0; j < tri + s->features; j++) from[j] = n1a_asr(from[j], 1);
}

static void solve(n1a_realtime *s, uint32_t c)
{
    uint32_t n = s->features, tri = n * (n + 1) / 2;
    const int64_t *a = s->sums + (size_t)c * (tri + n);
    int32_t x[N1A_MAX_FEATURES];
    int64_t sum = 0;
    if (!n1a_ls_solve(&s->work, a, a + tri, n, x)) return;
    for (uint32_t j = 0; j < n; j++) {
        x[j] = (int32_t)n1a_asr(x[j] + (1 << (N1A_LS_Q - COEF_Q - 1)), N1A_LS_Q - COEF_Q);
        sum += n1a_abs64(x[j]);
    }
    if (sum > 32767) return; /* not a predictor worth having; keeps predict() within 32 bits */
    channel *h = &s->channel[c];
    for (uint32_t j = 0; j < n; j++) {
        if (j >= s->own) h->side[j - s->own] = (int16_t)x[j];
        else if (s->own - j <= 4) h->young[s->own - j - 1] = (int16_t)x[j];
        else h->old[s->olds + 4 - (s->own - j)] = (int16_t)x[j];
    }
}

/* The end of a block: everything slower than a sample. */
static void turn(n1a_realtime *s)
{
    uint32_t b = ++s->blocks;
    if (b == BLOCKS_MOST) s->blocks = b = s->next_solve = BLOCKS_MOST / 2;
    int centre = (b & (b - 1)) == 0 && b <= 4096, renew;
    int fit = b >= s->next_solve, feed = b <= BLOCKS_DENSE || b % DENSE_EVERY == 0;
    for (uint32_t c = 0; c < s->channels; c++) n1a_series_close(&s->series[c]);
    for (uint32_t c = 0; c < s->channels; c++) {
        channel *h = &s->channel[c];
        uint64_t mean = h->sum / N1A_BLOCK;
        int64_t memory = b < SCALE_MEMORY ? (int64_t)b : SCALE_MEMORY;
        h->variance = (uint64_t)((int64_t)h->variance + ((int64_t)mean - (int64_t)h->variance) / (memory + 1));
        if (h->variance < 4) h->variance = 4;
        h->cap = 16 * h->variance;
        h->sum = 0;
        h->inv = n1a_inv_sigma(h->variance);
        h->sigma = (int32_t)(((uint32_t)1 << 28) / h->inv);
        h->learns = h->variance >= s->width.least;
        if (h->learns) {
            s->tally[h->tally].variance += h->variance;
            s->tally[h->tally].n++;
        }
        if (feed) gather(s, c);
        if (fit) solve(s, c);
    }
    if (fit) s->next_solve = b + (b < SOLVE_MOST ? b : SOLVE_MOST);
    renew = n1a_width_due(&s->width);
    if (renew) n1a_width_renew(&s->width, s->edges, s->tally);
    for (uint32_t c = 0; c < s->channels; c++) {
        n1a_series *r = &s->series[c];
        int32_t z = centre ? (int32_t)(r->sum / ((int64_t)b * N1A_BLOCK)) : r->centre;
        n1a_series_turn(r, &s->edges[s->channel[c].edges], renew, z);
        s->recent[c] = (int32_t)((uint32_t)r->volt[N1A_HISTORY - 1] << 16 | (uint16_t)r->volt[N1A_HISTORY - 2]);
    }
    s->t = 0;
}

static inline void end_frame(n1a_realtime *s)
{
    s->started = 1;
    s->width.n += s->channels;
    if (++s->t == N1A_BLOCK) turn(s);
}

size_t n1a_realtime_bound(size_t n_samples) { return N1A_RANS_HEAD + 4 + 4 * n_samples; }

int64_t n1a_realtime_encode(n1a_realtime *s, const uint16_t *codes, size_t n_frames, uint64_t *scratch, uint8_t *out,
                           size_t capacity)
{
    const uint32_t channels = s->channels, top = s->codes, *law = s->law;
    uint64_t *record = scratch;
    for (size_t f = 0; f < n_frames; f++) {
        channel *h = s->channel;
        n1a_series *r = s->series;
        for (uint32_t c = 0; c < channels; c++, h++, r++) {
            const n1a_edges *e = &s->edges[h->edges];
            uint32_t k = *codes++, inv = h->inv;
            if (k >= top) return N1A_BAD_DATA;
            int32_t mu = predict(s, h, r, s->t);
            uint32_t lo = cumulative(law, e, top, k, mu, inv), hi = cumulative(law, e, top, k + 1, mu, inv);
            *record++ = n1a_rans_record(lo, hi - lo);
            learn(s, h, r, e, c, k, mu);
        }
        end_frame(s);
    }
    int64_t n = n1a_rans_write(scratch, (size_t)(record - scratch), out, capacity);
    return n < 0 ? N1A_NO_ROOM : n;
}

int n1a_realtime_decode(n1a_realtime *s, const uint8_t *in, size_t size, uint16_t *codes, size_t n_frames)
{
    const uint32_t channels = s->channels, top = s->codes, *law = s->law;
    const int32_t last = s->edges[0].edge[top] - 1, shift = s->width.shift; /* the axis' end: the same for every table */
    n1a_rans_reader reader;
    if (!n1a_rans_open(&reader, in, size)) return N1A_BAD_DATA;
    uint64_t x = reader.x[0], other = reader.x[1];
    for (size_t f = 0; f < n_frames; f++) {
        channel *h = s->channel;
        n1a_series *r = s->series;
        for (uint32_t c = 0; c < channels; c++, h++, r++) {
            const n1a_edges *e = &s->edges[h->edges];
            const uint32_t slot = n1a_rans_slot(x), inv = h->inv;
            if (channels > 4) look_ahead(s, h, r);
            int32_t mu = predict(s, h, r, s->t);
            /* The law's inverse names a voltage, hence a code near by: mostly the right one. */
            int32_t v = mu + (int32_t)n1a_asr((int64_t)N1A_NORMAL_INV[slot >> 10] * h->sigma, 12);
            v = n1a_clamp(v, 0, last);
            uint32_t k = e->find[v >> shift];
            k += (uint32_t)(e->edge[k + 1] <= v) + (uint32_t)(e->edge[k + 2] <= v);
            uint32_t lo = cumulative(law, e, top, k, mu, inv), hi = cumulative(law, e, top, k + 1, mu, inv);
            while (slot < lo) hi = lo, lo = cumulative(law, e, top, --k, mu, inv);
            while (slot >= hi) lo = hi, hi = cumulative(law, e, top, ++k + 1, mu, inv);
            uint64_t next = n1a_rans_next(&reader, x, lo, hi - lo);
            x = other; /* the two states take turns */
            other = next;
            *codes++ = (uint16_t)k;
            learn(s, h, r, e, c, k, mu);
        }
        end_frame(s);
        if (reader.short_by > 16) return N1A_BAD_DATA; /* do not decode on from nothing */
    }
    return n1a_rans_closed(&reader, x, other) ? N1A_OK : N1A_BAD_DATA;
}
