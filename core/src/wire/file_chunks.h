/* file_chunks.h - finding the chunks of a .n1c file, by its index or from chunk to chunk. */
#ifndef N1_WIRE_FILE_CHUNKS_H
#define N1_WIRE_FILE_CHUNKS_H

#include "wire/source.h"

/* The header of the chunk at `at`, and where the block of one bundle is in it. */
typedef struct n1_chunk_head {
    n1_chunk chunk;
    uint64_t block_at, block_bytes;
} n1_chunk_head;
n1_status n1_chunk_head_read(const n1_file *file, uint64_t at, size_t bundle, n1_chunk_head *head, n1_fault *fault);

/* Keep the size of the largest chunk, which says what a workspace holds. */
static inline void n1_file_note(n1_file *file, const n1_chunk *chunk)
{
    file->most_frames = chunk->n_samples > file->most_frames ? chunk->n_samples : file->most_frames;
    file->most_bytes = chunk->n_bytes > file->most_bytes ? chunk->n_bytes : file->most_bytes;
}

/* Read the index that ends with the file, and the header's copy in it if `header` is not N1_OK. */
n1_status n1_file_index(n1_file *file, n1_status header, uint64_t header_bytes, n1_fault *fault);
/* The chunk after this one by the index, or by looking for it; n_samples 0 at the end. */
n1_status n1_index_next(const n1_file *file, n1_chunk *chunk, n1_fault *fault);
/* A search looks at no more bytes than a few times the file has: this begins another search, as the first chunk does. */
void n1_search_anew(n1_file *file);
n1_status n1_scan_next(n1_file *file, n1_chunk *chunk, n1_fault *fault);

#endif
