/* part_trial.h - a part of a block, put together, and what a mode takes for it. */
#ifndef N1_WIRE_PART_TRIAL_H
#define N1_WIRE_PART_TRIAL_H
#include "base/arena.h"
#include "kernels/table.h"
#include "modes/forward/effort.h"
#include "modes/part.h"

/* What a trial works with. */
typedef struct {
    n1_part part;
    n1_shape shape, run;
    uint8_t *in, *out;
    uint16_t *channel;
} n1_trial;

n1_trial n1_trial_take(n1_part part, const n1_shape *s, n1_arena *a);
void n1_trial_gather(const void *samples, const n1_shape *s, const n1_trial *t);
/* What it takes by the forward mode: it is gathered, too. */
n1_status n1_trial_by_forward(const void *samples, const n1_shape *s, const n1_trial *t, const n1_effort *effort, const n1_encode_kernels *k,
                              const n1_arena *arena, size_t *size);
#endif
