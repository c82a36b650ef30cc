/* payload.h - the payload of the n1 coder: an array cut along time into equal blocks that are coded on their own.
 *
 *   number of blocks: varint | the block, if it is one; else for each its length: varint, and the block
 *
 * Where an array is cut follows from its shape and the number of blocks: block i begins at frame n_samples * i / n.
 */
#ifndef N1_WIRE_PAYLOAD_H
#define N1_WIRE_PAYLOAD_H

#include "base/types.h"
#include "wire/cursor.h"

/* Into how many blocks an encoder cuts an array: at least 1. The shape has samples and keeps to the array's limits. */
size_t n1_payload_blocks(const n1_shape *shape);
/* The first frame of a block of so many; of the one after the last: n_samples. */
size_t n1_payload_cut(const n1_shape *shape, size_t n_blocks, size_t block);
/* A block of so many, and its first frame. */
n1_shape n1_payload_part(const n1_shape *shape, size_t n_blocks, size_t block, size_t *start);

static inline size_t n1_frame_bytes(const n1_shape *shape)
{
    return shape->n_channels * n1_type_size(shape->dtype);
}

/* The blocks of a payload, one after the other. */
typedef struct n1_payload {
    n1_cursor rest;
    n1_shape shape;
    size_t n_blocks, block; /* of all; the next */
} n1_payload;
n1_status n1_payload_open(n1_payload *p, n1_span payload, const n1_shape *shape, n1_fault *fault);
/* The next block; once all n_blocks were asked for, n1_payload_close says whether the payload ends there. */
n1_status n1_payload_next(n1_payload *p, n1_span *block);
n1_status n1_payload_close(const n1_payload *p);

/* The pipeline that is nothing but the n1 coder; whether a specification is that. */
#define N1_PLAIN_SPEC "n1"
int n1_is_plain(n1_span spec);

/* Most bytes of a payload. */
size_t n1_coded_bound(const n1_shape *shape);
/* Bytes of workspace: the most that one of the blocks takes. */
size_t n1_payload_encode_workspace(const n1_shape *shape, int level);
size_t n1_payload_decode_workspace(n1_span payload, const n1_shape *shape);
/* The whole payload. */
n1_status n1_payload_encode(const void *samples, const n1_shape *shape, const n1_options *options, void *workspace,
                            size_t workspace_size, uint8_t *dst, size_t capacity, size_t *written);
/* widths: tables that are known; NULL or no bytes: none. */
n1_status n1_payload_decode(n1_span payload, const n1_shape *shape, const n1_span *widths, n1_kernel kernel, void *workspace,
                            size_t workspace_size, void *samples, n1_fault *fault);

#endif
