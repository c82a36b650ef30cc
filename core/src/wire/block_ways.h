/* block_ways.h - encoder: a block by the modes that a level has for its shape. */
#ifndef N1_WIRE_BLOCK_WAYS_H
#define N1_WIRE_BLOCK_WAYS_H
#include "base/arena.h"
#include "kernels/table.h"
#include "wire/block_encode.h"

n1_promises n1_ways_promise(const void *samples, const n1_shape *s, int level);
/* The most that any samples of a shape may promise. */
n1_promises n1_ways_most(const n1_shape *s, int level);
/* Bytes of an arena that n1_encode_ways takes then. */
uint64_t n1_ways_measure(const n1_shape *s, int level, n1_promises promises);
/* By contexts, where a part of a long block says that they are surely smaller: N1_NOT_APPLICABLE if it does not, which is noted, or they take more
 * than it said. */
n1_status n1_encode_by_contexts(const void *samples, const n1_shape *s, int level, n1_promises *p, const n1_encode_kernels *k,
                                n1_arena arena, uint8_t *dst, size_t capacity, size_t *written);
n1_status n1_encode_ways(const void *samples, const n1_shape *s, int level, n1_promises promises, const n1_encode_kernels *k,
                         n1_arena arena, uint8_t *dst, size_t capacity, size_t *written);
#endif
