/*
 * The mixed mode's state, and the way in which a code's interval is halved; see mixed.c.
 */
#ifndef N1_MODES_MIXED_MIXED_H
#define N1_MODES_MIXED_MIXED_H
#include "base/arena.h"
#include "predict/bank.h"
#include "entropy/binary.h"
#include "predict/context.h"
#include "predict/mix.h"

enum {
    N1_MIXED_LAWS = N1_MAX_CONTEXTS + 1, /* at most: one per context, and the plain one */
    N1_MIXED_NODES = 32,          /* weight sets: one per node of the first five halvings, then one per depth */
    N1_MIXED_DEPTHS = 32,
    N1_MIXED_RATE = 18,           /* mixing step, see n1_mix_learn */
    N1_MIXED_LANES = 8            /* numbers of a vector: the laws, a constant, and nothing */
};

typedef struct {
    n1_bank bank;
    n1_scales scales;
    uint32_t edges, tally;
} n1_mixed_channel;

typedef struct n1_mixed {
    uint32_t channels, codes, contexts, t, intervals, started;
    uint32_t floor; /* of 2^28, that every law grants to each code */
    n1_code_widths width;
    n1_bank_plan plan;
    n1_bank_work work;
    const n1_kernels *k;
    int32_t weight[N1_MIXED_NODES + N1_MIXED_DEPTHS][N1_MIXED_LANES];
    n1_context_rates rates;
    n1_context context[N1_MAX_CONTEXTS][N1_CONTEXT_SIZE];
    int16_t split[N1_MIXED_NODES]; /* of each node, in 1/256 scale */
    n1_mixed_channel *channel;
    n1_series *series;
    n1_edges *edges;
    n1_tally *tally;
    int64_t *sums;
    int16_t *coefs;
} n1_mixed;

/* A sample's laws, and the interval that is left. */
typedef struct n1_mixture {
    int32_t mean[N1_MIXED_LANES];
    int32_t inv[N1_MIXED_LANES], reach[N1_MIXED_LANES]; /* 256 * 65536 / scale; 8 scales */
    uint32_t low[N1_MIXED_LANES], high[N1_MIXED_LANES], middle[N1_MIXED_LANES]; /* distribution at the interval's ends and at the split */
    uint32_t where[N1_MAX_CONTEXTS];
    const n1_edges *edges;
    int32_t mu, scale; /* the leading law's, in voltage units and in 1/16 unit */
} n1_mixture;

/* Code at which the interval lo .. hi-1 of node `node` at depth `depth` is split: lo < result < hi. */
N1_INLINE uint32_t n1_split_at(const n1_mixed *s, const n1_mixture *l, uint32_t lo, uint32_t hi, uint32_t node,
                                 uint32_t depth)
{
    if (hi - lo == 2) return lo + 1;
    uint32_t m;
    if (depth < 5) {
        int32_t v = l->mu + (int32_t)n1_asr((int64_t)s->split[node] * l->scale, 12);
        v = (int32_t)n1_asr(v + (1 << (N1_MEAN_Q - 1)), N1_MEAN_Q);
        m = l->edges->find[n1_clamp((int32_t)n1_asr(v, s->width.shift), 0, (int32_t)s->codes - 1)];
        while (m + 1 < hi && (l->edges->edge[m] + l->edges->edge[m + 1]) / 2 < v) m++; /* nearest edge above or below */
    } else if (lo == 0 || hi == s->codes) { /* a tail: strides that double */
        uint32_t stride = ((uint32_t)l->scale >> 8 >> (s->width.shift + 1)) + 1U; /* half a scale, in codes */
        if (depth > 20) return lo + (hi - lo) / 2;
        stride <<= depth - 5;
        if (stride >= hi - lo) return lo + (hi - lo) / 2;
        m = lo == 0 && (hi != s->codes) ? hi - stride : lo + stride;
    } else
        return lo + (hi - lo) / 2;
    return m <= lo ? lo + 1 : m >= hi ? hi - 1 : m;
}

/* Distribution function at d (1/16 unit from the mean). Within 8 scales d * inv is below 2^27 + 2^24: 32 bits do. */
N1_INLINE uint32_t n1_distribution(int32_t d, int32_t inv, int32_t reach)
{
    d = d < -reach ? -reach : d > reach ? reach : d;
    return N1_NORMAL[2048 + ((d * inv + 32768) >> 16)];
}

/* Code one sample: with an encoder, code k; with a decoder, what the bits say. */
N1_INLINE uint32_t n1_mixed_code_loop(n1_mixed *s, n1_mixture *l, n1_binary *b, int decoding, uint32_t k, const uint32_t n)
{
    uint32_t lo = 0, hi = s->codes, node = 1, depth = 0;
    while (hi - lo > 1) {
        uint32_t m = n1_split_at(s, l, lo, hi, node, depth), bit;
        int32_t odds[N1_MIXED_LAWS + 1], v = l->edges->edge[m] * (1 << N1_MEAN_Q);
        for (uint32_t i = 0; i < n; i++) {
            l->middle[i] = n1_distribution(v - l->mean[i], l->inv[i], l->reach[i]) + m * s->floor;
            odds[i] = n1_log2_ratio(l->high[i] - l->middle[i], l->middle[i] - l->low[i]);
        }
        odds[n] = 1024; /* a constant: lets a node lean to one side */
        int32_t *w = s->weight[depth < 5 ? node : N1_MIXED_NODES + (depth < N1_MIXED_DEPTHS ? depth : N1_MIXED_DEPTHS - 1)];
        uint32_t p = n1_squash(n1_mix_odds(w, odds, n + 1));
        if (decoding) bit = n1_binary_get(b, p);
        else {
            bit = k >= m;
            n1_binary_put(b, bit, p);
        }
        n1_mix_learn(w, odds, n + 1, (int32_t)(bit << 16) - (int32_t)p, N1_MIXED_RATE);
        /* no branch on the bit: it is as good as random */
        uint32_t one = 0U - bit;
        lo = (lo & ~one) | (m & one);
        hi = (hi & one) | (m & ~one);
        for (uint32_t i = 0; i < n; i++) {
            l->low[i] = (l->low[i] & ~one) | (l->middle[i] & one);
            l->high[i] = (l->high[i] & one) | (l->middle[i] & ~one);
        }
        node = node * 2 + bit;
        depth++;
    }
    return lo;
}

/* A state for these counts (neither array of p is read); NULL where the arena measures or has too little. */
n1_mixed *n1_mixed_take(n1_arena *a, const n1_params *p);
/* Begin: p has been checked, and its counts are those of n1_mixed_take. */
void n1_mixed_init(n1_mixed *s, const n1_params *p, const n1_kernels *k);

/* What both directions do around a sample: its laws before, what is learned after; then after each frame. */
void n1_mixed_prepare(n1_mixed *s, uint32_t c, n1_mixture *l);
void n1_mixed_learn(n1_mixed *s, uint32_t c, const n1_mixture *l, uint32_t k);
void n1_mixed_end_frame(n1_mixed *s);
#endif
