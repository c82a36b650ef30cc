/*
 * Scale and bias by context: how wide the law is, and how far it is off, given what happened just before.
 *
 * Each context is a small table over quantised features of the recent past; an entry learns the mean of z and z^2, z
 * being the residual over the channel's slow scale. The tables are shared by all channels.
 */
#ifndef N1_PREDICT_CONTEXT_H
#define N1_PREDICT_CONTEXT_H
#include "predict/params.h"
#include "base/fixed.h"

enum {
    N1_CONTEXT_SIZE = 256,
    N1_CONTEXT_MEMORY = 511, /* an entry averages over at most this many samples */
    N1_CONTEXT_DOUBT = 20    /* samples that "no effect" is worth */
};

typedef struct {
    uint32_t square; /* mean of z^2, Q16 */
    int32_t mean;    /* mean of z, Q16 */
    uint32_t n;
} n1_context;

/* n / (n + N1_CONTEXT_DOUBT), Q16, and 65536 / n: made once, divisions are slow. */
typedef struct {
    uint32_t trust[N1_CONTEXT_MEMORY + 1], share[N1_CONTEXT_MEMORY + 2];
} n1_context_rates;
void n1_context_rates_init(n1_context_rates *r);

/* What a channel remembers for its contexts; voltages in 1/16 unit, variances of them. */
typedef struct {
    uint64_t slow, middle, fast; /* running variances */
    uint64_t level;              /* variance of the signal itself */
    int32_t last[2];             /* the two last residuals */
    uint32_t n, count;
    uint32_t inv_slow, inv_level; /* 256 * 65536 / scale (in 1/16 unit) */
    int32_t scale;                /* the slow scale, in 1/16 of 1/16 unit */
} n1_scales;

/* 256 * |v| / scale, at most `most`. */
static inline uint32_t n1_standard(int32_t v, uint32_t inv, uint32_t most)
{
    int64_t z = n1_abs64((int64_t)v) * inv >> 16;
    return z > (int64_t)most ? most : (uint32_t)z;
}

void n1_scales_init(n1_scales *s, uint64_t variance);
/* Entries of the four tables for a prediction `mean` (relative to the centre) after the sample `before`. */
void n1_context_find(const n1_scales *s, int32_t mean, int32_t before, uint32_t at[N1_MAX_CONTEXTS]);
/* Learn residual e = y - mean of a sample y (relative to the centre). */
void n1_scales_learn(n1_scales *s, int32_t e, int32_t y);
void n1_context_learn(n1_context *x, const n1_scales *s, const n1_context_rates *r, int32_t e);

/* Variance and mean that the entry gives to a law of the channel's slow variance. */
static inline uint64_t n1_context_variance(const n1_context *x, const n1_scales *s, const n1_context_rates *r)
{
    int64_t q = 65536 + (((int64_t)x->square - 65536) * r->trust[x->n] >> 16); /* Q16 */
    uint64_t v = (s->slow >> 8) * (uint64_t)q >> 8;
    return v < 64 ? 64 : v;
}
static inline int32_t n1_context_mean(const n1_context *x, const n1_scales *s, const n1_context_rates *r)
{
    int64_t m = (int64_t)x->mean * r->trust[x->n] >> 16;                                  /* Q16 of the slow scale */
    return (int32_t)n1_clamp64(n1_asr(m * s->scale, 20), -4096, 4096);
}
#endif
