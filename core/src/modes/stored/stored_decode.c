/* Stored mode, decoder. */
#include "modes/stored/stored.h"
#include "base/fields.h"
#include "base/load.h"

n1_status n1_stored_decode(const uint8_t *src, size_t size, const n1_shape *s, void *samples)
{
    const size_t n = s->n_samples * s->n_channels;
    const unsigned width = n1_type_bits(s->dtype);
    n1_bitreader r;
    n1_bitreader_init(&r, src + 1, size - 1);   /* behind the mode */
    unsigned bits = n1_get_field(&r, 8);
    if (bits > width)
        return N1_ERROR_CORRUPT;
    uint32_t low = n1_get_field(&r, width);
    if (n1_bitreader_overran(&r) || size - 1 - n1_bitreader_used(&r, src + 1) < ((uint64_t)n * bits + 7) / 8)
        return N1_ERROR_TRUNCATED;
    for (size_t i = 0; i < n; i++) {
        uint32_t v = low + n1_get_field(&r, bits);   /* wraps like the samples' own type */
        switch (s->dtype) {
        case N1_INT8: case N1_UINT8: ((uint8_t *)samples)[i] = (uint8_t)v; break;
        case N1_INT16: case N1_UINT16: ((uint16_t *)samples)[i] = (uint16_t)v; break;
        default: ((uint32_t *)samples)[i] = v; break;
        }
    }
    return n1_bitreader_used(&r, src + 1) == size - 1 ? N1_OK : N1_ERROR_CORRUPT;
}
