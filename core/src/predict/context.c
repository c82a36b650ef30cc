/* Scale and bias by context; see context.h. */
#include "predict/context.h"

void n1_context_rates_init(n1_context_rates *r)
{
    for (uint32_t n = 0; n <= N1_CONTEXT_MEMORY; n++) r->trust[n] = 65536 * n / (n + N1_CONTEXT_DOUBT);
    r->share[0] = 65536;
    for (uint32_t n = 1; n <= N1_CONTEXT_MEMORY + 1; n++) r->share[n] = 65536 / n;
}

/* The scales that laws and contexts are made of follow the variances. */
static void renew(n1_scales *s)
{
    s->inv_slow = n1_inv_sigma(s->slow);
    s->inv_level = n1_inv_sigma(s->level);
    s->scale = (int32_t)(((uint32_t)1 << 28) / s->inv_slow);
}

void n1_scales_init(n1_scales *s, uint64_t variance)
{
    s->slow = s->middle = s->fast = variance;
    s->level = 8 * variance;
    s->last[0] = s->last[1] = 0;
    s->n = s->count = 0;
    renew(s);
}

static uint32_t half_octaves(uint64_t a, uint64_t b, int shift) /* log2(a / b) in steps of 2^shift / 4096, 0 .. 15 */
{
    return (uint32_t)n1_clamp((int32_t)n1_asr(n1_log2_q12(a | 1U) - n1_log2_q12(b | 1U), shift) + 8, 0, 15);
}

void n1_context_find(const n1_scales *s, int32_t mean, int32_t before, uint32_t at[N1_MAX_CONTEXTS])
{
    uint32_t z1 = n1_standard(s->last[0], s->inv_slow, 1023), z2 = n1_standard(s->last[1], s->inv_slow, 1023);
    int64_t level = n1_clamp64(n1_asr((int64_t)mean * s->inv_level, 16), -1023, 1023);
    int64_t slope = n1_clamp64(n1_asr((int64_t)(mean - before) * s->inv_slow, 16), -1023, 1023);
    at[1] = z1 / 64 * 16 + z2 / 64;                                       /* 1/4 of a scale each */
    at[0] = half_octaves(s->fast, s->slow, 11) * 16 + half_octaves(s->middle, s->slow, 9);
    at[2] = (uint32_t)n1_asr(level, 7) + 8U;                               /* 1/2 of the signal's deviation */
    at[2] = (at[2] & 15U) * 16 + z1 / 64;
    at[3] = (((uint32_t)n1_asr(level, 7) + 8U) & 15U) * 16 + (((uint32_t)n1_asr(slope, 7) + 8U) & 15U);
}

/* Running mean over 2^memory samples, over all of them while they are fewer. */
static inline void follow(uint64_t *v, uint64_t square, uint32_t n, int memory)
{
    int64_t d = (int64_t)square - (int64_t)*v;
    d = n >> memory ? n1_asr(d, memory) : d / (int64_t)(n + 4);
    *v = (uint64_t)((int64_t)*v + d);
    if (*v < 64) *v = 64;
}

void n1_scales_learn(n1_scales *s, int32_t e, int32_t y)
{
    uint64_t q = (uint64_t)((int64_t)e * e), cap = 36 * s->slow;
    if (q > cap) q = cap;
    follow(&s->fast, q, s->n, 4);
    follow(&s->middle, q, s->n, 7);
    follow(&s->slow, q, s->n, 11);
    follow(&s->level, (uint64_t)((int64_t)y * y), s->n, 12);
    s->last[1] = s->last[0];
    s->last[0] = e;
    if (s->n < 65535) s->n++; /* only young means look at it */
    if ((++s->count & 15U) == 0 || s->n < 64) renew(s);
}

void n1_context_learn(n1_context *x, const n1_scales *s, const n1_context_rates *r, int32_t e)
{
    int64_t z = n1_asr(n1_clamp64((int64_t)e * s->inv_slow, -(6 << 24), 6 << 24), 8); /* Q16, within 6 scales */
    int64_t share = r->share[x->n + 1];
    if (x->n < N1_CONTEXT_MEMORY) x->n++;
    x->mean += (int32_t)n1_asr((z - x->mean) * share, 16);
    x->square = (uint32_t)((int64_t)x->square + n1_asr(((z * z >> 16) - (int64_t)x->square) * share, 16));
}
