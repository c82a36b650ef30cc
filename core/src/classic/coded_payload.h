/* coded_payload.h - what the payloads of all coders have in common: samples as 32-bit keys, and the stored form.
 *
 * The key of a sample is its value as an unsigned number of the same width, with the sign bit of signed types inverted,
 * so that keys order as values do. Coders work on batches of keys.
 */
#ifndef N1_PAYLOAD_H
#define N1_PAYLOAD_H

#include "n1/classic.h"

#include "base/samples.h"

#define N1_BATCH          64u /* keys at a time: they live on the stack             */
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

/* Samples of the batch that starts at sample `first`. */
static inline size_t n1_batch_size(const n1_layout *layout, size_t first)
{
    return layout->size - first < N1_BATCH ? layout->size - first : N1_BATCH;
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
