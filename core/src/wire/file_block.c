/* file_block.c - writing and checking the blocks of a .n1c file. */
#include "wire/file_block.h"

#include <string.h>

#include "base/bytes.h"
#include "n1/file.h"
#include "wire/payload.h"

uint64_t n1_file_key(uint64_t file_id, uint64_t continuation)
{
    uint8_t id[8];

    n1_store64(id, file_id);
    return n1_xxh64(id, sizeof id, continuation);
}

uint32_t n1_block_salt(uint32_t file_salt, uint64_t start, uint32_t bundle)
{
    uint8_t place[12];

    n1_store64(place, start);
    n1_store32(place + 8, bundle);
    return n1_crc32c(file_salt, place, sizeof place);
}

/* Frames of a stretch. */
static size_t stretch_frames(size_t bundle_channels)
{
    const size_t frames = N1_STRETCH_VALUES / bundle_channels;

    return frames ? frames : 1;
}

size_t n1_stretches(size_t n_samples, size_t bundle_channels)
{
    const size_t frames = stretch_frames(bundle_channels);

    return (n_samples + frames - 1) / frames;
}

/* The hash of what came before, and of one stretch more. */
static uint64_t joined(uint64_t before, uint64_t hash)
{
    uint8_t bytes[8];

    n1_store64(bytes, hash);
    return n1_xxh64(bytes, sizeof bytes, before);
}

uint64_t n1_hash_block(const void *samples, const n1_shape *shape, size_t bundle_channels)
{
    const size_t frames = stretch_frames(bundle_channels), size = n1_frame_bytes(shape);
    uint64_t hash = 0;

    for (size_t t = 0; t < shape->n_samples; t += frames) {
        const size_t n = shape->n_samples - t < frames ? shape->n_samples - t : frames;
        const uint64_t its = n1_hash_samples((const uint8_t *)samples + t * size, n * shape->n_channels, shape->dtype);
        if (n == shape->n_samples)
            return its;
        hash = joined(hash, its);
    }
    return hash;
}

static size_t listed(size_t stretches) { return stretches > 1 ? stretches * sizeof(uint64_t) : 0; }

size_t n1_file_block_size(const n1_content *content, size_t stretches)
{
    const size_t sides = n1_sides_size(content);

    return sides == N1_TOO_LARGE ? 0 : sides + content->payload.size + listed(stretches) + N1_TRAILER_BYTES;
}

void n1_file_block_write(const n1_content *content, const uint64_t *each, size_t stretches, uint32_t salt, uint8_t *dst)
{
    uint8_t *p = n1_put_sides(dst, content);

    if (content->payload.size && content->payload.data != p)
        memcpy(p, content->payload.data, content->payload.size);
    p += content->payload.size;
    for (size_t i = 0; stretches > 1 && i < stretches; i++, p += sizeof(uint64_t))
        n1_store64(p, each[i]);
    (void)n1_seal(dst, p, content->samples_hash, salt);
}

n1_status n1_file_block_read(const uint8_t *src, size_t len, size_t stretches, uint32_t salt, n1_content *content, n1_fault *fault)
{
    const size_t behind = N1_TRAILER_BYTES + listed(stretches);

    if (len < N1_TRAILER_BYTES)
        return n1_blame(fault, N1_ERROR_TRUNCATED, "a block is too short to be one", len);
    if (n1_check_seal(src, len, salt, &content->samples_hash) != N1_OK)
        return n1_blame(fault, N1_ERROR_CORRUPT, "CRC mismatch: the block is damaged", N1_NOWHERE);
    if (len < behind)
        return n1_blame(fault, N1_ERROR_TRUNCATED, "a block is too short for its hashes", len);
    uint64_t hash = 0;
    for (size_t i = 0; stretches > 1 && i < stretches; i++)
        hash = joined(hash, n1_load64(src + len - behind + i * sizeof(uint64_t)));
    if (stretches > 1 && hash != content->samples_hash)
        return n1_blame(fault, N1_ERROR_CORRUPT, "hashes of stretches that are not those of the block", len - behind);
    n1_cursor c = {src, src, src + len - behind, fault};
    const n1_status status = n1_get_sides(&c, content);
    if (status != N1_OK)
        return status;
    return n1_cursor_take(&c, (uint64_t)(c.end - c.p), "", &content->payload);
}
