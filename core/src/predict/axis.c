/* The forward model: voltage axis, law and scale. */
#include "predict/axis.h"

/* round(2^(16 + i/16)) */
static const uint32_t exp2_16th[16] = {65536, 68438, 71468, 74632, 77936, 81386, 84990, 88752,
                                       92682, 96785, 101070, 105545, 110218, 115098, 120194, 125515};

n1_scale n1_scale_of(unsigned sigma, unsigned law)
{
    /* 1024 / reach steps a sigma of 2^(i/16) units: inverse = steps * 2^12 / sigma */
    static const uint32_t reach[N1_LAWS] = {4, 6, 8, 8};
    n1_scale s;
    const unsigned down = 16 * 22 - sigma;
    s.inverse = (int32_t)(((((uint64_t)exp2_16th[down & 15] << (down >> 4)) >> 16) + reach[law] / 2) / reach[law]);
    s.limit = (int32_t)(((N1_CDF_HALF << 12) - 1) / s.inverse);
    return s;
}

/* Width in axis units of a transmitted log-width: 2^(q / 2^step_bits + unit_bits), rounded. */
static uint32_t sent_width(int q, unsigned step_bits, unsigned unit_bits)
{
    int e = q * (16 >> step_bits) + 16 * (int)unit_bits;   /* 16ths of an octave */
    if (e < 0)
        return 1;
    if (e > 16 * 10)
        return 1025;   /* too wide for the axis, and for 32 bits soon */
    uint32_t w = (uint32_t)((((uint64_t)exp2_16th[e & 15] << (e >> 4)) + 32768) >> 16);
    return w ? w : 1;
}

int n1_axis_build(const n1_alphabet *a, n1_axis *axis)
{
    uint32_t at = 0;
    axis->n_codes = a->n_codes;
    axis->guess_shift = a->unit_bits;
    for (uint32_t k = 0; k < a->n_codes; k++) {
        uint32_t w = 1u << a->unit_bits;
        if (a->widths == N1_WIDTHS_PRIOR)
            w = n1_nlink_prior[(uint32_t)a->first + k];
        else if (a->widths == N1_WIDTHS_SENT)
            w = sent_width(a->log_width[k], a->step_bits, a->unit_bits);
        if (w > 1023 || at + w > N1_MAX_AXIS)
            return 0;
        axis->edge[k] = (uint16_t)at;
        for (uint32_t j = 0; j < w; j++)
            axis->at[at + j] = k << 20 | j << 10 | w;
        at += w;
    }
    axis->axis_len = at;
    axis->centre = (int32_t)(at >> 1);
    axis->edge[a->n_codes] = (uint16_t)at;
    axis->edge[a->n_codes + 1] = (uint16_t)at;
    for (uint32_t k = 0; k < a->n_codes; k++)
        axis->pair[k] = (uint32_t)axis->edge[k] | (uint32_t)axis->edge[k + 1] << 16;
    for (uint32_t k = 0; k < a->n_codes; k++)
        axis->mid[k] = (int16_t)((((int32_t)axis->edge[k] + axis->edge[k + 1]) >> 1) - axis->centre);
    return 1;
}

void n1_axis_law(n1_axis *axis, unsigned law)
{
    const int64_t scale = N1_PROB_ONE - axis->n_codes;
    for (unsigned s = 0; s < N1_LAW_PIECES; s++) {
        for (unsigned j = 0; j < 3; j++)
            axis->piece[j][s] = (int32_t)((n1_law_tables[law][j][s] * scale) >> N1_PROB_BITS);
        const int32_t c0 = axis->piece[0][s], c1 = axis->piece[1][s], c2 = axis->piece[2][s];
        for (int32_t f = 0; f < N1_LAW_STEPS; f++)
            axis->cdf[s * N1_LAW_STEPS + (unsigned)f] = (uint32_t)(c0 + ((f * (c1 + f * c2)) >> 8));
    }
}

/* For the middle slot of each bucket, the last distance from mu whose cumulative frequency does not pass it. The floor
   of one per code shifts slots by the code's number, of which only the middle is known here. */
void n1_axis_quantile(n1_axis *axis, const n1_scale *s)
{
    const int32_t *const cdf = (const int32_t *)(const void *)(axis->cdf + N1_CDF_HALF);
    const int32_t step = 1 << (N1_PROB_BITS - N1_QUANTILE_BITS);
    int32_t d = -s->limit, slot = step / 2 - (int32_t)axis->n_codes / 2;
    axis->quantile[0] = 0;
    for (int32_t b = 1; b <= N1_QUANTILE_LEN; b++, slot += step) {
        while (d < s->limit && cdf[((d + 1) * s->inverse) >> 12] <= slot)
            d++;
        axis->quantile[b] = (int16_t)d;
    }
}
