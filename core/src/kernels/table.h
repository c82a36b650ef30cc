/* table.h - the functions that a machine may have a faster form of: the only way to them.
 *
 * Tables are filled once, where a block or a session begins, with what the kernel that was asked for has, and handed
 * down; the portable form of each function says what it must give, to the bit. What decodes knows n1_kernels and
 * n1_packet_kernels alone.
 */
#ifndef N1_KERNELS_TABLE_H
#define N1_KERNELS_TABLE_H
#include "n1/codec.h"

struct n1_axis;
struct n1_width_tables;
struct n1_lane_job;
struct n1_residuals;
struct n1_least_squares_work;
struct n1_backward;
struct n1_rans_reader;
struct n1_rans_writer;
struct n1_mixed;
struct n1_wide;
struct n1_piece_frames;
struct n1_piece_scale;
struct n1_contexts;
struct n1_quick;
struct n1_forecast;
struct n1_laws;
struct n1_law_scales;
struct n1_mixture;
struct n1_binary;
struct n1_packet_lite;
struct n1_packet_full;
struct n1_packet_job;
struct n1_packet_unjob;

typedef struct n1_kernels {
    /* What a call was given beside its samples, for whom it concerns: tables of code widths, see converter/width_tables.h; NULL. */
    const struct n1_width_tables *known;
    /* Lanes of the forward mode: rows 1 .. of a channel; see modes/forward/lanes.h. */
    n1_status (*lanes_decode)(const struct n1_lane_job *job, uint64_t *state, const uint8_t **at, const uint8_t *end);
    /* What the neighbours add to the prediction of each sample of the job. */
    void (*neighbour_sums)(const struct n1_lane_job *job, int32_t *sum);
    /* Plane [row][position] to time order: segment after segment, rows samples each. */
    void (*from_plane)(const uint16_t *plane, uint16_t *time, size_t rows, unsigned lanes);
    /* Channels of a band, each n samples in a row, to frames of stride samples. */
    void (*interleave16)(const uint16_t *band, size_t n, size_t members, uint16_t *out, size_t stride);
    /* 16-bit samples of the N1's codes, counted from `first`; out may be the same memory. */
    void (*nlink_values)(const uint16_t *code, int32_t first, int16_t *out, size_t n);
    /* See predict/least_squares.h. */
    int (*solve)(struct n1_least_squares_work *w, const int64_t *a, const int64_t *b, uint32_t n, int32_t *x);
    void (*add_products)(int64_t *sums, const int32_t *x, uint32_t n);
    void (*products)(const int16_t *const *x, const uint8_t *first, uint32_t n, int32_t *out);
    /* A whole interval of the backward mode laid out in rows (modes/backward/rows.h); NULL: there is no such kernel. */
    void (*rows_read)(struct n1_backward *s, struct n1_rans_reader *reader);
    /* The frames at hand of the wide mode: their codes go to its rows (modes/wide/row.h). */
    void (*wide_read)(struct n1_wide *s);
    /* One sample of the mixed mode by n laws: with an encoder, code k; with a decoder, what the bits say. */
    uint32_t (*mixed_code)(struct n1_mixed *s, struct n1_mixture *l, struct n1_binary *b, int decoding, uint32_t k,
                           uint32_t n);
    /* The contexts mode: before and after a sample of channel c in frame t, x being its place among the codes of n channels,
     * where it is expected, within 0 .. most, and by which laws; then the mass of the codes below k, 0 .. most + 1, by each law.
     * See modes/contexts/forecast.h and laws.h. */
    void (*forecast_prepare)(struct n1_forecast *h, uint32_t c, size_t n, const uint32_t *x, uint32_t most);
    void (*forecast_learn)(struct n1_forecast *h, struct n1_least_squares_work *work, uint32_t c,
                           size_t t, size_t n, const uint32_t *x);
    void (*laws_prepare)(struct n1_laws *l, const struct n1_law_scales *s, const struct n1_forecast *h, uint32_t most);
    void (*laws_below)(const struct n1_laws *l, int64_t k, uint64_t *below);
    /* To the decisions of another place, 0 at first; and one binary decision: see modes/contexts/decide.h. */
    void (*contexts_turn)(struct n1_contexts *s, uint32_t place);
    uint32_t (*contexts_decide)(struct n1_contexts *s, struct n1_binary *b, int decoding, uint32_t bit, uint32_t node,
                                uint32_t kind, int expected);
} n1_kernels;

typedef struct n1_encode_kernels {
    n1_kernels both;
    /* Rows rows-1 .. 1, words written downwards from *at. N1_ERROR_INTERNAL if begin is reached. */
    n1_status (*lanes_encode)(const struct n1_lane_job *job, uint64_t *state, uint8_t *begin, uint8_t **at);
    /* Predictions of all rows of the job into job->mu, neighbours included. */
    void (*lanes_predict)(const struct n1_lane_job *job);
    /* The midpoints of n codes. */
    void (*midpoints)(const struct n1_axis *axis, const uint16_t *code, int16_t *mid, size_t n);
    /* Sum of (a[i] >> down) * (b[i] >> down) over n elements. Each shifted value is at most 2^12 away from 0. */
    int64_t (*dot)(const int16_t *a, const int16_t *b, size_t n, unsigned down);
    /* The same of a with m others. */
    void (*dots)(const int16_t *a, const int16_t *const *b, size_t m, size_t n, unsigned down, int64_t *sum);
    void (*residuals)(const struct n1_lane_job *job, size_t every, struct n1_residuals *r);
    /* sum[i] += x[t] y[t + 4 - i] over n elements t, for i = 0 .. 8. Each number is at most 2^12 away from 0. */
    void (*lagged)(const int16_t *x, const int16_t *y, size_t n, int64_t sum[9]);
    /* sum[i] of (weight[t / 32] * a[t]) * b[i][t] over n frames t, i < m, and sum[m] of weight[t / 32] * a[t]: in eight lanes, t modulo
     * 8, then lanes i and i + 4, then the pairs of these: in that order, for sums of floating point come out alike in no other way. */
    void (*weighted_products)(const double *weight, const double *a, const double *const *b, unsigned m, size_t n, double *sum);
    /* The sum of a[t] * b[t] in 16 lanes: what is left of n in the first, and lanes i, 4 + i, 8 + i, 12 + i added first. */
    double (*product)(const float *a, const float *b, size_t n);
    /* m[i * size + j] += by[k * size + i] * at[k * size + j] for k = 0 .. n - 1, one after the other, and j <= i at least: size is
     * a multiple of 4. */
    void (*add_squares)(double *m, const double *by, const double *at, size_t size, size_t n);
    /* sum[i] of 16 numbers in a row without their signs, in four lanes, which are added in pairs. */
    void (*magnitudes)(const double *e, size_t n, double *sum);
    /* e[t] -= factor[i] * x[i][t], for i = 0 .. terms - 1. */
    void (*take_away)(double *e, const double *const *x, const double *factor, unsigned terms, size_t n);
    /* mu[t] = ((int64_t)sum[t] + bias) >> shift, within low .. high; sums are whole, below 2^52. */
    void (*settle)(const double *sum, size_t n, int64_t bias, unsigned shift, int64_t low, int64_t high, int64_t *mu);
    /* The piecewise mode: of each frame the mass of its code and what lies below, width and start; returns, a bit each, which
     * are outside of their windows. Bits of all frames added up under each law, in 4096ths. Scales of frames after those that
     * `s` has seen. See modes/piecewise/piece_spans.h. */
    uint64_t (*piece_spans)(const struct n1_piece_frames *f, unsigned law, uint64_t *span);
    void (*piece_bits)(const struct n1_piece_frames *f, uint64_t *bits);
    void (*piece_scales)(struct n1_piece_scale *s, const struct n1_piece_frames *f);
    /* All frames by contexts whose odds are added: see modes/contexts/quick.h. */
    int (*quick_put)(struct n1_quick *s, struct n1_binary *b, uint32_t contexts, uint32_t *x, const uint32_t *most, size_t n_frames, size_t limit);
    void (*to_plane)(const uint16_t *time, uint16_t *plane, size_t rows, unsigned lanes);
    /* Frames of stride samples to channels, n samples in a row each; these rows are `apart`. */
    void (*deinterleave16)(const int16_t *in, size_t stride, size_t members, size_t n, int16_t *time, size_t apart);
    /* Samples to codes of the N1's converter. 0 if one is not such a value; else the range of codes. */
    int (*nlink_codes)(const int16_t *samples, size_t n, uint16_t *code, uint32_t *low, uint32_t *high);
    /* Records of rANS, the last first, while they are whole rows; returns how many are left: see entropy/rans_write.h. */
    size_t (*rans_rows)(struct n1_rans_writer *w, const uint64_t *records, size_t n);
    /* The same of two states by turns, an even number of records: see entropy/rans_turns.h. */
    size_t (*rans_turns)(struct n1_rans_writer *w, const uint64_t *records, size_t n);
    /* As rows_read: the codes are in their rows. Returns where the records end. */
    uint64_t *(*rows_write)(struct n1_backward *s, uint64_t *record);
    /* As wide_read: the codes are in their rows, the spans of their masses go where span points. Then, of all frames, their
     * words from `end` down; returns where they begin, NULL if that would be before `begin`. */
    void (*wide_write)(struct n1_wide *s, uint32_t *span);
    uint8_t *(*wide_words)(struct n1_wide *s, const uint32_t *span, size_t n_frames, uint8_t *begin, uint8_t *end);
} n1_encode_kernels;

/* The bodies of a stream's packets (modes/packet/packet_decode.h, packet_encode.h): apart, so that programs without streams
 * are linked without them. */
typedef struct n1_packet_kernels {
    n1_status (*lite_decode)(struct n1_packet_lite *state, const struct n1_packet_unjob *job);
    n1_status (*full_decode)(struct n1_packet_full *state, const struct n1_packet_unjob *job);
} n1_packet_kernels;

typedef struct n1_packet_encode_kernels {
    size_t (*lite_encode)(struct n1_packet_lite *state, const struct n1_packet_job *job);
    size_t (*full_encode)(struct n1_packet_full *state, const struct n1_packet_job *job);
} n1_packet_encode_kernels;

/* N1_ERROR_KERNEL: this build or this machine lacks it, or there is no such kernel. */
n1_status n1_kernels_fill(n1_kernels *k, n1_kernel kernel);
n1_status n1_encode_kernels_fill(n1_encode_kernels *k, n1_kernel kernel);
/* Of a kernel that is there. */
void n1_packet_kernels_fill(n1_packet_kernels *k, n1_kernel kernel);
void n1_packet_encode_kernels_fill(n1_packet_encode_kernels *k, n1_kernel kernel);
#endif
