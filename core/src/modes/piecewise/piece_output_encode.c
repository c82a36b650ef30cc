/* Encoder of the piecewise mode: a block's bytes. */
#include "modes/piecewise/piece_output.h"
#include "base/fixed.h"
#include "base/status.h"
#include "base/varint.h"
#include "entropy/rans_write.h"
#include "modes/mode.h"
#include "modes/piecewise/piece_form.h"
#include "modes/stored/stored.h"

#include <string.h>

#define FORM_BYTES 24u /* of a channel at most, but for steps: */
#define FORM_SHARE 8u  /* samples to a byte */

void n1_piece_output_take(n1_piece_output *o, n1_arena *a, const n1_shape *s)
{
    o->shape = s;
    o->room = n1_stored_bound(s);
    o->form_room = FORM_BYTES * ((size_t)s->n_channels + 1) + s->n_samples * s->n_channels / FORM_SHARE;
    o->record = n1_arena_take(a, (uint64_t)s->n_samples * s->n_channels, sizeof *o->record);
    o->header_bytes = n1_arena_take(a, o->room, 1);
    o->raw_bytes = n1_arena_take(a, o->room, 1);
    o->form_bytes = n1_arena_take(a, o->form_room, 1);
}

void n1_piece_output_begin(n1_piece_output *o, const n1_encode_kernels *k, n1_part *part)
{
    o->k = k;
    o->part = part;
    o->n_records = 0;
    o->formed = 0;
    o->wide_bits = o->listed_bits = 0;
    n1_bitwriter_init(&o->header, o->header_bytes, o->room);
    n1_bitwriter_init(&o->raw, o->raw_bytes, o->room);
    n1_bitwriter_init(&o->forms, o->form_bytes, o->form_room);
}

int n1_piece_output_overran(const n1_piece_output *o) { return o->header.overrun || o->raw.overrun || (N1_PIECE_FORMS && o->forms.overrun); }

/* What follows the span of a sample outside of its window: how far that is, the bits that are below its cell. */
static void put_outside(n1_piece_output *o, const n1_piece_frames *f, unsigned law, size_t t)
{
    const unsigned cut = n1_piece_cut(f->channel, f->scale[t]);
    n1_piece_spot s;
    n1_piece_spot_of(&s, f, law, t);
    n1_put_golomb(&o->raw, n1_piece_outside(&s), 5);
    if (cut)
        n1_put_field(&o->raw, (uint32_t)f->code[t] + f->channel->origin, cut);
}

/* Bits below the cells of some frames, `most` at most of each: several at a time where 32 bits hold them. */
static void put_low(n1_bitwriter *w, const n1_piece_frames *f, size_t from, size_t end, unsigned most)
{
    const unsigned at_once = most > 16 ? 1 : most > 8 ? 2 : 4;
    for (size_t t = from; t < end;) {
        const size_t next = end - t < at_once ? end : t + at_once;
        uint32_t bits = 0;
        unsigned n = 0;
        for (; t < next; t++) {
            const unsigned cut = n1_piece_cut(f->channel, f->scale[t]);
            bits |= (((uint32_t)f->code[t] + f->channel->origin) & ((1u << cut) - 1)) << n;
            n += cut;
        }
        n1_put_low_bits(w, bits, n);
    }
}

/* What follows the spans of some frames. */
static void put_all_raw(n1_piece_output *o, const n1_piece_frames *f, unsigned law, uint64_t outside)
{
    uint16_t most = 0;
    for (size_t t = 0; t < f->n; t++)
        most = f->scale[t] > most ? f->scale[t] : most;
    const unsigned cut = n1_piece_cut(f->channel, most);
    for (size_t t = 0; t < f->n && (cut || outside >> t); t++) {
        const size_t from = t;
        while (t < f->n && !(outside >> t & 1))
            t++;
        n1_bitwriter w = o->raw; /* which stays in registers */
        if (cut)
            put_low(&w, f, from, t, cut);
        o->raw = w;
        if (t < f->n)
            put_outside(o, f, law, t);
    }
}

static void put_samples(n1_piece_output *o, const n1_piece_trial *r, const int32_t *code, unsigned law, size_t from, size_t end)
{
    n1_piece_frames f = {&r->channel, NULL, NULL, NULL, 0, NULL};
    for (; from < end; from += f.n, o->n_records += f.n) {
        uint64_t *const record = o->record + o->n_records; /* of two states by turns: spans */
        f.n = end - from < N1_PIECE_AT_ONCE ? end - from : N1_PIECE_AT_ONCE;
        f.mu = r->mu + from;
        f.scale = r->scale + from;
        f.code = code + from;
        f.near = N1_PIECE_FORMS && r->has_near ? r->near + from : NULL;
        put_all_raw(o, &f, law, o->k->piece_spans(&f, law, record));
    }
}

static void put_headers(n1_piece_output *o, const n1_piece_trial *r, size_t channel)
{
    uint64_t units = (o->shape->n_samples + N1_PIECE_UNIT - 1) / N1_PIECE_UNIT;
    if (N1_PIECE_FORMS)
        n1_piece_form_write(&o->forms, &r->channel);
    n1_piece_channel_write(&o->header, &r->channel, channel);
    for (size_t i = 0; i < r->n_pieces && r->channel.n_codes > 1; i++) {
        n1_piece_write(&o->header, &r->piece[i], &r->channel, units);
        units -= r->piece[i].units < units ? r->piece[i].units : units;
    }
}

static uint64_t bits_so_far(const n1_piece_output *o)
{
    return 8 * (uint64_t)(o->header.p - o->header_bytes + (o->raw.p - o->raw_bytes));
}

/* What a channel takes in the part that is wanted: its samples there, and a share of what was put beside them. */
static void tell_part(n1_piece_output *o, size_t channel, const uint64_t *record, uint64_t beside)
{
    n1_part *const p = o->part;
    const size_t n = o->shape->n_samples;
    uint64_t bits = 0;
    if (channel < p->first || channel - p->first >= p->n_channels)
        return;
    for (size_t i = 0; i < p->runs; i++) {
        const size_t at = n1_part_at(p, i, n);
        for (size_t t = at ? at : 1; t < at + p->length && record + t - 1 < o->record + o->n_records; t++)
            bits += (N1_PROB_BITS << 12) - (uint32_t)n1_log2_q12(record[t - 1] >> 32);
    }
    p->bits += (bits >> 12) + beside * (p->runs * p->length) / n;
}

void n1_piece_output_put(n1_piece_output *o, const n1_piece_trial *r, const int32_t *code, size_t channel)
{
    const size_t n = o->shape->n_samples;
    const uint64_t *const record = o->record + o->n_records, before = bits_so_far(o);
    put_headers(o, r, channel);
    o->formed |= N1_PIECE_FORMS && r->channel.form != N1_PIECE_PLAIN;
    if (r->channel.kind == N1_PIECE_LIST)
        while (r->channel.n_codes > 1u << o->listed_bits || !o->listed_bits)
            o->listed_bits++;
    if (r->channel.widths)
        while (r->channel.n_codes > 1u << o->wide_bits || !o->wide_bits)
            o->wide_bits++;
    for (size_t i = 0, t = 1, end = 0; i < r->n_pieces && r->channel.n_codes > 1; i++) {
        end = i + 1 < r->n_pieces ? end + r->piece[i].units * (size_t)N1_PIECE_UNIT : n;
        put_samples(o, r, code, r->piece[i].law, t, end);
        t = end;
    }
    if (o->part)
        tell_part(o, channel, record, bits_so_far(o) - before);
}

uint64_t n1_piece_header_bits(n1_piece_output *o, const n1_piece_trial *r, size_t channel)
{
    const n1_bitwriter before = o->header, forms = o->forms;
    put_headers(o, r, channel);
    const uint64_t bytes = (uint64_t)(o->header.p - before.p + (o->forms.p - forms.p));
    const int fits = !N1_PIECE_FORMS || !o->forms.overrun;
    o->header = before;
    o->forms = forms;
    return fits ? bytes << 15 : (uint64_t)1 << 60;
}

n1_status n1_piece_output_write(n1_piece_output *o, uint8_t *dst, size_t capacity, size_t *written)
{
    n1_fields_align(&o->header);
    n1_fields_align(&o->raw);
    if (N1_PIECE_FORMS)
        n1_fields_align(&o->forms);
    if (n1_piece_output_overran(o))
        return N1_NOT_APPLICABLE;
    const size_t header = (size_t)(o->header.p - o->header_bytes), raw = (size_t)(o->raw.p - o->raw_bytes);
    const int formed = N1_PIECE_FORMS && o->formed;
    const size_t forms = formed ? (size_t)(o->forms.p - o->form_bytes) : 0;
    const size_t most = 3 + n1_varint_size(header) + n1_varint_size(raw) + n1_varint_size(forms) + header + raw + forms;
    if (most > capacity)
        return N1_NOT_APPLICABLE;
    uint8_t *at = dst;
    *at++ = N1_MODE_PIECEWISE;
    *at++ = (uint8_t)(o->wide_bits | (formed ? N1_PIECE_FORMED : 0));
    *at++ = (uint8_t)o->listed_bits;
    at = n1_put_varint(at, header);
    at = n1_put_varint(at, raw);
    if (formed)
        at = n1_put_varint(at, forms);
    memcpy(at, o->header_bytes, header);
    memcpy(at + header, o->raw_bytes, raw);
    memcpy(at + header + raw, o->form_bytes, forms);
    at += header + raw + forms;
    const size_t head = (size_t)(at - dst);
    const int64_t words = n1_rans_write_turns(o->record, o->n_records, o->k, at, capacity - head);
    if (words < 0)
        return N1_NOT_APPLICABLE;
    *written = head + (size_t)words;
    return N1_OK;
}
