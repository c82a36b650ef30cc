/* payload.h - the payload of the n1 coder: an array cut along time into equal blocks that are coded on their own.
 *
 *   number of blocks: varint | the block, if it is one; else for each its length: varint, and the block
 *
 * Where an array is cut follows from its shape and the number of blocks: block i begins at frame n_samples * i / n.
 */
#ifndef N1_WIRE_PAYLOAD_H
#define N1_WIRE_PAYLOAD_H

#include "wire/cursor.h"

/* Into how many blocks an encoder cuts an array: at least 1. The shape has samples and keeps to the array's limits. */
size_t n1_payload_blocks(const n1_shape *shape);
/* The first frame of a block of so many; of the one after the last: n_samples. */
size_t n1_payload_cut(const n1_shape *shape, size_t n_blocks, size_t block);
/* The largest of so many blocks. */
n1_shape n1_payload_largest(const n1_shape *shape, size_t n_blocks);

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

/* Whether a specification is that of the n1 coder without transforms. */
int n1_is_plain(n1_span spec);

/* Most bytes of a payload. */
size_t n1_coded_bound(const n1_shape *shape);
/* The whole payload. The workspace is one for the largest block. */
n1_status n1_payload_encode(const void *samples, const n1_shape *shape, const n1_options *options, void *workspace,
                            size_t workspace_size, uint8_t *dst, size_t capacity, size_t *written);
n1_status n1_payload_decode(n1_span payload, const n1_shape *shape, n1_kernel kernel, void *workspace,
                            size_t workspace_size, void *samples, n1_fault *fault);

#endif
