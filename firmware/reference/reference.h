/* reference.h - the codecs that lite and full are weighed against: small, plain, and as good as their kind is.
 *
 * All take codes of 10 bits, frame after frame, and write a packet's body. A key starts anew. dst has room for
 * N1_REFERENCE_MOST bytes a sample. Nothing here needs a library, divides, or keeps memory but the caller's.
 */
#ifndef N1_FIRMWARE_REFERENCE_H
#define N1_FIRMWARE_REFERENCE_H
#include <stddef.h>
#include <stdint.h>

#define N1_REFERENCE_BITS  10u
#define N1_REFERENCE_MOST  3u  /* bytes that a sample takes at most */
#define N1_REFERENCE_TAPS  8u
#define N1_REFERENCE_SHIFT 12  /* of taps */

/* Rice's parameter follows the mean of the numbers coded: 4 bytes a channel with the last code. */
typedef struct n1_rice_state {
    uint16_t last, sum; /* sum: 16 times the mean */
} n1_rice_state;

typedef struct n1_lpc_state {
    int16_t past[N1_REFERENCE_TAPS]; /* a ring: frame t at t mod 8 */
    uint16_t sum, unused;
} n1_lpc_state;

/* 10 bits a sample. */
size_t n1_raw_encode(const uint16_t *codes, uint32_t channels, uint32_t frames, uint8_t *dst);
/* Differences, Rice codes. */
size_t n1_rice_encode(n1_rice_state *state, const uint16_t *codes, uint32_t channels, uint32_t frames, int key, uint8_t *dst);
/* Eight taps for all channels, newest first, in 1/4096; Rice codes. since: frames since the key. */
size_t n1_lpc_encode(n1_lpc_state *state, const int16_t *taps, const uint16_t *codes, uint32_t channels, uint32_t frames,
                     uint32_t since, int key, uint8_t *dst);
#endif
