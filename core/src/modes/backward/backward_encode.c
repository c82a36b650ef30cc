/* The backward mode, encoder: from codes, frame after frame, to records of what is to be coded. */
#include "modes/backward/backward_encode.h"
#include "modes/backward/code.h"
#include "modes/backward/rows.h"

#include <string.h>

typedef n1_backward_writer writer;

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

static void write_frames(writer *w, const uint16_t *codes, uint32_t frames)
{
    n1_backward *s = w->s;
    if (w->k->rows_write && n1_in_rows(s, frames)) {
        n1_rows_fill(s, codes);
        w->record = w->k->rows_write(s, w->record);
        n1_rows_empty(s, NULL);
        return;
    }
    const uint32_t t = s->t, channels = s->channels, strands = s->strands;
#define ONE(c, f, state)                                                                                              \
    write_one(w, c, t + (f), strands > 1 ? state : (uint32_t)(w->record - w->records) & 1U,                           \
              codes[(size_t)(f) * channels + (c)])
    EACH_SAMPLE(s, frames, ONE)
#undef ONE
}

/* Frames of one interval: their records, and what a coder that need not wait makes of them. */
static void code(writer *w, const uint16_t *codes, uint32_t frames)
{
    write_frames(w, codes, frames);
    end_frames(w->s, frames);
    if (w->coder != N1_CODER_RANGE) return;
    for (const uint64_t *r = w->records; r < w->record; r++)
        n1_mass_put(&w->range, (uint32_t)*r & 0xFFFFFFU, (uint32_t)(*r >> 32));
    w->record = w->records;
}

void n1_backward_writer_take(n1_backward_writer *w, n1_arena *a, const n1_params *p, n1_sample_order order, n1_coder coder,
                             size_t most_frames)
{
    const size_t interval = (size_t)N1_INTERVAL * p->channels;
    memset(w, 0, sizeof *w);
    w->coder = coder;
    w->room = coder == N1_CODER_RANGE && order == N1_ORDER_FRAMES ? p->channels
              : coder == N1_CODER_RANGE                           ? interval
                                                                  : most_frames * p->channels;
    w->records = n1_arena_take(a, w->room, sizeof *w->records);
    w->waiting = n1_arena_take(a, order == N1_ORDER_STRANDS ? interval : 0, sizeof *w->waiting);
    w->s = n1_backward_take(a, p, order);
}

void n1_backward_writer_init(n1_backward_writer *w, const n1_params *p, const n1_encode_kernels *k)
{
    w->k = k;
    w->n_waiting = 0;
    n1_backward_init(w->s, p, &k->both);
}

void n1_backward_begin(n1_backward_writer *w, uint8_t *out, size_t capacity)
{
    w->record = w->records;
    w->out = out;
    w->capacity = capacity;
    n1_mass_begin(&w->range, out, capacity);
}

/* How many frames are coded at once where so many are there: to the interval's end, or one where each goes alone. */
static uint32_t at_once(const writer *w, size_t left)
{
    if (w->s->strands == 1 && w->coder == N1_CODER_RANGE) return 1;
    return frames_due(w->s, left);
}

n1_status n1_backward_push(n1_backward_writer *w, const uint16_t *codes, size_t n_frames)
{
    n1_backward *s = w->s;
    const size_t channels = s->channels;
    for (size_t i = 0; i < n_frames * channels; i++)
        if (codes[i] >= s->codes) return N1_ERROR_ARGUMENT;
    if (w->coder == N1_CODER_RANS && w->room - (size_t)(w->record - w->records) < (n_frames + w->n_waiting) * channels)
        return N1_ERROR_ARGUMENT;
    while (n_frames) {
        const uint32_t due = N1_INTERVAL - s->t;
        uint32_t frames = at_once(w, n_frames);
        if (s->strands > 1 && (w->n_waiting || frames < due)) { /* strands alternate over all frames of an interval */
            frames = n_frames < due - w->n_waiting ? (uint32_t)n_frames : due - w->n_waiting;
            memcpy(w->waiting + w->n_waiting * channels, codes, frames * channels * sizeof *codes);
            w->n_waiting += frames;
            if (w->n_waiting == due) {
                w->n_waiting = 0;
                code(w, w->waiting, due);
            }
        } else
            code(w, codes, frames);
        codes += frames * channels;
        n_frames -= frames;
    }
    return N1_OK;
}

n1_status n1_backward_end(n1_backward_writer *w, size_t *written)
{
    if (w->n_waiting) {
        const uint32_t frames = w->n_waiting;
        w->n_waiting = 0;
        code(w, w->waiting, frames);
    }
    if (w->coder == N1_CODER_RANGE) {
        n1_mass_finish(&w->range);
        *written = (size_t)(w->range.p - w->out);
        return w->range.overrun ? N1_NOT_APPLICABLE : N1_OK;
    }
    const int64_t n = n1_rans_write(w->records, (size_t)(w->record - w->records), (int)w->s->states, w->k, w->out, w->capacity);
    if (n < 0) return N1_NOT_APPLICABLE;
    *written = (size_t)n;
    return N1_OK;
}
