/* The forward model of one block: alphabets, voltage axis, normal law, predictors. Shared by encoder and decoder. */
#ifndef N1_PREDICT_AXIS_H
#define N1_PREDICT_AXIS_H
#include "base/fields.h"
#include "kernels/target.h"
#include "converter/limits.h"
#include "entropy/mass.h"
#include "n1/codec.h"
#include <string.h>

/* Limits: every length that comes from the wire is checked against one of these before it is used. */
#define N1_MAX_AXIS 65535u            /* length of the voltage axis, in axis units */
#define N1_MAX_ALPHABETS 8u           /* lattices with their width tables in one block */
#define N1_MAX_ORDER 32u              /* own taps */
#define N1_FORWARD_NEIGHBOURS 15u         /* neighbour channels of one predictor */
#define N1_FORWARD_NEIGHBOUR_TAPS 4u      /* taps (now, past ...) of each neighbour */
#define N1_MAX_DISTANCE 64u           /* neighbour = channel - distance */
#define N1_MAX_RAW_BITS 20u            /* low bits of a code that are stored as they are */
#define N1_MAX_LANES 32u


#define N1_LAWS 4
#define N1_LAW_PIECES 32                   /* quadratic pieces of a law */
#define N1_LAW_STEPS 64                    /* table entries of a piece */
#define N1_CDF_HALF 1024
#define N1_CDF_LEN (2 * N1_CDF_HALF)
#define N1_QUANTILE_BITS 12
#define N1_QUANTILE_LEN (1 << N1_QUANTILE_BITS)
#define N1_SIGMA_MAX 188                   /* sigma = 2^(i/16) axis units */

#define N1_COEF_BUDGET 32767               /* sum of |coefficient|: keeps the sum of 2^15 * c below 2^30 */
#define N1_SHIFT_MIN 7u                    /* fraction bits of a coefficient: 3 bits of the channel tell */
#define N1_SHIFT_MAX (N1_SHIFT_MIN + 7u)

#define N1_PLANE_HISTORY N1_MAX_ORDER            /* rows of history before the first row of a plane */
#define N1_RECENT 8192u                     /* bytes for the last rows, as the vector kernels' decoders want them */

/* Distribution functions of total 2^20 in quadratic pieces c0, c1, c2; law 0 is normal, the others have heavier tails:
   see tables.c. */
extern const int32_t n1_law_tables[N1_LAWS][3][N1_LAW_PIECES];
/* Widths of the N1 ADC's codes in sixteenths of the mean width. */
#define N1_NLINK_CODES 1024
extern const uint8_t n1_nlink_prior[N1_NLINK_CODES];

typedef enum { N1_LATTICE_STRIDE = 0, N1_LATTICE_NLINK = 1, N1_LATTICE_LIST = 2 } n1_lattice_kind;
typedef enum { N1_WIDTHS_EVEN = 0, N1_WIDTHS_PRIOR = 1, N1_WIDTHS_SENT = 2 } n1_widths_kind;

/* value <-> code <-> edges. code = (full >> raw_bits); full codes count from the lowest used value. */
typedef struct {
    n1_lattice_kind kind;
    int64_t first;            /* value of full code 0 (STRIDE, LIST); first ADC code (N1) */
    uint32_t stride;          /* STRIDE: distance of two values */
    uint32_t n_full;          /* full codes */
    uint32_t raw_bits;        /* low bits stored verbatim (STRIDE only) */
    uint32_t n_codes;         /* modelled codes, 1..N1_MAX_CODES */
    n1_widths_kind widths;
    uint32_t unit_bits;       /* mean code width = 2^unit_bits axis units */
    uint32_t step_bits;       /* SENT: log-width step = 2^-step_bits octaves (2 or 3) */
    int8_t *log_width;        /* SENT: log2(width) in steps, one a code */
    int32_t *value;           /* value of each code: N1, LIST */
} n1_alphabet;

/* Look-up tables of the alphabet in use. edge[n_codes] = axis_len. */
typedef struct {
    uint32_t n_codes, axis_len, guess_shift; /* guess_shift: unit_bits of the alphabet */
    int32_t centre;                       /* axis_len / 2: midpoints are kept relative to it */
    uint16_t edge[N1_MAX_CODES + 2];
    uint32_t pair[N1_MAX_CODES];          /* edge[k] | edge[k + 1] << 16 */
    int16_t mid[N1_MAX_CODES];
    int32_t piece[3][N1_LAW_PIECES];      /* the law in use, scaled to 2^20 - n_codes */
    uint32_t cdf[N1_CDF_LEN];             /* its values; entry N1_CDF_HALF is the centre */
    int16_t quantile[N1_QUANTILE_LEN + 1];/* [b + 1]: distance from mu, in axis units, at slot bucket b (decoder) */
    _Alignas(64) uint8_t recent[N1_RECENT]; /* beside the quantiles, so that both stay in the first-level cache */
    uint32_t at[N1_MAX_AXIS + 17];        /* axis unit -> code << 20 | (unit - edge) << 10 | width */
} n1_axis;

typedef enum { N1_CHANNEL_CONSTANT = 0, N1_CHANNEL_MODEL = 1, N1_CHANNEL_PACKED = 2 } n1_channel_kind;

typedef struct {
    uint8_t kind, alphabet, sigma, law, shift, order, n_neighbours, neighbour_taps;
    uint8_t distance[N1_FORWARD_NEIGHBOURS];
    int16_t own[N1_MAX_ORDER];            /* own[j] multiplies the sample j + 1 steps ago */
    int16_t neighbour[N1_FORWARD_NEIGHBOURS][N1_FORWARD_NEIGHBOUR_TAPS];
    int32_t bias;                         /* includes the rounding half and the axis centre */
    int32_t constant;                     /* value of a constant channel */
} n1_channel;

/* Scale of the law as the kernels use it. */
typedef struct {
    int32_t inverse;       /* cdf steps per axis unit, Q12 */
    int32_t limit;         /* |edge - mu| beyond which the table ends */
} n1_scale;

n1_scale n1_scale_of(unsigned sigma, unsigned law);

/* Build edges, midpoints and the unit table. Returns 0 if the widths break a limit. */
int n1_axis_build(const n1_alphabet *a, n1_axis *axis);
/* Build the tables of a law for n_codes. */
void n1_axis_law(n1_axis *axis, unsigned law);
/* And the inverse, for one scale: only a decoder needs it. */
void n1_axis_quantile(n1_axis *axis, const n1_scale *s);

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

/* Position of a segment in a row of a plane: even positions hold segments 0..7 of a group of 16, odd ones 8..15. */
static inline uint32_t n1_lane_position(uint32_t segment)
{
    return (segment & 16u) | ((segment & 7u) << 1) | ((segment >> 3) & 1u);
}

/* Lattice. */
int32_t n1_nlink_value(uint32_t code);
/* The code that the N1 would store as v, an int16. */
static inline uint32_t n1_nlink_code(int32_t v) { return (uint32_t)((v + 32768) * 1023 + 32768) >> 16; }
n1_status n1_alphabet_values(n1_alphabet *a);
void n1_alphabet_write(n1_field_writer *w, const n1_alphabet *a);
n1_status n1_alphabet_read(n1_field_reader *r, n1_alphabet *a, n1_type dtype);
static inline int64_t n1_value_of(const n1_alphabet *a, uint32_t full)
{
    return a->kind == N1_LATTICE_STRIDE ? a->first + (int64_t)full * a->stride : (int64_t)a->value[full];
}

int n1_type_holds(n1_type dtype, int64_t value);

/* Channel parameters on the wire. */
void n1_channel_write(n1_field_writer *w, const n1_channel *c, unsigned alphabet_bits);
n1_status n1_channel_read(n1_field_reader *r, n1_channel *c, unsigned alphabet_bits, size_t index);
#endif
