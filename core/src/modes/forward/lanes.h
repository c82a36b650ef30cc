/* One channel's lanes: prediction, mass and rANS of all segments in lockstep, row after row. */
#ifndef N1_MODES_FORWARD_LANES_H
#define N1_MODES_FORWARD_LANES_H
#include "predict/axis.h"

/* Planes are [row][position]; n1_lane_position() maps a segment to its position. mid has N1_PLANE_HISTORY rows before row 0.
   Row 0 (the seeds) is not coded here. */
typedef struct {
    const n1_axis *axis;
    const n1_channel *channel;
    n1_scale scale;
    const int32_t *extra;     /* neighbour sums, one a sample, or NULL */
    int16_t *mid;             /* midpoints, history included */
    uint16_t *code;           /* codes, no history */
    uint16_t *mu;             /* encoder only: predictions, no history */
    const uint32_t *edges;    /* encoder only: edges of each code, lower | upper << 16, no history */
    size_t rows;
    unsigned lanes;           /* 16 or 32 */
    uint8_t *recent;          /* decoder only: the axis' */
} n1_lane_job;

/* The code whose mass covers slot, searched outwards from guess; *low and *high get its cumulative bounds. */
uint32_t n1_find_code(const n1_axis *x, const n1_scale *s, int32_t mu, uint32_t slot, uint32_t guess, uint32_t *low,
                      uint32_t *high);
/* First guess of the code for slot: exact except near a code's edges. Any guess gives the same result in the end. */
static inline uint32_t n1_guess_code(const n1_axis *x, int32_t mu, uint32_t slot)
{
    int32_t v = mu + x->quantile[(slot >> (N1_PROB_BITS - N1_QUANTILE_BITS)) + 1];
    int32_t top = (int32_t)x->axis_len - 1;
    v = v < 0 ? 0 : v > top ? top : v;
    return x->at[v] >> 20;
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

/* Decode rows from_row .. rows-1. state: one a lane, in segment order. *at moves; bytes beyond end are never read. */
n1_status n1_lanes_decode_portable(const n1_lane_job *job, size_t from_row, uint64_t *state, const uint8_t **at,
                                 const uint8_t *end);
/* Encode rows rows-1 .. 1, words written downwards from *at. N1_ERROR_DST_TOO_SMALL if begin is reached. */
n1_status n1_lanes_encode_portable(const n1_lane_job *job, uint64_t *state, uint8_t *begin, uint8_t **at);
/* Predictions of all rows of the job into job->mu. */
void n1_lanes_predict(const n1_lane_job *job, n1_kernel kernel);
/* Edges and, if mid is not NULL, midpoints of n codes. */
void n1_lanes_expand(const n1_axis *axis, const uint16_t *code, uint32_t *edges, int16_t *mid, size_t n,
                      n1_kernel kernel);
/* acc[i] += coefficient * mid[i] for i < n. */
void n1_accumulate(int32_t *acc, const int16_t *mid, int32_t coefficient, size_t n, n1_kernel kernel);

n1_status n1_lanes_decode(const n1_lane_job *job, n1_kernel kernel, uint64_t *state, const uint8_t **at,
                           const uint8_t *end);
n1_status n1_lanes_encode(const n1_lane_job *job, n1_kernel kernel, uint64_t *state, uint8_t *begin, uint8_t **at);

#if N1_X86
n1_status n1_lanes_decode_avx2(const n1_lane_job *job, uint64_t *state, const uint8_t **at, const uint8_t *end);
n1_status n1_lanes_decode_avx512(const n1_lane_job *job, uint64_t *state, const uint8_t **at, const uint8_t *end);
n1_status n1_lanes_encode_avx2(const n1_lane_job *job, uint64_t *state, uint8_t *begin, uint8_t **at);
n1_status n1_lanes_encode_avx512(const n1_lane_job *job, uint64_t *state, uint8_t *begin, uint8_t **at);
#endif

/* Words of an encoder step, most symbols 0 or 1. Returns how many of the two are used. */
static inline unsigned n1_rans_shrink(uint64_t *x, uint32_t freq, uint16_t words[2])
{
    unsigned n = 0;
    while (*x >= (uint64_t)freq << 20) {
        words[n++] = (uint16_t)*x;
        *x >>= 16;
    }
    return n;
}
static inline uint64_t n1_rans_push(uint64_t x, uint32_t freq, uint32_t cum)
{
    uint32_t q = (uint32_t)(x / freq);
    return ((uint64_t)q << N1_PROB_BITS) + (x - (uint64_t)q * freq) + cum;
}
static inline void n1_put_word(uint8_t *p, uint16_t w)
{
    p[0] = (uint8_t)w;
    p[1] = (uint8_t)(w >> 8);
}
static inline uint32_t n1_get_word(const uint8_t *p) { return (uint32_t)p[0] | (uint32_t)p[1] << 8; }
#endif
