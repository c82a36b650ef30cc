/* samples.h - samples of 1, 2 or 4 bytes: out of arrays at any address and back, and as little-endian bytes. */
#ifndef N1_SAMPLES_H
#define N1_SAMPLES_H

#include "n1/n1.h"

#include <string.h>

#include "base/bytes.h"

/* Read `count` samples from the one at `first` on, XORed with `flip` (0 for plain bits). */
static inline void n1_load_samples(const void *samples, size_t first, size_t count, unsigned itemsize, uint32_t flip,
                                   uint32_t *keys)
{
    const uint8_t *p = (const uint8_t *)samples + first * itemsize;

    if (itemsize == 2) {
        for (size_t i = 0; i < count; i++) {
            uint16_t v;
            memcpy(&v, p + 2 * i, 2);
            keys[i] = v ^ flip;
        }
    } else if (itemsize == 4) {
        for (size_t i = 0; i < count; i++) {
            uint32_t v;
            memcpy(&v, p + 4 * i, 4);
            keys[i] = v ^ flip;
        }
    } else {
        for (size_t i = 0; i < count; i++)
            keys[i] = p[i] ^ flip;
    }
}

/* The reverse; bits of a key above the width of a sample are dropped. */
static inline void n1_store_samples(void *samples, size_t first, size_t count, unsigned itemsize, uint32_t flip,
                                    const uint32_t *keys)
{
    uint8_t *p = (uint8_t *)samples + first * itemsize;

    if (itemsize == 2) {
        for (size_t i = 0; i < count; i++) {
            uint16_t v = (uint16_t)(keys[i] ^ flip);
            memcpy(p + 2 * i, &v, 2);
        }
    } else if (itemsize == 4) {
        for (size_t i = 0; i < count; i++) {
            uint32_t v = keys[i] ^ flip;
            memcpy(p + 4 * i, &v, 4);
        }
    } else {
        for (size_t i = 0; i < count; i++)
            p[i] = (uint8_t)(keys[i] ^ flip);
    }
}

/* The low bytes of a sample's bits, least significant first; returns the place after them. */
static inline uint8_t *n1_put_sample(uint8_t *p, uint32_t bits, unsigned itemsize)
{
    for (unsigned b = 0; b < itemsize; b++)
        *p++ = (uint8_t)(bits >> (8 * b));
    return p;
}

static inline uint32_t n1_get_sample(const uint8_t *p, unsigned itemsize)
{
    uint32_t bits = 0;

    for (unsigned b = 0; b < itemsize; b++)
        bits |= (uint32_t)p[b] << (8 * b);
    return bits;
}

#endif
