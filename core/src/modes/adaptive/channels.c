/* Channels gathered and scattered. */
#include "modes/adaptive/adaptive.h"
#include "base/types.h"

#include <string.h>

void n1_gather_channels(const void *samples, const n1_shape *s, const uint16_t *channel, size_t n, void *out)
{
    const size_t size = n1_type_size(s->dtype);
    const uint8_t *from = samples;
    uint8_t *to = out;
    for (size_t t = 0; t < s->n_samples; t++, from += s->n_channels * size)
        for (size_t i = 0; i < n; i++, to += size)
            memcpy(to, from + channel[i] * size, size);
}

void n1_scatter_channels(const void *in, const uint16_t *channel, size_t n, const n1_shape *s, void *samples)
{
    const size_t size = n1_type_size(s->dtype);
    const uint8_t *from = in;
    uint8_t *to = samples;
    for (size_t t = 0; t < s->n_samples; t++, to += s->n_channels * size)
        for (size_t i = 0; i < n; i++, from += size)
            memcpy(to + channel[i] * size, from, size);
}
