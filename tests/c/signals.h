/* signals.h - what electrodes give and what they do not, for the C tests: from integer arithmetic alone, so that every
 * machine makes the same samples. The same seed (rng_state) gives the same samples. */
#ifndef N1_TEST_SIGNALS_H
#define N1_TEST_SIGNALS_H

#include "n1/classic.h"
#include "n1/codec.h"

static uint64_t rng_state;

static inline uint32_t rng(uint32_t below)
{
    rng_state += 0x9E3779B97F4A7C15u; /* splitmix64 */
    uint64_t z = rng_state;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return (uint32_t)((z ^ z >> 31) >> 32) % below;
}

static inline int32_t noise(int32_t scale) /* near normal: a sum of uniforms */
{
    int32_t sum = 0;
    for (int i = 0; i < 6; i++)
        sum += (int32_t)rng(2001) - 1000;
    return sum * scale / 1414;
}

static inline size_t itemsize(n1_type type) { return (size_t)1 << ((unsigned)type >> 1); }

static inline void put(void *samples, n1_type type, size_t i, int64_t v)
{
    static const int64_t low[] = {-128, 0, -32768, 0, -2147483647 - 1, 0};
    static const int64_t high[] = {127, 255, 32767, 65535, 2147483647, 4294967295};
    v = v < low[type] ? low[type] : v > high[type] ? high[type] : v;
    switch (itemsize(type)) {
    case 1: ((uint8_t *)samples)[i] = (uint8_t)v; break;
    case 2: ((uint16_t *)samples)[i] = (uint16_t)v; break;
    default: ((uint32_t *)samples)[i] = (uint32_t)v; break;
    }
}

/* A field that all channels see: sums of noise that depends on the time alone. */
static inline int32_t common(size_t t)
{
    int32_t sum = 0;
    for (uint32_t j = 0; j < 12; j++) {
        uint32_t v = ((uint32_t)t + 12 - j) * 2654435761u;
        v = (v ^ v >> 15) * 2246822519u;
        sum += (int32_t)(12 - j) * ((int32_t)(v >> 20 & 63) - 32);
    }
    return sum / 4;
}

enum { SIGNAL_KINDS = 23 };

static inline int64_t sample(const n1_shape *s, int kind, size_t t, size_t c, int32_t field)
{
    static const int32_t far[5] = {-32768, -77, 5, 901, 32767};
    int64_t k;
    switch (kind) {
    case 0: return 7;
    case 1: return (int64_t)rng(65536) - 32768;
    case 2: return field;
    case 3: /* codes of the N1's converter */
        k = 512 + field / 12;
        k = k < 0 ? 0 : k > 1023 ? 1023 : k;
        return (k * 65535 - 32768 * 1023) / 1023;
    case 4: return t / 100 % 2 ? 30000 : -30000;
    case 5: return rng(50) == 0;
    case 6: return field * 3 + (int64_t)c * 1000;
    case 7: return rng(1000) ? field / 4 : (int64_t)rng(65536) - 32768;
    case 8: return (int64_t)(t * 7 % 65536) - 32768;
    case 9: return (int64_t)rng(UINT32_MAX) - 2147483648;
    case 10: return c + 1 == s->n_channels ? (t / 500 % 2 ? 1 << 14 : 0) : field;
    case 11: return (int64_t)field * 65536;
    case 12: return field > 20 ? 20 : field < -20 ? -20 : field;
    case 13: return far[rng(5)];
    case 14: return ((int64_t)((t * 37 + c) % 1024) * 65535 - 32768 * 1023) / 1023;
    case 15: return field / 4 + common(t + c % 2);
    case 18: /* noise that begins again, here and there with another sample */
        k = (int64_t)((((uint32_t)(t % 430) + 1) * 2654435761u + (uint32_t)c * 40503u) >> 18 & 1023);
        return t % 1777 == 1700 ? k + 1 : k;
    case 19: { /* an uneven converter, for every 16 channels another one: some codes are wide, some are missing */
        const int32_t v = (noise(300) + common(t) * 4) >> 5, odd = (int32_t)((v * 7 + (int32_t)(c / 16) * 5) & 15);
        return odd < 3 ? v + 1 : odd == 9 ? v - 2 : v;
    }
    case 20: return (int64_t)((t * (1000 + 9770 * c) + (uint32_t)field) % 65536) - 32768; /* ramps that wrap around, and noise */
    case 21: return field / 8 + ((int64_t)((uint32_t)(t / 60 + c) * 2654435761u >> 18) - 8192); /* levels, one after the other */
    case 22: /* noise that begins again on other levels, but for a channel of its own */
        k = (int64_t)((((uint32_t)(t % 230) + 1) * 2654435761u + (uint32_t)c * 40503u) >> 18 & 1023);
        return c == 4 ? field : k + (int64_t)((uint32_t)(t / 170 + c) * 2654435761u >> 20);
    case 17: return t % 1500 > 900 ? -3 : t % 1500 > 700 ? 40 + (int64_t)c : field; /* blanked, and held before that */
    default: return c % 3 == 1 ? 0 : field * (int64_t)(1 + c % 4); /* dead channels among live ones */
    }
}

static inline void make_signal(void *samples, const n1_shape *s, int kind)
{
    for (size_t c = 0; c < s->n_channels; c++) {
        int32_t field = 0;
        for (size_t t = 0; t < s->n_samples; t++) {
            field = field * 15 / 16 + noise(40);
            put(samples, s->dtype, t * s->n_channels + c, sample(s, kind, t, c, field));
        }
    }
}

#endif
