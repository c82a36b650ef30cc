/* payload_encode.c - an array as the blocks of the n1 coder: encoder. */
#include "wire/payload.h"

#include <string.h>

#include "base/varint.h"

size_t n1_payload_encode_workspace(const n1_shape *shape, int level)
{
    const size_t n = n1_payload_blocks(shape), shorter = shape->n_samples / n;
    n1_shape part = *shape;

    part.n_samples = shorter; /* blocks are as long, or one frame longer */
    const size_t least = n1_block_encode_workspace(&part, level);
    part.n_samples = (shape->n_samples + n - 1) / n;
    const size_t most = n1_block_encode_workspace(&part, level);
    return (!most || (shorter && !least)) ? 0 : most > least ? most : least;
}

size_t n1_coded_bound(const n1_shape *shape)
{
    const size_t n = n1_payload_blocks(shape);

    return N1_MAX_VARINT_BYTES + shape->n_samples * n1_frame_bytes(shape) + n * (N1_MAX_VARINT_BYTES + N1_BLOCK_OVERHEAD);
}

n1_status n1_payload_encode(const void *samples, const n1_shape *shape, const n1_options *options, void *workspace,
                            size_t workspace_size, uint8_t *dst, size_t capacity, size_t *written)
{
    const size_t n = n1_payload_blocks(shape);
    const uint8_t *end = dst + capacity;
    uint8_t *p = dst;

    if (capacity < n1_varint_size(n))
        return N1_ERROR_DST_TOO_SMALL;
    p = n1_put_varint(p, n);
    for (size_t i = 0; i < n; i++) {
        size_t start, size;
        const n1_shape part = n1_payload_part(shape, n, i, &start);
        const size_t gap = n > 1 ? N1_MAX_VARINT_BYTES : 0; /* the length goes before the block: it is moved there */
        if ((size_t)(end - p) < gap)
            return N1_ERROR_DST_TOO_SMALL;
        n1_status status = n1_encode_block((const uint8_t *)samples + start * n1_frame_bytes(shape), &part, options->level,
                                           options->kernel, workspace, workspace_size, p + gap,
                                           (size_t)(end - p) - gap, &size);
        if (status != N1_OK)
            return status;
        if (n > 1) {
            uint8_t *block = p + gap;
            p = n1_put_varint(p, size);
            memmove(p, block, size);
        }
        p += size;
    }
    *written = (size_t)(p - dst);
    return N1_OK;
}
