/* Stored mode: lowest value, bits a sample, then value - lowest packed, low bits first. */
#include "modes/stored/stored.h"
#include "base/fields.h"
#include "base/load.h"
#include "modes/mode.h"

/* Lowest value, and bits of the highest above it. */
static unsigned stored_bits(const void *samples, const n1_shape *s, int64_t *lowest)
{
    const size_t n = s->n_samples * s->n_channels;
    int64_t low, high;
    if (s->dtype == N1_INT16) { /* the usual type in a loop that vectorises */
        const int16_t *v = samples;
        int16_t l = v[0], h = v[0];
        for (size_t i = 0; i < n; i++) {
            l = v[i] < l ? v[i] : l;
            h = v[i] > h ? v[i] : h;
        }
        low = l;
        high = h;
    } else {
        low = high = n1_load_sample(samples, s->dtype, 0);
        for (size_t i = 1; i < n; i++) {
            const int64_t v = n1_load_sample(samples, s->dtype, i);
            low = v < low ? v : low;
            high = v > high ? v : high;
        }
    }
    unsigned bits = 0;
    while ((high - low) >> bits)
        bits++;
    *lowest = low;
    return bits;
}

size_t n1_stored_size(const void *samples, const n1_shape *s)
{
    int64_t low;
    return 2 + n1_type_size(s->dtype) + (s->n_samples * s->n_channels * stored_bits(samples, s, &low) + 7) / 8;
}

n1_status n1_stored_encode(const void *samples, const n1_shape *s, uint8_t *dst, size_t capacity, size_t *written)
{
    const size_t n = s->n_samples * s->n_channels;
    int64_t low;
    const unsigned bits = stored_bits(samples, s, &low);
    n1_bitwriter w;
    n1_bitwriter_init(&w, dst, capacity);
    n1_put_field(&w, N1_MODE_STORED, 8);
    n1_put_field(&w, bits, 8);
    n1_put_field(&w, (uint32_t)low, n1_type_bits(s->dtype));
    for (size_t i = 0; i < n; i++)
        n1_put_field(&w, (uint32_t)(n1_load_sample(samples, s->dtype, i) - low), bits);
    n1_fields_align(&w);
    *written = (size_t)(w.p - dst);
    return w.overrun ? N1_ERROR_DST_TOO_SMALL : N1_OK;
}
