/* payload.h - the payload of the n1 coder: an array cut along time into equal blocks that are coded on their own, and where there are very
 * many channels into halves of these, too.
 *
 *   number of blocks: varint | the block, if it is one; else for each its length: varint, and the block
 *   0 | number of blocks: varint | for each the lower and the upper half of the channels: length: varint, and the block
 *
 * Where an array is cut follows from its shape and the number of blocks: block i begins at frame n_samples * i / n.
 */
#ifndef N1_WIRE_PAYLOAD_H
#define N1_WIRE_PAYLOAD_H

#include "base/types.h"
#include "wire/cursor.h"

/* How an array is cut: into so many blocks along time, each of all channels or of halves of them. */
typedef struct n1_cuts {
    size_t blocks;
    int halved;
} n1_cuts;

/* A part that is coded on its own, and where it begins. */
typedef struct n1_payload_part {
    n1_shape shape;
    size_t frame, channel;
} n1_payload_part;

/* How an encoder cuts an array. The shape has samples and keeps to the array's limits. */
n1_cuts n1_payload_cuts(const n1_shape *shape, int level);
static inline size_t n1_parts(n1_cuts cuts) { return cuts.halved ? 2 * cuts.blocks : cuts.blocks; }
n1_payload_part n1_payload_part_at(const n1_shape *shape, n1_cuts cuts, size_t part);

/* Bytes up to where a workspace may begin that follows so many. */
static inline size_t n1_aligned(size_t size) { return (size + N1_WORKSPACE_ALIGNMENT - 1) & ~(size_t)(N1_WORKSPACE_ALIGNMENT - 1); }

static inline size_t n1_frame_bytes(const n1_shape *shape)
{
    return shape->n_channels * n1_type_size(shape->dtype);
}

/* Where in an array a part begins. */
static inline void *n1_part_place(const void *array, const n1_shape *shape, const n1_payload_part *part)
{
    return (uint8_t *)(uintptr_t)array + part->frame * n1_frame_bytes(shape) + part->channel * n1_type_size(shape->dtype);
}
/* Between an array and a part that lies together: frames of so many bytes each. */
void n1_gather_part(const void *array, const n1_shape *shape, const n1_payload_part *part, void *together);
void n1_scatter_part(const void *together, const n1_shape *shape, const n1_payload_part *part, void *array);

/* The parts of a payload, one after the other. */
typedef struct n1_payload {
    n1_cursor rest;
    n1_shape shape;
    n1_cuts cuts;
    size_t part; /* the next */
} n1_payload;
n1_status n1_payload_open(n1_payload *p, n1_span payload, const n1_shape *shape, n1_fault *fault);
/* The next part's block; once all were asked for, n1_payload_close says whether the payload ends there. */
n1_status n1_payload_next(n1_payload *p, n1_span *block);
n1_status n1_payload_close(const n1_payload *p);

/* The pipeline that is nothing but the n1 coder; whether a specification is that. */
#define N1_PLAIN_SPEC "n1"
int n1_is_plain(n1_span spec);

/* Most bytes of a payload. */
size_t n1_coded_bound(const n1_shape *shape);
/* Bytes of workspace: the most that one of the parts takes, and where they are halved, room for it. */
size_t n1_payload_encode_workspace(const n1_shape *shape, int level);
size_t n1_payload_decode_workspace(n1_span payload, const n1_shape *shape);
/* The most that any payload of this shape in one block takes. */
size_t n1_payload_decode_most(const n1_shape *shape);
/* The whole payload. */
n1_status n1_payload_encode(const void *samples, const n1_shape *shape, const n1_options *options, void *workspace,
                            size_t workspace_size, uint8_t *dst, size_t capacity, size_t *written);
/* widths: tables that are known; NULL or no bytes: none. */
n1_status n1_payload_decode(n1_span payload, const n1_shape *shape, const n1_span *widths, n1_kernel kernel, void *workspace,
                            size_t workspace_size, void *samples, n1_fault *fault);

#endif
