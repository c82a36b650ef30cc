/* mixed_encode.h - the mixed mode's encoder. */
#ifndef N1_MODES_MIXED_MIXED_ENCODE_H
#define N1_MODES_MIXED_MIXED_ENCODE_H
#include "base/status.h"
#include "modes/mixed/mixed.h"

/* All frames of a block. N1_NOT_APPLICABLE: the bytes do not fit. */
n1_status n1_mixed_encode(n1_mixed *s, const uint16_t *codes, size_t n_frames, uint8_t *out, size_t capacity, size_t *written);
#endif
