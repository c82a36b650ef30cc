/* others.h - the channels of a block that its mode does not take: a block of their own within it. */
#ifndef N1_MODES_ADAPTIVE_OTHERS_H
#define N1_MODES_ADAPTIVE_OTHERS_H
#include "base/arena.h"
#include "kernels/table.h"

typedef struct {
    const uint8_t *block;
    size_t size;
    n1_shape shape;
} n1_others;

/* Find the block of n channels behind its length at src + *at, which moves past it; none where n is 0. */
n1_status n1_others_find(n1_others *o, const uint8_t *src, size_t size, size_t *at, const n1_shape *s, size_t n);
/* Take what they need: their samples, gathered, and what their decoder works with. */
n1_status n1_others_take(const n1_others *o, n1_arena *a, void **gathered);
/* The most that n channels of a block take. */
void n1_others_most(const n1_shape *s, size_t n, n1_arena *a);
/* Decode them, and put those from frame `first` on where they are among samples of shape s. a: as it was before n1_others_take. */
n1_status n1_others_decode(const n1_others *o, const uint16_t *channel, const n1_kernels *k, n1_arena a, size_t first, const n1_shape *s,
                           void *samples);
#endif
