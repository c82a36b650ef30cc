/* parts.h - checksums and hashes of bytes that are not seen at once. */
#ifndef N1_BASE_PARTS_H
#define N1_BASE_PARTS_H

#include "n1/n1.h"

/* The CRC32C of bytes of which it is that of the first and of the last len, each from 0 on: parts may be seen apart. */
uint32_t n1_crc32c_join(uint32_t first, uint32_t last, size_t len);

/* XXH64 of bytes that come to be one after the other: n1_xxh64_begin, n1_xxh64_on with all bytes that are there so far, as often
 * as one likes, and n1_xxh64_end with all there are. */
typedef struct n1_xxh64_state {
    uint64_t lane[4], seed;
    size_t seen;
} n1_xxh64_state;
void n1_xxh64_begin(n1_xxh64_state *state, uint64_t seed);
void n1_xxh64_on(n1_xxh64_state *state, const void *data, size_t len);
uint64_t n1_xxh64_end(n1_xxh64_state *state, const void *data, size_t len);

#endif
