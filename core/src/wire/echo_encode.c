/* Frames that are those of a period before but for an offset: what an encoder writes. */
#include "wire/echo_encode.h"
#include "base/load.h"
#include "base/varint.h"
#include "modes/mode.h"

#define PLACES 64u /* of a channel, all over a block, tell whether it echoes, */
#define STEPS  4u  /* by so many steps of each */

static uint64_t size_of(int64_t step) { return (uint64_t)(step < 0 ? -step : step); }

/* Whether steps of a channel are smaller without those of a period before. */
static int is_echo(const void *samples, const n1_shape *s, size_t distance, size_t channel)
{
    const size_t n = s->n_channels, frames = s->n_samples - distance;
    uint64_t left = 0, plain = 0;
    for (size_t i = 0; i < PLACES; i++)
        for (size_t t = i * frames / PLACES, j = 0; j < STEPS && t + 1 < frames; j++, t++) {
            const size_t before = t * n + channel, now = before + distance * n;
            const int64_t step = n1_load_sample(samples, s->dtype, now + n) - n1_load_sample(samples, s->dtype, now);
            plain += size_of(step);
            left += size_of(step - n1_load_sample(samples, s->dtype, before + n) + n1_load_sample(samples, s->dtype, before));
        }
    return left <= plain;
}

uint8_t *n1_echo_write(const void *samples, const n1_shape *s, size_t distance, uint8_t *dst, const uint8_t **which)
{
    size_t echoes = 0;
    *dst++ = N1_MODE_ECHO;
    uint8_t *const bits = dst = n1_put_varint(dst, distance);
    for (size_t i = 0; i < (s->n_channels + 8) / 8; i++)
        bits[i] = 0;
    for (size_t c = 0; c < s->n_channels; c++) {
        const int echo = is_echo(samples, s, distance, c);
        bits[(c + 1) / 8] |= (uint8_t)(echo << (c + 1) % 8);
        echoes += (size_t)echo;
    }
    *which = bits;
    if (echoes < s->n_channels)
        return bits + (s->n_channels + 8) / 8;
    bits[0] = 1;
    return bits + 1;
}

#define SUBTRACT(T)                                                                                                   \
    {                                                                                                                 \
        const T *const x = samples;                                                                                   \
        T *y = others;                                                                                                \
        for (size_t t = distance; t < s->n_samples; t++)                                                              \
            for (size_t c = 0; c < n; c++) {                                                                          \
                const size_t i = t * n + c;                                                                           \
                *y++ = (T)(x[i] - (n1_echo_is_one(which, c) ? x[i - back] : (T)bias));                                \
            }                                                                                                         \
    }

void n1_echo_subtract(const void *samples, const n1_shape *s, size_t distance, const uint8_t *which, void *others)
{
    const size_t n = s->n_channels, back = distance * n;
    const uint32_t bias = n1_type_bias(s->dtype);
    switch (n1_type_size(s->dtype)) {
    case 1: SUBTRACT(uint8_t) break;
    case 2: SUBTRACT(uint16_t) break;
    default: SUBTRACT(uint32_t)
    }
}
