/* payload.c - an array as the blocks of the n1 coder. */
#include "wire/payload.h"

/* What a block says about itself (predictors, widths) is a small part of so many values; and so many frames are a block
 * however many channels there are. */
#define BLOCK_VALUES ((size_t)1 << 23)
#define BLOCK_FRAMES ((size_t)4096)

size_t n1_payload_blocks(const n1_shape *shape)
{
    const size_t most = N1_MAX_BLOCK / shape->n_channels;
    size_t frames = BLOCK_VALUES / shape->n_channels;

    frames = frames < BLOCK_FRAMES ? BLOCK_FRAMES : frames;
    frames = frames < most ? frames : most;
    const size_t blocks = (shape->n_samples + frames - 1) / frames;
    return blocks > 1 ? blocks + blocks % 2 : blocks; /* even: of an odd number, one of two threads would have the last alone */
}

size_t n1_payload_cut(const n1_shape *shape, size_t n_blocks, size_t block)
{
    return (size_t)((uint64_t)shape->n_samples * block / n_blocks);
}

n1_shape n1_payload_part(const n1_shape *shape, size_t n_blocks, size_t block, size_t *start)
{
    n1_shape part = *shape;

    *start = n1_payload_cut(shape, n_blocks, block);
    part.n_samples = n1_payload_cut(shape, n_blocks, block + 1) - *start;
    return part;
}

n1_status n1_payload_open(n1_payload *p, n1_span payload, const n1_shape *shape, n1_fault *fault)
{
    const size_t most = 2 * (shape->n_samples / BLOCK_FRAMES);
    uint64_t n;

    *p = (n1_payload){{payload.data, payload.data, payload.data + payload.size, fault}, *shape, 0, 0};
    n1_status status = n1_cursor_number(&p->rest, most > 1 ? most : 1, "the number of blocks is cut short",
                                        "more blocks than the samples can have, or a number not in its shortest form", &n);
    if (status != N1_OK)
        return status;
    if (n < 1)
        return n1_blame(fault, N1_ERROR_CORRUPT, "samples in no block", 0);
    p->n_blocks = (size_t)n;
    return N1_OK;
}

n1_status n1_payload_next(n1_payload *p, n1_span *block)
{
    uint64_t size = (uint64_t)(p->rest.end - p->rest.p);

    if (p->n_blocks > 1) {
        n1_status status = n1_cursor_number(&p->rest, UINT64_MAX, "the length of a block is cut short",
                                            "the length of a block is not in its shortest form", &size);
        if (status != N1_OK)
            return status;
    }
    p->block++;
    return n1_cursor_take(&p->rest, size, "a block is cut short", block);
}

n1_status n1_payload_close(const n1_payload *p)
{
    return p->rest.p == p->rest.end ? N1_OK
                                    : n1_blame(p->rest.fault, N1_ERROR_CORRUPT, "bytes follow the last block",
                                               n1_cursor_at(&p->rest));
}

size_t n1_payload_decode_workspace(n1_span payload, const n1_shape *shape)
{
    n1_payload p;
    n1_status status = n1_payload_open(&p, payload, shape, NULL);
    size_t most = 0;

    for (size_t i = 0; status == N1_OK && i < p.n_blocks; i++) {
        size_t start;
        n1_span block;
        const n1_shape part = n1_payload_part(shape, p.n_blocks, i, &start);
        if ((status = n1_payload_next(&p, &block)) != N1_OK)
            break;
        const size_t need = n1_block_decode_workspace(block.data, block.size, &part);
        most = need > most ? need : most;
    }
    return status == N1_OK ? most : 0;
}

n1_status n1_payload_decode(n1_span payload, const n1_shape *shape, const n1_span *widths, n1_kernel kernel, void *workspace,
                            size_t workspace_size, void *samples, n1_fault *fault)
{
    n1_payload p;
    n1_status status = n1_payload_open(&p, payload, shape, fault);

    for (size_t i = 0; status == N1_OK && i < p.n_blocks; i++) {
        size_t start, all = SIZE_MAX;
        n1_span block;
        const n1_shape part = n1_payload_part(shape, p.n_blocks, i, &start);
        if ((status = n1_payload_next(&p, &block)) != N1_OK)
            return status;
        status = n1_decode_known_block(block.data, block.size, &part, widths, &all, kernel, workspace, workspace_size,
                                 (uint8_t *)samples + start * n1_frame_bytes(shape));
        if (status != N1_OK)
            return n1_blame(fault, status, "a block cannot be decoded", (uint64_t)(block.data - payload.data));
    }
    return status == N1_OK ? n1_payload_close(&p) : status;
}
