/* payload_encode.c - an array as the blocks of the n1 coder: encoder. */
#include "wire/payload.h"

#include <string.h>

#include "base/inline.h"
#include "base/varint.h"

/* Room for a half, behind the workspace: where that ends it need not be aligned. */
static size_t room(const n1_shape *part, int halved) { return halved ? part->n_samples * n1_frame_bytes(part) : 0; }

size_t n1_payload_encode_workspace(const n1_shape *shape, int level)
{
    const n1_cuts cuts = n1_payload_cuts(shape, level);
    size_t most = 0;

    for (size_t i = 0; i < n1_parts(cuts); i++) {
        const n1_payload_part part = n1_payload_part_at(shape, cuts, i);
        const size_t need = n1_block_encode_workspace(&part.shape, level);
        if (!need && part.shape.n_samples)
            return 0;
        most = need + room(&part.shape, cuts.halved) > most ? need + room(&part.shape, cuts.halved) : most;
    }
    return most;
}

size_t n1_coded_bound(const n1_shape *shape)
{
    size_t n = 0;
    for (int level = 1; level <= N1_MAX_LEVEL; level++) {
        const size_t parts = n1_parts(n1_payload_cuts(shape, level));
        n = parts > n ? parts : n;
    }
    return 2 * N1_MAX_VARINT_BYTES + shape->n_samples * n1_frame_bytes(shape) + n * (N1_MAX_VARINT_BYTES + N1_BLOCK_OVERHEAD);
}

N1_INLINE n1_status encode_part(const void *samples, const n1_shape *shape, const n1_payload_part *part, int halved, const n1_options *options,
                             uint8_t *workspace, size_t size, uint8_t *dst, size_t capacity, size_t *written)
{
    const size_t last = room(&part->shape, halved);
    const void *from = (const uint8_t *)samples + part->frame * n1_frame_bytes(shape);

    if (size < last)
        return N1_ERROR_WORKSPACE;
    if (halved) {
        n1_gather_part(samples, shape, part, workspace + size - last);
        from = workspace + size - last;
    }
    return n1_encode_block(from, &part->shape, options->level, options->kernel, workspace, size - last, dst, capacity, written);
}

n1_status n1_payload_encode(const void *samples, const n1_shape *shape, const n1_options *options, void *workspace,
                            size_t workspace_size, uint8_t *dst, size_t capacity, size_t *written)
{
    const n1_cuts cuts = n1_payload_cuts(shape, options->level);
    const size_t n = n1_parts(cuts);
    const uint8_t *end = dst + capacity;
    uint8_t *p = dst;

    if (capacity < 1 + n1_varint_size(cuts.blocks))
        return N1_ERROR_DST_TOO_SMALL;
    if (cuts.halved)
        *p++ = 0;
    p = n1_put_varint(p, cuts.blocks);
    for (size_t i = 0; i < n; i++) {
        size_t size;
        const n1_payload_part part = n1_payload_part_at(shape, cuts, i);
        const size_t gap = n > 1 ? N1_MAX_VARINT_BYTES : 0; /* the length goes before the block: it is moved there */
        if ((size_t)(end - p) < gap)
            return N1_ERROR_DST_TOO_SMALL;
        const n1_status status = encode_part(samples, shape, &part, cuts.halved, options, workspace, workspace_size, p + gap,
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
