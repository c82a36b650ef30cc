/* content.h - what an envelope and a file's block have in common: side information, payload, hash, CRC.
 *
 *   n_sides x { length: varint, bytes } | ... | payload | samples_hash (8) | CRC32C (4)
 */
#ifndef N1_WIRE_CONTENT_H
#define N1_WIRE_CONTENT_H

#include "wire/cursor.h"

#define N1_TRAILER_BYTES 12u

/* Bytes of the sides with their lengths; N1_TOO_LARGE if one, their number or the payload is beyond its limit. */
#define N1_TOO_LARGE SIZE_MAX
size_t n1_sides_size(const n1_content *content);
uint8_t *n1_put_sides(uint8_t *p, const n1_content *content);
/* Read as many sides as content->n_sides says. */
n1_status n1_get_sides(n1_cursor *c, n1_content *content);

/* Append hash and CRC to the bytes from `start` on; the CRC begins with the salt. Returns the place after them. */
uint8_t *n1_seal(const uint8_t *start, uint8_t *p, uint64_t samples_hash, uint32_t salt);
/* The same where the CRC of all before p is known. */
uint8_t *n1_seal_known(uint8_t *p, uint64_t samples_hash, uint32_t crc);
/* The hash in the last bytes of what is sealed: at least N1_TRAILER_BYTES. N1_ERROR_CORRUPT if the CRC is wrong. */
n1_status n1_check_seal(const uint8_t *src, size_t len, uint32_t salt, uint64_t *samples_hash);
/* The same where the CRC of all but the last four bytes is known. */
n1_status n1_check_seal_known(const uint8_t *src, size_t len, uint32_t crc, uint64_t *samples_hash);

#endif
