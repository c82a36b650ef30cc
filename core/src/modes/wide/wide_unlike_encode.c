/* Encoder: how much channels of a row could gain by a neighbour of their own: the wide mode gives all lanes of a row the same distances,
 * which suits a probe, whose contacts lie as regularly as its channels are numbered, and not electrodes on a head. */
#include "base/log2.h"
#include "modes/wide/wide_fit.h"

#define ONE_BITS  20u
#define SOME_ROWS 4u /* tell of all */

/* log2, in 256ths, of the part of a channel's nearly white square that one neighbour leaves, which may not be there. */
static int32_t left_by(const n1_wide_params *p, const n1_wide_fit *w, uint32_t c, int32_t distance)
{
    const int32_t other = (int32_t)c + distance;
    if (other < 0 || other >= p->channels) return ONE_BITS * 256;
    const uint32_t low = distance < 0 ? (uint32_t)other : c, d = (uint32_t)(distance < 0 ? -distance : distance);
    const double both = w->product[(low * w->distances + d) * N1_WIDE_LAGS + N1_WIDE_LAG];
    const double own = w->product[c * w->distances * N1_WIDE_LAGS + N1_WIDE_LAG] + 1.0;
    const double its = w->product[(uint32_t)other * w->distances * N1_WIDE_LAGS + N1_WIDE_LAG] + 1.0;
    const double told = both * both / (own * its);
    return n1_log2_q8((uint64_t)((told < 1.0 ? 1.0 - told : 0.0) * (1 << ONE_BITS)) + 1);
}

/* What a row's lanes would have left by the neighbour that suits them best together, less what each would have by its own. */
static int64_t row_unlike(const n1_wide_params *p, const n1_wide_fit *w, uint32_t row)
{
    const int32_t reach = ((int32_t)w->distances - 1) / 2;
    int64_t together = INT64_MAX;
    int32_t apart[N1_WIDE_LANES];
    for (uint32_t l = 0; l < N1_WIDE_LANES; l++) apart[l] = ONE_BITS * 256;
    for (int32_t d = -reach; d <= reach; d++) {
        int64_t sum = 0;
        if (!d) continue;
        for (uint32_t c = row, l = 0; c < p->channels; c += p->rows, l++) {
            const int32_t left = left_by(p, w, c, d);
            sum += left;
            apart[l] = left < apart[l] ? left : apart[l];
        }
        together = sum < together ? sum : together;
    }
    for (uint32_t c = row, l = 0; c < p->channels; c += p->rows, l++) together -= apart[l];
    return together / 2;
}

uint32_t n1_wide_unlike(const n1_wide_params *p, const n1_wide_fit *w)
{
    const uint32_t step = (p->rows + SOME_ROWS - 1U) / SOME_ROWS;
    int64_t sum = 0;
    uint32_t n = 0;
    for (uint32_t r = 0; r < p->rows; r += step) {
        sum += row_unlike(p, w, r);
        n += n1_wide_filled(p->channels, p->rows, r);
    }
    return (uint32_t)(sum / n);
}
