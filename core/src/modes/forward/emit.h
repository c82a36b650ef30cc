/* emit.h - decoder: from codes to samples, a stretch of all channels at a time. */
#ifndef N1_MODES_FORWARD_EMIT_H
#define N1_MODES_FORWARD_EMIT_H
#include "modes/forward/forward.h"

typedef struct {
    n1_shape shape;
    void *samples;         /* of the block                                               */
    size_t pitch;          /* samples from frame to frame                                */
    const uint8_t *raw;    /* its verbatim bits, channel after channel                   */
    size_t raw_size;
    uint64_t raw_at;       /* where those of the next channel begin                      */
    size_t from, n;        /* the stretch: frames before it, and in it                   */
    uint16_t *line;        /* a channel's codes, where samples are of another size       */
    uint8_t *band;         /* channels that are moved together                           */
} n1_emitter;

void n1_emitter_take(n1_emitter *e, n1_arena *a, const n1_shape *s);
/* Begin a stretch; then, for each channel, its codes in the order of time if it is modelled, and n1_emit. */
void n1_emit_begin(n1_emitter *e, size_t from, size_t n);
uint16_t *n1_emit_line(const n1_emitter *e, size_t channel);   /* where its codes go */
void n1_emit(n1_emitter *e, const n1_forward *f, size_t channel, const n1_kernels *k);
#endif
