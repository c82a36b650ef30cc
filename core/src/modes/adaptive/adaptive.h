/* adaptive_chunk.h - chunks of the adaptive modes.
 *
 * Channels of the alphabet that most have go through the adaptive coder (adaptive/), frame after frame; all others
 * (constant, sync words) form a chunk of a static or stored mode of their own, within this one:
 *   mode          8   2 realtime, 3 best
 *   all           1   1: every channel is adaptive, else one bit a channel, 1 for adaptive
 *   alphabet          as in the static mode; widths tell no more than whether the N1's prior is meant
 *   -- pad to a byte
 *   raw area          raw_bits low bits of each full code, frame after frame; pad to a byte
 *   others            unless all: bytes of their chunk (32 bits, little-endian), and the chunk
 *   parameters        see adaptive/params.c; then the adaptive packet to the end of the chunk
 */
#ifndef N1C_ADAPTIVE_CHUNK_H
#define N1C_ADAPTIVE_CHUNK_H
#include "predict/params.h"
#include "modes/forward/forward.h"

#define N1C_ADAPTIVE_MIN_SAMPLES 512u   /* frames: below, the state would outweigh the samples */

#define N1C_MANY_CHANNELS 8u   /* from here on, channels teach each other more than a fit brings */

/* Whether the adaptive modes take chunks of this shape. */
int n1c_adaptive_takes(const n1_shape *s);
/* Bytes beyond those of the static mode. */
size_t n1c_adaptive_workspace(const n1_shape *s);
/* Counts that a decoder accepts, and gives memory for: part of the format, whatever the levels ask today. */
#define N1C_FEW_OWN 32u
#define N1C_FEW_NEIGHBOURS 4u
#define N1C_FEW_PAST 2u
#define N1C_MANY_OWN 8u
#define N1C_MANY_NEIGHBOURS 12u
#define N1C_MANY_PAST 1u
int n1c_adaptive_within(const n1a_params *p);
/* Most bytes of state within these. */
size_t n1c_adaptive_state(size_t n_channels);
size_t n1c_adaptive_need(n1c_mode mode, const n1a_params *p);

n1_status n1c_adaptive_encode(const void *samples, const n1_shape *s, int level, n1_kernel kernel, n1c_arena arena,
                              uint8_t *dst, size_t capacity, size_t *written);
n1_status n1c_adaptive_decode(const uint8_t *src, size_t size, const n1_shape *s, n1_kernel kernel, n1c_arena arena,
                              void *samples);

/* Samples of some channels, gathered as frames of their own, and back. */
void n1c_gather(const void *samples, const n1_shape *s, const uint16_t *channel, size_t n, void *out);
void n1c_scatter(const void *in, const uint16_t *channel, size_t n, const n1_shape *s, void *samples);

/* Encoder: the parameters of a level for codes (frame after frame) of the given channels. */
n1c_mode n1c_adaptive_counts(int level, size_t n_channels, n1a_params *p);
/* Fill in what the counts leave open. neighbour and group are the arrays of p. 0: no room. */
int n1c_adaptive_plan(n1a_params *p, const uint16_t *codes, size_t n_samples, const uint16_t *channel,
                      uint16_t *neighbour, uint8_t *group, n1_kernel kernel, n1c_arena scratch);
/* Bytes of work that its counts take, at most: of all channels, of each converter, of each part of them. */
static inline size_t n1c_adaptive_plan_size(size_t n_channels)
{
    const size_t parts = n_channels <= N1A_MAX_GROUPS ? n_channels + 1 : N1A_MAX_GROUPS * 4;
    return (1 + N1A_MAX_GROUPS + parts) * N1A_MAX_CODES * sizeof(uint32_t);
}
#endif
