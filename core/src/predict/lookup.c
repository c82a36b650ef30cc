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
   of one per code shifts slots by the code's number: about `code`, as far as is known here. Step after step of the law fills
   the buckets from its first one on, more than it can have: the next one writes over what was too much. */
void n1_lookup_quantiles(const n1_axis *axis, n1_lookup *lookup, const n1_scale *s, uint32_t code)
{
    const uint32_t shift = N1_PROB_BITS - N1_QUANTILE_BITS, up = code + (1U << (shift - 1)) - 1;
    const int64_t unit = (((int64_t)1 << 44) - 1) / s->inverse;   /* axis units of a step, Q32 */
    int16_t *const quantile = lookup->quantile + 1;
    const int16_t least = (int16_t)((-N1_CDF_HALF * unit) >> 32);
    for (uint32_t b = 0; b <= (axis->cdf[0] + up) >> shift; b++)
        quantile[b] = least;
    for (int32_t i = 0; i < N1_CDF_LEN; i++) {
        int16_t *const first = quantile + ((axis->cdf[i] + up) >> shift);
        const int16_t d = (int16_t)(((i + 1 - N1_CDF_HALF) * unit - 1) >> 32);
        for (unsigned j = 0; j < N1_QUANTILE_RUN; j++)
            first[j] = d;
    }
    for (uint32_t b = ((axis->cdf[N1_CDF_LEN - 1] + up) >> shift) + 1; b < N1_QUANTILE_LEN; b++)
        quantile[b] = quantile[b - 1];
}
