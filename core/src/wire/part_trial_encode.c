/* A part of a block, put together, and what the forward mode takes for it. */
#include "wire/part_trial.h"
#include "base/status.h"
#include "base/types.h"
#include "modes/adaptive/adaptive.h"
#include "modes/forward/forward_encode.h"
#include "modes/stored/stored.h"

n1_trial n1_trial_take(n1_part part, const n1_shape *s, n1_arena *a)
{
    n1_trial t;
    t.part = part;
    t.run = (n1_shape){t.part.length, s->n_channels, s->dtype};
    t.shape = (n1_shape){t.part.runs * t.part.length, t.part.n_channels, s->dtype};
    t.in = n1_arena_take(a, n1_stored_bound(&t.shape), 1);
    t.out = n1_arena_take(a, n1_stored_bound(&t.shape), 1);
    t.channel = n1_arena_take(a, t.shape.n_channels, sizeof *t.channel);
    return t;
}

void n1_trial_gather(const void *samples, const n1_shape *s, const n1_trial *t)
{
    const size_t size = n1_type_size(s->dtype), frame = s->n_channels * size, n = t->shape.n_channels;
    for (size_t i = 0; i < n; i++)
        t->channel[i] = (uint16_t)(t->part.first + i);
    for (size_t i = 0; i < t->part.runs; i++) {
        const size_t at = n1_part_at(&t->part, i, s->n_samples);
        n1_gather_channels((const uint8_t *)samples + at * frame, &t->run, t->channel, n, t->in + i * t->run.n_samples * n * size);
    }
}

n1_status n1_trial_by_forward(const void *samples, const n1_shape *s, const n1_trial *t, const n1_effort *effort, const n1_encode_kernels *k,
                              const n1_arena *arena, size_t *size)
{
    if (!n1_arena_holds(arena))
        return N1_ERROR_INTERNAL;
    n1_trial_gather(samples, s, t);
    return n1_forward_or_stored(t->in, &t->shape, effort, k, *arena, t->out, n1_stored_bound(&t->shape), size);
}
