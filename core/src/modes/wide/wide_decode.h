/* wide_decode.h - the wide mode's decoder. */
#ifndef N1_MODES_WIDE_WIDE_DECODE_H
#define N1_MODES_WIDE_WIDE_DECODE_H
#include "kernels/table.h"
#include "modes/wide/wide.h"

/* Codes of a block, frame after frame: the first `wanted` of n_frames, and no more than an interval beyond them. Whether the words
 * are all used and the states end where they began shows at the last frame alone. */
n1_status n1_wide_decode(n1_wide *s, const n1_kernels *k, const uint8_t *in, size_t size, uint16_t *codes, size_t n_frames,
                         size_t wanted);
#endif
