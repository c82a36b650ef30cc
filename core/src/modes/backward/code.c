/*
 * The backward mode. For each sample: predict (own past, lower channels now and past), one normal law whose scale
 * follows the channel, its mass between the code's two learned edges, rANS.
 *
 * Each sample waits for the channels that predict it, one after the other: that chain, not the arithmetic, would set
 * the pace. So the channels are cut into N1_STRANDS strands, and while strand q codes frame f, strand q + 1, which
 * looks back at strand q, codes frame f - 1: their samples alternate, and a processor works at all of them at once. A
 * interval begins and ends with fewer strands, since what is learned at its end concerns all. Each strand has a rANS
 * state of its own; a stream too narrow for strands is a single one whose samples take two states in turn.
 */
#include "modes/backward/backward.h"
#include "entropy/rans.h"
#include <string.h>

/* Neighbours with one past sample each, from the packed pairs: four of them at a time where SSE2 is there. */
N1_INLINE int32_t side_of_pairs(const int32_t *recent, uint32_t neighbours, const n1_backward_channel *h)
{
    uint32_t i = 0;
    int32_t sum = 0;
#if defined(__SSE2__)
    if (neighbours >= 4) {
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
    }
#endif
    for (; i < neighbours; i++) {
        int32_t pair = recent[h->source[i]];
        sum += (int16_t)(pair & 0xFFFF) * h->side[2 * i] + (pair >> 16) * h->side[2 * i + 1];
    }
    return sum;
}

/* Row of n1_backward.recent for place t. */
N1_INLINE int32_t *recent_at(const n1_backward *s, uint32_t t) { return s->recent + (t % N1_STRANDS) * s->channels; }

/* Predicted voltage of channel c at place t. |taps| add up to less than 2^15, so 32 bits hold the sum. The four
 * youngest taps are apart: their samples may not have left the processor's store queue as a vector can be read. */
N1_INLINE int32_t predict(const n1_backward *s, const n1_backward_channel *h, const n1_series *r, uint32_t t)
{
    const int16_t *x = r->volt + N1_HISTORY + t;
    int32_t sum = 0;
    if (s->olds) sum = n1_dot(x - 4 - s->olds, h->old, s->olds);
    sum += x[-4] * h->young[3] + x[-3] * h->young[2] + x[-2] * h->young[1];
    if (s->past == 1) sum += side_of_pairs(recent_at(s, t), s->neighbours, h);
    else
        for (uint32_t i = 0, j = 0; i < s->neighbours; i++)
            for (uint32_t lag = s->past + 1; lag-- > 0; j++)
                sum += s->series[h->source[i]].volt[N1_HISTORY + t - lag] * h->side[j];
    sum += x[-1] * h->young[0];
    return r->centre + ((sum + (1 << (N1_COEF_Q - 1))) >> N1_COEF_Q);
}

/* Mass below voltage mu + d, in 1 / 2^20. */
N1_INLINE uint32_t standing(const uint32_t *law, int32_t d, uint32_t inv)
{
    int64_t i = n1_asr((int64_t)d * inv, 16);
    i = i < -2048 ? -2048 : i;
    i = i > 2048 ? 2048 : i;
    return law[i + 2048];
}
N1_INLINE uint32_t cumulative(const uint32_t *law, const n1_edges *e, uint32_t codes, uint32_t k, int32_t mu,
                               uint32_t inv)
{
    return k == 0 ? 0 : k == codes ? 1U << N1_PROB_BITS : standing(law, e->edge[k] - mu, inv) + k;
}

/* Touch what the strand's channel two places on will need: its table around its last code. The arrays have two channels
 * to spare. */
N1_INLINE void look_ahead(const n1_backward *s, const n1_backward_channel *h, const n1_series *r, uint32_t t)
{
#if defined(__GNUC__)
    const uint32_t k = r[2].code[N1_HISTORY + t - 1] & (N1_MAX_CODES - 1);
    const n1_edges *e = &s->edges[h[2].edges];
    __builtin_prefetch(&e->edge[k]);
    __builtin_prefetch(&e->find[k]);
    __builtin_prefetch(h + 4);
    __builtin_prefetch((const char *)(h + 4) + 64);
    __builtin_prefetch(&r[4].volt[N1_HISTORY + t]);
    __builtin_prefetch(&r[4].code[N1_HISTORY + t]);
#else
    (void)s, (void)h, (void)r, (void)t;
#endif
}

/* What is learned from code k of channel c, where mu was predicted. */
N1_INLINE void learn(n1_backward *s, uint32_t c, uint32_t t, const n1_edges *e, uint32_t k, int32_t mu)
{
    n1_backward_channel *h = &s->channel[c];
    n1_series *r = &s->series[c];
    int32_t v = n1_edges_middle(e, k), d = v - mu;
    uint64_t q = (uint64_t)((int64_t)d * d);
    if (!(s->intervals | t)) r->centre = v;
    else h->sum += q < h->cap ? q : h->cap;
    int32_t now = n1_series_put(r, t, k, v);
    recent_at(s, t)[c] = (int32_t)((uint32_t)now << 16 | (uint16_t)r->volt[N1_HISTORY + t - 1]);
    if (h->learns) n1_tally_add(&s->tally[h->tally], &s->width, k, mu);
}

/* Encoder and decoder of a packet. Codes are frame after frame. */
typedef struct {
    n1_backward *s;
    const uint16_t *codes;
    uint64_t *records, *record;
} writer;

typedef struct {
    n1_backward *s;
    uint16_t *codes;
    n1_rans_reader rans;
    uint32_t turn;
    int32_t last; /* the axis' end: the same for every table */
} reader;

N1_INLINE void write_one(writer *w, uint32_t c, uint32_t t, uint32_t state, uint32_t k)
{
    n1_backward *s = w->s;
    const n1_backward_channel *h = &s->channel[c];
    const n1_edges *e = &s->edges[h->edges];
    int32_t mu = predict(s, h, &s->series[c], t);
    uint32_t lo = cumulative(s->law, e, s->codes, k, mu, h->inv),
             hi = cumulative(s->law, e, s->codes, k + 1, mu, h->inv);
    *w->record++ = n1_rans_record(lo, hi - lo, state);
    learn(s, c, t, e, k, mu);
}

N1_INLINE uint16_t read_one(reader *d, uint32_t c, uint32_t t, uint32_t state)
{
    n1_backward *s = d->s;
    const uint32_t *law = s->law, top = s->codes;
    const n1_backward_channel *h = &s->channel[c];
    const n1_series *r = &s->series[c];
    const n1_edges *e = &s->edges[h->edges];
    const uint64_t x = d->rans.x[state];
    const uint32_t slot = n1_rans_slot(x), inv = h->inv;
    if (s->strands > 1) look_ahead(s, h, r, t);
    int32_t mu = predict(s, h, r, t);
    /* The law's inverse names a voltage, hence a code near by: mostly the right one. */
    const int32_t granted = n1_clamp(mu >> s->width.shift, 0, (int32_t)slot); /* to each code below; not the law's */
    const int32_t step = s->inverse[(slot - (uint32_t)granted) >> (N1_PROB_BITS - N1_INVERSE_BITS)];
    int32_t v = mu + (int32_t)n1_asr((int64_t)step * h->sigma, 12);
    v = n1_clamp(v, 0, d->last);
    uint32_t k = e->find[v >> s->width.shift];
    k += (uint32_t)(e->edge[k + 1] <= v) + (uint32_t)(e->edge[k + 2] <= v);
    uint32_t lo = cumulative(law, e, top, k, mu, inv), hi = cumulative(law, e, top, k + 1, mu, inv);
    while (slot < lo) hi = lo, lo = cumulative(law, e, top, --k, mu, inv);
    while (slot >= hi) lo = hi, hi = cumulative(law, e, top, ++k + 1, mu, inv);
    d->rans.x[state] = n1_rans_next(&d->rans, x, lo, hi - lo);
    learn(s, c, t, e, k, mu);
    return (uint16_t)k;
}

/* The strands at work at a step: all but the ones that have not begun, or have ended. */
N1_INLINE uint32_t strands_from(uint32_t step, uint32_t frames) { return step < frames ? 0 : step - frames + 1; }
N1_INLINE uint32_t strands_to(const n1_backward *s, uint32_t step)
{
    return step < s->strands ? step + 1 : s->strands;
}

/*
 * The samples of some frames of an interval, in the order of the wire, by ONE(channel, frame, state). Step after step,
 * each of the strands at work codes one channel, in turn; those one channel longer end with it.
 */
#define EACH_SAMPLE(s, frames, ONE)                                                                                   \
    for (uint32_t step = 0; step < (frames) + (s)->strands - 1; step++) {                                             \
        const uint32_t from = strands_from(step, frames), to = strands_to(s, step);                                   \
        const uint32_t least = (s)->channels / (s)->strands;                                                          \
        for (uint32_t i = 0; i < least; i++)                                                                          \
            for (uint32_t q = from; q < to; q++) ONE(n1_strand_start(s, q) + i, step - q, q);                        \
        for (uint32_t q = from; q < to; q++)                                                                          \
            if (n1_strand_start(s, q + 1) - n1_strand_start(s, q) > least)                                          \
                ONE(n1_strand_start(s, q) + least, step - q, q);                                                     \
    }

/* Whether a vector kernel takes these frames: a whole interval, in which no channel meets its first sample. */
static int in_rows(const n1_backward *s, uint32_t frames)
{
    return s->vector && s->ranks && s->intervals && frames == N1_INTERVAL;
}

static void write_frames(writer *w, uint32_t frames)
{
    n1_backward *s = w->s;
    if (in_rows(s, frames)) {
        n1_rows_fill(s, w->codes);
        w->record = n1_backward_write_avx2(s, w->record);
        n1_rows_empty(s, NULL);
        w->codes += (size_t)frames * s->channels;
        return;
    }
    const uint32_t t = s->t, channels = s->channels, strands = s->strands;
#define ONE(c, f, state)                                                                                              \
    write_one(w, c, t + (f), strands > 1 ? state : (uint32_t)(w->record - w->records) & 1U,                           \
              w->codes[(size_t)(f) * channels + (c)])
    EACH_SAMPLE(s, frames, ONE)
#undef ONE
    w->codes += (size_t)frames * channels;
}

static void read_frames(reader *d, uint32_t frames)
{
    n1_backward *s = d->s;
    if (in_rows(s, frames)) {
        n1_rows_fill(s, NULL);
        n1_backward_read_avx2(s, &d->rans);
        n1_rows_empty(s, d->codes);
        d->codes += (size_t)frames * s->channels;
        return;
    }
    const uint32_t t = s->t, channels = s->channels, strands = s->strands;
#define ONE(c, f, state)                                                                                              \
    d->codes[(size_t)(f) * channels + (c)] = read_one(d, c, t + (f), strands > 1 ? state : d->turn++ & 1U)
    EACH_SAMPLE(s, frames, ONE)
#undef ONE
    d->codes += (size_t)frames * channels;
}

/* Frames to code before the next interval ends. */
static uint32_t frames_due(const n1_backward *s, size_t left)
{
    return left < N1_INTERVAL - s->t ? (uint32_t)left : N1_INTERVAL - s->t;
}

static void end_frames(n1_backward *s, uint32_t frames)
{
    s->width.n += (uint64_t)frames * s->channels;
    s->t += frames;
    if (s->t == N1_INTERVAL) n1_backward_turn(s);
}

size_t n1_backward_bound(size_t n_samples) { return N1_RANS_STATES * N1_RANS_STATE + 4 + 4 * n_samples; }

int64_t n1_backward_encode(n1_backward *s, const uint16_t *codes, size_t n_frames, uint64_t *scratch, uint8_t *out,
                           size_t capacity)
{
    for (size_t i = 0; i < n_frames * s->channels; i++)
        if (codes[i] >= s->codes) return N1_PACKET_DATA;
    writer w = {s, codes, scratch, scratch};
    for (size_t f = 0; f < n_frames;) {
        const uint32_t frames = frames_due(s, n_frames - f);
        write_frames(&w, frames);
        end_frames(s, frames);
        f += frames;
    }
    int64_t n = n1_rans_write(scratch, (size_t)(w.record - scratch), (int)s->states, s->vector, out, capacity);
    return n < 0 ? N1_PACKET_NO_ROOM : n;
}

int n1_backward_decode(n1_backward *s, const uint8_t *in, size_t size, uint16_t *codes, size_t n_frames)
{
    reader d = {.s = s, .codes = codes, .last = s->edges[0].edge[s->codes] - 1};
    if (!n1_rans_open(&d.rans, (int)s->states, in, size)) return N1_PACKET_DATA;
    for (size_t f = 0; f < n_frames;) {
        const uint32_t frames = frames_due(s, n_frames - f);
        read_frames(&d, frames);
        if (d.rans.short_by > 16) return N1_PACKET_DATA; /* do not decode on from nothing */
        end_frames(s, frames);
        f += frames;
    }
    return n1_rans_closed(&d.rans) ? N1_PACKET_OK : N1_PACKET_DATA;
}
