/* content.c - side information, hash and CRC: what stands around a payload. */
#include "wire/content.h"

#include <string.h>

#include "base/bytes.h"

size_t n1_sides_size(const n1_content *content)
{
    size_t size = 0;

    if (content->n_sides > N1_MAX_TRANSFORMS || content->payload.size > N1_MAX_PAYLOAD)
        return N1_TOO_LARGE;
    for (size_t i = 0; i < content->n_sides; i++) {
        if (content->side[i].size > N1_MAX_SIDE)
            return N1_TOO_LARGE;
        size += n1_varint_size(content->side[i].size) + content->side[i].size;
    }
    return size;
}

uint8_t *n1_put_sides(uint8_t *p, const n1_content *content)
{
    for (size_t i = 0; i < content->n_sides; i++) {
        p = n1_put_varint(p, content->side[i].size);
        if (content->side[i].size)
            memcpy(p, content->side[i].data, content->side[i].size);
        p += content->side[i].size;
    }
    return p;
}

n1_status n1_get_sides(n1_cursor *c, n1_content *content)
{
    for (size_t i = 0; i < content->n_sides; i++) {
        uint64_t size;
        n1_status status = n1_cursor_number(c, N1_MAX_SIDE, "side information is cut short",
                                            "side information: a length beyond its limit, or not in its shortest form",
                                            &size);
        if (status != N1_OK ||
            (status = n1_cursor_take(c, size, "side information is cut short", &content->side[i])) != N1_OK)
            return status;
    }
    return N1_OK;
}

uint8_t *n1_seal(const uint8_t *start, uint8_t *p, uint64_t samples_hash, uint32_t salt)
{
    return n1_seal_known(p, samples_hash, n1_crc32c(salt, start, (size_t)(p - start)));
}

uint8_t *n1_seal_known(uint8_t *p, uint64_t samples_hash, uint32_t crc)
{
    n1_store64(p, samples_hash);
    n1_store32(p + 8, n1_crc32c(crc, p, 8));
    return p + N1_TRAILER_BYTES;
}

n1_status n1_check_seal(const uint8_t *src, size_t len, uint32_t salt, uint64_t *samples_hash)
{
    return n1_check_seal_known(src, len, n1_crc32c(salt, src, len - 4), samples_hash);
}

n1_status n1_check_seal_known(const uint8_t *src, size_t len, uint32_t crc, uint64_t *samples_hash)
{
    if (crc != n1_load32(src + len - 4))
        return N1_ERROR_CORRUPT;
    *samples_hash = n1_load64(src + len - N1_TRAILER_BYTES);
    return N1_OK;
}
