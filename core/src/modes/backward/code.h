/* code.h - the backward mode, sample by sample. For each sample: predict (own past, lower channels now and past), one normal law whose scale
 * follows the channel, its mass between the code's two learned edges, rANS.
 *
 * Each sample waits for the channels that predict it, one after the other: that chain, not the arithmetic, would set
 * the pace. So the channels are cut into N1_STRANDS strands, and while strand q codes frame f, strand q + 1, which
 * looks back at strand q, codes frame f - 1: their samples alternate, and a processor works at all of them at once. A
 * interval begins and ends with fewer strands, since what is learned at its end concerns all. Each strand has a rANS
 * state of its own; a stream too narrow for strands is a single one whose samples take two states in turn.*/
#ifndef N1_MODES_BACKWARD_CODE_H
#define N1_MODES_BACKWARD_CODE_H
#include "kernels/dot.h"
#include "modes/backward/backward.h"

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
    if (s->past == 1) sum += n1_dot_pairs(recent_at(s, t), h->source, h->side, s->neighbours);
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
static inline int n1_in_rows(const n1_backward *s, uint32_t frames)
{
    return s->ranks && s->intervals && frames == N1_INTERVAL;
}

/* Frames to code before the next interval ends. */
static inline uint32_t frames_due(const n1_backward *s, size_t left)
{
    return left < N1_INTERVAL - s->t ? (uint32_t)left : N1_INTERVAL - s->t;
}

static inline void end_frames(n1_backward *s, uint32_t frames)
{
    s->width.n += (uint64_t)frames * s->channels;
    s->t += frames;
    if (s->t == N1_INTERVAL) n1_backward_turn(s);
}

#endif
