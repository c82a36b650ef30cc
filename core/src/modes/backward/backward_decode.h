/* backward_decode.h - the backward mode's decoder. */
#ifndef N1_MODES_BACKWARD_BACKWARD_DECODE_H
#define N1_MODES_BACKWARD_BACKWARD_DECODE_H
#include "modes/backward/backward.h"
#include "modes/backward/coder.h"

/* All frames of a packet, in the order and by the coder that wrote them: codes, frame after frame. */
n1_status n1_backward_decode(n1_backward *s, n1_coder coder, const uint8_t *in, size_t size, uint16_t *codes, size_t n_frames);
#endif
