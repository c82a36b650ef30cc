/* arm.h - the functions of kernels/table.h for aarch64, all of which machines have NEON. */
#ifndef N1_KERNELS_ARM_ARM_H
#define N1_KERNELS_ARM_ARM_H
#include "kernels/table.h"
#include "kernels/target.h"
#if N1_ARM

n1_status n1_lanes_decode_neon(const struct n1_lane_job *job, uint64_t *state, const uint8_t **at, const uint8_t *end);
void n1_neighbour_sums_neon(const struct n1_lane_job *job, int32_t *sum);
void n1_from_plane_neon(const uint16_t *plane, uint16_t *time, size_t rows, unsigned lanes);
void n1_interleave16_neon(const uint16_t *band, size_t n, size_t members, uint16_t *out, size_t stride);
void n1_wide_read_neon(struct n1_wide *s);

n1_status n1_lanes_encode_neon(const struct n1_lane_job *job, uint64_t *state, uint8_t *begin, uint8_t **at);
void n1_lanes_predict_neon(const struct n1_lane_job *job);
void n1_midpoints_neon(const struct n1_axis *axis, const uint16_t *code, int16_t *mid, size_t n);
int64_t n1_dot_neon(const int16_t *a, const int16_t *b, size_t n, unsigned down);
void n1_dots_neon(const int16_t *a, const int16_t *const *b, size_t m, size_t n, unsigned down, int64_t *sum);
void n1_to_plane_neon(const uint16_t *time, uint16_t *plane, size_t rows, unsigned lanes);
void n1_deinterleave16_neon(const int16_t *in, size_t stride, size_t members, size_t n, int16_t *time, size_t apart);
void n1_lagged_neon(const int16_t *x, const int16_t *y, size_t n, int64_t sum[9]);
void n1_wide_write_neon(struct n1_wide *s, uint32_t *span);
uint8_t *n1_wide_words_neon(struct n1_wide *s, const uint32_t *span, size_t n_frames, uint8_t *begin, uint8_t *end);

#endif
#endif
