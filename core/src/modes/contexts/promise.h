/* promise.h - encoder: which channels may gain from contexts of exact values, from a look at a small part of a block. */
#ifndef N1_MODES_CONTEXTS_PROMISE_H
#define N1_MODES_CONTEXTS_PROMISE_H
#include "base/arena.h"
#include "modes/contexts/effort.h"
#include "n1/codec.h"

/* What is seen of a channel. */
typedef struct {
    uint32_t value, step;   /* the last ones, modulo 2^32 */
    uint32_t repeated;      /* steps that were none, or the one before again */
    uint64_t values;        /* a bit for each value seen, or for some that share it */
} n1_contexts_look;

/* Channels that promise to gain, 0 if too few do, with memory of its own. */
size_t n1_contexts_promising(const void *samples, const n1_shape *s, const n1_contexts_effort *effort);
/* Channels that promise to gain; look[i].repeated is 0 for the others, and where the channel rests at one value. */
size_t n1_contexts_promise(const void *samples, const n1_shape *s, const n1_contexts_effort *effort, n1_contexts_look *look);
#endif
