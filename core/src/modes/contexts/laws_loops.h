/* laws_loops.h - what laws.h says of each sample and code, compiled once for each kernel. */
#ifndef N1_MODES_CONTEXTS_LAWS_LOOPS_H
#define N1_MODES_CONTEXTS_LAWS_LOOPS_H
#include "modes/contexts/laws.h"

/* Which mean, which of its scales (3: that of the class), and whether the law is normal. The last has the least to say. */
static const struct {
    uint8_t mean, scale, normal;
} n1_law_of[N1_LAWS] = {{0, 3, 1}, {0, 0, 0}, {0, 1, 1}, {0, 2, 0}, {1, 1, 1}, {2, 1, 1}, {2, 0, 0}, {3, 1, 0}, {0, 3, 0}};

N1_INLINE int32_t n1_law_octaves(uint64_t v, int shift) { return (int32_t)n1_asr(n1_log2_q12(v | 1U), shift); }

N1_INLINE void n1_laws_prepare_loop(n1_laws *l, const n1_law_scales *s, const n1_forecast *h, uint32_t most)
{
    const uint64_t *own = h->scale[0];
    const int32_t fast = n1_clamp(n1_law_octaves(own[0], 10) - n1_law_octaves(own[2], 10) + 8, 0, 15);
    const int32_t middle = n1_clamp(n1_law_octaves(own[1], 9) - n1_law_octaves(own[2], 9) + 8, 0, 15);
    l->most = most;
    l->row = (uint32_t)(fast * 16 + middle);
    l->scale = (own[2] >> 6) * s->ratio[l->row] >> 6;
    for (uint32_t i = 0; i < n1_laws_in(l); i++) {
        uint64_t scale = n1_law_of[i].scale < N1_FORECAST_SCALES ? h->scale[n1_law_of[i].mean][n1_law_of[i].scale] : l->scale;
        scale = (scale | 1U) < (1U << 16) / 24 ? (1U << 16) / 24 : scale | 1U;
        l->mean[i] = h->mean[n1_law_of[i].mean];
        l->normal[i] = n1_law_of[i].normal;
        /* 1/256 of a standard deviation, 5/4 of the mean; 1/64 of a logistic law's scale, 8/11 of it */
        const uint64_t inverse = n1_law_of[i].normal ? ((uint64_t)1 << 42) / (scale * 5) : ((uint64_t)11 << 38) / (scale * 8);
        l->inverse[i] = (int64_t)(inverse | 1U);
        l->reach[i] = ((int64_t)1 << 36) / l->inverse[i];
    }
}

/* Mass of the codes below an edge, 1/256 code, in 2^-40. */
N1_INLINE uint64_t n1_mass_below(const n1_laws *l, uint32_t i, int64_t edge)
{
    const int64_t d = n1_clamp64(edge - l->mean[i], -l->reach[i], l->reach[i]);
    const int64_t limit = l->normal[i] ? 2047 : 767, z = n1_clamp64(n1_asr(d * l->inverse[i], 12), -(limit << 12), limit << 12);
    const int64_t cell = n1_asr(z, 12), part = z & 4095;
    if (l->normal[i]) {
        const uint32_t *t = &N1_NORMAL[cell + 2048];
        return ((uint64_t)t[0] << 12) + (uint64_t)(t[1] - t[0]) * (uint64_t)part;
    }
    const uint16_t *t = &N1_SQUASH[cell + 768];
    return ((uint64_t)t[0] << 24) + ((uint64_t)(uint32_t)(t[1] - t[0]) * (uint64_t)part << 12);
}

/* No code is below the first, all are below what follows the last. */
N1_INLINE int n1_laws_outside(const n1_laws *l, int64_t k, uint64_t *below)
{
    if (k > 0 && k <= (int64_t)l->most)
        return 0;
    for (uint32_t i = 0; i < n1_laws_in(l); i++)
        below[i] = k <= 0 ? 0 : N1_LAWS_ALL;
    return 1;
}

/* Where codes below k end, and the least mass that they have. */
N1_INLINE int64_t n1_laws_edge(int64_t k) { return (k << N1_FORECAST_Q) - (1 << (N1_FORECAST_Q - 1)); }
N1_INLINE uint64_t n1_laws_least(const n1_laws *l, int64_t k) { return ((uint64_t)k << N1_LAWS_FLOOR) / ((uint64_t)l->most + 1); }

N1_INLINE void n1_laws_below_loop(const n1_laws *l, int64_t k, uint64_t *below)
{
    if (n1_laws_outside(l, k, below))
        return;
    for (uint32_t i = 0; i < n1_laws_in(l); i++)
        below[i] = n1_mass_below(l, i, n1_laws_edge(k)) + n1_laws_least(l, k);
}
#endif
