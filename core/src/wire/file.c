/* file.c - opening .n1c files and reading samples out of them. */
#include <string.h>

#include "base/types.h"
#include "wire/file_block.h"
#include "wire/file_chunks.h"
#include "wire/file_header.h"
#include "wire/payload.h"
#include "wire/source.h"

n1_status n1_read_memory(void *context, uint64_t offset, void *dst, size_t size)
{
    memcpy(dst, (const uint8_t *)context + offset, size);
    return N1_OK;
}

n1_status n1_file_next(n1_file *file, n1_chunk *chunk, n1_fault *fault)
{
    if (!file || !chunk)
        return n1_blame(fault, N1_ERROR_ARGUMENT, "no file or no chunk", N1_NOWHERE);
    return file->finished ? n1_index_next(file, chunk, fault) : n1_scan_next(file, chunk, fault);
}

/* Whether a status speaks of the file's bytes: others end what is done. */
static int is_damage(n1_status status)
{
    return status == N1_ERROR_CORRUPT || status == N1_ERROR_TRUNCATED;
}

n1_status n1_file_open(n1_file *file, n1_read read, void *context, uint64_t size, n1_fault *fault)
{
    uint64_t after = 0;
    n1_chunk chunk = {0};

    if (!file || !read)
        return n1_blame(fault, N1_ERROR_ARGUMENT, "no file, or nothing to read it with", N1_NOWHERE);
    memset(file, 0, sizeof *file);
    file->read = read;
    file->context = context;
    file->size = size;
    file->n_channels = file->bundle_channels = file->n_bundles = 1;
    const n1_status header = n1_file_header(file, 0, size, &after, fault);
    if (header != N1_OK && !is_damage(header))
        return header;
    n1_status status = n1_file_index(file, header, after, header == N1_OK ? fault : NULL);
    if (status != N1_OK && !is_damage(status))
        return status;
    if (status == N1_OK) {
        file->finished = 1;
        return N1_OK;
    }
    if (header != N1_OK)
        return header;
    file->chunks_at = after;
    file->chunks_end = size;
    file->n_samples = file->n_chunks = file->most_frames = file->most_bytes = 0;
    while ((status = n1_file_next(file, &chunk, fault)) == N1_OK && chunk.n_samples) {
        file->n_chunks = chunk.number;
        file->n_samples = chunk.start + chunk.n_samples;
        n1_file_note(file, &chunk);
    }
    return status;
}

/* How a workspace is used: the bytes of a block, its samples, what decoding takes, and code widths. */
typedef struct rooms {
    size_t bytes, samples, coder, widths, all;
} rooms;

static rooms rooms_of(const n1_file *file)
{
    const n1_shape largest = {file->most_frames, file->bundle_channels, file->dtype};
    const uint64_t block = file->most_bytes < N1_MAX_BLOCK_BYTES ? file->most_bytes : N1_MAX_BLOCK_BYTES;
    const size_t samples = largest.n_samples * largest.n_channels * n1_type_size(file->dtype);
    rooms r = {n1_aligned((size_t)block), n1_aligned(samples), n1_aligned(n1_payload_decode_most(&largest)), file->widths_size, 0};

    r.all = r.bytes + r.samples + r.coder + r.widths;
    return r;
}

size_t n1_file_workspace(const n1_file *file)
{
    return file && file->most_frames ? rooms_of(file).all : 0;
}

/* What is asked for: frames and channels, and where they go. */
typedef struct request {
    uint64_t start, stop;
    size_t channel, n_channels;
    uint8_t *samples;
    n1_kernel kernel;
    uint8_t *workspace;
} request;

/* Decode a block and check its samples. */
static n1_status decode_block(n1_file *file, const n1_chunk_head *head, size_t bundle, const n1_shape *shape,
                              const request *want, n1_fault *fault)
{
    const rooms r = rooms_of(file);
    uint8_t *bytes = want->workspace, *samples = bytes + r.bytes;
    n1_content content = {0};

    if (!head->block_bytes)
        return n1_blame_value(fault, N1_ERROR_CORRUPT, "a block was lost before the file was recovered: from frame",
                              head->chunk.start, N1_NOWHERE);
    if (head->block_bytes > r.bytes || shape->n_samples > file->most_frames)
        return n1_blame(fault, N1_ERROR_CORRUPT, "a chunk is larger than the index says", head->chunk.offset);
    n1_status status = n1_file_bytes(file, head->block_at, bytes, (size_t)head->block_bytes, fault);
    const n1_span widths = {samples + r.samples + r.coder, r.widths};
    if (status == N1_OK && r.widths)
        status = n1_file_bytes(file, file->widths_at, samples + r.samples + r.coder, r.widths, fault);
    if (status != N1_OK)
        return status;
    const uint64_t key = n1_file_key(file->file_id, head->chunk.continuation);
    const uint32_t salt = n1_block_salt((uint32_t)(key >> 32), head->chunk.start, (uint32_t)bundle);
    const size_t stretches = n1_stretches(shape->n_samples, file->bundle_channels);
    if ((status = n1_file_block_read(bytes, (size_t)head->block_bytes, stretches, salt, &content, fault)) != N1_OK ||
        (status = n1_payload_decode(content.payload, shape, &widths, want->kernel, samples + r.samples, r.coder, samples,
                                    fault)) != N1_OK)
        return status;
    if (n1_hash_block(samples, shape, file->bundle_channels) != content.samples_hash)
        return n1_blame_value(fault, N1_ERROR_CORRUPT, "hash mismatch: damaged samples from frame", head->chunk.start,
                              N1_NOWHERE);
    return N1_OK;
}

/* Copy what is wanted of a block's samples. */
static void copy_out(const n1_file *file, const n1_chunk *chunk, size_t first, const n1_shape *shape,
                     const request *want)
{
    const size_t item = n1_type_size(file->dtype);
    const uint64_t from = chunk->start > want->start ? chunk->start : want->start;
    const uint64_t end = chunk->start + chunk->n_samples, to = end < want->stop ? end : want->stop;
    const size_t left = first > want->channel ? first : want->channel;
    const size_t last = want->channel + want->n_channels, edge = first + shape->n_channels;
    const size_t right = edge < last ? edge : last;
    const uint8_t *in = want->workspace + rooms_of(file).bytes;

    for (uint64_t t = from; t < to; t++)
        memcpy(want->samples + ((size_t)(t - want->start) * want->n_channels + left - want->channel) * item,
               in + ((size_t)(t - chunk->start) * shape->n_channels + left - first) * item, (right - left) * item);
}

static n1_status read_chunk(n1_file *file, const n1_chunk *chunk, const request *want, n1_fault *fault)
{
    const size_t step = file->bundle_channels;

    for (size_t b = want->channel / step; b * step < want->channel + want->n_channels; b++) {
        const size_t first = b * step, left = file->n_channels - first;
        const n1_shape shape = {chunk->n_samples, left < step ? left : step, file->dtype};
        n1_chunk_head head = {{0}, 0, 0};
        n1_status status = n1_chunk_head_read(file, chunk->offset, b, &head, fault);
        if (status != N1_OK)
            return status;
        if (head.chunk.start != chunk->start || head.chunk.n_samples != chunk->n_samples ||
            head.chunk.n_bytes != chunk->n_bytes || head.chunk.continuation != chunk->continuation)
            return n1_blame(fault, N1_ERROR_CORRUPT, "another chunk than the index says", chunk->offset);
        if ((status = decode_block(file, &head, b, &shape, want, fault)) != N1_OK)
            return status;
        copy_out(file, chunk, first, &shape, want);
    }
    return N1_OK;
}

static n1_status check_request(const n1_file *file, const request *want, size_t workspace_size, size_t size,
                               n1_fault *fault)
{
    const n1_span spec = {(const uint8_t *)file->spec, file->spec_size};

    if (!n1_is_plain(spec))
        return n1_blame(fault, N1_ERROR_UNSUPPORTED, "the file is coded by another codec than n1", N1_NOWHERE);
    if (want->start > want->stop || want->stop > file->n_samples || want->channel > file->n_channels ||
        want->n_channels > file->n_channels - want->channel)
        return n1_blame(fault, N1_ERROR_ARGUMENT, "frames or channels that the file does not have", N1_NOWHERE);
    const uint64_t frame = (uint64_t)want->n_channels * n1_type_size(file->dtype);
    if (!frame || want->start == want->stop)
        return N1_OK;
    if (!want->samples || !want->workspace || workspace_size < n1_file_workspace(file))
        return n1_blame(fault, N1_ERROR_ARGUMENT, "no samples, or too small a workspace", N1_NOWHERE);
    if (want->stop - want->start > size / frame)
        return n1_blame(fault, N1_ERROR_DST_TOO_SMALL, "there are more samples than room for them", N1_NOWHERE);
    return N1_OK;
}

n1_status n1_file_read(n1_file *file, uint64_t start, uint64_t stop, size_t channel, size_t n_channels,
                       n1_kernel kernel, void *workspace, size_t workspace_size, void *samples, size_t size,
                       n1_fault *fault)
{
    const request want = {start, stop, channel, n_channels, samples, kernel, workspace};

    if (!file)
        return n1_blame(fault, N1_ERROR_ARGUMENT, "no file", N1_NOWHERE);
    n1_status status = check_request(file, &want, workspace_size, size, fault);
    if (status != N1_OK || start == stop || !n_channels)
        return status;
    n1_chunk chunk = file->last;
    n1_search_anew(file);
    if (!chunk.number || chunk.start > start)
        memset(&chunk, 0, sizeof chunk);
    uint64_t at = start;
    if (!chunk.number && (status = n1_file_next(file, &chunk, fault)) != N1_OK)
        return status;
    while (at < stop && chunk.n_samples) {
        if (chunk.start + chunk.n_samples > at) {
            if (chunk.start > at)
                break;
            if ((status = read_chunk(file, &chunk, &want, fault)) != N1_OK)
                return status;
            at = chunk.start + chunk.n_samples;
            file->last = chunk;
        }
        if (at < stop && (status = n1_file_next(file, &chunk, fault)) != N1_OK)
            return status;
    }
    return at >= stop ? N1_OK
                      : n1_blame_value(fault, N1_ERROR_CORRUPT, "lost: no chunk has frame", at, N1_NOWHERE);
}
