/* The voltage axis, the law and its scale. */
#include "predict/axis.h"
#include "base/octaves.h"

n1_scale n1_scale_of(unsigned sigma, unsigned law)
{
    /* 1024 / reach steps a sigma of 2^(i/16) units: inverse = steps * 2^12 / sigma */
    static const uint32_t reach[N1_LAWS] = {4, 6, 8, 8};
    n1_scale s;
    const unsigned down = 16 * 22 - sigma;
    s.inverse = (int32_t)(((((uint64_t)n1_exp2_16th[down & 15] << (down >> 4)) >> 16) + reach[law] / 2) / reach[law]);
    s.limit = (int32_t)(((N1_CDF_HALF << 12) - 1) / s.inverse);
    return s;
}

int n1_axis_build(const n1_alphabet *a, n1_axis *axis)
{
    uint32_t at = 0;
    axis->n_codes = a->n_codes;
    axis->guess_shift = a->unit_bits;
    for (uint32_t k = 0; k < a->n_codes; k++) {
        const uint32_t w = n1_code_width(a, k);
        if (w > N1_MAX_CODE_WIDTH || at + w > N1_MAX_AXIS)
            return 0;
        axis->edge[k] = (uint16_t)at;
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

uint32_t n1_find_code(const n1_axis *x, const n1_scale *s, int32_t mu, uint32_t slot, uint32_t guess, uint32_t *low,
                      uint32_t *high)
{
    /* Invariant: cum(a) <= slot < cum(b). Steps double, then halve: at most about 24 looks at the law. */
    uint32_t a = guess, b = guess + 1, step = 1;
    uint32_t ca = n1_cum(x, s, mu, a), cb;
    while (ca > slot) {
        b = a;
        a = a > step ? a - step : 0;
        step *= 2;
        ca = n1_cum(x, s, mu, a);
    }
    cb = n1_cum(x, s, mu, b);
    step = 1;
    while (cb <= slot) {
        a = b;
        ca = cb;
        b = b + step < x->n_codes ? b + step : x->n_codes;
        step *= 2;
        cb = n1_cum(x, s, mu, b);
    }
    while (b - a > 1) {
        uint32_t m = (a + b) / 2, cm = n1_cum(x, s, mu, m);
        if (cm > slot) {
            b = m;
            cb = cm;
        } else {
            a = m;
            ca = cm;
        }
    }
    *low = ca;
    *high = cb;
    return a;
}
