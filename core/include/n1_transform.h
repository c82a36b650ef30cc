/* n1_transform.h - kernels of the reversible transforms. Included from n1.h; include that.
 *
 * Samples are native-endian arrays. All arithmetic on sample values wraps around in a stated width of 8, 16 or 32
 * bits, so every transform is reversible for any values whatever. "Rows" are channels one after another: channel c of
 * an array of n_rows channels and n frames starts at rows + c * n. Rows hold 32-bit integers; values of narrower
 * samples are sign-extended.
 */
#ifndef N1_TRANSFORM_H
#define N1_TRANSFORM_H

#include "n1.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The integer types samples come in. */
typedef enum n1_type { N1_INT8 = 0, N1_UINT8 = 1, N1_INT16 = 2, N1_UINT16 = 3, N1_INT32 = 4, N1_UINT32 = 5 } n1_type;

/* ---- lattice.c: which values occur, and exchanging values by a table ---- */

/* Set seen[v - base] = 1 for each of n values v. N1_ERROR_ARGUMENT if a value lies outside base .. base + span - 1. */
n1_status n1_mark_values(const void *src, n1_type type, size_t n, int64_t base, uint8_t *seen, size_t span);

/* dst[i] = table[src[i] - base], cut to the width of dst_type. N1_ERROR_CORRUPT if a value lies outside base .. base
 * + span - 1 (dst is then partly written). */
n1_status n1_map_values(const void *src, n1_type src_type, size_t n, int64_t base, const int32_t *table, size_t span,
                        void *dst, n1_type dst_type);

/* ---- rows.c: frames to rows and back ---- */

/* Frames of interleaved channels to rows. Unsigned values v of w bits become v - 2^(w-1), so that order is kept. */
void n1_split_rows(const void *src, n1_type type, size_t n_frames, size_t n_rows, int32_t *rows);
/* The inverse; values are cut to the width of the type. */
void n1_join_rows(const int32_t *rows, n1_type type, size_t n_frames, size_t n_rows, void *dst);

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
n1_status n1_lpc_moments(const int32_t *row, size_t start, size_t length, int32_t centre, unsigned down, unsigned order,
                         int64_t *moments);
/* Rows to residuals, and back in place. N1_ERROR_ARGUMENT if a predictor breaks its limits. */
n1_status n1_lpc_residual(const n1_lpc *lpc, const int32_t *rows, int32_t *residuals);
n1_status n1_lpc_restore(const n1_lpc *lpc, int32_t *rows);

/* ---- wavelet.c: reversible 5/3 lifting (D. Le Gall, A. Tabatabai 1988; ITU-T T.800 annex F) ---- */

/* Transform each row in place, levels times: sub-bands come as low_L, high_L, ..., high_1. scratch holds n values.
 * Values wrap around in width (8, 16 or 32) bits. */
n1_status n1_wavelet_forward(int32_t *rows, size_t n, size_t n_rows, unsigned levels, unsigned width, int32_t *scratch);
n1_status n1_wavelet_inverse(int32_t *rows, size_t n, size_t n_rows, unsigned levels, unsigned width, int32_t *scratch);

/* ---- shuffle.c ---- */

/* dst[b * n + i] = byte b (0 is the least significant) of value i of itemsize (1, 2 or 4) bytes; and back. */
n1_status n1_byte_shuffle(const void *src, size_t n, unsigned itemsize, uint8_t *dst);
n1_status n1_byte_unshuffle(const uint8_t *src, size_t n, unsigned itemsize, void *dst);
/* Bit planes, the least significant first, of ceil(n / 8) bytes each: bit i % 8 of byte i / 8 of plane b is bit b of
 * value i. The unused bits of a plane's last byte are 0; the inverse says N1_ERROR_CORRUPT if they are not. */
n1_status n1_bit_shuffle(const void *src, size_t n, unsigned itemsize, uint8_t *dst);
n1_status n1_bit_unshuffle(const uint8_t *src, size_t n, unsigned itemsize, void *dst);

/* ---- bitpack.c ---- */

/* Most bytes that n values of a type packed in blocks can take. */
size_t n1_bitpack_bound(size_t n, n1_type type, size_t block);
/* Each block: its width in bits (1 byte), its minimum (itemsize bytes), then the differences to the minimum in that
 * many bits each, the least significant bit first, the last byte filled up with 0. dst holds n1_bitpack_bound bytes;
 * returns the size. */
size_t n1_bitpack(const void *src, n1_type type, size_t n, size_t block, uint8_t *dst);
n1_status n1_bitunpack(const uint8_t *src, size_t len, n1_type type, size_t n, size_t block, void *dst);

/* ---- expgolomb.c: signed integers of side information ---- */

#define N1_EXPGOLOMB_MAX_ORDER 24

/* The order in which n values take the fewest bits, the lowest of several. */
unsigned n1_expgolomb_best_order(const int32_t *values, size_t n);
/* Most bytes that n values can take. */
size_t n1_expgolomb_bound(size_t n, unsigned k);
/* Exponential Golomb codes of order k (at most N1_EXPGOLOMB_MAX_ORDER) of zigzag-folded values (J. Teuhola 1978): with
 * u = (z >> k) + 1 of b bits, b - 1 zeros, u from its top bit down, then the k low bits of z from the top down. Bits
 * fill bytes from the top; the last byte is filled up with 0. dst holds n1_expgolomb_bound bytes; returns the size. */
size_t n1_expgolomb_encode(const int32_t *values, size_t n, unsigned k, uint8_t *dst);
/* Reads n values and sets *used to the bytes they took. */
n1_status n1_expgolomb_decode(const uint8_t *src, size_t len, unsigned k, int32_t *values, size_t n, size_t *used);

/* ---- delta.c ---- */

/* dst[f][c] = src[0][c] + ... + src[f][c], wrapping around in itemsize (1, 2 or 4) bytes. dst may be src. */
n1_status n1_running_sums(const void *src, unsigned itemsize, size_t n_frames, size_t n_channels, void *dst);

/* ---- channel.c: each channel minus the mean of channels before it in the same frame ---- */

#define N1_CHANNEL_MAX_SPAN 64

/* y[c] = x[c] - floor(weight * (x[c-1] + ... + x[c-m]) / (16 * m)) with m = min(c, span); y[0] = x[0]. Values wrap
 * around in the width of the type; unsigned values v of w bits count as v - 2^(w-1). weight is 1..16. */
n1_status n1_channel_residual(const void *src, n1_type type, size_t n_frames, size_t n_channels, size_t span,
                              unsigned weight, void *dst);
n1_status n1_channel_restore(const void *src, n1_type type, size_t n_frames, size_t n_channels, size_t span,
                             unsigned weight, void *dst);

#ifdef __cplusplus
}
#endif
#endif
