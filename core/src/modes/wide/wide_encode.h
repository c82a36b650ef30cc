/* wide_encode.h - the wide mode's encoder. */
#ifndef N1_MODES_WIDE_WIDE_ENCODE_H
#define N1_MODES_WIDE_WIDE_ENCODE_H
#include "kernels/table.h"
#include "modes/wide/wide.h"

typedef struct {
    n1_wide *s;
    uint32_t *span;   /* of each row of each frame, see row.h */
    size_t params;    /* bytes that the parameters took */
    uint32_t unlike;  /* n1_wide_unlike, unless code widths are known */
} n1_wide_writer;

void n1_wide_writer_take(n1_wide_writer *w, n1_arena *a, const n1_wide_params *p, size_t n_frames);
/* What frames' codes cost once a section has begun, and what is learned on the way. */
void n1_wide_masses(n1_wide_writer *w, const n1_encode_kernels *k, const uint16_t *codes, size_t n_frames);
/* All frames of a block. N1_NOT_APPLICABLE: the bytes do not fit. */
n1_status n1_wide_encode(n1_wide_writer *w, const n1_wide_params *p, const n1_encode_kernels *k, const uint16_t *codes, size_t n_frames,
                         uint8_t *out, size_t capacity, size_t *written);
/* Bits that frames of some channels have cost, once all are coded. */
uint64_t n1_wide_bits(const n1_wide_writer *w, const uint16_t *channel, size_t n, size_t first, size_t n_frames);
#endif
