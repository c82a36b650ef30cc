/*
 * the two adaptive modes of the n1 coder: backward, and mixed.
 *
 * Both code a stream of frames; a frame is one code (0 .. codes-1, the output of the lattice) for each channel.
 * What is known when a sample arrives decides its bits: no sample of the future is looked at, no coefficient is
 * sent. The state lives in memory that the caller owns and is carried from packet to packet.
 */
#ifndef N1_PREDICT_PARAMS_H
#define N1_PREDICT_PARAMS_H

#include "converter/limits.h"

#include <stddef.h>
#include <stdint.h>

enum {
    N1_ADAPTIVE_CHANNELS = 4096,
    N1_MAX_OWN = 32,         /* taps on a channel's own past */
    N1_MAX_NEIGHBOURS = 16,  /* lower channels that help to predict a channel */
    N1_MAX_PAST = 3,         /* past samples of each neighbour, besides its present one */
    N1_MAX_WIDTH_SETS = 64,      /* converters (ADCs) whose code widths are learned apart */
    N1_MAX_FEATURES = N1_MAX_OWN + N1_MAX_NEIGHBOURS * (1 + N1_MAX_PAST),
    N1_MAX_CONTEXTS = 4,
    N1_NO_NEIGHBOUR = 0xFFFF
};

/* Everything the two sides must agree on; it travels in the block header (n1_params_write). */
typedef struct {
    uint16_t channels;
    uint16_t codes;          /* 2 .. N1_MAX_CODES */
    uint8_t own;             /* 1 .. N1_MAX_OWN */
    uint8_t neighbours;      /* 0 .. N1_MAX_NEIGHBOURS */
    uint8_t past;            /* 0 .. N1_MAX_PAST */
    uint8_t sets;          /* 1 .. N1_MAX_WIDTH_SETS */
    uint8_t prior;           /* 0: even widths, 1: table N1_NLINK_WIDTHS */
    uint8_t sigma;           /* first scale: 2^(sigma/2) voltage units (N1_UNIT of them to a code) */
    uint8_t stiff_common;    /* 0 .. 15: log2 of the counts that the prior of the code widths is worth */
    uint8_t stiff_set;     /* 0 .. 15: the same for the common table in each set */
    uint8_t contexts;        /* mixed: 1 .. N1_MAX_CONTEXTS laws of context besides the plain one; backward: ignored */
    uint16_t prior_first;    /* prior's entry of code 0 */
    const uint16_t *neighbour; /* [channels][neighbours], each below its channel or N1_NO_NEIGHBOUR */
    const uint8_t *set;    /* [channels], each below sets; may be NULL when sets is 1 */
} n1_params;

/* log2 of the voltage units per code of mean width: 4 to 6, as fine as a 16-bit axis allows. */
static inline int n1_unit_shift(uint32_t codes) { return codes < 1024 ? 6 : codes < 2048 ? 5 : 4; }

typedef enum {
    N1_PACKET_OK = 0,
    N1_PACKET_PARAMETERS = -1, /* a field is outside its limit */
    N1_PACKET_NO_ROOM = -2,    /* the output or the state memory is too small */
    N1_PACKET_DATA = -3    /* the bytes are not what an encoder wrote, or a code is outside the alphabet */
} n1_packet_status;

int n1_params_check(const n1_params *p);
/* Bytes written or read, or an n1_packet_status. The reader fills the caller's two arrays, of n_neighbour and n_set. */
int64_t n1_params_write(const n1_params *p, uint8_t *out, size_t capacity);
int64_t n1_params_read(n1_params *p, const uint8_t *in, size_t size, uint16_t *neighbour, size_t n_neighbour,
                       uint8_t *set, size_t n_set);

/* Backward. `memory` is 16-byte aligned (mixed: 64-byte), of n1_backward_size(p) bytes, and is all the state there is.
 */
typedef struct n1_backward n1_backward;
size_t n1_backward_size(const n1_params *p); /* 0: bad parameters */
size_t n1_backward_need(const n1_params *p); /* the same from the counts alone, unchecked; neither array is read */
/* vector: whether the AVX2 kernel may be used. Bytes do not depend on it. */
n1_backward *n1_backward_init(void *memory, size_t size, const n1_params *p, int vector);
/* scratch: n_frames * channels words. out: at least n1_backward_bound bytes. Returns bytes written or an n1_packet_status.
 */
size_t n1_backward_bound(size_t n_samples);
int64_t n1_backward_encode(n1_backward *s, const uint16_t *codes, size_t n_frames, uint64_t *scratch, uint8_t *out,
                           size_t capacity);
int n1_backward_decode(n1_backward *s, const uint8_t *in, size_t size, uint16_t *codes, size_t n_frames);

/* Mixed. */
typedef struct n1_mixed n1_mixed;
size_t n1_mixed_size(const n1_params *p);
size_t n1_mixed_need(const n1_params *p);
n1_mixed *n1_mixed_init(void *memory, size_t size, const n1_params *p, int vector);
size_t n1_mixed_bound(size_t n_samples);
int64_t n1_mixed_encode(n1_mixed *s, const uint16_t *codes, size_t n_frames, uint8_t *out, size_t capacity);
int n1_mixed_decode(n1_mixed *s, const uint8_t *in, size_t size, uint16_t *codes, size_t n_frames);

#endif
