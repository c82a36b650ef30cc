/* adaptive_encode.h - the adaptive modes' encoder. */
#ifndef N1_MODES_ADAPTIVE_ADAPTIVE_ENCODE_H
#define N1_MODES_ADAPTIVE_ADAPTIVE_ENCODE_H
#include "kernels/table.h"
#include "modes/adaptive/adaptive.h"
#include "modes/adaptive/effort.h"
#include "modes/forward/effort.h"

/* A part of a block: stretches of frames, all over it, of channels side by side; and what it has cost. */
#define N1_PART_CHANNELS 32u   /* at most: as many as blocks of a file have */

typedef struct {
    size_t runs, length, first, n_channels;
    uint64_t bits;   /* 0: it is not known */
} n1_part;

/* Where stretch i begins. */
static inline size_t n1_part_at(const n1_part *p, size_t i, size_t n_samples)
{
    return (2 * i + 1) * n_samples / (2 * p->runs) - p->length / 2;
}

/* Bytes that n1_adaptive_encode takes. others: the effort of channels that the mode does not take. */
uint64_t n1_adaptive_encode_measure(const n1_shape *s, const n1_adaptive_effort *effort, const n1_effort *others);
/* N1_NOT_APPLICABLE: samples beyond int32 or too far apart for an alphabet, no channel that is not constant, or bytes that
 * do not fit. part: NULL, or one whose bits are wanted; the wide mode tells them. */
n1_status n1_adaptive_encode(const void *samples, const n1_shape *s, const n1_adaptive_effort *effort,
                             const n1_effort *others, const n1_encode_kernels *k, n1_arena arena, uint8_t *dst,
                             size_t capacity, size_t *written, n1_part *part);
#endif
