/* samples.h - samples of 1, 2 or 4 bytes as 32-bit keys, and the stored form of payloads.
 *
 * The key of a sample is its value as an unsigned number of the same width, with the sign bit of signed types inverted,
 * so that keys order as values do. Coders work on blocks of keys; only this file knows the types of samples.
 */
#ifndef N1_SAMPLES_H
#define N1_SAMPLES_H

#include "n1/classic.h"

#include <string.h>

#include "base/bytes.h"

#define N1_BLOCK          64u /* keys of a block: they live on the stack         */
#define N1_STORED_PAYLOAD 0u  /* first byte of a payload that holds the samples */
#define N1_CODED_PAYLOAD  1u  /* first byte of a coded one, where there is one way  */

static inline unsigned n1_width(const n1_layout *layout)
{
    return 8u * layout->itemsize;
}

static inline uint32_t n1_width_mask(const n1_layout *layout)
{
    return 0xFFFFFFFFu >> (32 - n1_width(layout));
}

static inline uint32_t n1_key_flip(const n1_layout *layout)
{
    return layout->is_signed ? 1u << (n1_width(layout) - 1) : 0;
}

/* Read `count` samples from the one at `first` on, XORed with `flip` (n1_key_flip for keys, 0 for plain bits). */
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

/* Samples of the block that starts at sample `first`. */
static inline size_t n1_block_size(const n1_layout *layout, size_t first)
{
    return layout->size - first < N1_BLOCK ? layout->size - first : N1_BLOCK;
}

/* What a coded payload may take: one byte less than the stored one. */
static inline size_t n1_coded_capacity(const n1_layout *layout, size_t capacity)
{
    size_t bound = n1_payload_bound(layout);
    return capacity < bound ? capacity : bound - 1;
}

/* The end of an encoder that was given n1_coded_capacity and returned this status: where that did not do, the samples
 * are stored: N1_STORED_PAYLOAD, then each of them, little-endian. */
n1_status n1_finish_payload(n1_status status, const void *samples, const n1_layout *layout, uint8_t *dst,
                            size_t capacity, size_t *written);

/* The start of a decoder: checks the layout and tells the payload's form (its first byte). A stored payload is restored
 * at once. */
n1_status n1_open_payload(const uint8_t *src, size_t len, void *samples, const n1_layout *layout, uint8_t *form);

#endif
