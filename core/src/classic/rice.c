/* rice.c - adaptive Golomb-Rice coding of arrays; the code itself is in rice.h.
 *
 * Payload:
 *   0x00, then the samples, little-endian: stored, or
 *   0x01, then bits, most significant first: each sample in memory order, as a value of the sample's width w: of signed
 *         types 2v for v >= 0 and -2v - 1 for v < 0, of unsigned types v itself. Zeros fill the last byte.
 * Each channel has a state `sum`, at first 64 * 64. A value is coded with k = the number of bits of floor(sum / 128),
 * at most w - 1: q = value >> k zeros and a one, then the k low bits of the value; if q >= 24: 24 zeros, then the value
 * in w bits. Then sum += value - floor(sum / 64).
 */
#include "classic/rice.h"
#include "classic/coded_payload.h"

size_t n1_rice_workspace(const n1_layout *layout)
{
    return n1_payload_bound(layout) ? layout->channels * sizeof(n1_rice) : 0;
}

static n1_status encode(n1_rice *channels, const void *samples, const n1_layout *layout, uint8_t *dst, size_t capacity,
                        size_t *written)
{
    unsigned width = n1_width(layout);
    uint32_t values[N1_BATCH];
    n1_bitwriter w;
    size_t channel = 0;

    if (capacity < 1)
        return N1_ERROR_DST_TOO_SMALL;
    dst[0] = N1_CODED_PAYLOAD;
    n1_bitwriter_init(&w, dst + 1, capacity - 1);
    for (size_t c = 0; c < layout->channels; c++)
        n1_rice_init(&channels[c]);
    for (size_t first = 0; first < layout->size && !w.overrun; first += N1_BATCH) {
        size_t count = n1_batch_size(layout, first);
        n1_load_samples(samples, first, count, layout->itemsize, 0, values);
        for (size_t i = 0; i < count; i++) {
            uint32_t value = layout->is_signed ? n1_zigzag(values[i], width) : values[i];
            n1_rice_put(&channels[channel], &w, value, width);
            channel = channel + 1 < layout->channels ? channel + 1 : 0;
        }
    }
    n1_status status = n1_bitwriter_finish(&w);
    *written = (size_t)(w.p - dst);
    return status;
}

n1_status n1_rice_encode(const void *samples, const n1_layout *layout, uint8_t *dst, size_t capacity, size_t *written,
                         void *workspace)
{
    if (!n1_payload_bound(layout))
        return N1_ERROR_ARGUMENT;
    n1_status status = encode(workspace, samples, layout, dst, n1_coded_capacity(layout, capacity), written);
    return n1_finish_payload(status, samples, layout, dst, capacity, written);
}

n1_status n1_rice_decode(const uint8_t *src, size_t len, void *samples, const n1_layout *layout, void *workspace)
{
    n1_rice *channels = workspace;
    unsigned width = n1_width(layout);
    uint32_t values[N1_BATCH], above = 0, mask;
    n1_bitreader r;
    size_t channel = 0;
    n1_status status;
    uint8_t form;

    if ((status = n1_open_payload(src, len, samples, layout, &form)) != N1_OK || form == N1_STORED_PAYLOAD)
        return status;
    if (form != N1_CODED_PAYLOAD)
        return N1_ERROR_CORRUPT;
    mask = n1_width_mask(layout);
    n1_bitreader_init(&r, src + 1, len - 1);
    for (size_t c = 0; c < layout->channels; c++)
        n1_rice_init(&channels[c]);
    for (size_t first = 0; first < layout->size && !r.overrun; first += N1_BATCH) {
        size_t count = n1_batch_size(layout, first);
        for (size_t i = 0; i < count; i++) {
            n1_refill(&r);
            uint32_t value = n1_rice_get(&channels[channel], &r, width);
            channel = channel + 1 < layout->channels ? channel + 1 : 0;
            above |= value & ~mask; /* a quotient too large for the width */
            values[i] = layout->is_signed ? n1_unzigzag(value) : value;
        }
        n1_store_samples(samples, first, count, layout->itemsize, 0, values);
    }
    if (above)
        return N1_ERROR_CORRUPT;
    return n1_bitreader_finish(&r);
}
