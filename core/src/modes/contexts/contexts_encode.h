/* contexts_encode.h - the contexts mode's encoder. */
#ifndef N1_MODES_CONTEXTS_CONTEXTS_ENCODE_H
#define N1_MODES_CONTEXTS_CONTEXTS_ENCODE_H
#include "kernels/table.h"
#include "modes/contexts/contexts.h"
#include "modes/contexts/effort.h"
#include "modes/forward/effort.h"

/* Bytes that n1_contexts_encode takes. others: the effort of channels that do not promise to gain. */
uint64_t n1_contexts_encode_measure(const n1_shape *s, const n1_contexts_effort *effort, const n1_effort *others);
/* *written: before, the bytes that they must be below. N1_NOT_APPLICABLE: no channel promises to gain, samples beyond int32 or
 * too far apart for an alphabet, more decisions than the effort takes, or bytes that do not fit or are no fewer. */
n1_status n1_contexts_encode(const void *samples, const n1_shape *s, const n1_contexts_effort *effort,
                             const n1_effort *others, const n1_encode_kernels *k, n1_arena arena, uint8_t *dst,
                             size_t capacity, size_t *written);
/* N1_NOT_APPLICABLE where it surely is for n1_contexts_encode, with its memory: in a small part of its time. */
n1_status n1_contexts_may(const void *samples, const n1_shape *s, const n1_contexts_effort *effort, const n1_encode_kernels *k, n1_arena arena);
#endif
