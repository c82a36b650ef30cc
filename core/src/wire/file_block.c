/* file_block.c - writing and checking the blocks of a .n1c file. */
#include "wire/file_block.h"

#include <string.h>

#include "base/bytes.h"

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

size_t n1_file_block_size(const n1_content *content)
{
    const size_t sides = n1_sides_size(content);

    return sides == N1_TOO_LARGE ? 0 : sides + content->payload.size + N1_TRAILER_BYTES;
}

void n1_file_block_write(const n1_content *content, uint32_t salt, uint8_t *dst)
{
    uint8_t *p = n1_put_sides(dst, content);

    if (content->payload.size)
        memcpy(p, content->payload.data, content->payload.size);
    (void)n1_seal(dst, p + content->payload.size, content->samples_hash, salt);
}

n1_status n1_file_block_read(const uint8_t *src, size_t len, uint32_t salt, n1_content *content, n1_fault *fault)
{
    if (len < N1_TRAILER_BYTES)
        return n1_blame(fault, N1_ERROR_TRUNCATED, "a block is too short to be one", len);
    if (n1_check_seal(src, len, salt, &content->samples_hash) != N1_OK)
        return n1_blame(fault, N1_ERROR_CORRUPT, "CRC mismatch: the block is damaged", N1_NOWHERE);
    n1_cursor c = {src, src, src + len - N1_TRAILER_BYTES, fault};
    const n1_status status = n1_get_sides(&c, content);
    if (status != N1_OK)
        return status;
    return n1_cursor_take(&c, (uint64_t)(c.end - c.p), "", &content->payload);
}
