/* Adaptive modes, decoder. */
#include "modes/adaptive/adaptive.h"
#include "base/bytes.h"

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

/* Codes and raw bits to samples of the given channels. */
static void emit(const n1_alphabet *a, const uint16_t *codes, n1_field_reader *raw, const uint16_t *member, size_t n,
                 const n1_shape *s, void *samples)
{
    if (!a->raw_bits && s->dtype == N1_INT16) { /* the usual case: a table of values, where there is none yet */
        if (a->kind == N1_LATTICE_STRIDE)
            for (uint32_t k = 0; k < a->n_codes; k++)
                a->value[k] = (int32_t)n1_value_of(a, k);
        int16_t *out = samples;
        for (size_t t = 0; t < s->n_samples; t++, out += s->n_channels)
            for (size_t i = 0; i < n; i++)
                out[member[i]] = (int16_t)a->value[*codes++];
        return;
    }
    for (size_t t = 0; t < s->n_samples; t++)
        for (size_t i = 0; i < n; i++) {
            uint32_t full = (uint32_t)*codes++ << a->raw_bits;
            if (a->raw_bits)
                full |= n1_get_field(raw, a->raw_bits);
            n1_store_sample(samples, s->dtype, t * s->n_channels + member[i], n1_value_of(a, full));
        }
}

static n1_status decode_packet(n1_mode mode, n1_kernel kernel, const n1_params *p, const uint8_t *src, size_t size,
                               n1_arena a, uint16_t *codes, size_t n_samples)
{
    const size_t need = n1_adaptive_need(mode, p);
    void *memory = n1_adaptive_within(p) ? n1_arena_take(&a, need) : NULL;
    if (!memory)
        return N1_ERROR_CORRUPT;
    int status = N1_PACKET_DATA;
    if (mode == N1_MODE_MIXED) {
        n1_mixed *coder = n1_mixed_init(memory, need, p, kernel >= N1_KERNEL_AVX2);
        if (coder)
            status = n1_mixed_decode(coder, src, size, codes, n_samples);
    } else {
        n1_backward *coder = n1_backward_init(memory, need, p, kernel >= N1_KERNEL_AVX2);
        if (coder)
            status = n1_backward_decode(coder, src, size, codes, n_samples);
    }
    return status == N1_PACKET_OK ? N1_OK : N1_ERROR_CORRUPT;
}

/* The block of the other channels. It is forward or stored: nesting ends here. */
static n1_status decode_others(const uint8_t *src, size_t size, const uint16_t *other, size_t rest, const n1_shape *s,
                               n1_kernel kernel, n1_arena a, void *samples)
{
    const n1_shape shape = {s->n_samples, rest, s->dtype};
    void *gathered = n1_arena_take(&a, s->n_samples * rest * n1_type_size(s->dtype));
    if (!gathered)
        return N1_ERROR_DST_TOO_SMALL;
    if (size < 1)
        return N1_ERROR_TRUNCATED;
    n1_status status = N1_ERROR_CORRUPT;
    if (src[0] == N1_MODE_STORED)
        status = n1_stored_decode(src, size, &shape, gathered);
    else if (src[0] == N1_MODE_FORWARD)
        status = n1_forward_decode(src, size, &shape, kernel, &a, gathered);
    if (status == N1_OK)
        n1_scatter_channels(gathered, other, rest, s, samples);
    return status;
}

n1_status n1_adaptive_decode(const uint8_t *src, size_t size, const n1_shape *s, n1_kernel kernel, n1_arena arena,
                              void *samples)
{
    if (!n1_adaptive_takes(s))
        return N1_ERROR_CORRUPT;
    uint16_t *member = n1_arena_take(&arena, s->n_channels * sizeof *member);
    uint16_t *other = n1_arena_take(&arena, s->n_channels * sizeof *other);
    uint16_t *neighbour = n1_arena_take(&arena, s->n_channels * N1_MAX_NEIGHBOURS * sizeof *neighbour);
    uint8_t *set = n1_arena_take(&arena, s->n_channels);
    uint16_t *codes = n1_arena_take(&arena, s->n_samples * s->n_channels * sizeof *codes);
    n1_alphabet a;
    memset(&a, 0, sizeof a);
    if (!member || !other || !neighbour || !set || !codes || !n1_alphabet_take(&a, &arena))
        return N1_ERROR_DST_TOO_SMALL;

    n1_field_reader r = {src, size, 0, 0, 0, 0};
    const n1_mode mode = (n1_mode)n1_get_field(&r, 8);   /* checked by the caller */
    const uint32_t whole = n1_get_field(&r, 1);
    size_t n = 0, rest = 0;
    for (size_t i = 0; i < s->n_channels; i++)
        if (whole || n1_get_field(&r, 1))
            member[n++] = (uint16_t)i;
        else
            other[rest++] = (uint16_t)i;
    n1_status status = n1_alphabet_read(&r, &a, s->dtype);
    if (r.short_read)
        return N1_ERROR_TRUNCATED;
    if (status != N1_OK)
        return status;
    if (n == 0 || (!whole && rest == 0) || a.n_codes < 2)
        return N1_ERROR_CORRUPT;
    size_t at = n1_fields_end(&r);
    const uint64_t raw_bytes = ((uint64_t)s->n_samples * n * a.raw_bits + 7) / 8;
    if (raw_bytes > size - at)
        return N1_ERROR_TRUNCATED;
    n1_field_reader raw = {src + at, (size_t)raw_bytes, 0, 0, 0, 0};
    at += (size_t)raw_bytes;

    if (rest) {
        if (size - at < sizeof(uint32_t))
            return N1_ERROR_TRUNCATED;
        const size_t nested = n1_load32(src + at);
        at += sizeof(uint32_t);
        if (nested > size - at)
            return N1_ERROR_TRUNCATED;
        status = decode_others(src + at, nested, other, rest, s, kernel, arena, samples);
        if (status != N1_OK)
            return status;
        at += nested;
    }
    n1_params p;
    const int64_t used = n1_params_read(&p, src + at, size - at, neighbour, s->n_channels * N1_MAX_NEIGHBOURS, set,
                                         s->n_channels);
    if (used < 0 || p.channels != n || p.codes != a.n_codes)
        return N1_ERROR_CORRUPT;
    at += (size_t)used;
    status = decode_packet(mode, kernel, &p, src + at, size - at, arena, codes, s->n_samples);
    if (status == N1_OK)
        emit(&a, codes, &raw, member, n, s, samples);
    return status;
}
