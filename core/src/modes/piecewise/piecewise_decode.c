/* Piecewise mode, decoder: headers, raw bits, words. */
#include "modes/piecewise/piecewise_decode.h"
#include "base/load.h"
#include "base/varint.h"
#include "entropy/rans.h"
#include "modes/piecewise/piece_form.h"
#include "modes/piecewise/piece_header.h"
#include "modes/piecewise/piece_scale.h"

#include <string.h>

/* What all channels share. */
typedef struct {
    n1_bitreader header, raw, forms;
    int formed;                 /* channels have forms */
    n1_rans_reader words;
    unsigned turn;              /* the state that is next */
    int32_t *series;            /* [channel][history + samples]: codes, from the origin's */
    n1_piece_tables tables;
    int16_t *quantile;          /* [law][1024] */
    uint8_t ready[N1_PIECE_LAWS];
    n1_piece_scale *scale;
} decoder;

static decoder *take(const n1_shape *s, unsigned wide_bits, unsigned listed_bits, n1_arena *a)
{
    decoder *d = n1_arena_take(a, 1, sizeof *d), none;
    decoder *const f = d ? d : &none;
    f->series = n1_arena_take(a, (uint64_t)s->n_channels * n1_piece_stride(s->n_samples), sizeof *f->series);
    f->tables.wide = wide_bits ? 1u << wide_bits : 0;
    f->tables.listed = listed_bits ? 1u << listed_bits : 0;
    n1_piece_tables_take(&f->tables, a);
    f->quantile = n1_arena_take(a, N1_PIECE_LAWS * 1024, sizeof *f->quantile);
    f->scale = n1_arena_take(a, 1, sizeof *f->scale);
    return d;
}

/* What says how large tables are. */
static n1_status check_limits(const uint8_t *src, size_t size, const n1_shape *s)
{
    if (size < 3)
        return N1_ERROR_TRUNCATED;
    if ((src[1] & ~N1_PIECE_FORMED) > N1_PIECE_WIDE_BITS || src[2] > N1_PIECE_LISTED_BITS || s->n_channels > N1_PIECE_CHANNELS)
        return N1_ERROR_CORRUPT;
    return N1_OK;
}

n1_status n1_piecewise_decode_measure(const uint8_t *src, size_t size, const n1_shape *s, n1_arena *a)
{
    const n1_status status = check_limits(src, size, s);
    if (status == N1_OK)
        (void)take(s, src[1] & ~N1_PIECE_FORMED, src[2], a);
    return status;
}

void n1_piecewise_decode_most(const n1_shape *s, n1_arena *a)
{
    if (s->n_channels <= N1_PIECE_CHANNELS)
        (void)take(s, N1_PIECE_WIDE_BITS, N1_PIECE_LISTED_BITS, a);
}

/* Where, in 64ths of a mean deviation, the mass of a law reaches i/1024: the search for a code begins there. */
static const int16_t *quantiles(decoder *d, unsigned law)
{
    int16_t *const q = d->quantile + law * 1024;
    if (!d->ready[law]) {
        uint32_t z = 0;
        for (uint32_t i = 512; i < 1024; i++) {
            while (z < N1_PIECE_STEPS && n1_piece_laws[law][z] > N1_PROB_ONE - (i << 10))
                z++;
            q[i] = (int16_t)z;
            q[1023 - i] = (int16_t)-(int32_t)z;
        }
        d->ready[law] = 1;
    }
    return q;
}

/* The cell of the window whose mass has the slot; left - 1 and right are what lies beyond it. */
static int64_t find(const n1_piece_window *w, const n1_piece_channel *c, const int16_t *quantile, unsigned scale, uint32_t slot,
                    uint32_t *start, uint32_t *freq)
{
    const int64_t z = quantile[slot >> 10];
    const int64_t at = w->mu + ((z * (int64_t)n1_piece_power((int32_t)(scale - (w->down << 5)) + (10 << 5))) >> 16) * ((int64_t)1 << w->down);
    int64_t cell = n1_piece_code_at(c, at) >> w->cut;
    cell = cell < w->left ? w->left : cell >= w->right ? w->right - 1 : cell;
    uint32_t low = n1_piece_below(w, c, cell);
    while (low > slot && cell > w->left)
        low = n1_piece_below(w, c, --cell);
    if (low > slot) {
        *start = 0;
        *freq = low;
        return w->left - 1;
    }
    uint32_t high = n1_piece_below(w, c, cell + 1);
    while (high <= slot && cell + 1 < w->right) {
        low = high;
        high = n1_piece_below(w, c, ++cell + 1);
    }
    if (high <= slot) {
        *start = high;
        *freq = N1_PROB_ONE - high;
        return w->right;
    }
    *start = low;
    *freq = high - low;
    return cell;
}

/* The code of a sample; n_codes or more where there is none. */
static uint64_t read_code(decoder *d, const n1_piece_channel *c, unsigned law, const int16_t *quantile, int64_t mu)
{
    n1_piece_window w;
    uint64_t *const x = &d->words.x[d->turn];
    uint32_t start, freq;
    const unsigned scale = n1_piece_scale_next(d->scale);
    n1_piece_window_at(&w, c, law, scale, mu);
    int64_t cell = find(&w, c, quantile, scale, n1_rans_slot(*x), &start, &freq);
    *x = n1_rans_next(&d->words, *x, start, freq);
    d->turn ^= 1;
    if (cell < w.left)
        cell -= n1_get_golomb(&d->raw, 5);
    else if (cell >= w.right)
        cell += n1_get_golomb(&d->raw, 5);
    if (cell < 0)
        return UINT64_MAX;
    return (uint64_t)cell << w.cut | n1_get_field(&d->raw, w.cut);
}

static n1_status read_samples(decoder *d, const n1_piece_channel *c, size_t channel, const n1_shape *s)
{
    const size_t n = s->n_samples, stride = n1_piece_stride(n);
    int32_t *const code = d->series + channel * stride + N1_PIECE_HISTORY;
    const int32_t *other[N1_PIECE_OTHERS] = {0};
    const int64_t low = n1_piece_even(c, 0), high = n1_piece_even(c, c->n_codes - 1);
    n1_piece p;
    uint64_t units = (n + N1_PIECE_UNIT - 1) / N1_PIECE_UNIT;
    for (unsigned i = 0; i < c->n_others; i++)
        other[i] = d->series + c->other[i] * stride + N1_PIECE_HISTORY;
    n1_piece_scale_start(d->scale, c->start);
    code[0] = 0;
    for (size_t t = 1, end = 0; units;) {
        const n1_status status = n1_piece_read(&d->header, &p, c, units);
        if (status != N1_OK)
            return status;
        const int16_t *const quantile = quantiles(d, p.law);
        units -= p.units;
        end = units ? end + p.units * (size_t)N1_PIECE_UNIT : n;
        for (; t < end; t++) {
            const int64_t mu = n1_piece_place(c, n1_clamp64(n1_piece_predict(&p, c, code + t, other, t), low, high));
            const uint64_t k = read_code(d, c, p.law, quantile, mu);
            if (k >= c->n_codes)
                return N1_ERROR_CORRUPT;
            const int64_t at = n1_piece_position(c, (uint32_t)k);
            code[t] = (int32_t)((int64_t)k - c->origin);
            n1_piece_scale_learn(d->scale, (uint64_t)(at < mu ? mu - at : at - mu));
        }
    }
    return N1_OK;
}

static void put_samples(const n1_piece_channel *c, const int32_t *code, size_t channel, const n1_shape *s, void *samples)
{
    uint32_t at = c->begin;
    for (size_t t = 0; t < s->n_samples; t++) {
        const uint32_t k = c->origin + (uint32_t)code[t];
        int64_t value = c->kind == N1_PIECE_LIST ? c->value[k] : c->first + (int64_t)k * c->stride;
        if (c->form == N1_PIECE_WRAPPED) {
            at = t ? n1_piece_changed(c, at, value) : at;
            value = c->low + at;
        } else if (c->form == N1_PIECE_STEPPED) {
            const int64_t sum = n1_load_sample(samples, s->dtype, t * s->n_channels + channel);
            value = n1_piece_within(s->dtype, (uint32_t)(value + sum));
        }
        n1_store_sample(samples, s->dtype, t * s->n_channels + channel, value);
    }
}

static n1_status read_channel(decoder *d, size_t channel, const n1_shape *s, void *samples)
{
    n1_piece_channel c = n1_piece_channel_of(&d->tables);
    int32_t *const series = d->series + channel * n1_piece_stride(s->n_samples);
    n1_status status = d->formed ? n1_piece_form_read(&d->forms, &c, s, channel, samples) : N1_OK;
    if (status == N1_OK)
        status = n1_piece_channel_read(&d->header, &c, channel, s->dtype);
    if (status != N1_OK)
        return status;
    memset(series, 0, N1_PIECE_HISTORY * sizeof *series);
    if (c.n_codes == 1)
        memset(series + N1_PIECE_HISTORY, 0, s->n_samples * sizeof *series);
    else
        status = read_samples(d, &c, channel, s);
    if (status == N1_OK)
        put_samples(&c, series + N1_PIECE_HISTORY, channel, s, samples);
    return status;
}

n1_status n1_piecewise_decode(const uint8_t *src, size_t size, const n1_shape *s, n1_arena *a, void *samples)
{
    uint64_t header, raw, forms = 0;
    n1_status status = check_limits(src, size, s);
    if (status != N1_OK)
        return status;
    decoder *const d = take(s, src[1] & ~N1_PIECE_FORMED, src[2], a);
    if (!d || !n1_arena_holds(a))
        return N1_ERROR_INTERNAL;
    const uint8_t *at = src + 3, *const end = src + size;
    status = n1_get_varint(&at, end, size, &header);
    if (status == N1_OK)
        status = n1_get_varint(&at, end, size, &raw);
    d->formed = (src[1] & N1_PIECE_FORMED) != 0;
    if (status == N1_OK && d->formed)
        status = n1_get_varint(&at, end, size, &forms);
    if (status != N1_OK)
        return status;
    const size_t left = (size_t)(end - at);
    if (header > left || raw > left - header || forms > left - header - raw)
        return N1_ERROR_TRUNCATED;
    memset(d->ready, 0, sizeof d->ready);
    n1_bitreader_init(&d->header, at, (size_t)header);
    n1_bitreader_init(&d->raw, at + header, (size_t)raw);
    n1_bitreader_init(&d->forms, at + header + raw, (size_t)forms);
    at += header + raw + forms;
    d->turn = 0;
    if (!n1_rans_open(&d->words, N1_PIECE_STATES, at, (size_t)(end - at)))
        return N1_ERROR_TRUNCATED;
    for (size_t i = 0; i < s->n_channels && status == N1_OK; i++)
        status = read_channel(d, i, s, samples);
    if (status != N1_OK)
        return status;
    if (n1_bitreader_overran(&d->raw) || d->words.short_by)
        return N1_ERROR_TRUNCATED;
    if (n1_bitreader_finish(&d->header) != N1_OK || n1_bitreader_finish(&d->raw) != N1_OK || n1_bitreader_finish(&d->forms) != N1_OK || !n1_rans_closed(&d->words))
        return N1_ERROR_CORRUPT;
    return N1_OK;
}
