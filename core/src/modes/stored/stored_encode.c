/* Stored mode: lowest value, bits a sample, then value - lowest packed, low bits first. */
#include "modes/stored/stored.h"
#include "base/fields.h"
#include "base/load.h"
#include "modes/mode.h"

/* The range of the values from `from` to `to`, added to what *low and *high have. */
static void widen(const void *samples, n1_type dtype, size_t from, size_t to, int64_t *low, int64_t *high)
{
    if (dtype == N1_INT16) { /* the usual type in a loop that vectorises */
        const int16_t *v = samples;
        int16_t l = v[from], h = v[from];
        for (size_t i = from; i < to; i++) {
            l = v[i] < l ? v[i] : l;
            h = v[i] > h ? v[i] : h;
        }
        *low = l < *low ? l : *low;
        *high = h > *high ? h : *high;
    } else
        for (size_t i = from; i < to; i++) {
            const int64_t v = n1_load_sample(samples, dtype, i);
            *low = v < *low ? v : *low;
            *high = v > *high ? v : *high;
        }
}

static unsigned bits_of(int64_t range)
{
    unsigned bits = 0;
    while (range >> bits)
        bits++;
    return bits;
}

/* Lowest value, and bits of the highest above it. */
static unsigned stored_bits(const void *samples, const n1_shape *s, int64_t *lowest)
{
    int64_t high = INT64_MIN;
    *lowest = INT64_MAX;
    widen(samples, s->dtype, 0, s->n_samples * s->n_channels, lowest, &high);
    return bits_of(high - *lowest);
}

static size_t size_of(const n1_shape *s, unsigned bits)
{
    return 2 + n1_type_size(s->dtype) + (s->n_samples * s->n_channels * bits + 7) / 8;
}

#define LOOKED_AT 4096u   /* values, after which what is known of the range may be enough */

int n1_stored_is_smaller(const void *samples, const n1_shape *s, size_t than)
{
    const size_t n = s->n_samples * s->n_channels;
    int64_t low = INT64_MAX, high = INT64_MIN;
    for (size_t from = 0; from < n; from += LOOKED_AT) {
        widen(samples, s->dtype, from, n - from < LOOKED_AT ? n : from + LOOKED_AT, &low, &high);
        if (size_of(s, bits_of(high - low)) >= than)
            return 0;
    }
    return 1;
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
