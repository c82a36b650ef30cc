/* lanes.h - one channel's lanes: prediction, mass and rANS of all segments in lockstep, row after row. */
#ifndef N1_MODES_FORWARD_LANES_H
#define N1_MODES_FORWARD_LANES_H
#include "entropy/rans_step.h"
#include "modes/forward/channel.h"
#include "predict/axis.h"

#define N1_MAX_LANES 32u
#define N1_PLANE_HISTORY N1_MAX_ORDER            /* rows of history before the first row of a plane */

/* Planes are [row][position]; n1_lane_position() maps a segment to its position. mid has N1_PLANE_HISTORY rows before
   row 0. Row 0 (the seeds) is not coded here. */
typedef struct n1_lane_job {
    const n1_axis *axis;
    const n1_channel *channel;
    n1_scale scale;
    const int32_t *extra;     /* decoder only: neighbour sums, one a sample, or NULL */
    int16_t *mid;             /* midpoints, history included */
    uint16_t *code;           /* codes, no history */
    size_t rows;
    unsigned lanes;           /* 16 or 32 */
    uint16_t *mu;             /* encoder only: predictions, no history */
    n1_lookup *lookup;        /* decoder only */
    const int16_t *neighbour[N1_FORWARD_NEIGHBOURS];   /* midpoints of each, no history */
} n1_lane_job;

/* Squared distances of codes' midpoints from their predictions, over one row in `every` from row 1 on: how many samples
   were looked at, how many are beyond `far`, how many are within `limit`, and the sum of these. */
typedef struct n1_residuals {
    uint32_t limit, far;
    uint64_t all, beyond, within, sum;
} n1_residuals;

/* Position of a segment in a row of a plane: even positions hold segments 0..7 of 16, odd ones 8..15. */
static inline uint32_t n1_lane_position(uint32_t segment)
{
    return (segment & 16u) | ((segment & 7u) << 1) | ((segment >> 3) & 1u);
}

/* Prediction of one sample; past[-j * stride] is the midpoint j steps before the last one. */
static inline int32_t n1_predict(const n1_axis *x, const n1_channel *c, const int16_t *past, size_t stride,
                                  int32_t extra)
{
    int32_t acc = c->bias + extra;
    for (unsigned j = 0; j < c->order; j++)
        acc += c->own[j] * past[-(ptrdiff_t)(j * stride)];
    acc >>= c->shift;
    int32_t top = (int32_t)x->axis_len - 1;
    return acc < 0 ? 0 : acc > top ? top : acc;
}

/* First guess of the code for slot: exact except near a code's edges. Any guess gives the same result in the end. */
static inline uint32_t n1_guess_code(const n1_axis *x, const n1_lookup *u, int32_t mu, uint32_t slot)
{
    int32_t v = mu + u->quantile[(slot >> (N1_PROB_BITS - N1_QUANTILE_BITS)) + 1];
    int32_t top = (int32_t)x->axis_len - 1;
    v = v < 0 ? 0 : v > top ? top : v;
    return u->at[v] >> 20;
}

/* Decode rows from_row .. rows-1. state: one a lane, in segment order. *at moves; bytes beyond end are never read. */
n1_status n1_lanes_decode_rows(const n1_lane_job *job, size_t from_row, uint64_t *state, const uint8_t **at,
                               const uint8_t *end);
#endif
