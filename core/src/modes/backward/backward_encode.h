/* backward_encode.h - the backward mode's encoder. */
#ifndef N1_MODES_BACKWARD_BACKWARD_ENCODE_H
#define N1_MODES_BACKWARD_BACKWARD_ENCODE_H
#include "base/status.h"
#include "entropy/rans_write.h"
#include "modes/backward/backward.h"

/* Put the records of some frames behind each other, one a sample; returns their end. codes: below s->codes. turn: how many
 * samples have been coded since the bytes' begin, where there is one strand. */
uint64_t *n1_backward_push(n1_backward *s, const n1_encode_kernels *k, const uint16_t *codes, size_t n_frames,
                           uint64_t *record, uint32_t turn);

/* All frames of a block. records: n_frames * channels of them. N1_NOT_APPLICABLE: the bytes do not fit. */
n1_status n1_backward_encode(n1_backward *s, const n1_encode_kernels *k, const uint16_t *codes, size_t n_frames,
                             uint64_t *records, uint8_t *out, size_t capacity, size_t *written);
#endif
