/* n1/file.h - reading .n1c files (docs/FORMAT.md) whose samples the n1 coder coded.
 *
 * A file is read through a function of the caller's, or is in memory. An open file holds no memory of its own but the
 * n1_file, whatever its size: chunks are found by walking the index, which is quick (a few bytes for each), or from chunk
 * to chunk where the file was not finished or its index is damaged.
 *
 *     n1_file file;
 *     n1_file_open(&file, read, context, size, &fault);
 *     void *workspace = aligned_alloc(N1_WORKSPACE_ALIGNMENT, n1_file_workspace(&file));   // rounded up
 *     n1_file_read(&file, start, stop, channel, 1, workspace, ..., samples, &fault);
 *
 * What the writer kept beside the samples (names, gains, metadata, the bytes that restore the source) is not looked at.
 */
#ifndef N1_FILE_H
#define N1_FILE_H

#include "n1/codec.h"

#ifdef __cplusplus
extern "C" {
#endif

#define N1_MAX_HEADER        ((uint64_t)1 << 26) /* most bytes of a header's body                            */
#define N1_MAX_BUNDLES       4096u               /* most bundles of channels                                 */
#define N1_MAX_BUNDLE_VALUES ((size_t)1 << 24)   /* most samples of a chunk and a bundle                     */
#define N1_MAX_CHUNK_VALUES  ((size_t)1 << 26)   /* most samples of a chunk                                  */
#define N1_STRETCH_VALUES    ((size_t)1 << 17)   /* most samples of a bundle that have one hash, or one frame */
#define N1_MAX_BLOCK_BYTES   ((uint64_t)1 << 28) /* most bytes of a block in a file                          */
#define N1_MAX_FRAMES        ((uint64_t)1 << 48) /* most frames of a recording                               */
#define N1_MAX_CHUNKS        ((uint64_t)1 << 22) /* most chunks                                              */
#define N1_MAX_INDEX         ((uint64_t)1 << 28) /* most bytes of an index                                   */

/* Put the `size` bytes from `offset` on at dst. Never asked for bytes beyond the size that n1_file_open was told. Not
 * N1_OK, N1_ERROR_READ say, if that fails: it is what the function that was called returns. What it takes of the stack
 * is on top of what n1/n1.h promises. */
typedef n1_status (*n1_read)(void *context, uint64_t offset, void *dst, size_t size);

/* A chunk: a stretch of time of all channels. */
typedef struct n1_chunk {
    uint64_t start;   /* its first frame                        */
    size_t n_samples; /* frames                                 */
    uint64_t offset;  /* where in the file it begins            */
    uint64_t n_bytes;
    uint64_t number;  /* of chunks up to it, itself included    */
    uint64_t next;    /* where to go on                         */
    uint64_t continuation; /* 0 of the file's first writer: see docs/FORMAT.md */
} n1_chunk;

/* An open file. All of it may be read; none of it written. */
typedef struct n1_file {
    n1_type dtype;
    int big_endian;          /* the byte order that the source had in memory                            */
    int flat;                /* samples have one axis                                                   */
    size_t n_channels;
    size_t bundle_channels;  /* channels that are coded together: bundle b holds channels b x this many */
    size_t n_bundles;
    double rate;             /* frames a second                                                         */
    uint64_t file_id;
    uint64_t n_samples;      /* frames, lost ones included as far as that is known                      */
    uint64_t n_chunks;
    uint8_t doubts;          /* what could not be settled when it was recovered: see docs/FORMAT.md     */
    int finished;            /* whether there is an intact index                                        */
    char spec[N1_MAX_SPEC + 1]; /* the pipeline, with a zero at the end                                 */
    size_t spec_size;
    /* the library's */
    n1_read read;
    void *context;
    uint64_t size, chunks_at, chunks_end, index_at;
    uint64_t key;            /* of chunks that are not continued */
    uint64_t widths_at;      /* where code widths are that blocks were coded with, */
    size_t widths_size;      /* and how many bytes; 0: there are none */
    uint64_t work;           /* bytes that may still be looked at in search of chunks */
    size_t most_frames;      /* of a chunk             */
    uint64_t most_bytes;     /* of a chunk             */
    n1_chunk last;           /* the chunk found last   */
} n1_file;

/* See what a file of `size` bytes holds. N1_ERROR_UNSUPPORTED: a later version, or fields that this one must not pass
 * over, as those of a recording in segments, which it does not know; a file coded by another codec than n1 opens, and is refused, by name, when samples are asked for. */
N1_API n1_status n1_file_open(n1_file *file, n1_read read, void *context, uint64_t size, n1_fault *fault);

/* A read function for a file in memory: the context is its first byte. */
N1_API n1_status n1_read_memory(void *context, uint64_t offset, void *dst, size_t size);

/* The first chunk, or the one after the last one that was given: n1_chunk c = {0}; while (n1_file_next(...)). N1_OK and
 * n_samples 0: there are no more. In order of time. */
N1_API n1_status n1_file_next(n1_file *file, n1_chunk *chunk, n1_fault *fault);

/* Bytes of workspace that n1_file_read takes, aligned to N1_WORKSPACE_ALIGNMENT: for the file's largest chunk. */
N1_API size_t n1_file_workspace(const n1_file *file);

/* Frames start .. stop - 1 of n_channels channels from `channel` on, frame after frame, native byte order: `size` bytes
 * of samples hold them. What was lost is an error, N1_ERROR_CORRUPT, whose fault names the first lost frame. */
N1_API n1_status n1_file_read(n1_file *file, uint64_t start, uint64_t stop, size_t channel, size_t n_channels,
                              n1_kernel kernel, void *workspace, size_t workspace_size, void *samples, size_t size,
                              n1_fault *fault);

#ifdef __cplusplus
}
#endif
#endif
