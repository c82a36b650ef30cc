/* Between time order and the planes of the lanes. */
#ifndef N1_MODES_FORWARD_PLANE_H
#define N1_MODES_FORWARD_PLANE_H
#include "predict/axis.h"

/* time: segment after segment, rows samples each. plane: [row][position]. */
void n1_to_plane(const uint16_t *time, uint16_t *plane, size_t rows, unsigned lanes);
void n1_from_plane(const uint16_t *plane, uint16_t *time, size_t rows, unsigned lanes);

/* Channels of a band, each n samples in a row, to and from frames of stride samples. */
void n1_interleave16(const uint16_t *band, size_t n, size_t members, uint16_t *out, size_t stride);
void n1_deinterleave16(const int16_t *in, size_t stride, size_t members, size_t n, int32_t *time);
#endif
