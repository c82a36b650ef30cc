/* source.c - reading a part of a file through a small window. */
#include "wire/source.h"

#include <string.h>

#include "base/bytes.h"
#include "base/inline.h"

N1_APART n1_status n1_file_bytes(const n1_file *file, uint64_t at, void *dst, size_t size, n1_fault *fault)
{
    const n1_status status = file->read(file->context, at, dst, size);

    return status == N1_OK ? N1_OK : n1_blame(fault, status, "the file cannot be read", at);
}

void n1_source_init(n1_source *s, const n1_file *file, uint64_t at, uint64_t end, uint32_t salt, n1_fault *fault)
{
    s->file = file;
    s->fault = fault;
    s->at = at;
    s->end = end;
    s->crc = salt;
    s->have = s->used = 0;
}

static n1_status fill(n1_source *s)
{
    const uint64_t left = s->end - s->at;

    s->used = 0;
    s->have = left < N1_WINDOW_BYTES ? (size_t)left : N1_WINDOW_BYTES;
    const n1_status status = n1_file_bytes(s->file, s->at, s->window, s->have, s->fault);
    if (status != N1_OK)
        s->have = 0;
    return status;
}

n1_status n1_source_take(n1_source *s, void *dst, size_t size, const char *what)
{
    uint8_t *p = dst;

    if (size > s->end - s->at)
        return n1_blame(s->fault, N1_ERROR_TRUNCATED, what, s->end);
    while (size) {
        if (s->used == s->have) {
            const n1_status status = fill(s);
            if (status != N1_OK)
                return status;
        }
        const size_t part = size < s->have - s->used ? size : s->have - s->used;
        s->crc = n1_crc32c(s->crc, s->window + s->used, part);
        if (p) {
            memcpy(p, s->window + s->used, part);
            p += part;
        }
        s->used += part;
        s->at += part;
        size -= part;
    }
    return N1_OK;
}

n1_status n1_source_skip(n1_source *s, uint64_t size, const char *what)
{
    if (size > s->end - s->at)
        return n1_blame(s->fault, N1_ERROR_TRUNCATED, what, s->end);
    return n1_source_take(s, NULL, (size_t)size, what);
}

n1_status n1_source_number(n1_source *s, uint64_t limit, const char *what, uint64_t *value)
{
    uint8_t bytes[N1_MAX_VARINT_BYTES];
    const uint8_t *p = bytes;
    const uint64_t at = s->at;
    size_t n = 0;

    do {
        const n1_status status = n1_source_take(s, bytes + n, 1, what);
        if (status != N1_OK)
            return status;
    } while (bytes[n++] > 0x7F && n < sizeof bytes);
    return n1_get_varint(&p, bytes + n, limit, value) == N1_OK ? N1_OK : n1_blame(s->fault, N1_ERROR_CORRUPT, what, at);
}

n1_status n1_source_eight(n1_source *s, const char *what, uint64_t *value)
{
    uint8_t bytes[8];
    const n1_status status = n1_source_take(s, bytes, sizeof bytes, what);

    if (status == N1_OK)
        *value = n1_load64(bytes);
    return status;
}

n1_status n1_source_check(n1_source *s, const char *what)
{
    const uint32_t crc = s->crc;
    uint8_t stored[4];
    const n1_status status = n1_source_take(s, stored, sizeof stored, what);

    if (status != N1_OK)
        return status;
    return n1_load32(stored) == crc ? N1_OK : n1_blame(s->fault, N1_ERROR_CORRUPT, what, N1_NOWHERE);
}
