/* block_encode.h - encoder: a look at a block's samples, for who needs to know its workspace first, taken once. */
#ifndef N1_WIRE_BLOCK_ENCODE_H
#define N1_WIRE_BLOCK_ENCODE_H
#include "wire/echo.h"
#include "wire/repeats.h"

/* What may be tried besides a level's usual way, as a small part of the samples says. */
typedef struct {
    uint8_t pieces, contexts, predicted; /* contexts: 2 where all channels promise */
    uint8_t doubtful; /* contexts promise less, but of more channels */
    uint8_t tried;    /* whether a part of the block has said that contexts pay or do not */
} n1_promises;

/* What a look at a block says: of all frames, and of those that stay where others repeat them. */
typedef struct {
    n1_promises all, kept;
    n1_repeats repeats;
    n1_echo echo;
} n1_seen;

/* As n1_block_encode_needs, and what it has seen. */
size_t n1_block_look(const void *samples, const n1_shape *shape, int level, n1_seen *seen);
/* As n1_encode_known_block, after that: seen is what it said of these samples at this level; NULL: look first. */
n1_status n1_encode_seen_block(const void *samples, const n1_shape *shape, const n1_span *tables, int level, n1_kernel kernel, const n1_seen *seen,
                               void *workspace, size_t workspace_size, uint8_t *dst, size_t capacity, size_t *written);
#endif
