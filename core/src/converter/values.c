/* Samples to codes of the N1's ADC, and decoded codes to samples. */
#include "converter/values.h"
#include "modes/forward/plane.h"

#define TARGET_AVX2 N1_TARGET("avx2")

/* trunc(k * 65535 / 1023 - 32768) = 64 k - 32768 + 21 k / 341, rounded up below zero and down above. All of it fits
   16 bits: x / 341 = x * 24601 >> 23 for every x that occurs (tested over all 1024 codes). */
N1_INLINE int16_t fast_nlink_value(uint16_t k)
{
    const uint16_t x = (uint16_t)(21 * k + (k < 512 ? 340 : 0));
    const uint16_t high = (uint16_t)(((uint32_t)x * 24601u) >> 16);
    return (int16_t)(uint16_t)(64 * k + 32768 + (high >> 7));
}

N1_INLINE int scan(const int16_t *restrict v, size_t n, uint16_t *restrict code, uint32_t *low, uint32_t *high)
{
    uint16_t wrong = 0, lo = 1023, hi = 0;
    for (size_t i = 0; i < n; i++) {
        const uint32_t u = (uint32_t)(v[i] + 32768);
        const uint16_t k = (uint16_t)((u * 1023 + 32768) >> 16);
        wrong = (uint16_t)(wrong | (fast_nlink_value(k) ^ v[i]));
        lo = k < lo ? k : lo;
        hi = k > hi ? k : hi;
        code[i] = k;
    }
    *low = lo;
    *high = hi;
    return !wrong;
}
static int scan_base(const int16_t *v, size_t n, uint16_t *k, uint32_t *l, uint32_t *h) { return scan(v, n, k, l, h); }
TARGET_AVX2 static int scan_avx2(const int16_t *v, size_t n, uint16_t *k, uint32_t *l, uint32_t *h)
{
    return scan(v, n, k, l, h);
}

int n1_nlink_scan(const int16_t *samples, size_t n, uint16_t *code, uint32_t *low, uint32_t *high, n1_kernel kernel)
{
    uint32_t l, h;
    size_t probe = n < 64 ? n : 64;   /* most other recordings fail at once */
    if (!scan_base(samples, probe, code, &l, &h))
        return 0;
    return kernel == N1_KERNEL_PORTABLE ? scan_base(samples, n, code, low, high) : scan_avx2(samples, n, code, low, high);
}

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

int n1_to_time(const void *samples, const n1_shape *s, int32_t *time)
{
    const size_t n = s->n_samples, c = s->n_channels;
    if (s->dtype == N1_INT16) {
        const int16_t *v = samples;
        for (size_t c0 = 0; c0 < c; c0 += N1_BAND)
            n1_deinterleave16(v + c0, c, c - c0 < N1_BAND ? c - c0 : N1_BAND, n, time + c0 * n);
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

N1_INLINE void line_of_codes(const uint16_t *code, int32_t first, int16_t *out, size_t n)
{
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC ivdep /* each element depends on itself only */
#endif
    for (size_t i = 0; i < n; i++)
        out[i] = (int16_t)fast_nlink_value((uint16_t)(code[i] + first));
}
static void line_base(const uint16_t *k, int32_t f, int16_t *out, size_t n) { line_of_codes(k, f, out, n); }
TARGET_AVX2 static void line_avx2(const uint16_t *k, int32_t f, int16_t *out, size_t n) { line_of_codes(k, f, out, n); }

/* 16-bit samples of n codes; out may be the same memory. */
static void values16(const n1_alphabet *a, const uint16_t *code, size_t n, int16_t *out, n1_kernel kernel)
{
    if (a->kind == N1_LATTICE_NLINK && kernel != N1_KERNEL_PORTABLE)
        line_avx2(code, (int32_t)a->first, out, n);
    else if (a->kind == N1_LATTICE_NLINK)
        line_base(code, (int32_t)a->first, out, n);
    else if (a->kind == N1_LATTICE_LIST)
        for (size_t t = 0; t < n; t++)
            out[t] = (int16_t)a->value[code[t]];
    else
        for (size_t t = 0; t < n; t++)
            out[t] = (int16_t)(uint16_t)((uint32_t)a->first + code[t] * a->stride);
}

/* Where codes are not enough: verbatim bits, packed channels, other types. Goes through int64, sample by sample. */
static void values_any(const n1_forward *c, size_t channel, const uint16_t *code, n1_field_reader *raw, n1_type dtype,
                       void *out)
{
    const n1_channel *p = &c->channel[channel];
    const n1_alphabet *a = &c->alphabet[p->alphabet];
    const unsigned packed = n1_ceil_log2(a->n_full);
    if (p->kind == N1_CHANNEL_CONSTANT) {
        for (size_t t = 0; t < c->g.n_samples; t++)
            n1_store_sample(out, dtype, t, p->constant);
        return;
    }
    for (size_t t = 0; t < c->g.n_samples; t++) {
        uint32_t full = 0;
        if (p->kind == N1_CHANNEL_PACKED) {
            full = n1_get_field(raw, packed);
            full = full < a->n_full ? full : 0;
        } else if (p->kind == N1_CHANNEL_MODEL) {
            full = (uint32_t)code[t] << a->raw_bits;
            if (a->raw_bits)
                full |= n1_get_field(raw, a->raw_bits);
        }
        n1_store_sample(out, dtype, t, n1_value_of(a, full));
    }
}

size_t n1_emit_size(const n1_shape *s)
{
    return s->n_samples * n1_type_size(s->dtype) * (s->n_channels == 1 ? 0 : N1_BAND) + s->n_samples * 2 + 64;
}

void n1_emit(n1_forward *c, n1_field_reader *raw, const n1_shape *s, void *samples, n1_kernel kernel, void *scratch)
{
    const n1_geometry *g = &c->g;
    const size_t n = g->n_samples, n_channels = g->n_channels, size = n1_type_size(s->dtype);
    uint16_t *line = scratch;
    uint8_t *band = (uint8_t *)(line + ((n + 31) & ~(size_t)31));
    for (size_t c0 = 0; c0 < n_channels; c0 += N1_BAND) {
        const size_t members = n_channels - c0 < N1_BAND ? n_channels - c0 : N1_BAND;
        for (size_t i = 0; i < members; i++) {
            const size_t channel = c0 + i;
            const n1_channel *p = &c->channel[channel];
            const n1_alphabet *a = &c->alphabet[p->alphabet];
            void *out = n_channels == 1 ? samples : band + i * n * size;
            uint16_t *code = c->code + channel * n1_code_size(g), *tail = c->tail_code + channel * g->tail;
            if (p->kind == N1_CHANNEL_MODEL && size == 2 && !a->raw_bits) { /* codes become values in place */
                values16(a, code, n1_code_size(g), (int16_t *)code, kernel);
                n1_from_plane(code, out, g->rows, g->lanes);
                values16(a, tail, g->tail, (int16_t *)out + n - g->tail, kernel);
                continue;
            }
            if (p->kind == N1_CHANNEL_MODEL) {
                n1_from_plane(code, line, g->rows, g->lanes);
                memcpy(line + n - g->tail, tail, g->tail * sizeof *line);
            }
            values_any(c, channel, line, raw, s->dtype, out);
        }
        if (n_channels == 1)
            return;
        if (size == 2) {
            n1_interleave16((const uint16_t *)(const void *)band, n, members, (uint16_t *)samples + c0, n_channels);
            continue;
        }
        for (size_t t = 0; t < n; t++)
            for (size_t i = 0; i < members; i++) {
                const size_t to = t * n_channels + c0 + i;
                if (size == 1)
                    ((uint8_t *)samples)[to] = band[i * n + t];
                else
                    ((uint32_t *)samples)[to] = ((const uint32_t *)(const void *)band)[i * n + t];
            }
    }
}
