/* mixed_decode.h - the mixed mode's decoder. */
#ifndef N1_MODES_MIXED_MIXED_DECODE_H
#define N1_MODES_MIXED_MIXED_DECODE_H
#include "modes/mixed/mixed.h"

/* All frames of a block: codes, frame after frame. */
n1_status n1_mixed_decode(n1_mixed *s, const uint8_t *in, size_t size, uint16_t *codes, size_t n_frames);
#endif
