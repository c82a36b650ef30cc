/* Decoder: from codes to samples. */
#include "modes/forward/emit.h"
#include "base/load.h"

#define BAND 32u   /* channels moved together: whole cache lines of a frame */

void n1_emitter_take(n1_emitter *e, n1_arena *a, const n1_shape *s)
{
    const size_t members = s->n_channels == 1 ? 0 : s->n_channels < BAND ? s->n_channels : BAND;
    const size_t size = n1_type_size(s->dtype);
    e->shape = *s;
    e->line = n1_arena_take(a, size == sizeof *e->line ? 0 : s->n_samples, sizeof *e->line);
    e->band = n1_arena_take(a, s->n_samples * members, size);
}

void n1_emit_begin(n1_emitter *e, size_t from, size_t n)
{
    e->from = from;
    e->n = n;
    e->raw_at = 0;
}

/* Where the samples of a channel go: a single one's to their place. */
static void *channel_of(const n1_emitter *e, size_t channel)
{
    const size_t size = n1_type_size(e->shape.dtype);
    return e->shape.n_channels == 1 ? (uint8_t *)e->samples + e->from * size : e->band + channel % BAND * e->n * size;
}

uint16_t *n1_emit_line(const n1_emitter *e, size_t channel)
{
    return n1_type_size(e->shape.dtype) == sizeof *e->line ? channel_of(e, channel) : e->line;
}

/* Codes become 16-bit samples in place. */
static void values16(const n1_alphabet *a, uint16_t *v, size_t n, const n1_kernels *k)
{
    if (a->kind == N1_LATTICE_NLINK)
        k->nlink_values(v, (int32_t)a->first, (int16_t *)v, n);
    else if (a->kind == N1_LATTICE_LIST)
        for (size_t t = 0; t < n; t++)
            v[t] = (uint16_t)a->value[v[t]];
    else
        for (size_t t = 0; t < n; t++)
            v[t] = (uint16_t)((uint32_t)a->first + v[t] * a->stride);
}

/* Where codes are not enough: verbatim bits, packed channels, other types. Goes through int64, sample by sample. */
static void values_any(const n1_emitter *e, const n1_forward *f, size_t channel)
{
    const n1_channel *p = &f->channel[channel];
    const n1_alphabet *a = &f->alphabet[p->alphabet];
    const unsigned bits = n1_verbatim_bits(f, channel);
    const uint16_t *code = n1_emit_line(e, channel);
    void *const out = channel_of(e, channel);
    if (p->kind == N1_CHANNEL_CONSTANT) {
        for (size_t t = 0; t < e->n; t++)
            n1_store_sample(out, e->shape.dtype, t, p->constant);
        return;
    }
    const uint64_t at = e->raw_at + (uint64_t)e->from * bits;
    n1_bitreader raw;
    n1_bitreader_init(&raw, e->raw + (size_t)(at / 8), e->raw_size - (size_t)(at / 8));
    (void)n1_get_field(&raw, at % 8);
    for (size_t t = 0; t < e->n; t++) {
        uint32_t full = bits ? n1_get_field(&raw, bits) : 0;
        if (p->kind == N1_CHANNEL_MODEL)
            full |= (uint32_t)code[t] << bits;
        else
            full = full < a->n_full ? full : 0;
        n1_store_sample(out, e->shape.dtype, t, n1_value_of(a, full));
    }
}

/* The band that ends with a channel to the frames. */
static void move_band(const n1_emitter *e, size_t last, const n1_kernels *k)
{
    const size_t members = last % BAND + 1, stride = e->pitch, size = n1_type_size(e->shape.dtype);
    const size_t first = e->from * stride + last + 1 - members;
    if (size == 2) {
        k->interleave16((const uint16_t *)(const void *)e->band, e->n, members, (uint16_t *)e->samples + first, stride);
        return;
    }
    for (size_t t = 0; t < e->n; t++)
        for (size_t i = 0; i < members; i++) {
            const size_t to = first + t * stride + i;
            if (size == 1)
                ((uint8_t *)e->samples)[to] = e->band[i * e->n + t];
            else
                ((uint32_t *)e->samples)[to] = ((const uint32_t *)(const void *)e->band)[i * e->n + t];
        }
}

void n1_emit(n1_emitter *e, const n1_forward *f, size_t channel, const n1_kernels *k)
{
    const n1_alphabet *a = &f->alphabet[f->channel[channel].alphabet];
    const unsigned bits = n1_verbatim_bits(f, channel);
    if (f->channel[channel].kind == N1_CHANNEL_MODEL && n1_type_size(e->shape.dtype) == 2 && !bits)
        values16(a, n1_emit_line(e, channel), e->n, k);
    else
        values_any(e, f, channel);
    e->raw_at += (uint64_t)e->shape.n_samples * bits;
    if (e->shape.n_channels > 1 && (channel % BAND == BAND - 1 || channel + 1 == e->shape.n_channels))
        move_band(e, channel, k);
}
