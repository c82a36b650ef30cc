/* block_spread.h - decoding the channels of a block to where they belong among those of others. */
#ifndef N1_WIRE_BLOCK_SPREAD_H
#define N1_WIRE_BLOCK_SPREAD_H

#include "modes/frames.h"
#include "n1/codec.h"

/* Whether the block is of a kind that needs no room in between. */
int n1_block_spreads(const uint8_t *src, size_t size, const n1_shape *s);
/* Which frames are to be decoded to see some, one at least: those from the first of a section on, or all where there is no shorter way. */
n1_status n1_block_reach(const uint8_t *src, size_t size, const n1_shape *s, n1_frames *f);
/* As n1_decode_known_block, of frames from one on that n1_block_reach gives, to where samples begin; with `pitch` samples from frame to
 * frame: more than there are channels only if the block spreads. */
n1_status n1_decode_spread_block(const uint8_t *src, size_t size, const n1_shape *s, const n1_span *tables, n1_frames *f,
                                 n1_kernel kernel, void *workspace, size_t workspace_size, void *samples, size_t pitch);

#endif
