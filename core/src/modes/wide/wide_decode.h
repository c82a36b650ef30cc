/* wide_decode.h - the wide mode's decoder. */
#ifndef N1_MODES_WIDE_WIDE_DECODE_H
#define N1_MODES_WIDE_WIDE_DECODE_H
#include "kernels/table.h"
#include "modes/wide/wide.h"

/* What takes an interval's codes where they are, s->frames frames of rows: see n1_wide_code_at. */
typedef void (*n1_wide_taker)(void *to, const n1_wide *s);

/* A block, interval after interval: of n_frames those up to `wanted`, and no more than an interval beyond them, from the first of the
 * section on that `from` is in. Whether the words are all used and the states end where they began shows at a section's last frame alone. */
n1_status n1_wide_decode(n1_wide *s, const n1_wide_params *p, const n1_kernels *k, const uint8_t *in, size_t size, size_t n_frames, size_t from,
                         size_t wanted, n1_wide_taker take, void *to);
#endif
