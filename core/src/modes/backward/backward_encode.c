/* The backward mode, encoder: from codes, frame after frame, to records of what is to be coded. */
#include "modes/backward/backward_encode.h"
#include "modes/backward/code.h"
#include "modes/backward/rows.h"

typedef struct {
    n1_backward *s;
    const n1_encode_kernels *k;
    const uint16_t *codes;
    uint64_t *record;
    uint32_t turn;
} writer;

N1_INLINE void write_one(writer *w, uint32_t c, uint32_t t, uint32_t state, uint32_t k)
{
    n1_backward *s = w->s;
    const n1_backward_channel *h = &s->channel[c];
    const n1_edges *e = &s->edges[h->edges];
    int32_t mu = predict(s, h, &s->series[c], t);
    uint32_t lo = cumulative(s->law, e, s->codes, k, mu, h->inv),
             hi = cumulative(s->law, e, s->codes, k + 1, mu, h->inv);
    *w->record++ = n1_rans_record(lo, hi - lo, state);
    learn(s, c, t, e, k, mu);
}

static void write_frames(writer *w, uint32_t frames)
{
    n1_backward *s = w->s;
    if (w->k->rows_write && n1_in_rows(s, frames)) {
        n1_rows_fill(s, w->codes);
        w->record = w->k->rows_write(s, w->record);
        n1_rows_empty(s, NULL);
        w->codes += (size_t)frames * s->channels;
        return;
    }
    const uint32_t t = s->t, channels = s->channels, strands = s->strands;
#define ONE(c, f, state)                                                                                              \
    write_one(w, c, t + (f), strands > 1 ? state : w->turn++ & 1U,                           \
              w->codes[(size_t)(f) * channels + (c)])
    EACH_SAMPLE(s, frames, ONE)
#undef ONE
    w->codes += (size_t)frames * channels;
}

uint64_t *n1_backward_push(n1_backward *s, const n1_encode_kernels *k, const uint16_t *codes, size_t n_frames,
                           uint64_t *record, uint32_t turn)
{
    writer w = {s, k, codes, record, turn};
    for (size_t f = 0; f < n_frames;) {
        const uint32_t frames = frames_due(s, n_frames - f);
        write_frames(&w, frames);
        end_frames(s, frames);
        f += frames;
    }
    return w.record;
}

n1_status n1_backward_encode(n1_backward *s, const n1_encode_kernels *k, const uint16_t *codes, size_t n_frames,
                             uint64_t *records, uint8_t *out, size_t capacity, size_t *written)
{
    for (size_t i = 0; i < n_frames * s->channels; i++)
        if (codes[i] >= s->codes) return N1_ERROR_INTERNAL;
    const uint64_t *end = n1_backward_push(s, k, codes, n_frames, records, 0);
    const int64_t n = n1_rans_write(records, (size_t)(end - records), (int)s->states, k, out, capacity);
    if (n < 0) return N1_NOT_APPLICABLE;
    *written = (size_t)n;
    return N1_OK;
}
