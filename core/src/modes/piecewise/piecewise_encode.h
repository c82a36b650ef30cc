/* piecewise_encode.h - the piecewise mode's encoder. */
#ifndef N1_MODES_PIECEWISE_PIECEWISE_ENCODE_H
#define N1_MODES_PIECEWISE_PIECEWISE_ENCODE_H
#include "base/arena.h"
#include "kernels/table.h"
#include "modes/part.h"
#include "modes/piecewise/piece_effort.h"

/* Bytes that the encoder takes. */
uint64_t n1_piecewise_encode_measure(const n1_shape *s, const n1_piece_effort *effort);
/* capacity: bytes that another mode takes, which it must do better than. N1_NOT_APPLICABLE: values too far apart, too many channels, or bytes that do not fit.
 * part: NULL, or one whose bits are wanted. */
n1_status n1_piecewise_encode(const void *samples, const n1_shape *s, const n1_piece_effort *effort, const n1_encode_kernels *k,
                              n1_arena arena, uint8_t *dst, size_t capacity, size_t *written, n1_part *part);
#endif
