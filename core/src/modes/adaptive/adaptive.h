/* adaptive_chunk.h - blocks of the adaptive modes.
 *
 * Channels of the alphabet that most have go through the adaptive coder (adaptive/), frame after frame; all others
 * (constant, sync words) form a block of a forward or stored mode of their own, within this one:
 *   mode          8   2 backward, 3 mixed
 *   all           1   1: every channel is adaptive, else one bit a channel, 1 for adaptive
 *   alphabet          as in the forward mode; widths tell no more than whether the N1's prior is meant
 *   -- pad to a byte
 *   raw area          raw_bits low bits of each full code, frame after frame; pad to a byte
 *   others            unless all: bytes of their block (32 bits, little-endian), and the block
 *   parameters        see adaptive/params.c; then the adaptive packet to the end of the block
 */
#ifndef N1_MODES_ADAPTIVE_ADAPTIVE_H
#define N1_MODES_ADAPTIVE_ADAPTIVE_H
#include "predict/params.h"
#include "modes/forward/forward.h"

#define N1_ADAPTIVE_MIN_SAMPLES 512u   /* frames: below, the state would outweigh the samples */

#define N1_MANY_CHANNELS 8u   /* from here on, channels teach each other more than a fit brings */

/* Whether the adaptive modes take blocks of this shape. */
int n1_adaptive_takes(const n1_shape *s);
/* Bytes beyond those of the forward mode. */
uint64_t n1_adaptive_workspace(const n1_shape *s);
/* Counts that a decoder accepts, and gives memory for: part of the format, whatever the levels ask today. */
#define N1_FEW_OWN 32u
#define N1_FEW_NEIGHBOURS 4u
#define N1_FEW_PAST 2u
#define N1_MANY_OWN 8u
#define N1_MANY_NEIGHBOURS 12u
#define N1_MANY_PAST 1u
int n1_adaptive_within(const n1_params *p);
/* Most bytes of state within these. */
size_t n1_adaptive_state(size_t n_channels);
size_t n1_adaptive_need(n1_mode mode, const n1_params *p);

n1_status n1_adaptive_encode(const void *samples, const n1_shape *s, int level, n1_kernel kernel, n1_arena arena,
                              uint8_t *dst, size_t capacity, size_t *written);
n1_status n1_adaptive_decode(const uint8_t *src, size_t size, const n1_shape *s, n1_kernel kernel, n1_arena arena,
                              void *samples);

/* Samples of some channels, gathered as frames of their own, and back. */
void n1_gather_channels(const void *samples, const n1_shape *s, const uint16_t *channel, size_t n, void *out);
void n1_scatter_channels(const void *in, const uint16_t *channel, size_t n, const n1_shape *s, void *samples);

/* Encoder: the parameters of a level for codes (frame after frame) of the given channels. */
n1_mode n1_adaptive_counts(int level, size_t n_channels, n1_params *p);
/* Fill in what the counts leave open. neighbour and set are the arrays of p. 0: no room. */
int n1_adaptive_plan(n1_params *p, const uint16_t *codes, size_t n_samples, const uint16_t *channel,
                      uint16_t *neighbour, uint8_t *set, n1_kernel kernel, n1_arena scratch);
/* Bytes of work that its counts take, at most: of all channels, of each converter, of each part of them. */
static inline size_t n1_adaptive_plan_size(size_t n_channels)
{
    const size_t parts = n_channels <= N1_MAX_WIDTH_SETS ? n_channels + 1 : N1_MAX_WIDTH_SETS * 4;
    return (1 + N1_MAX_WIDTH_SETS + parts) * N1_MAX_CODES * sizeof(uint32_t);
}
#endif
