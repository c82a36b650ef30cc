/* file_chunks.c - the headers of chunks, the index of a finished file, and the search for chunks where there is none.
 *
 *   chunk:  0xB7 "N1" 0xE5 | start | 2 n_samples + continued? | [continuation] | length of each block | CRC32C, which
 *           begins with the lower half of the file's key
 *   index:  0 | copy length | header's copy | n_chunks
 *           | n_chunks x { 4 n_samples + 2 other? + gap?, [gap], [continuation], bytes } | end gap | recording hash (8) | CRC32C | index length (4) | "C1N" 0x89
 */
#include "wire/file_chunks.h"

#include <string.h>

#include "base/bytes.h"
#include "wire/content.h"
#include "wire/file_block.h"
#include "wire/file_header.h"

#define FOOTER_BYTES 8u
#define SEARCH_BYTES 256u
#define WORK_FACTOR  4u
#define MAX_CHUNK_BYTES ((uint64_t)1 << 48)

static const uint8_t SYNC[4] = {0xB7, 'N', '1', 0xE5};

/* Most frames that a chunk of this file may have. */
static uint64_t most_frames(const n1_file *file)
{
    const uint64_t all = N1_MAX_CHUNK_VALUES / file->n_channels, one = N1_MAX_BUNDLE_VALUES / file->bundle_channels;

    return all < one ? all : one;
}

static int chunk_ok(const n1_file *file, uint64_t start, uint64_t n_samples)
{
    return n_samples && n_samples <= most_frames(file) && start + n_samples <= N1_MAX_FRAMES;
}

/* Read the continuation, and begin the CRC anew with its key: what was read before goes in again. */
static n1_status begin_continued(n1_source *s, const n1_file *file, uint64_t at, uint64_t *continuation)
{
    static const char damaged[] = "the header of a chunk is damaged";
    const n1_status status = n1_source_eight(s, damaged, continuation);

    if (status != N1_OK)
        return status;
    const uint64_t read = s->at - at;
    n1_source_init(s, file, at, file->chunks_end, (uint32_t)n1_file_key(file->file_id, *continuation), s->fault);
    return n1_source_skip(s, read, damaged);
}

n1_status n1_chunk_head_read(const n1_file *file, uint64_t at, size_t bundle, n1_chunk_head *head, n1_fault *fault)
{
    static const char damaged[] = "the header of a chunk is damaged";
    n1_source s;
    uint8_t sync[sizeof SYNC];
    uint64_t start, number, continuation = 0, length, blocks = 0, short_block = 0;
    n1_status status;

    n1_source_init(&s, file, at, file->chunks_end, (uint32_t)file->key, fault);
    if ((status = n1_source_take(&s, sync, sizeof sync, damaged)) != N1_OK)
        return status;
    if (memcmp(sync, SYNC, sizeof sync) != 0)
        return n1_blame(fault, N1_ERROR_CORRUPT, "no chunk begins here", at);
    if ((status = n1_source_number(&s, N1_MAX_FRAMES, damaged, &start)) != N1_OK ||
        (status = n1_source_number(&s, 2 * N1_MAX_CHUNK_VALUES + 1, damaged, &number)) != N1_OK ||
        (number & 1 && (status = begin_continued(&s, file, at, &continuation)) != N1_OK))
        return status;
    const uint64_t n_samples = number >> 1;
    for (size_t i = 0; i < file->n_bundles; i++) {
        if ((status = n1_source_number(&s, N1_MAX_BLOCK_BYTES, damaged, &length)) != N1_OK)
            return status;
        if (i == bundle) {
            head->block_at = blocks;
            head->block_bytes = length;
        }
        short_block |= length && length < N1_TRAILER_BYTES;
        blocks += length;
    }
    if ((status = n1_source_check(&s, "CRC mismatch: the header of a chunk is damaged")) != N1_OK)
        return status;
    if (!chunk_ok(file, start, n_samples) || (number & 1 && !continuation) || short_block || blocks > file->chunks_end - s.at)
        return n1_blame(fault, N1_ERROR_CORRUPT, "a chunk of impossible size", at);
    head->block_at += s.at;
    head->chunk = (n1_chunk){start, (size_t)n_samples, at, s.at - at + blocks, 0, s.at + blocks, continuation};
    return N1_OK;
}

/* Read an index's entry; the source is at it. */
static n1_status read_entry(n1_source *s, const n1_file *file, n1_chunk *chunk)
{
    static const char damaged[] = "the index is damaged";
    uint64_t value, gap = 0, bytes, after = chunk->offset + chunk->n_bytes;
    n1_status status = n1_source_number(s, 4 * N1_MAX_CHUNK_VALUES + 3, damaged, &value);

    if (status == N1_OK && value & 1)
        status = n1_source_number(s, N1_MAX_FRAMES, damaged, &gap);
    if (status == N1_OK && value & 2) {
        const uint64_t before = chunk->continuation;
        if ((status = n1_source_eight(s, damaged, &chunk->continuation)) != N1_OK)
            return status;
        if (chunk->continuation == before)
            return n1_blame(s->fault, N1_ERROR_CORRUPT, "a continuation follows on itself in the index", s->at);
    }
    if (status != N1_OK || (status = n1_source_number(s, MAX_CHUNK_BYTES, damaged, &bytes)) != N1_OK)
        return status;
    chunk->start += chunk->n_samples + gap;
    if (!chunk_ok(file, chunk->start, value >> 2))
        return n1_blame(s->fault, N1_ERROR_CORRUPT, "a chunk of impossible size in the index", s->at);
    chunk->n_samples = (size_t)(value >> 2);
    chunk->offset = after;
    chunk->n_bytes = bytes;
    chunk->number++;
    chunk->next = s->at;
    return N1_OK;
}

static n1_status read_table(n1_source *s, n1_file *file)
{
    static const char damaged[] = "the index is damaged";
    n1_chunk chunk = {0, 0, file->chunks_at, 0, 0, 0, 0};
    uint64_t count, gap;
    n1_status status = n1_source_number(s, N1_MAX_CHUNKS, damaged, &count);

    file->index_at = s->at;
    for (uint64_t i = 0; status == N1_OK && i < count; i++) {
        if ((status = read_entry(s, file, &chunk)) == N1_OK)
            n1_file_note(file, &chunk);
    }
    if (status != N1_OK ||
        (status = n1_source_number(s, N1_MAX_FRAMES - chunk.start - chunk.n_samples, damaged, &gap)) != N1_OK)
        return status;
    file->n_chunks = count;
    file->n_samples = chunk.start + chunk.n_samples + gap;
    if (chunk.offset + chunk.n_bytes != file->chunks_end)
        return n1_blame(s->fault, N1_ERROR_CORRUPT, "bytes were inserted or removed: the index does not fit", s->at);
    return N1_OK;
}

n1_status n1_file_index(n1_file *file, n1_status header, uint64_t header_bytes, n1_fault *fault)
{
    static const uint8_t end_magic[4] = {'C', '1', 'N', 0x89};
    static const char damaged[] = "the index is damaged";
    uint8_t footer[FOOTER_BYTES], mark;
    uint64_t copy, length, hash;
    n1_source s;
    n1_status status;

    n1_source_init(&s, file, file->size < FOOTER_BYTES ? 0 : file->size - FOOTER_BYTES, file->size, 0, fault);
    if ((status = n1_source_take(&s, footer, sizeof footer, "the file was never finished")) != N1_OK)
        return status;
    if (memcmp(footer + 4, end_magic, sizeof end_magic) != 0)
        return n1_blame(fault, N1_ERROR_CORRUPT, "the index is missing: the file was never finished", file->size);
    length = n1_load32(footer);
    if (length > N1_MAX_INDEX || length > file->size - FOOTER_BYTES)
        return n1_blame(fault, N1_ERROR_CORRUPT, damaged, file->size);
    file->chunks_end = file->size - FOOTER_BYTES - length;
    for (int pass = 0; pass < 2; pass++) { /* the CRC begins with a salt that the copy of the header may have to tell */
        n1_source_init(&s, file, file->chunks_end, file->chunks_end + length, (uint32_t)file->key, fault);
        if ((status = n1_source_take(&s, &mark, 1, damaged)) != N1_OK ||
            (status = n1_source_number(&s, N1_MAX_HEADER + 16, damaged, &copy)) != N1_OK)
            return status;
        if (mark)
            return n1_blame(fault, N1_ERROR_CORRUPT, damaged, file->chunks_end);
        if (header == N1_OK)
            break;
        uint64_t after;
        if (copy > s.end - s.at || n1_file_header(file, s.at, s.at + copy, &after, fault) != N1_OK ||
            after != s.at + copy)
            return n1_blame(fault, N1_ERROR_CORRUPT, "the header is damaged, and there is no copy of it", 0);
        header_bytes = copy;
        header = N1_OK;
    }
    file->chunks_at = header_bytes;
    if ((status = n1_source_skip(&s, copy, damaged)) != N1_OK || (status = read_table(&s, file)) != N1_OK ||
        (status = n1_source_eight(&s, damaged, &hash)) != N1_OK ||
        (status = n1_source_check(&s, "CRC mismatch: the index is damaged")) != N1_OK)
        return status;
    return s.at == s.end ? N1_OK : n1_blame(fault, N1_ERROR_CORRUPT, damaged, s.at);
}

n1_status n1_index_next(const n1_file *file, n1_chunk *chunk, n1_fault *fault)
{
    n1_source s;

    if (chunk->number == file->n_chunks) {
        chunk->n_samples = 0;
        return N1_OK;
    }
    if (!chunk->number)
        *chunk = (n1_chunk){0, 0, file->chunks_at, 0, 0, file->index_at, 0};
    n1_source_init(&s, file, chunk->next, file->size, 0, fault);
    return read_entry(&s, file, chunk);
}

/* Where the mark of a chunk is next, or the end of the chunks. */
static n1_status find_sync(const n1_file *file, uint64_t at, uint64_t *found, n1_fault *fault)
{
    uint8_t window[SEARCH_BYTES];

    while (file->chunks_end - at >= sizeof SYNC) {
        const uint64_t left = file->chunks_end - at;
        const size_t size = left < SEARCH_BYTES ? (size_t)left : SEARCH_BYTES;
        const n1_status status = n1_file_bytes(file, at, window, size, fault);
        if (status != N1_OK)
            return status;
        for (size_t i = 0; i + sizeof SYNC <= size; i++)
            if (window[i] == SYNC[0] && memcmp(window + i, SYNC, sizeof SYNC) == 0) {
                *found = at + i;
                return N1_OK;
            }
        at += size - (sizeof SYNC - 1);
    }
    *found = file->chunks_end;
    return N1_OK;
}

void n1_search_anew(n1_file *file)
{
    file->work = WORK_FACTOR * (file->chunks_end - file->chunks_at) + ((uint64_t)1 << 20);
}

n1_status n1_scan_next(n1_file *file, n1_chunk *chunk, n1_fault *fault)
{
    const uint64_t end = chunk->start + chunk->n_samples, most_head = 4 + 7 + 4 + 8 + 5 * (uint64_t)file->n_bundles + 4;
    uint64_t at = chunk->number ? chunk->next : file->chunks_at;
    n1_chunk_head head;

    if (!chunk->number)
        n1_search_anew(file);
    while (at < file->chunks_end) {
        n1_status status = n1_chunk_head_read(file, at, 0, &head, NULL);
        if (status == N1_OK && head.chunk.start >= end) {
            head.chunk.number = chunk->number + 1;
            *chunk = head.chunk;
            return N1_OK;
        }
        if (status != N1_OK && status != N1_ERROR_CORRUPT && status != N1_ERROR_TRUNCATED)
            return n1_blame(fault, status, "the file cannot be read", at);
        if (file->work < most_head)
            return n1_blame(fault, N1_ERROR_CORRUPT, "too much in the file looks like chunks and is none", at);
        file->work -= most_head;
        if (status == N1_OK)
            at = head.chunk.next; /* goes back in time: passed over */
        else if ((status = find_sync(file, at + 1, &at, fault)) != N1_OK)
            return status;
    }
    chunk->n_samples = 0;
    return N1_OK;
}
