/* n1/classic.h - the coders and transforms of the field that are native code: what the n1 coder is compared with.
 *
 * First come entropy and run-length coders of integer samples. Each is a pair of functions from an array to a payload
 * and back. The payload does not say how many samples there are nor of what type: the caller knows the n1_layout. Five
 * promises hold for each:
 *   - a payload never takes more than one byte above the samples themselves (n1_payload_bound): what does not shrink is
 *     stored;
 *   - the same samples give the same bytes on every machine;
 *   - decoding accepts any bytes: it writes the samples and nothing else, does work in proportion to the layout and the
 *     payload, and succeeds only if exactly the whole payload was used;
 *   - encoding never writes beyond the capacity given: N1_ERROR_DST_TOO_SMALL;
 *   - nothing is allocated: the caller passes a workspace of the size asked for, aligned to 8 bytes, of any contents.
 * Samples are in the machine's byte order, at any address. On failure the samples written so far are meaningless.
 *
 * The payload formats are described at the heads of huffman.c, arithmetic.c, symbol_rans.c, rice.c and rle.c; the
 * symbol tables that the first three share at the heads of tokens.h and symbol_table.c.
 *
 * Then come the kernels of reversible transforms. All arithmetic on sample values wraps around in a stated width of 8,
 * 16 or 32 bits, so every transform is reversible for any values whatever. "Rows" are channels one after another:
 * channel c of an array of n_rows channels and n frames starts at rows + c * n. Rows hold 32-bit integers; values of
 * narrower samples are sign-extended.
 */
#ifndef N1_CLASSIC_H
#define N1_CLASSIC_H

#include "n1/n1.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- entropy coders ---- */

#define N1_MAX_SAMPLES     ((size_t)1 << 30) /* most samples of one call                         */
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
N1_API size_t n1_payload_bound(const n1_layout *layout);

/* Canonical Huffman code of whole samples. */
N1_API size_t n1_huffman_workspace(void);
N1_API n1_status n1_huffman_encode(const void *samples, const n1_layout *layout, uint8_t *dst, size_t capacity,
                                   size_t *written, void *workspace);
N1_API n1_status n1_huffman_decode(const uint8_t *src, size_t len, void *samples, const n1_layout *layout,
                                   void *workspace);

/* Range coder; the payload says which model it was made with. */
N1_API size_t n1_arithmetic_workspace(void);
N1_API n1_status n1_arithmetic_encode(const void *samples, const n1_layout *layout, n1_model model, uint8_t *dst,
                                      size_t capacity, size_t *written, void *workspace);
N1_API n1_status n1_arithmetic_decode(const uint8_t *src, size_t len, void *samples, const n1_layout *layout,
                                      void *workspace);

/* Range asymmetric numeral system with a static table. */
N1_API size_t n1_rans_workspace(void);
N1_API n1_status n1_rans_encode(const void *samples, const n1_layout *layout, uint8_t *dst, size_t capacity,
                                size_t *written, void *workspace);
N1_API n1_status n1_rans_decode(const uint8_t *src, size_t len, void *samples, const n1_layout *layout,
                                void *workspace);

/* Golomb-Rice code that adapts to each channel; the workspace grows with the channels. */
N1_API size_t n1_rice_workspace(const n1_layout *layout);
N1_API n1_status n1_rice_encode(const void *samples, const n1_layout *layout, uint8_t *dst, size_t capacity,
                                size_t *written, void *workspace);
N1_API n1_status n1_rice_decode(const uint8_t *src, size_t len, void *samples, const n1_layout *layout,
                                void *workspace);

/* Run lengths of equal samples, in memory order; needs no workspace. */
N1_API n1_status n1_rle_encode(const void *samples, const n1_layout *layout, uint8_t *dst, size_t capacity,
                               size_t *written);
N1_API n1_status n1_rle_decode(const uint8_t *src, size_t len, void *samples, const n1_layout *layout);

/* ---- transforms ---- */

/* ---- value_map.c: which values occur, and exchanging values by a table ---- */

/* Set seen[v - base] = 1 for each of n values v. N1_ERROR_ARGUMENT if a value lies outside base .. base + span - 1. */
N1_API n1_status n1_mark_values(const void *src, n1_type type, size_t n, int64_t base, uint8_t *seen, size_t span);

/* dst[i] = table[src[i] - base], cut to the width of dst_type. N1_ERROR_CORRUPT if a value lies outside base .. base
 * + span - 1 (dst is then partly written). */
N1_API n1_status n1_map_values(const void *src, n1_type src_type, size_t n, int64_t base, const int32_t *table,
                               size_t span, void *dst, n1_type dst_type);

/* ---- rows.c: frames to rows and back ---- */

/* Frames of interleaved channels to rows. Unsigned values v of w bits become v - 2^(w-1), so that order is kept. */
N1_API void n1_split_rows(const void *src, n1_type type, size_t n_frames, size_t n_rows, int32_t *rows);
/* The inverse; values are cut to the width of the type. */
N1_API void n1_join_rows(const int32_t *rows, n1_type type, size_t n_frames, size_t n_rows, void *dst);

/* ---- lpc.c: linear prediction with given integer coefficients ---- */

#define N1_LPC_MAX_ORDER 32
#define N1_LPC_MAX_SHIFT 20
#define N1_LPC_MAX_BLOCK 65536
#define N1_LPC_MAX_COEFFICIENT (1 << 24)

/* Predictors of rows cut into blocks: n_rows * ceil(n / block) of them, row after row. Predictor b foretells
 * centre[b] + floor((sum over i < order[b] of coefficient[i] * (x[t-1-i] - centre[b]) + 2^(shift[b]-1)) / 2^shift[b])
 * where its own coefficients follow those of the predictors before it, samples before the row count as centre[b], and
 * the rounding term is 0 for shift 0. The last block of a row may be shorter. */
typedef struct n1_lpc {
    size_t n, n_rows, block;
    unsigned width;              /* residuals wrap around in this many bits: 8, 16 or 32 */
    const uint8_t *order, *shift; /* at most N1_LPC_MAX_ORDER, N1_LPC_MAX_SHIFT */
    const int32_t *centre;
    const int32_t *coefficient;  /* n_coefficients in all, magnitude at most N1_LPC_MAX_COEFFICIENT */
    size_t n_coefficients;
} n1_lpc;

/* Second moments of one block of a row: moments[i * (order + 1) + j] = sum over t of y[t-i] * y[t-j], where
 * y = (x - centre) / 2^down rounded down, 0 before the row. The sums fit when |y| <= 2^23 and
 * length <= N1_LPC_MAX_BLOCK. N1_ERROR_ARGUMENT outside these. */
N1_API n1_status n1_lpc_moments(const int32_t *row, size_t start, size_t length, int32_t centre, unsigned down,
                                unsigned order, int64_t *moments);
/* Rows to residuals, and back in place. N1_ERROR_ARGUMENT if a predictor breaks its limits. */
N1_API n1_status n1_lpc_residual(const n1_lpc *lpc, const int32_t *rows, int32_t *residuals);
N1_API n1_status n1_lpc_restore(const n1_lpc *lpc, int32_t *rows);

/* ---- wavelet.c: reversible 5/3 lifting (D. Le Gall, A. Tabatabai 1988; ITU-T T.800 annex F) ---- */

/* Transform each row in place, levels times: sub-bands come as low_L, high_L, ..., high_1. scratch holds n values.
 * Values wrap around in width (8, 16 or 32) bits. */
N1_API n1_status n1_wavelet_forward(int32_t *rows, size_t n, size_t n_rows, unsigned levels, unsigned width,
                                    int32_t *scratch);
N1_API n1_status n1_wavelet_inverse(int32_t *rows, size_t n, size_t n_rows, unsigned levels, unsigned width,
                                    int32_t *scratch);

/* ---- shuffle.c ---- */

/* dst[b * n + i] = byte b (0 is the least significant) of value i of itemsize (1, 2 or 4) bytes; and back. */
N1_API n1_status n1_byte_shuffle(const void *src, size_t n, unsigned itemsize, uint8_t *dst);
N1_API n1_status n1_byte_unshuffle(const uint8_t *src, size_t n, unsigned itemsize, void *dst);
/* Bit planes, the least significant first, of ceil(n / 8) bytes each: bit i % 8 of byte i / 8 of plane b is bit b of
 * value i. The unused bits of a plane's last byte are 0; the inverse says N1_ERROR_CORRUPT if they are not. */
N1_API n1_status n1_bit_shuffle(const void *src, size_t n, unsigned itemsize, uint8_t *dst);
N1_API n1_status n1_bit_unshuffle(const uint8_t *src, size_t n, unsigned itemsize, void *dst);

/* ---- bitpack.c ---- */

/* Most bytes that n values of a type packed in blocks can take. */
N1_API size_t n1_bitpack_bound(size_t n, n1_type type, size_t block);
/* Each block: its width in bits (1 byte), its minimum (itemsize bytes), then the differences to the minimum in that
 * many bits each, the least significant bit first, the last byte filled up with 0. dst holds n1_bitpack_bound bytes;
 * returns the size. */
N1_API size_t n1_bitpack(const void *src, n1_type type, size_t n, size_t block, uint8_t *dst);
N1_API n1_status n1_bitunpack(const uint8_t *src, size_t len, n1_type type, size_t n, size_t block, void *dst);

/* ---- expgolomb.c: signed integers of side information ---- */

#define N1_EXPGOLOMB_MAX_ORDER 24

/* The order in which n values take the fewest bits, the lowest of several. */
N1_API unsigned n1_expgolomb_best_order(const int32_t *values, size_t n);
/* Most bytes that n values can take. */
N1_API size_t n1_expgolomb_bound(size_t n, unsigned k);
/* Exponential Golomb codes of order k (at most N1_EXPGOLOMB_MAX_ORDER) of zigzag-folded values (J. Teuhola 1978): with
 * u = (z >> k) + 1 of b bits, b - 1 zeros, u from its top bit down, then the k low bits of z from the top down. Bits
 * fill bytes from the top; the last byte is filled up with 0. dst holds n1_expgolomb_bound bytes; returns the size. */
N1_API size_t n1_expgolomb_encode(const int32_t *values, size_t n, unsigned k, uint8_t *dst);
/* Reads n values and sets *used to the bytes they took. */
N1_API n1_status n1_expgolomb_decode(const uint8_t *src, size_t len, unsigned k, int32_t *values, size_t n,
                                     size_t *used);

/* ---- delta.c ---- */

/* dst[f][c] = src[0][c] + ... + src[f][c], wrapping around in itemsize (1, 2 or 4) bytes. dst may be src. */
N1_API n1_status n1_running_sums(const void *src, unsigned itemsize, size_t n_frames, size_t n_channels, void *dst);

/* ---- channel_mean.c: each channel minus the mean of channels before it in the same frame ---- */

#define N1_CHANNEL_MAX_SPAN 64

/* y[c] = x[c] - floor(weight * (x[c-1] + ... + x[c-m]) / (16 * m)) with m = min(c, span); y[0] = x[0]. Values wrap
 * around in the width of the type; unsigned values v of w bits count as v - 2^(w-1). weight is 1..16. */
N1_API n1_status n1_channel_residual(const void *src, n1_type type, size_t n_frames, size_t n_channels, size_t span,
                                     unsigned weight, void *dst);
N1_API n1_status n1_channel_restore(const void *src, n1_type type, size_t n_frames, size_t n_channels, size_t span,
                                    unsigned weight, void *dst);

#ifdef __cplusplus
}
#endif
#endif
