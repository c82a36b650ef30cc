/* payload.c - an array as the blocks of the n1 coder. */
#include "wire/block_spread.h"
#include "wire/payload.h"

#include <string.h>

/* What a block says about itself (predictors, widths) is a small part of so many values; and so many frames are a block
 * however many channels there are. */
#define BLOCK_VALUES ((size_t)1 << 23)
#define BLOCK_FRAMES ((size_t)4096)
#define LEAST_HALVED 32u /* channels: each half has some */
#define ROW          16u /* channels: a half has whole rows, which the wide mode works at side by side */
/* From so many channels and values on, halves are as good as the whole, and two threads have something to do. */
#define HALVED_CHANNELS 256u
#define HALVED_VALUES   ((size_t)1 << 21)
#define HALVED_LEVEL    6 /* higher ones are for those who want every byte */

n1_cuts n1_payload_cuts(const n1_shape *shape, int level)
{
    const int halved = level <= HALVED_LEVEL && shape->n_channels >= HALVED_CHANNELS && shape->n_samples * shape->n_channels >= HALVED_VALUES;
    const size_t most = N1_MAX_BLOCK / shape->n_channels, parts = halved ? 2 : 1;
    size_t frames = parts * BLOCK_VALUES / shape->n_channels;

    frames = frames < BLOCK_FRAMES ? BLOCK_FRAMES : frames;
    frames = frames < most ? frames : most;
    const size_t blocks = (shape->n_samples + frames - 1) / frames;
    /* even: of an odd number, one of two threads would have the last alone */
    return (n1_cuts){blocks > 1 && !halved ? blocks + blocks % 2 : blocks, halved};
}

static size_t cut(const n1_shape *shape, n1_cuts cuts, size_t block)
{
    return (size_t)((uint64_t)shape->n_samples * block / cuts.blocks);
}

n1_payload_part n1_payload_part_at(const n1_shape *shape, n1_cuts cuts, size_t part)
{
    const size_t block = cuts.halved ? part / 2 : part, lower = shape->n_channels / 2 / ROW * ROW;
    n1_payload_part p = {*shape, cut(shape, cuts, block), 0};

    p.shape.n_samples = cut(shape, cuts, block + 1) - p.frame;
    if (cuts.halved) {
        p.channel = part % 2 ? lower : 0;
        p.shape.n_channels = part % 2 ? shape->n_channels - lower : lower;
    }
    return p;
}

void n1_gather_part(const void *array, const n1_shape *shape, const n1_payload_part *part, void *together)
{
    const size_t frame = n1_frame_bytes(shape), bytes = n1_frame_bytes(&part->shape);
    const uint8_t *from = n1_part_place(array, shape, part);
    uint8_t *to = together;

    for (size_t t = 0; t < part->shape.n_samples; t++, from += frame, to += bytes)
        memcpy(to, from, bytes);
}

void n1_scatter_part(const void *together, const n1_shape *shape, const n1_payload_part *part, void *array)
{
    const size_t frame = n1_frame_bytes(shape), bytes = n1_frame_bytes(&part->shape);
    uint8_t *to = n1_part_place(array, shape, part);
    const uint8_t *from = together;

    for (size_t t = 0; t < part->shape.n_samples; t++, from += bytes, to += frame)
        memcpy(to, from, bytes);
}

n1_status n1_payload_open(n1_payload *p, n1_span payload, const n1_shape *shape, n1_fault *fault)
{
    static const char shorter[] = "the number of blocks is cut short";
    static const char beyond[] = "more blocks than the samples can have, or a number not in its shortest form";
    const size_t frames = 2 * (shape->n_samples / BLOCK_FRAMES), most = frames > 1 ? frames : 1;
    uint64_t n;

    *p = (n1_payload){{payload.data, payload.data, payload.data + payload.size, fault}, *shape, {0, 0}, 0};
    n1_status status = n1_cursor_number(&p->rest, most, shorter, beyond, &n);
    if (status == N1_OK && n < 1) {
        p->cuts.halved = 1;
        if (shape->n_channels < LEAST_HALVED)
            return n1_blame(fault, N1_ERROR_CORRUPT, "samples in no block", 0);
        status = n1_cursor_number(&p->rest, most, shorter, beyond, &n);
    }
    if (status != N1_OK)
        return status;
    if (n < 1)
        return n1_blame(fault, N1_ERROR_CORRUPT, "samples in no block", 1);
    p->cuts.blocks = (size_t)n;
    return N1_OK;
}

n1_status n1_payload_next(n1_payload *p, n1_span *block)
{
    uint64_t size = (uint64_t)(p->rest.end - p->rest.p);

    if (n1_parts(p->cuts) > 1) {
        n1_status status = n1_cursor_number(&p->rest, UINT64_MAX, "the length of a block is cut short",
                                            "the length of a block is not in its shortest form", &size);
        if (status != N1_OK)
            return status;
    }
    p->part++;
    return n1_cursor_take(&p->rest, size, "a block is cut short", block);
}

n1_status n1_payload_close(const n1_payload *p)
{
    return p->rest.p == p->rest.end ? N1_OK
                                    : n1_blame(p->rest.fault, N1_ERROR_CORRUPT, "bytes follow the last block",
                                               n1_cursor_at(&p->rest));
}

/* Room for a half, in front of the workspace. */
static size_t room(const n1_shape *part, int halved) { return halved ? n1_aligned(part->n_samples * n1_frame_bytes(part)) : 0; }

size_t n1_payload_decode_workspace(n1_span payload, const n1_shape *shape)
{
    n1_payload p;
    n1_status status = n1_payload_open(&p, payload, shape, NULL);
    size_t most = 0;

    for (size_t i = 0; status == N1_OK && i < n1_parts(p.cuts); i++) {
        n1_span block;
        const n1_payload_part part = n1_payload_part_at(shape, p.cuts, i);
        if ((status = n1_payload_next(&p, &block)) != N1_OK)
            break;
        const size_t need = room(&part.shape, p.cuts.halved) + n1_block_decode_workspace(block.data, block.size, &part.shape);
        most = need > most ? need : most;
    }
    return status == N1_OK ? most : 0;
}

size_t n1_payload_decode_most(const n1_shape *shape)
{
    const n1_cuts halves = {1, 1};
    size_t most = n1_block_decode_most(shape);

    for (size_t i = 0; shape->n_channels >= LEAST_HALVED && i < n1_parts(halves); i++) {
        const n1_payload_part part = n1_payload_part_at(shape, halves, i);
        const size_t need = room(&part.shape, 1) + n1_block_decode_most(&part.shape);
        most = need > most ? need : most;
    }
    return most;
}

static n1_status decode_part(n1_span block, const n1_shape *shape, const n1_payload_part *part, int halved, const n1_span *widths,
                             n1_kernel kernel, uint8_t *workspace, size_t size, void *samples)
{
    const size_t first = room(&part->shape, halved);
    n1_frames all = {0, SIZE_MAX};

    if (size < first)
        return N1_ERROR_WORKSPACE;
    const int spread = !halved || n1_block_spreads(block.data, block.size, &part->shape);
    uint8_t *const to = spread ? n1_part_place(samples, shape, part) : workspace;
    const n1_status status = n1_decode_spread_block(block.data, block.size, &part->shape, widths, &all, kernel, workspace + first,
                                                    size - first, to, spread ? shape->n_channels : part->shape.n_channels);
    if (status == N1_OK && !spread)
        n1_scatter_part(workspace, shape, part, samples);
    return status;
}

n1_status n1_payload_decode(n1_span payload, const n1_shape *shape, const n1_span *widths, n1_kernel kernel, void *workspace,
                            size_t workspace_size, void *samples, n1_fault *fault)
{
    n1_payload p;
    n1_status status = n1_payload_open(&p, payload, shape, fault);

    for (size_t i = 0; status == N1_OK && i < n1_parts(p.cuts); i++) {
        n1_span block;
        const n1_payload_part part = n1_payload_part_at(shape, p.cuts, i);
        if ((status = n1_payload_next(&p, &block)) != N1_OK)
            return status;
        status = decode_part(block, shape, &part, p.cuts.halved, widths, kernel, workspace, workspace_size, samples);
        if (status != N1_OK)
            return n1_blame(fault, status, "a block cannot be decoded", (uint64_t)(block.data - payload.data));
    }
    return status == N1_OK ? n1_payload_close(&p) : status;
}
