/* Decoder: from a mass to a code. */
#include "predict/axis.h"

void n1_lookup_build(const n1_axis *axis, n1_lookup *lookup)
{
    for (uint32_t k = 0; k < axis->n_codes; k++) {
        const uint32_t edge = axis->edge[k], w = axis->edge[k + 1] - edge;
        for (uint32_t j = 0; j < w; j++)
            lookup->at[edge + j] = k << 20 | j << 10 | w;
    }
}

/* For the middle slot of each bucket, the last distance from mu whose cumulative frequency does not pass it. The floor
   of one per code shifts slots by the code's number, of which only the middle is known here. */
void n1_lookup_quantiles(const n1_axis *axis, n1_lookup *lookup, const n1_scale *s)
{
    const int32_t *const cdf = (const int32_t *)(const void *)(axis->cdf + N1_CDF_HALF);
    const int32_t step = 1 << (N1_PROB_BITS - N1_QUANTILE_BITS);
    int32_t d = -s->limit, slot = step / 2 - (int32_t)axis->n_codes / 2;
    lookup->quantile[0] = 0;
    for (int32_t b = 1; b <= N1_QUANTILE_LEN; b++, slot += step) {
        while (d < s->limit && cdf[((d + 1) * s->inverse) >> 12] <= slot)
            d++;
        lookup->quantile[b] = (int16_t)d;
    }
}
