/* n1/codec.h - the n1 coder: blocks, and whole arrays in envelopes.
 *
 * n1_encode makes of an array the bytes that n1codec.get("n1:level=5").encode makes of it in Python, and n1_decode reads
 * what either wrote: docs/FORMAT.md says what they are. They stand on blocks.
 *
 * A block is an array of samples coded on its own: frame after frame, a frame being one sample of each channel. It does
 * not say how many samples there are nor of what type; the caller knows the n1_shape. What holds for the coders of
 * n1/classic.h holds here: any bytes are accepted, nothing is allocated, the same samples give the same bytes on every
 * machine and with every kernel. What does not shrink is stored in as few bits as its range needs.
 *
 * The decoder calculates in integers only (the AVX2 kernel of the mixed mode turns some below 2^24 into floats, which
 * is exact, to see their exponents). The encoder fits predictors in double precision, operation by operation in a fixed
 * order, and sends them as integers: its sources are compiled without contraction to fused multiply-adds.
 */
#ifndef N1_CODEC_H
#define N1_CODEC_H

#include "n1/n1.h"

#ifdef __cplusplus
extern "C" {
#endif

#define N1_MAX_BLOCK           ((size_t)1 << 26) /* most samples of a block, over all channels        */
#define N1_MAX_LEVEL           9                 /* levels are 1 (fast) .. N1_MAX_LEVEL (small)       */
#define N1_BLOCK_OVERHEAD      16u               /* most bytes that a block takes beyond its samples  */
#define N1_WORKSPACE_ALIGNMENT 64u               /* bytes                                             */

typedef struct n1_shape {
    size_t n_samples;  /* samples of each channel: frames                           */
    size_t n_channels; /* samples of a frame, adjacent in memory: <= N1_MAX_CHANNELS */
    n1_type dtype;
} n1_shape;

/* Which instructions may be used. Bytes and samples do not depend on it. */
typedef enum n1_kernel { N1_KERNEL_PORTABLE = 0, N1_KERNEL_AVX2 = 1, N1_KERNEL_AVX512 = 2, N1_KERNEL_NEON = 3 } n1_kernel;
#define N1_KERNELS 4 /* they are numbered from 0 */

/* Whether this build and this machine have it; the fastest of those there are; "portable", "avx2" ... */
N1_API int n1_kernel_available(n1_kernel kernel);
N1_API n1_kernel n1_best_kernel(void);
N1_API const char *n1_kernel_name(n1_kernel kernel);

/* Bytes of workspace that encoding a block of this shape takes at this level: all the state that the encoder has, since
 * nothing is allocated. 0 if the shape or the level is outside its limits, there is nothing to encode, or no machine
 * with pointers of this size has so much memory at once. */
N1_API size_t n1_block_encode_workspace(const n1_shape *shape, int level);

/* The same for these very samples: less where a small part of them says that nothing is to be tried which takes more. */
N1_API size_t n1_block_encode_needs(const void *samples, const n1_shape *shape, int level);

/* Bytes of workspace that decoding this block takes: its mode and its header say. 0 if it takes none or is no such block: to
 * decode it says why. */
N1_API size_t n1_block_decode_workspace(const uint8_t *src, size_t len, const n1_shape *shape);

/* The most that decoding any block of this shape takes, whatever its bytes; 0 if the shape is outside its limits or empty, or
 * no machine with pointers of this size has so much memory at once. */
N1_API size_t n1_block_decode_most(const n1_shape *shape);

/* Most bytes of a coded block; 0 if the shape is outside its limits. */
N1_API size_t n1_block_bound(const n1_shape *shape);

/* dst has room for n1_block_bound bytes. The workspace is aligned (N1_WORKSPACE_ALIGNMENT) and may hold anything. */
N1_API n1_status n1_encode_block(const void *samples, const n1_shape *shape, int level, n1_kernel kernel,
                                 void *workspace, size_t workspace_size, uint8_t *dst, size_t capacity,
                                 size_t *written);

/* src is exactly one block. On failure the samples are meaningless. */
N1_API n1_status n1_decode_block(const uint8_t *src, size_t len, const n1_shape *shape, n1_kernel kernel,
                                 void *workspace, size_t workspace_size, void *samples);

/* The first frames of a block: *frames says how many are wanted, and then how many there are, which is all of them where a mode
 * knows no shorter way. samples has room for all; what lies behind those that are there is meaningless. */
N1_API n1_status n1_decode_block_start(const uint8_t *src, size_t len, const n1_shape *shape, size_t *frames, n1_kernel kernel,
                                       void *workspace, size_t workspace_size, void *samples);

/* ---- code widths that are known ---- */

/* Bytes that are somebody else's. */
typedef struct n1_span {
    const uint8_t *data;
    size_t size;
} n1_span;

/* The code widths of a recording's converters, learned from a part of it: a few kilobytes that short blocks of 64 channels and
 * more are coded with at levels 4 and up, instead of learning them anew each; half a second of all channels is enough, and more is
 * better. samples: int16 and such, any shape that n1_encode_block takes. *written: 0 where nothing is worth knowing. */
N1_API size_t n1_learn_tables_workspace(const n1_shape *shape);
N1_API n1_status n1_learn_tables(const void *samples, const n1_shape *shape, n1_kernel kernel, void *workspace, size_t workspace_size,
                                 uint8_t *dst, size_t capacity, size_t *written);
/* The tables of a recording from those of two parts of its channels, which may be learned side by side. *written: 0 where they have no
 * common lattice, or are too many. */
N1_API size_t n1_join_tables_workspace(void);
N1_API n1_status n1_join_tables(const n1_span *first, const n1_span *second, void *workspace, size_t workspace_size, uint8_t *dst,
                                size_t capacity, size_t *written);
/* Most bytes of tables. */
#define N1_MAX_TABLES ((size_t)1 << 20)

/* Whether bytes are tables: N1_OK, N1_ERROR_TRUNCATED or N1_ERROR_CORRUPT. */
N1_API n1_status n1_check_tables(const n1_span *tables);

/* As n1_encode_block, with tables at hand (NULL, or no bytes: none): those of other channels or another recording cost nothing but a try. */
N1_API n1_status n1_encode_known_block(const void *samples, const n1_shape *shape, const n1_span *tables, int level, n1_kernel kernel,
                                       void *workspace, size_t workspace_size, uint8_t *dst, size_t capacity, size_t *written);
/* As n1_decode_block_start, of a block that was made with these tables; NULL or others are N1_ERROR_TABLES then. Any other block
 * does without. */
N1_API n1_status n1_decode_known_block(const uint8_t *src, size_t len, const n1_shape *shape, const n1_span *tables, size_t *frames,
                                       n1_kernel kernel, void *workspace, size_t workspace_size, void *samples);

/* ---- arrays in envelopes ---- */

#define N1_MAX_VALUES     ((size_t)1 << 30) /* most samples of an array                    */
#define N1_MAX_SIDE       ((uint64_t)1 << 33) /* most bytes of side information of one stage */
#define N1_MAX_PAYLOAD    ((uint64_t)1 << 33) /* most bytes of a payload                   */
#define N1_MAX_SPEC       255u              /* most characters of a specification          */
#define N1_MAX_TRANSFORMS 16u               /* most transforms before the coder            */

/* What an encoded array holds: made by transforms and a coder. */
typedef struct n1_content {
    size_t n_sides;
    n1_span side[N1_MAX_TRANSFORMS]; /* the side information of each transform             */
    n1_span payload;                 /* what the coder made                                */
    uint64_t samples_hash;           /* n1_hash_samples                                    */
} n1_content;

typedef struct n1_envelope {
    n1_shape shape;
    int flat;       /* the array has one axis, (n_samples,), and shape.n_channels is 1         */
    int big_endian; /* the byte order that the array had in memory; the payload does not depend */
    n1_span spec;   /* the pipeline in ASCII, without a zero at the end: "n1"                  */
    n1_content content;
} n1_envelope;

/* How an array is encoded. */
typedef struct n1_options {
    int level;        /* 1 (fast) .. N1_MAX_LEVEL (small) */
    n1_kernel kernel;
    int flat;         /* of one channel: whether the array has one axis, (n_samples,), rather than (n_samples, 1) */
    int big_endian;   /* what the envelope says of the byte order that the array has where it comes from; see n1_envelope */
} n1_options;

/* Level 5, the best kernel, two axes, little-endian. */
N1_API n1_options n1_default_options(void);

/* Most bytes of an array in its envelope; 0 if the shape is outside its limits. */
N1_API size_t n1_encode_bound(const n1_shape *shape);
/* Bytes of workspace that n1_encode takes, aligned to N1_WORKSPACE_ALIGNMENT; 0 if the shape or the level is outside its
 * limits, or there are no samples. */
N1_API size_t n1_encode_workspace(const n1_shape *shape, const n1_options *options);

/* Encode an array in native byte order, frame after frame. A capacity of n1_encode_bound is always enough. */
N1_API n1_status n1_encode(const void *samples, const n1_shape *shape, const n1_options *options, void *workspace,
                           size_t workspace_size, uint8_t *dst, size_t capacity, size_t *written);

/* Where fewer frames at the end repeat the one before them, all are coded. */
#define N1_LEAST_REPEATED 64u
/* Frames of a chunk that a store should code: up to the one that comes again and again to the end. What fills up a chunk that a
 * recording does not fill costs no time then and spoils nothing that is fitted to the rest; a reader repeats the last frame.
 * frame_size: bytes of a frame, of any type. */
N1_API size_t n1_frames_to_code(const void *samples, size_t n_frames, size_t frame_size);

/* See what is in an envelope of exactly len bytes, of any codec: the CRC is checked, nothing is decoded. Spans point into
 * src. N1_ERROR_UNSUPPORTED: a later version, or samples that are no integers of 1, 2 or 4 bytes: floats, 64-bit integers
 * and truth values are encoded and decoded by the Python package alone. */
N1_API n1_status n1_envelope_read(const uint8_t *src, size_t len, n1_envelope *envelope, n1_fault *fault);

/* Bytes of workspace that n1_decode takes; 0 if it needs none or will fail. */
N1_API size_t n1_decode_workspace(const n1_envelope *envelope);
/* Decode what n1_envelope_read saw into `size` bytes of samples, native byte order, frame after frame, and compare their
 * hash. N1_ERROR_DST_TOO_SMALL: there are more samples; N1_ERROR_UNSUPPORTED: another codec than n1, named by the
 * envelope's spec. */
N1_API n1_status n1_decode(const n1_envelope *envelope, n1_kernel kernel, void *workspace, size_t workspace_size,
                           void *samples, size_t size);

#ifdef __cplusplus
}
#endif
#endif
