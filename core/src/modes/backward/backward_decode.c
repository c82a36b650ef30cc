/* The backward mode, decoder. */
#include "modes/backward/backward_decode.h"
#include "entropy/range.h"
#include "entropy/rans.h"
#include "modes/backward/code.h"
#include "modes/backward/rows.h"

typedef struct {
    n1_backward *s;
    uint16_t *codes;
    n1_rans_reader rans;
    n1_mass_reader range;
    uint32_t turn;
    int32_t last; /* the axis' end: the same for every table */
} reader;

N1_INLINE uint16_t read_one(reader *d, uint32_t c, uint32_t t, uint32_t state, n1_coder coder)
{
    n1_backward *s = d->s;
    const uint32_t *law = s->law, top = s->codes;
    const n1_backward_channel *h = &s->channel[c];
    const n1_series *r = &s->series[c];
    const n1_edges *e = &s->edges[h->edges];
    const uint64_t x = d->rans.x[state];
    const uint32_t slot = coder == N1_CODER_RANGE ? n1_mass_slot(&d->range) : n1_rans_slot(x), inv = h->inv;
    if (s->strands > 1) look_ahead(s, h, r, t);
    int32_t mu = predict(s, h, r, t);
    /* The law's inverse names a voltage, hence a code near by: mostly the right one. */
    const int32_t granted = n1_clamp(mu >> s->width.shift, 0, (int32_t)slot); /* to each code below; not the law's */
    const int32_t step = s->inverse[(slot - (uint32_t)granted) >> (N1_PROB_BITS - N1_INVERSE_BITS)];
    int32_t v = mu + (int32_t)n1_asr((int64_t)step * h->sigma, 12);
    v = n1_clamp(v, 0, d->last);
    uint32_t k = e->find[v >> s->width.shift];
    k += (uint32_t)(e->edge[k + 1] <= v) + (uint32_t)(e->edge[k + 2] <= v);
    uint32_t lo = cumulative(law, e, top, k, mu, inv), hi = cumulative(law, e, top, k + 1, mu, inv);
    while (slot < lo) hi = lo, lo = cumulative(law, e, top, --k, mu, inv);
    while (slot >= hi) lo = hi, hi = cumulative(law, e, top, ++k + 1, mu, inv);
    if (coder == N1_CODER_RANGE) n1_mass_take(&d->range, lo, hi - lo);
    else d->rans.x[state] = n1_rans_next(&d->rans, x, lo, hi - lo);
    learn(s, c, t, e, k, mu);
    return (uint16_t)k;
}

static void read_frames(reader *d, uint32_t frames)
{
    n1_backward *s = d->s;
    if (s->k->rows_read && n1_in_rows(s, frames)) {
        n1_rows_fill(s, NULL);
        s->k->rows_read(s, &d->rans);
        n1_rows_empty(s, d->codes);
        d->codes += (size_t)frames * s->channels;
        return;
    }
    const uint32_t t = s->t, channels = s->channels, strands = s->strands;
#define ONE(c, f, state)                                                                                              \
    d->codes[(size_t)(f) * channels + (c)] = read_one(d, c, t + (f), strands > 1 ? state : d->turn++ & 1U, N1_CODER_RANS)
    EACH_SAMPLE(s, frames, ONE)
#undef ONE
    d->codes += (size_t)frames * channels;
}

static void read_ranged(reader *d, uint32_t frames)
{
    n1_backward *s = d->s;
    const uint32_t t = s->t, channels = s->channels;
#define ONE(c, f, state)                                                                                              \
    d->codes[(size_t)(f) * channels + (c)] = read_one(d, c, t + (f), (state) & 1U, N1_CODER_RANGE)
    EACH_SAMPLE(s, frames, ONE)
#undef ONE
    d->codes += (size_t)frames * channels;
}

n1_status n1_backward_decode(n1_backward *s, n1_coder coder, const uint8_t *in, size_t size, uint16_t *codes, size_t n_frames)
{
    reader d = {.s = s, .codes = codes, .last = s->edges[0].edge[s->codes] - 1};
    if (coder == N1_CODER_RANGE) n1_mass_open(&d.range, in, size);
    else if (!n1_rans_open(&d.rans, (int)s->states, in, size)) return N1_ERROR_CORRUPT;
    for (size_t f = 0; f < n_frames;) {
        uint32_t frames = frames_due(s, n_frames - f);
        if (coder == N1_CODER_RANGE) {
            if (s->strands == 1) frames = 1;
            read_ranged(&d, frames);
            if (d.range.beyond > 16 || d.range.damaged) return N1_ERROR_CORRUPT;
        } else {
            read_frames(&d, frames);
            if (d.rans.short_by > 16) return N1_ERROR_CORRUPT; /* do not decode on from nothing */
        }
        end_frames(s, frames);
        f += frames;
    }
    return (coder == N1_CODER_RANGE ? n1_mass_closed(&d.range) : n1_rans_closed(&d.rans)) ? N1_OK : N1_ERROR_CORRUPT;
}
