/* Samples in time order, and their codes. */
#include "converter/values.h"
#include "base/load.h"
#include "converter/nlink.h"

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

int n1_to_time(const void *samples, const n1_shape *s, int32_t *time, const n1_encode_kernels *k)
{
    const size_t n = s->n_samples, c = s->n_channels;
    if (s->dtype == N1_INT16) {
        const int16_t *v = samples;
        for (size_t c0 = 0; c0 < c; c0 += N1_BAND)
            k->deinterleave16(v + c0, c, c - c0 < N1_BAND ? c - c0 : N1_BAND, n, time + c0 * n);
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
