/* The contexts mode: laws; see laws.h. */
#include "modes/contexts/laws.h"

enum { RATIO_MOST = 8 << 12, RATIO_LEAST = 64, MEMORY = 400 };

void n1_law_scales_init(n1_law_scales *s)
{
    for (uint32_t i = 0; i < N1_LAW_CLASSES; i++) {
        s->ratio[i] = 1 << 12;
        s->n[i] = 0;
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
