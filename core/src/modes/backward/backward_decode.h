/* backward_decode.h - the backward mode's decoder. */
#ifndef N1_MODES_BACKWARD_BACKWARD_DECODE_H
#define N1_MODES_BACKWARD_BACKWARD_DECODE_H
#include "modes/backward/backward.h"

/* All frames of a block: codes, frame after frame. */
n1_status n1_backward_decode(n1_backward *s, const uint8_t *in, size_t size, uint16_t *codes, size_t n_frames);
#endif
