/* emit.h - decoder: from codes to samples. */
#ifndef N1_MODES_FORWARD_EMIT_H
#define N1_MODES_FORWARD_EMIT_H
#include "modes/forward/forward.h"

typedef struct {
    uint16_t *line;   /* codes of a channel in time order */
    uint8_t *band;    /* channels moved together */
} n1_emitter;

void n1_emitter_take(n1_emitter *e, n1_arena *a, const n1_shape *s);
/* A decoded block to samples. raw: the verbatim bits. */
void n1_emit(n1_forward *f, n1_bitreader *raw, const n1_shape *s, void *samples, const n1_kernels *k,
             const n1_emitter *e);
#endif
