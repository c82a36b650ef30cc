/* x86.h - the functions of kernels/table.h for x86-64. */
#ifndef N1_KERNELS_X86_X86_H
#define N1_KERNELS_X86_X86_H
#include "kernels/table.h"
#include "kernels/target.h"
#if N1_X86

n1_status n1_lanes_decode_avx2(const struct n1_lane_job *job, uint64_t *state, const uint8_t **at, const uint8_t *end);
n1_status n1_lanes_decode_avx512(const struct n1_lane_job *job, uint64_t *state, const uint8_t **at, const uint8_t *end);
void n1_neighbour_sums_avx2(const struct n1_lane_job *job, int32_t *sum);
void n1_from_plane_sse2(const uint16_t *plane, uint16_t *time, size_t rows, unsigned lanes);
void n1_interleave16_sse2(const uint16_t *band, size_t n, size_t members, uint16_t *out, size_t stride);
void n1_nlink_values_avx2(const uint16_t *code, int32_t first, int16_t *out, size_t n);
int n1_solve_avx2(struct n1_least_squares_work *w, const int64_t *a, const int64_t *b, uint32_t n, int32_t *x);
int n1_solve_avx512(struct n1_least_squares_work *w, const int64_t *a, const int64_t *b, uint32_t n, int32_t *x);
void n1_add_products_avx2(int64_t *sums, const int32_t *x, uint32_t n);
void n1_products_avx2(const int16_t *const *x, const uint8_t *first, uint32_t n, int32_t *out);
void n1_wide_read_avx2(struct n1_wide *s);
void n1_wide_read_avx512(struct n1_wide *s);
void n1_rows_read_avx2(struct n1_backward *s, struct n1_rans_reader *reader);
uint32_t n1_mixed_code_avx2(struct n1_mixed *s, struct n1_mixture *l, struct n1_binary *b, int decoding, uint32_t k,
                            uint32_t n);
uint32_t n1_contexts_decide_avx2(struct n1_contexts *s, struct n1_binary *b, int decoding, uint32_t bit, uint32_t node,
                                 uint32_t kind, int expected);
void n1_forecast_prepare_avx2(struct n1_forecast *h, uint32_t c, size_t n, const uint32_t *x, uint32_t most);
void n1_forecast_learn_avx2(struct n1_forecast *h, struct n1_least_squares_work *work, uint32_t c,
                              size_t t, size_t n, const uint32_t *x);
void n1_forecast_prepare_avx512(struct n1_forecast *h, uint32_t c, size_t n, const uint32_t *x, uint32_t most);
void n1_forecast_learn_avx512(struct n1_forecast *h, struct n1_least_squares_work *work, uint32_t c,
                              size_t t, size_t n, const uint32_t *x);
void n1_laws_prepare_avx512(struct n1_laws *l, const struct n1_law_scales *s, const struct n1_forecast *h, uint32_t most);
void n1_laws_below_avx512(const struct n1_laws *l, int64_t k, uint64_t *below);
void n1_contexts_turn_avx512(struct n1_contexts *s, uint32_t place);
uint32_t n1_contexts_decide_avx512(struct n1_contexts *s, struct n1_binary *b, int decoding, uint32_t bit, uint32_t node,
                                   uint32_t kind, int expected);
n1_status n1_packet_lite_decode_avx2(struct n1_packet_lite *state, const struct n1_packet_unjob *job);
n1_status n1_packet_full_decode_avx2(struct n1_packet_full *state, const struct n1_packet_unjob *job);

n1_status n1_lanes_encode_avx2(const struct n1_lane_job *job, uint64_t *state, uint8_t *begin, uint8_t **at);
n1_status n1_lanes_encode_avx512(const struct n1_lane_job *job, uint64_t *state, uint8_t *begin, uint8_t **at);
void n1_lanes_predict_avx2(const struct n1_lane_job *job);
void n1_midpoints_avx2(const struct n1_axis *axis, const uint16_t *code, int16_t *mid, size_t n);
void n1_midpoints_avx512(const struct n1_axis *axis, const uint16_t *code, int16_t *mid, size_t n);
int64_t n1_dot_avx2(const int16_t *a, const int16_t *b, size_t n, unsigned down);
void n1_dots_avx2(const int16_t *a, const int16_t *const *b, size_t m, size_t n, unsigned down, int64_t *sum);
void n1_dots_avx512(const int16_t *a, const int16_t *const *b, size_t m, size_t n, unsigned down, int64_t *sum);
void n1_residuals_avx2(const struct n1_lane_job *job, size_t every, struct n1_residuals *r);
void n1_lagged_avx2(const int16_t *x, const int16_t *y, size_t n, int64_t sum[9]);
void n1_lagged_avx512(const int16_t *x, const int16_t *y, size_t n, int64_t sum[9]);
void n1_weighted_products_avx2(const double *weight, const double *a, const double *const *b, unsigned m, size_t n, double *sum);
double n1_product_avx2(const float *a, const float *b, size_t n);
void n1_add_squares_avx2(double *m, const double *by, const double *at, size_t size, size_t n);
void n1_weighted_products_avx512(const double *weight, const double *a, const double *const *b, unsigned m, size_t n, double *sum);
void n1_take_away_avx512(double *e, const double *const *x, const double *factor, unsigned terms, size_t n);
void n1_magnitudes_avx2(const double *e, size_t n, double *sum);
void n1_take_away_avx2(double *e, const double *const *x, const double *factor, unsigned terms, size_t n);
uint64_t n1_piece_spans_avx2(const struct n1_piece_frames *f, unsigned law, uint64_t *span);
uint64_t n1_piece_spans_avx512(const struct n1_piece_frames *f, unsigned law, uint64_t *span);
void n1_piece_bits_avx2(const struct n1_piece_frames *f, uint64_t *bits);
void n1_piece_bits_avx512(const struct n1_piece_frames *f, uint64_t *bits);
void n1_piece_scales_avx2(struct n1_piece_scale *s, const struct n1_piece_frames *f);
void n1_piece_scales_avx512(struct n1_piece_scale *s, const struct n1_piece_frames *f);
/* Of a channel that is not wide: whole runs of 64; returns how many frames. */
size_t n1_piece_scales_narrow(struct n1_piece_scale *s, const struct n1_piece_frames *f);
int n1_quick_put_avx2(struct n1_quick *s, struct n1_binary *b, uint32_t contexts, uint32_t *x, const uint32_t *most, size_t n_frames, size_t limit);
void n1_to_plane_sse2(const uint16_t *time, uint16_t *plane, size_t rows, unsigned lanes);
void n1_deinterleave16_sse2(const int16_t *in, size_t stride, size_t members, size_t n, int16_t *time, size_t apart);
int n1_nlink_codes_avx2(const int16_t *samples, size_t n, uint16_t *code, uint32_t *low, uint32_t *high);
size_t n1_rans_turns_avx512(struct n1_rans_writer *w, const uint64_t *records, size_t n);
void n1_settle_avx512(const double *sum, size_t n, int64_t bias, unsigned shift, int64_t low, int64_t high, int64_t *mu);
size_t n1_rans_rows_avx2(struct n1_rans_writer *w, const uint64_t *records, size_t n);
uint64_t *n1_rows_write_avx2(struct n1_backward *s, uint64_t *record);
size_t n1_packet_lite_encode_avx2(struct n1_packet_lite *state, const struct n1_packet_job *job);
size_t n1_packet_full_encode_avx2(struct n1_packet_full *state, const struct n1_packet_job *job);
void n1_wide_write_avx2(struct n1_wide *s, uint32_t *span);
void n1_wide_write_avx512(struct n1_wide *s, uint32_t *span);
uint8_t *n1_wide_words_avx2(struct n1_wide *s, const uint32_t *span, size_t n_frames, uint8_t *begin, uint8_t *end);
uint8_t *n1_wide_words_avx512(struct n1_wide *s, const uint32_t *span, size_t n_frames, uint8_t *begin, uint8_t *end);

#endif
#endif
