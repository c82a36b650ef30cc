/* Decoder: from codes to samples. */
#include "modes/forward/emit.h"
#include "base/load.h"
#include "base/log2.h"

#include <string.h>

#define BAND 32u   /* channels moved together: whole cache lines of a frame */

/* 16-bit samples of n codes; out may be the same memory. */
static void values16(const n1_alphabet *a, const uint16_t *code, size_t n, int16_t *out, const n1_kernels *k)
{
    if (a->kind == N1_LATTICE_NLINK)
        k->nlink_values(code, (int32_t)a->first, out, n);
    else if (a->kind == N1_LATTICE_LIST)
        for (size_t t = 0; t < n; t++)
            out[t] = (int16_t)a->value[code[t]];
    else
        for (size_t t = 0; t < n; t++)
            out[t] = (int16_t)(uint16_t)((uint32_t)a->first + code[t] * a->stride);
}

/* Where codes are not enough: verbatim bits, packed channels, other types. Goes through int64, sample by sample. */
static void values_any(const n1_forward *f, size_t channel, const uint16_t *code, n1_bitreader *raw, n1_type dtype,
                       void *out)
{
    const n1_channel *p = &f->channel[channel];
    const n1_alphabet *a = &f->alphabet[p->alphabet];
    const unsigned packed = n1_ceil_log2(a->n_full);
    if (p->kind == N1_CHANNEL_CONSTANT) {
        for (size_t t = 0; t < f->g.n_samples; t++)
            n1_store_sample(out, dtype, t, p->constant);
        return;
    }
    for (size_t t = 0; t < f->g.n_samples; t++) {
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

void n1_emitter_take(n1_emitter *e, n1_arena *a, const n1_shape *s)
{
    const size_t members = s->n_channels == 1 ? 0 : s->n_channels < BAND ? s->n_channels : BAND;
    e->line = n1_arena_take(a, s->n_samples, sizeof *e->line);
    e->band = n1_arena_take(a, s->n_samples * members, n1_type_size(s->dtype));
}

void n1_emit(n1_forward *f, n1_bitreader *raw, const n1_shape *s, void *samples, const n1_kernels *k,
             const n1_emitter *e)
{
    const n1_geometry *g = &f->g;
    const size_t n = g->n_samples, n_channels = g->n_channels, size = n1_type_size(s->dtype);
    uint16_t *const line = e->line;
    uint8_t *const band = e->band;
    for (size_t c0 = 0; c0 < n_channels; c0 += BAND) {
        const size_t members = n_channels - c0 < BAND ? n_channels - c0 : BAND;
        for (size_t i = 0; i < members; i++) {
            const size_t channel = c0 + i;
            const n1_channel *p = &f->channel[channel];
            const n1_alphabet *a = &f->alphabet[p->alphabet];
            void *out = n_channels == 1 ? samples : band + i * n * size;
            uint16_t *code = f->code + channel * n1_code_size(g), *tail = f->tail_code + channel * g->tail;
            if (p->kind == N1_CHANNEL_MODEL && size == 2 && !a->raw_bits) { /* codes become values in place */
                values16(a, code, n1_code_size(g), (int16_t *)code, k);
                k->from_plane(code, out, g->rows, g->lanes);
                values16(a, tail, g->tail, (int16_t *)out + n - g->tail, k);
                continue;
            }
            if (p->kind == N1_CHANNEL_MODEL) {
                k->from_plane(code, line, g->rows, g->lanes);
                memcpy(line + n - g->tail, tail, g->tail * sizeof *line);
            }
            values_any(f, channel, line, raw, s->dtype, out);
        }
        if (n_channels == 1)
            return;
        if (size == 2) {
            k->interleave16((const uint16_t *)(const void *)band, n, members, (uint16_t *)samples + c0, n_channels);
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
