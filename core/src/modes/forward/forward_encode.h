/* forward_encode.h - the forward mode's encoder. */
#ifndef N1_MODES_FORWARD_FORWARD_ENCODE_H
#define N1_MODES_FORWARD_FORWARD_ENCODE_H
#include "base/arena.h"
#include "kernels/table.h"
#include "modes/forward/effort.h"

/* Bytes that the two below take. */
uint64_t n1_forward_encode_measure(const n1_shape *s, const n1_effort *effort);
/* N1_NOT_APPLICABLE: samples beyond int32 or too far apart for an alphabet, or bytes that do not fit. */
n1_status n1_forward_encode(const void *samples, const n1_shape *s, const n1_effort *effort, const n1_encode_kernels *k,
                            n1_arena arena, uint8_t *dst, size_t capacity, size_t *written);
/* The stored mode where that is smaller, or where the forward one is not applicable. dst has room for that. */
n1_status n1_forward_or_stored(const void *samples, const n1_shape *s, const n1_effort *effort,
                               const n1_encode_kernels *k, n1_arena arena, uint8_t *dst, size_t capacity, size_t *written);
#endif
