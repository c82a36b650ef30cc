/* axis.h - the axis of voltages that an alphabet's codes share out, and the mass of a law between a code's edges. */
#ifndef N1_PREDICT_AXIS_H
#define N1_PREDICT_AXIS_H
#include "converter/alphabet.h"
#include "entropy/mass.h"

#define N1_LAWS 4
#define N1_LAW_PIECES 32                   /* quadratic pieces of a law */
#define N1_LAW_STEPS 64                    /* table entries of a piece */
#define N1_CDF_HALF 1024
#define N1_CDF_LEN (2 * N1_CDF_HALF)
#define N1_QUANTILE_BITS 12
#define N1_QUANTILE_LEN (1 << N1_QUANTILE_BITS)
#define N1_QUANTILE_RUN 16                 /* buckets of one step of a law, at most */
#define N1_SIGMA_MAX 188                   /* sigma = 2^(i/16) axis units */

/* Distribution functions of total 2^20 in quadratic pieces c0, c1, c2; law 0 is normal, the others have heavier tails:
   see law_tables.c. */
extern const int32_t n1_law_tables[N1_LAWS][3][N1_LAW_PIECES];

/* Look-up tables of the alphabet in use. edge[n_codes] = axis_len. */
typedef struct n1_axis {
    uint32_t n_codes, axis_len, guess_shift; /* guess_shift: unit_bits of the alphabet */
    int32_t centre;                       /* axis_len / 2: midpoints are kept relative to it */
    uint16_t edge[N1_MAX_CODES + 2];
    uint32_t pair[N1_MAX_CODES];          /* edge[k] | edge[k + 1] << 16 */
    int16_t mid[N1_MAX_CODES + 1];         /* one more: vectors read 32 bits at an entry */
    int32_t piece[3][N1_LAW_PIECES];      /* the law in use, scaled to 2^20 - n_codes */
    uint32_t cdf[N1_CDF_LEN];             /* its values; entry N1_CDF_HALF is the centre */
} n1_axis;

#define N1_RECENT 8192u                   /* bytes for the last rows, as the vector kernels want them */

/* And the way back, from a mass to a code: a decoder of lanes has it. */
typedef struct {
    int16_t quantile[1 + N1_QUANTILE_LEN + N1_QUANTILE_RUN]; /* [b + 1]: distance from mu, in axis units, at slot bucket b */
    _Alignas(64) uint8_t recent[N1_RECENT]; /* beside the quantiles, so that both stay in the first-level cache */
    uint32_t at[N1_MAX_AXIS + 17];        /* axis unit -> code << 20 | (unit - edge) << 10 | width */
} n1_lookup;

/* Scale of the law as the kernels use it. */
typedef struct {
    int32_t inverse;       /* cdf steps per axis unit, Q12 */
    int32_t limit;         /* |edge - mu| beyond which the table ends */
} n1_scale;

n1_scale n1_scale_of(unsigned sigma, unsigned law);

/* Build edges and midpoints. Returns 0 if the widths break a limit. */
int n1_axis_build(const n1_alphabet *a, n1_axis *axis);
/* Build the tables of a law for n_codes. */
void n1_axis_law(n1_axis *axis, unsigned law);
/* The unit table of an axis; then the quantiles, for one scale and codes near one. */
void n1_lookup_build(const n1_axis *axis, n1_lookup *lookup);
void n1_lookup_quantiles(const n1_axis *axis, n1_lookup *lookup, const n1_scale *s, uint32_t code);

/* Cumulative frequency below code k for prediction mu. */
static inline uint32_t n1_cum(const n1_axis *x, const n1_scale *s, int32_t mu, uint32_t k)
{
    if (k == 0)
        return 0;
    if (k >= x->n_codes)
        return N1_PROB_ONE;
    int32_t d = (int32_t)x->edge[k] - mu;
    d = d < -s->limit ? -s->limit : d > s->limit ? s->limit : d;
    return x->cdf[((d * s->inverse) >> 12) + N1_CDF_HALF] + k;
}

/* The code whose mass covers slot, searched outwards from any guess; *low and *high get its cumulative bounds. */
uint32_t n1_find_code(const n1_axis *x, const n1_scale *s, int32_t mu, uint32_t slot, uint32_t guess, uint32_t *low,
                      uint32_t *high);
#endif
