/* coded_payload.c - what every payload has in common: its bound and its stored form. */
#include "classic/coded_payload.h"

size_t n1_payload_bound(const n1_layout *layout)
{
    if (layout->size < 1 || layout->size > N1_MAX_SAMPLES || layout->channels < 1 || layout->channels > N1_MAX_CHANNELS)
        return 0;
    if (layout->itemsize != 1 && layout->itemsize != 2 && layout->itemsize != 4)
        return 0;
    if (layout->size % layout->channels || layout->size > (SIZE_MAX - 1) / layout->itemsize)
        return 0;
    return layout->size * layout->itemsize + 1;
}

static n1_status store(const void *samples, const n1_layout *layout, uint8_t *dst, size_t capacity, size_t *written)
{
    unsigned itemsize = layout->itemsize;
    uint32_t keys[N1_BATCH];

    if (capacity < n1_payload_bound(layout))
        return N1_ERROR_DST_TOO_SMALL;
    *dst++ = N1_STORED_PAYLOAD;
    for (size_t first = 0; first < layout->size; first += N1_BATCH) {
        size_t count = n1_batch_size(layout, first);
        n1_load_samples(samples, first, count, itemsize, 0, keys);
        for (size_t i = 0; i < count; i++)
            dst = n1_put_sample(dst, keys[i], itemsize);
    }
    *written = n1_payload_bound(layout);
    return N1_OK;
}

static n1_status restore(const uint8_t *src, size_t len, void *samples, const n1_layout *layout)
{
    unsigned itemsize = layout->itemsize;
    uint32_t keys[N1_BATCH];

    if (len < n1_payload_bound(layout))
        return N1_ERROR_TRUNCATED;
    if (len > n1_payload_bound(layout))
        return N1_ERROR_CORRUPT;
    src++;
    for (size_t first = 0; first < layout->size; first += N1_BATCH) {
        size_t count = n1_batch_size(layout, first);
        for (size_t i = 0; i < count; i++, src += itemsize)
            keys[i] = n1_get_sample(src, itemsize);
        n1_store_samples(samples, first, count, itemsize, 0, keys);
    }
    return N1_OK;
}

n1_status n1_finish_payload(n1_status status, const void *samples, const n1_layout *layout, uint8_t *dst,
                            size_t capacity, size_t *written)
{
    return status == N1_ERROR_DST_TOO_SMALL ? store(samples, layout, dst, capacity, written) : status;
}

n1_status n1_open_payload(const uint8_t *src, size_t len, void *samples, const n1_layout *layout, uint8_t *form)
{
    if (!n1_payload_bound(layout))
        return N1_ERROR_ARGUMENT;
    if (len < 1)
        return N1_ERROR_TRUNCATED;
    *form = src[0];
    return *form == N1_STORED_PAYLOAD ? restore(src, len, samples, layout) : N1_OK;
}
