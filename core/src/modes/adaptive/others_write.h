/* others_write.h - encoder: which channels a mode takes, and the block of the others. */
#ifndef N1_MODES_ADAPTIVE_OTHERS_WRITE_H
#define N1_MODES_ADAPTIVE_OTHERS_WRITE_H
#include "base/arena.h"
#include "base/fields.h"
#include "kernels/table.h"
#include "modes/forward/effort.h"

/* A bit that says whether all are members; if not, one for each channel. */
void n1_members_write(n1_bitwriter *w, const uint16_t *member, size_t n, const n1_shape *s);
/* The most that n1_others_write takes for channels of a block of shape s. */
void n1_others_write_measure(n1_arena *a, const n1_shape *s, const n1_effort *effort);
/* The block of n channels, behind its length. N1_NOT_APPLICABLE: it does not fit. */
n1_status n1_others_write(n1_bitwriter *w, const void *samples, const n1_shape *s, const uint16_t *channel, size_t n,
                          const n1_effort *effort, const n1_encode_kernels *k, n1_arena a);
#endif
