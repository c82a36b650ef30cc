/* block_spread.h - decoding the channels of a block to where they belong among those of others. */
#ifndef N1_WIRE_BLOCK_SPREAD_H
#define N1_WIRE_BLOCK_SPREAD_H

#include "n1/codec.h"

/* Whether the block is of a kind that needs no room in between. */
int n1_block_spreads(const uint8_t *src, size_t size, const n1_shape *s);
/* As n1_decode_known_block, with `pitch` samples from frame to frame: more than there are channels only if the block spreads. */
n1_status n1_decode_spread_block(const uint8_t *src, size_t size, const n1_shape *s, const n1_span *tables, size_t *frames,
                                 n1_kernel kernel, void *workspace, size_t workspace_size, void *samples, size_t pitch);

#endif
