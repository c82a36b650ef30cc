/*
 * The best mode's state, and the way in which a code's interval is halved; see best.c.
 */
#ifndef N1A_BEST_H
#define N1A_BEST_H
#include "predict/bank.h"
#include "entropy/binary.h"
#include "predict/context.h"
#include "predict/mix.h"

enum {
    N1A_LAWS = N1A_CONTEXTS + 1, /* at most: one per context, and the plain one */
    N1A_NODES = 32,          /* weight sets: one per node of the first five halvings, then one per depth */
    N1A_DEPTHS = 32,
    N1A_RATE = 18,           /* mixing step, see n1a_mix_learn */
    N1A_MIX = 8            /* numbers of a vector: the laws, a constant, and nothing */
};

typedef struct {
    n1a_bank bank;
    n1a_scales scales;
    uint32_t edges, tally;
} n1a_best_channel;

struct n1a_best {
    uint32_t channels, codes, contexts, t, blocks, started;
    uint32_t floor; /* of 2^28, that every law grants to each code */
    n1a_width width;
    n1a_bank_plan plan;
    n1a_bank_work work;
    int vector; /* whether the machine has AVX2 */
    int32_t weight[N1A_NODES + N1A_DEPTHS][N1A_MIX];
    n1a_context_rates rates;
    n1a_context context[N1A_CONTEXTS][N1A_CONTEXT_SIZE];
    int16_t split[N1A_NODES]; /* of each node, in 1/256 scale */
    n1a_best_channel *channel;
    n1a_series *series;
    n1a_edges *edges;
    n1a_tally *tally;
    int64_t *sums;
    int16_t *coefs;
};

/* A sample's laws, and the interval that is left. */
typedef struct {
    int32_t mean[N1A_MIX];
    int32_t inv[N1A_MIX], reach[N1A_MIX]; /* 256 * 65536 / scale; 8 scales */
    uint32_t low[N1A_MIX], high[N1A_MIX], middle[N1A_MIX]; /* distribution at the interval's ends and at the split */
    uint32_t where[N1A_CONTEXTS];
    const n1a_edges *edges;
    int32_t mu, scale; /* the leading law's, in voltage units and in 1/16 unit */
} n1a_laws;

/* Code at which the interval lo .. hi-1 of node `node` at depth `depth` is split: lo < result < hi. */
N1A_INLINE uint32_t n1a_split_at(const n1a_best *s, const n1a_laws *l, uint32_t lo, uint32_t hi, uint32_t node,
                                 uint32_t depth)
{
    if (hi - lo == 2) return lo + 1;
    uint32_t m;
    if (depth < 5) {
        int32_t v = l->mu + (int32_t)n1a_asr((int64_t)s->split[node] * l->scale, 12);
        v = (int32_t)n1a_asr(v + (1 << (N1A_MEAN_Q - 1)), N1A_MEAN_Q);
        m = l->edges->find[n1a_clamp((int32_t)n1a_asr(v, s->width.shift), 0, (int32_t)s->codes - 1)];
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
N1A_INLINE uint32_t n1a_distribution(int32_t d, int32_t inv, int32_t reach)
{
    d = d < -reach ? -reach : d > reach ? reach : d;
    return N1A_NORMAL[2048 + ((d * inv + 32768) >> 16)];
}

/* Code one sample: with an encoder, code k; with a decoder, what the bits say. */
N1A_INLINE uint32_t n1a_code_with(n1a_best *s, n1a_laws *l, n1a_binary *b, int decoding, uint32_t k, const uint32_t n)
{
    uint32_t lo = 0, hi = s->codes, node = 1, depth = 0;
    while (hi - lo > 1) {
        uint32_t m = n1a_split_at(s, l, lo, hi, node, depth), bit;
        int32_t odds[N1A_LAWS + 1], v = l->edges->edge[m] * (1 << N1A_MEAN_Q);
        for (uint32_t i = 0; i < n; i++) {
            l->middle[i] = n1a_distribution(v - l->mean[i], l->inv[i], l->reach[i]) + m * s->floor;
            odds[i] = n1a_log2_ratio(l->high[i] - l->middle[i], l->middle[i] - l->low[i]);
        }
        odds[n] = 1024; /* a constant: lets a node lean to one side */
        int32_t *w = s->weight[depth < 5 ? node : N1A_NODES + (depth < N1A_DEPTHS ? depth : N1A_DEPTHS - 1)];
        uint32_t p = n1a_squash(n1a_mix_odds(w, odds, n + 1));
        if (decoding) bit = n1a_binary_get(b, p);
        else {
            bit = k >= m;
            n1a_binary_put(b, bit, p);
        }
        n1a_mix_learn(w, odds, n + 1, (int32_t)(bit << 16) - (int32_t)p, N1A_RATE);
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

/* The same on processors with AVX2. */
uint32_t n1a_best_code_avx2(n1a_best *s, n1a_laws *l, n1a_binary *b, int decoding, uint32_t k, uint32_t n);
#endif
