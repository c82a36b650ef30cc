/* file_block.h - the block of a .n1c file: an envelope without what the file's header and the chunk say already.
 *
 *   sides | payload | [hash of each stretch (8)] | hash (8) | CRC32C (4), which begins with the file's id and the block's place
 *
 * A stretch is so many frames; where there are several, the hash is that of their hashes. So a reader who decodes the first
 * stretches alone can check them.
 */
#ifndef N1_WIRE_FILE_BLOCK_H
#define N1_WIRE_FILE_BLOCK_H

#include "wire/content.h"

/* What tells the chunks of a continuation of a file from all others: the CRCs of their heads begin with its lower half, those of
 * their blocks with its upper half, and with where the block is: in which bundle of the chunk that begins at frame `start`. */
uint64_t n1_file_key(uint64_t file_id, uint64_t continuation);
uint32_t n1_block_salt(uint32_t file_salt, uint64_t start, uint32_t bundle);

/* Stretches of a chunk of so many frames, in a file of so many channels in a bundle. */
size_t n1_stretches(size_t n_samples, size_t bundle_channels);
/* The hash of a block's samples. */
uint64_t n1_hash_block(const void *samples, const n1_shape *shape, size_t bundle_channels);

/* Bytes of a block; 0 if anything in it is beyond its limit. each: hashes of the stretches, where there are several. A payload that
 * is in its place in dst already is left there. */
size_t n1_file_block_size(const n1_content *content, size_t stretches);
void n1_file_block_write(const n1_content *content, const uint64_t *each, size_t stretches, uint32_t salt, uint8_t *dst);
/* Check a block and see what is in it: content->n_sides says how many sides there are. Where there are several stretches, their
 * hashes follow the payload. */
n1_status n1_file_block_read(const uint8_t *src, size_t len, size_t stretches, uint32_t salt, n1_content *content, n1_fault *fault);

#endif
