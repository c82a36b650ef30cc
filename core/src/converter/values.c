/* Samples in time order, and their codes. */
#include "converter/values.h"
#include "base/load.h"
#include "base/types.h"
#include "converter/nlink.h"

#include <string.h>

uint32_t n1_full_code(const n1_alphabet *a, int32_t v)
{
    if (a->kind == N1_LATTICE_NLINK)
        return n1_nlink_code(v) - (uint32_t)a->first;
    if (a->kind == N1_LATTICE_STRIDE)
        return a->stride == 1 ? (uint32_t)v - (uint32_t)a->first : ((uint32_t)v - (uint32_t)a->first) / a->stride;
    uint32_t low = 0, high = a->n_codes;
    while (high - low > 1) {
        const uint32_t m = (low + high) / 2;
        if (a->value[m] <= v)
            low = m;
        else
            high = m;
    }
    return low;
}

int n1_to_track(const void *samples, const n1_shape *s, n1_track time, const n1_encode_kernels *k)
{
    const size_t n = s->n_samples, c = s->n_channels;
    if (time.wide)
        return n1_to_time(samples, s, time.samples, k);
    int16_t *const to = time.samples;
    if (s->dtype == N1_INT16 && c == 1)
        memcpy(to, samples, n * sizeof *to);
    else if (s->dtype == N1_INT16)
        k->deinterleave16(samples, c, c, n, to, time.apart);
    else
        for (size_t i = 0; i < c; i++)
            for (size_t t = 0; t < n; t++)
                to[i * time.apart + t] = (int16_t)n1_load_sample(samples, s->dtype, t * c + i);
    return 1;
}

#define STRIP_FRAMES   64u   /* moved at once, of so many channels */
#define STRIP_CHANNELS 8u

static void widen(const int16_t *samples, const n1_shape *s, int32_t *time, const n1_encode_kernels *k)
{
    const size_t n = s->n_samples, c = s->n_channels;
    int16_t strip[STRIP_CHANNELS * STRIP_FRAMES];
    for (size_t t0 = 0; t0 < n; t0 += STRIP_FRAMES)
        for (size_t c0 = 0; c0 < c; c0 += STRIP_CHANNELS) {
            const size_t frames = n - t0 < STRIP_FRAMES ? n - t0 : STRIP_FRAMES;
            const size_t members = c - c0 < STRIP_CHANNELS ? c - c0 : STRIP_CHANNELS;
            k->deinterleave16(samples + t0 * c + c0, c, members, frames, strip, STRIP_FRAMES);
            for (size_t i = 0; i < members; i++)
                for (size_t t = 0; t < frames; t++)
                    time[(c0 + i) * n + t0 + t] = strip[i * STRIP_FRAMES + t];
        }
}

int n1_to_time(const void *samples, const n1_shape *s, int32_t *time, const n1_encode_kernels *k)
{
    const size_t n = s->n_samples, c = s->n_channels;
    if (s->dtype == N1_INT16) {
        widen(samples, s, time, k);
        return 1;
    }
    if (n1_type_size(s->dtype) == 1) { /* monitors: what is coded fastest otherwise */
        const uint32_t sign = s->dtype == N1_INT8 ? 128 : 0;
        for (size_t i = 0; i < c; i++)
            for (size_t t = 0; t < n; t++)
                time[i * n + t] = (int32_t)(((const uint8_t *)samples)[t * c + i] ^ sign) - (int32_t)sign;
        return 1;
    }
    for (size_t i = 0; i < c; i++)
        for (size_t t = 0; t < n; t++) {
            int64_t v = n1_load_sample(samples, s->dtype, t * c + i);
            if (v > INT32_MAX)
                return 0;
            time[i * n + t] = (int32_t)v;
        }
    return 1;
}
