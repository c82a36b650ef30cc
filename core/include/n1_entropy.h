/* n1_entropy.h - entropy and run-length coders of integer samples; part of n1.h.
 *
 * Each coder is a pair of functions from an array to a payload and back. The payload does not say how many samples
 * there are nor of what type: the caller knows the n1_layout. Five promises hold for each:
 *   - a payload never takes more than one byte above the samples themselves (n1_payload_bound): what does not shrink is
 *     stored;
 *   - the same samples give the same bytes on every machine;
 *   - decoding accepts any bytes: it writes the samples and nothing else, does work in proportion to the layout and the
 *     payload, and succeeds only if exactly the whole payload was used;
 *   - encoding never writes beyond the capacity given: N1_ERROR_DST_TOO_SMALL;
 *   - nothing is allocated: the caller passes a workspace of the size asked for, aligned to 8 bytes, of any contents.
 * Samples are in the machine's byte order, at any address. On failure the samples written so far are meaningless.
 *
 * The payload formats are described at the heads of huffman.c, arithmetic.c, rans.c, rice.c and rle.c; the symbol
 * tables that the first three share at the heads of tokens.h and symbol_table.c.
 */
#ifndef N1_ENTROPY_H
#define N1_ENTROPY_H

#include "n1.h"

#ifdef __cplusplus
extern "C" {
#endif

#define N1_MAX_SAMPLES     ((size_t)1 << 30) /* most samples of one call                         */
#define N1_MAX_CHANNELS    ((size_t)1 << 16) /* most channels                                    */
#define N1_MAX_SYMBOLS     65536u            /* most distinct symbols of a symbol table          */
#define N1_MAX_CODE_LENGTH 20u               /* longest Huffman code, in bits                    */
#define N1_RICE_ESCAPE     24u               /* a Rice quotient this large announces a raw value */

/* What an array of samples looks like. */
typedef struct n1_layout {
    size_t size;       /* samples over all channels: 1 to N1_MAX_SAMPLES, a multiple of channels             */
    size_t channels;   /* samples of a frame (one of each channel), adjacent in memory: 1 to N1_MAX_CHANNELS */
    unsigned itemsize; /* bytes of a sample: 1, 2 or 4                                                       */
    int is_signed;     /* two's complement if not 0                                                          */
} n1_layout;

/* Whether adaptive frequencies are learnt on the way or static ones are sent first. */
typedef enum n1_model { N1_MODEL_STATIC = 1, N1_MODEL_ADAPTIVE = 2 } n1_model;

/* Most bytes of a payload of any coder below; 0 if the layout is outside its limits. */
size_t n1_payload_bound(const n1_layout *layout);

/* Canonical Huffman code of whole samples. */
size_t n1_huffman_workspace(void);
n1_status n1_huffman_encode(const void *samples, const n1_layout *layout, uint8_t *dst, size_t capacity,
                            size_t *written, void *workspace);
n1_status n1_huffman_decode(const uint8_t *src, size_t len, void *samples, const n1_layout *layout, void *workspace);

/* Range coder; the payload says which model it was made with. */
size_t n1_arithmetic_workspace(void);
n1_status n1_arithmetic_encode(const void *samples, const n1_layout *layout, n1_model model, uint8_t *dst,
                               size_t capacity, size_t *written, void *workspace);
n1_status n1_arithmetic_decode(const uint8_t *src, size_t len, void *samples, const n1_layout *layout, void *workspace);

/* Range asymmetric numeral system with a static table. */
size_t n1_rans_workspace(void);
n1_status n1_rans_encode(const void *samples, const n1_layout *layout, uint8_t *dst, size_t capacity, size_t *written,
                         void *workspace);
n1_status n1_rans_decode(const uint8_t *src, size_t len, void *samples, const n1_layout *layout, void *workspace);

/* Golomb-Rice code that adapts to each channel; the workspace grows with the channels. */
size_t n1_rice_workspace(const n1_layout *layout);
n1_status n1_rice_encode(const void *samples, const n1_layout *layout, uint8_t *dst, size_t capacity, size_t *written,
                         void *workspace);
n1_status n1_rice_decode(const uint8_t *src, size_t len, void *samples, const n1_layout *layout, void *workspace);

/* Run lengths of equal samples, in memory order; needs no workspace. */
n1_status n1_rle_encode(const void *samples, const n1_layout *layout, uint8_t *dst, size_t capacity, size_t *written);
n1_status n1_rle_decode(const uint8_t *src, size_t len, void *samples, const n1_layout *layout);

#ifdef __cplusplus
}
#endif
#endif
