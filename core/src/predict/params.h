/*
 * The two adaptive modes of the n1 coder: realtime, and best.
 *
 * Both code a stream of frames; a frame is one code (0 .. codes-1, the output of the lattice) for each channel.
 * What is known when a sample arrives decides its bits: no sample of the future is looked at, no coefficient is
 * sent. The state lives in memory that the caller owns and is carried from packet to packet.
 */
#ifndef N1A_ADAPTIVE_H
#define N1A_ADAPTIVE_H

#include <stddef.h>
#include <stdint.h>

enum {
    N1A_MAX_CODES = 4096,     /* codes of the alphabet after the lattice and the removal of raw low bits */
    N1A_MAX_CHANNELS = 4096,
    N1A_MAX_OWN = 32,         /* taps on a channel's own past */
    N1A_MAX_NEIGHBOURS = 16,  /* lower channels that help to predict a channel */
    N1A_MAX_PAST = 3,         /* past samples of each neighbour, besides its present one */
    N1A_MAX_GROUPS = 64,      /* converters (ADCs) whose code widths are learned apart */
    N1A_MAX_FEATURES = N1A_MAX_OWN + N1A_MAX_NEIGHBOURS * (1 + N1A_MAX_PAST),
    N1A_CONTEXTS = 4,
    N1A_NO_NEIGHBOUR = 0xFFFF
};

/* Everything the two sides must agree on; it travels in the chunk header (n1a_params_write). */
typedef struct {
    uint16_t channels;
    uint16_t codes;          /* 2 .. N1A_MAX_CODES */
    uint8_t own;             /* 1 .. N1A_MAX_OWN */
    uint8_t neighbours;      /* 0 .. N1A_MAX_NEIGHBOURS */
    uint8_t past;            /* 0 .. N1A_MAX_PAST */
    uint8_t groups;          /* 1 .. N1A_MAX_GROUPS */
    uint8_t prior;           /* 0: even widths, 1: table N1A_WIDTHS_N1 */
    uint8_t sigma;           /* first scale: 2^(sigma/2) voltage units (N1A_UNIT of them to a code) */
    uint8_t stiff_common;    /* 0 .. 15: log2 of the counts that the prior of the code widths is worth */
    uint8_t stiff_group;     /* 0 .. 15: the same for the common table in each group */
    uint8_t contexts;        /* best: 1 .. N1A_CONTEXTS laws of context besides the plain one; realtime: ignored */
    uint16_t prior_first;    /* prior's entry of code 0 */
    const uint16_t *neighbour; /* [channels][neighbours], each below its channel or N1A_NO_NEIGHBOUR */
    const uint8_t *group;    /* [channels], each below groups; may be NULL when groups is 1 */
} n1a_params;

/* log2 of the voltage units per code of mean width: 4 to 6, as fine as a 16-bit axis allows. */
static inline int n1a_unit_shift(uint32_t codes) { return codes < 1024 ? 6 : codes < 2048 ? 5 : 4; }

typedef enum {
    N1A_OK = 0,
    N1A_BAD_PARAMETERS = -1, /* a field is outside its limit */
    N1A_NO_ROOM = -2,    /* the output or the state memory is too small */
    N1A_BAD_DATA = -3    /* the bytes are not what an encoder wrote, or a code is outside the alphabet */
} n1a_status;

int n1a_params_check(const n1a_params *p);
/* Bytes written or read, or an n1a_status. The reader fills the caller's two arrays, of n_neighbour and n_group. */
int64_t n1a_params_write(const n1a_params *p, uint8_t *out, size_t capacity);
int64_t n1a_params_read(n1a_params *p, const uint8_t *in, size_t size, uint16_t *neighbour, size_t n_neighbour,
                       uint8_t *group, size_t n_group);

/* Realtime. `memory` is 16-byte aligned (best: 64-byte), of n1a_realtime_size(p) bytes, and is all the state there is.
 */
typedef struct n1a_realtime n1a_realtime;
size_t n1a_realtime_size(const n1a_params *p); /* 0: bad parameters */
size_t n1a_realtime_need(const n1a_params *p); /* the same from the counts alone, unchecked; neither array is read */
/* vector: whether the AVX2 kernel may be used. Bytes do not depend on it. */
n1a_realtime *n1a_realtime_init(void *memory, size_t size, const n1a_params *p, int vector);
/* scratch: n_frames * channels words. out: at least n1a_realtime_bound bytes. Returns bytes written or an n1a_status.
 */
size_t n1a_realtime_bound(size_t n_samples);
int64_t n1a_realtime_encode(n1a_realtime *s, const uint16_t *codes, size_t n_frames, uint64_t *scratch, uint8_t *out,
                           size_t capacity);
int n1a_realtime_decode(n1a_realtime *s, const uint8_t *in, size_t size, uint16_t *codes, size_t n_frames);

/* Best. */
typedef struct n1a_best n1a_best;
size_t n1a_best_size(const n1a_params *p);
size_t n1a_best_need(const n1a_params *p);
n1a_best *n1a_best_init(void *memory, size_t size, const n1a_params *p, int vector);
size_t n1a_best_bound(size_t n_samples);
int64_t n1a_best_encode(n1a_best *s, const uint16_t *codes, size_t n_frames, uint8_t *out, size_t capacity);
int n1a_best_decode(n1a_best *s, const uint8_t *in, size_t size, uint16_t *codes, size_t n_frames);

#endif
