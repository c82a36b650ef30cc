/* The contexts mode: laws; see laws.h. */
#include "modes/contexts/laws.h"

enum { FLOOR = N1_LAWS_FLOOR, RATIO_MOST = 8 << 12, RATIO_LEAST = 64, MEMORY = 400 };

/* Which mean, which of its scales (3: that of the class), and whether the law is normal. */
static const struct {
    uint8_t mean, scale, normal;
} laws[N1_LAWS] = {{0, 3, 1}, {0, 3, 0}, {0, 0, 0}, {0, 1, 1}, {0, 2, 0}, {1, 1, 1}, {2, 1, 1}, {2, 0, 0}, {3, 1, 0}};

void n1_law_scales_init(n1_law_scales *s)
{
    for (uint32_t i = 0; i < N1_LAW_CLASSES; i++) {
        s->ratio[i] = 1 << 12;
        s->n[i] = 0;
    }
}

static int32_t octaves(uint64_t v, int shift) { return (int32_t)n1_asr(n1_log2_q12(v | 1U), shift); }

void n1_laws_prepare(n1_laws *l, const n1_law_scales *s, const n1_forecast *h, uint32_t most)
{
    const uint64_t *own = h->scale[0];
    const int32_t fast = n1_clamp(octaves(own[0], 10) - octaves(own[2], 10) + 8, 0, 15);
    const int32_t middle = n1_clamp(octaves(own[1], 9) - octaves(own[2], 9) + 8, 0, 15);
    l->most = most;
    l->row = (uint32_t)(fast * 16 + middle);
    l->scale = (own[2] >> 6) * s->ratio[l->row] >> 6;
    for (uint32_t i = 0; i < N1_LAWS; i++) {
        uint64_t scale = laws[i].scale < N1_FORECAST_SCALES ? h->scale[laws[i].mean][laws[i].scale] : l->scale;
        scale = (scale | 1U) < (1U << 16) / 24 ? (1U << 16) / 24 : scale | 1U;
        l->mean[i] = h->mean[laws[i].mean];
        l->normal[i] = laws[i].normal;
        /* 1/256 of a standard deviation, 5/4 of the mean; 1/64 of a logistic law's scale, 8/11 of it */
        const uint64_t inverse = laws[i].normal ? ((uint64_t)1 << 42) / (scale * 5) : ((uint64_t)11 << 38) / (scale * 8);
        l->inverse[i] = (int64_t)(inverse | 1U);
        l->reach[i] = ((int64_t)1 << 36) / l->inverse[i];
    }
}

void n1_law_scales_learn(n1_law_scales *s, const n1_laws *l, const n1_forecast *h, uint32_t code)
{
    const uint64_t e = (uint64_t)n1_abs64(((int64_t)code << N1_FORECAST_Q) - h->mean[0]) << 8;
    const uint64_t slow = h->scale[0][2] | 1U;
    const uint64_t capped = e > 8 * slow ? 8 * slow : e;
    const int64_t ratio = (int64_t)(capped * 4096 / slow);
    uint32_t *const n = &s->n[l->row], *const r = &s->ratio[l->row];
    if (*n < MEMORY)
        ++*n;
    const int64_t now = (int64_t)*r + (ratio - (int64_t)*r) / (int64_t)(*n + 8);
    *r = (uint32_t)n1_clamp64(now, RATIO_LEAST, RATIO_MOST);
}

/* Mass of the codes below an edge, 1/256 code, in 2^-40. */
static uint64_t mass_below(const n1_laws *l, uint32_t i, int64_t edge)
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

void n1_laws_below(const n1_laws *l, int64_t k, uint64_t *below)
{
    if (k <= 0 || k > (int64_t)l->most) {
        for (uint32_t i = 0; i < N1_LAWS; i++)
            below[i] = k <= 0 ? 0 : N1_LAWS_ALL;
        return;
    }
    const int64_t edge = (k << N1_FORECAST_Q) - (1 << (N1_FORECAST_Q - 1));
    const uint64_t least = ((uint64_t)k << FLOOR) / ((uint64_t)l->most + 1);
    for (uint32_t i = 0; i < N1_LAWS; i++)
        below[i] = mass_below(l, i, edge) + least;
}
