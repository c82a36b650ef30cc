/* adaptive_encode.h - the adaptive modes' encoder. */
#ifndef N1_MODES_ADAPTIVE_ADAPTIVE_ENCODE_H
#define N1_MODES_ADAPTIVE_ADAPTIVE_ENCODE_H
#include "kernels/table.h"
#include "modes/adaptive/adaptive.h"
#include "modes/adaptive/effort.h"
#include "modes/forward/effort.h"
#include "modes/part.h"

/* Bytes that n1_adaptive_encode takes. others: the effort of channels that the mode does not take. */
uint64_t n1_adaptive_encode_measure(const n1_shape *s, const n1_adaptive_effort *effort, const n1_effort *others);
/* N1_NOT_APPLICABLE: samples beyond int32 or too far apart for an alphabet, no channel that is not constant, or bytes that
 * do not fit. part: NULL, or one whose bits are wanted; the wide mode tells them. */
n1_status n1_adaptive_encode(const void *samples, const n1_shape *s, const n1_adaptive_effort *effort,
                             const n1_effort *others, const n1_encode_kernels *k, n1_arena arena, uint8_t *dst,
                             size_t capacity, size_t *written, n1_part *part);
/* What the wide mode learns of the converters' code widths, as tables; *written: 0 where it has nothing to learn. */
n1_status n1_adaptive_learn(const void *samples, const n1_shape *s, const n1_adaptive_effort *effort, const n1_encode_kernels *k,
                            n1_arena arena, uint8_t *dst, size_t capacity, size_t *written);
#endif
