/* digest.h - numbers that stand for arrays, the same on machines of either byte order. */
#ifndef N1_TEST_DIGEST_H
#define N1_TEST_DIGEST_H

#include <stddef.h>
#include <stdint.h>

/* Go on with n values of so many bytes (1, 2, 4 or 8) each, after a digest before (0 at first). */
static inline uint64_t digest(uint64_t before, const void *values, size_t n, size_t size)
{
    uint64_t h = before + 0x9E3779B97F4A7C15u;
    for (size_t i = 0; i < n; i++) {
        switch (size) {
        case 1: h ^= ((const uint8_t *)values)[i]; break;
        case 2: h ^= ((const uint16_t *)values)[i]; break;
        case 4: h ^= ((const uint32_t *)values)[i]; break;
        default: h ^= ((const uint64_t *)values)[i]; break;
        }
        h *= 0x100000001B3u;
        h ^= h >> 29;
    }
    return h;
}

#endif
