/* wide_block_encode.h - the wide mode's end of a block: parameters and packet. */
#ifndef N1_MODES_WIDE_WIDE_BLOCK_ENCODE_H
#define N1_MODES_WIDE_WIDE_BLOCK_ENCODE_H
#include "modes/wide/wide_encode.h"
#include "modes/wide/wide_fit.h"

/* What an arena that has `mark` bytes in use has at most. sets: of widths, at most. */
uint64_t n1_wide_encode_measure(const n1_wide_effort *effort, size_t n_channels, size_t n_samples, uint8_t sets, uint64_t mark);
/* p: its counts, its widths and the channels' sets are there. w: gets what n1_wide_bits asks. N1_NOT_APPLICABLE: it does not
 * fit. */
n1_status n1_wide_encode_block(n1_wide_params *p, const n1_wide_effort *effort, const uint16_t *codes, size_t n_samples,
                               const n1_encode_kernels *k, n1_arena a, uint8_t *dst, size_t capacity, size_t *written,
                               n1_wide_writer *w);
/* The same without any bytes, for what is learned: w->s has it. */
n1_status n1_wide_learn_block(n1_wide_params *p, const n1_wide_effort *effort, const uint16_t *codes, size_t n_samples,
                              const n1_encode_kernels *k, n1_arena a, n1_wide_writer *w);
#endif
