/* adaptive.h - blocks of the adaptive modes, backward, mixed and wide.
 *
 * Channels of the alphabet that most have go through the adaptive coder, frame after frame; all others (constant, sync
 * words) form a block of the forward or the stored mode of their own, within this one:
 *   mode          8   2 backward, 3 mixed, 6 wide
 *   all           1   1: every channel is adaptive, else one bit a channel, 1 for adaptive
 *   alphabet          as in the forward mode; widths tell no more than whether the N1's prior is meant
 *   -- pad to a byte
 *   raw area          raw_bits low bits of each full code, frame after frame; pad to a byte
 *   others            unless all: bytes of their block (32 bits, little-endian), and the block
 *   parameters        see predict/params.c; then the coder's bytes to the end of the block
 */
#ifndef N1_MODES_ADAPTIVE_ADAPTIVE_H
#define N1_MODES_ADAPTIVE_ADAPTIVE_H
#include "base/arena.h"
#include "modes/mode.h"
#include "n1/codec.h"
#include "predict/params.h"

#define N1_ADAPTIVE_MIN_SAMPLES 512u   /* frames: below, the state would outweigh the samples */

/* Whether the adaptive modes take blocks of this shape. */
static inline int n1_adaptive_takes(const n1_shape *s)
{
    return s->n_samples >= N1_ADAPTIVE_MIN_SAMPLES && s->n_channels >= 1 && s->n_channels <= N1_ADAPTIVE_CHANNELS;
}

/* Samples of some channels, gathered as frames of their own, and back. */
void n1_gather_channels(const void *samples, const n1_shape *s, const uint16_t *channel, size_t n, void *out);
void n1_scatter_channels(const void *in, const uint16_t *channel, size_t n, const n1_shape *s, void *samples);
#endif
