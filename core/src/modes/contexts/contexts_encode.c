/* Contexts mode, encoder. */
#include "modes/contexts/contexts_encode.h"
#include "base/status.h"
#include "base/stride.h"
#include "base/types.h"
#include "converter/survey.h"
#include "converter/values.h"
#include "modes/adaptive/adaptive.h"
#include "modes/adaptive/others_write.h"
#include "modes/contexts/promise.h"
#include "modes/contexts/quick.h"
#include "modes/contexts/references.h"

/* Frames: of so many and more, one stretch in so many tells how many decisions they take. */
enum { QUICK_SURE = 65536, QUICK_STRETCH = 1024, QUICK_PART = 8 };

typedef struct {
    uint16_t *member, *other;
    n1_contexts_look *look;
    size_t n, rest;              /* members, others */
    n1_contexts_how how;
    uint32_t *most, *code;       /* a member's highest code; codes frame after frame */
    uint8_t *references;
    uint16_t *reference;
    uint64_t counts;
    uint64_t mark;               /* what follows is in turn: samples of one kind, then the survey or a nested block; the coder */
    void *gathered;
    int32_t *time;
    n1_survey survey;
} encoder;

static void take(encoder *e, n1_arena *a, const n1_shape *s)
{
    const size_t c = s->n_channels, all = s->n_samples * c;
    e->member = n1_arena_take(a, c, sizeof *e->member);
    e->other = n1_arena_take(a, c, sizeof *e->other);
    e->look = n1_arena_take(a, c, sizeof *e->look);
    e->most = n1_arena_take(a, c, sizeof *e->most);
    const size_t predicted = n1_predicted_takes(s) ? c : 0;
    e->references = n1_arena_take(a, predicted, sizeof *e->references);
    e->reference = n1_arena_take(a, predicted * N1_FORECAST_REFERENCES, sizeof *e->reference);
    e->code = n1_contexts_codes_take(a, s->n_samples, (uint32_t)c);
    e->mark = a->used;
    e->gathered = n1_arena_take(a, all, n1_type_size(s->dtype));
    e->time = n1_arena_take(a, all, sizeof *e->time);
    if (N1_ADDED_ODDS && c == 1) /* one channel's samples lie as its codes do */
        e->time = (int32_t *)e->code;
    n1_survey_take(&e->survey, a, s);
    a->used = e->mark;
}

static int predicts(const n1_shape *s, const n1_contexts_effort *effort)
{
    return n1_contexts_predict(effort->how) && n1_predicted_takes(s);
}

uint64_t n1_contexts_encode_measure(const n1_shape *s, const n1_contexts_effort *effort, const n1_effort *others)
{
    n1_arena a = n1_arena_measure();
    encoder e;
    (void)n1_arena_take(&a, 1, sizeof e);
    take(&e, &a, s);
    (void)n1_contexts_take(&a, s->n_samples * s->n_channels, (uint32_t)s->n_channels, predicts(s, effort),
                           (uint64_t)s->n_channels * N1_CONTEXTS_COUNTED);
    a.used = e.mark;
    if (N1_ADDED_ODDS && effort->quick)
        (void)n1_quick_take(&a, s->n_samples * s->n_channels, (uint32_t)s->n_channels);
    a.used = e.mark;
    n1_others_write_measure(&a, s, others);
    return a.most;
}

/* A value's code, behind another value and its code: held values and neighbours in a list need no search. */
static uint32_t code_after(const n1_alphabet *a, int32_t v, int32_t before, uint32_t code)
{
    if (v == before)
        return code;
    if (a->kind == N1_LATTICE_LIST && v > before && code + 1 < a->n_codes && a->value[code + 1] == v)
        return code + 1;
    if (a->kind == N1_LATTICE_LIST && v < before && code > 0 && a->value[code - 1] == v)
        return code - 1;
    return n1_full_code(a, v);
}

/* A channel's codes, `apart` from each other, which may be where its samples are. */
static void set_codes(const n1_alphabet *a, const int32_t *v, size_t n, uint32_t *code, size_t apart)
{
    const uint32_t first = (uint32_t)a->first;
    int32_t before = v[0];
    uint32_t known = n1_full_code(a, before);
    if (a->kind == N1_LATTICE_STRIDE && a->stride == 1) {
        for (size_t t = 0; t < n; t++)
            code[t * apart] = (uint32_t)v[t] - first;
    } else if (N1_ADDED_ODDS && a->kind == N1_LATTICE_STRIDE) {
        const n1_stride stride = n1_stride_of(a->stride);
        for (size_t t = 0; t < n; t++)
            code[t * apart] = n1_multiple(&stride, (uint32_t)v[t] - first);
    } else {
        for (size_t t = 0; t < n; t++) {
            const int32_t x = v[t];
            known = code_after(a, x, before, known);
            code[t * apart] = known;
            before = x;
        }
    }
}

/* The members' samples to codes. A code counts the alphabet's values from its lowest: there are no raw bits. */
static n1_status make_codes(encoder *e, const void *samples, const n1_shape *s, const n1_encode_kernels *k)
{
    const n1_shape mine = {s->n_samples, e->n, s->dtype};
    const int whole = e->n == s->n_channels;
    if (!whole)
        n1_gather_channels(samples, s, e->member, e->n, e->gathered);
    if (!n1_to_time(whole ? samples : e->gathered, &mine, e->time, k))
        return N1_NOT_APPLICABLE;
    e->survey.n_channels = e->n;
    const n1_status status = n1_survey_samples(&e->survey, e->time, s->dtype);
    if (status != N1_OK)
        return status;
    e->counts = 0;
    for (size_t i = 0; i < e->n; i++) {
        const n1_alphabet *a = &e->survey.alphabet[e->survey.alphabet_of[i]];
        const int32_t *v = e->time + i * s->n_samples;
        e->most[i] = a->n_full - 1;
        e->counts += n1_contexts_counts(e->most[i]);
        set_codes(a, v, s->n_samples, e->code + i, e->n);
    }
    return N1_OK;
}

static void write_references(const encoder *e, n1_bitwriter *w)
{
    const uint16_t *reference = e->reference;
    for (uint32_t i = 1; i < e->n; i++) {
        n1_put_field(w, e->references[i], 4);
        for (uint32_t j = 0; j < e->references[i]; j++)
            n1_put_field(w, *reference++, n1_ceil_log2(i));
    }
}

static void write_head(encoder *e, n1_bitwriter *w, const n1_shape *s)
{
    n1_put_field(w, N1_MODE_CONTEXTS, 8);
    n1_members_write(w, e->member, e->n, s);
    n1_put_field(w, (uint32_t)(e->how < N1_CONTEXTS_HOW_QUICK_FEW ? e->how : N1_CONTEXTS_HOW_QUICK_FEW), 2);
    if (N1_ADDED_ODDS && e->how >= N1_CONTEXTS_HOW_QUICK_FEW)
        n1_put_field(w, (uint32_t)e->how - (uint32_t)N1_CONTEXTS_HOW_QUICK_FEW, 2);
    n1_put_field(w, e->survey.n_alphabets - 1, 3);
    for (unsigned i = 0; i < e->survey.n_alphabets; i++) {
        e->survey.alphabet[i].widths = e->survey.alphabet[i].kind == N1_LATTICE_NLINK ? N1_WIDTHS_PRIOR : N1_WIDTHS_EVEN;
        n1_alphabet_write(w, &e->survey.alphabet[i]);
    }
    for (size_t i = 0; i < e->n; i++)
        n1_put_field(w, e->survey.alphabet_of[i], n1_ceil_log2(e->survey.n_alphabets));
    if (n1_contexts_predict(e->how))
        write_references(e, w);
    n1_fields_align(w);
}

static void put(n1_contexts *s, n1_binary *b, uint32_t c, size_t t, const uint32_t *x, uint32_t most)
{
    if (s->predicted) {
        n1_predicted_prepare(s, c, t, x, most);
        (void)n1_contexts_predicted(s, b, 0, *x);
        n1_predicted_learn(s, c, t, x);
    } else {
        n1_contexts_prepare(s, c, t, x);
        (void)n1_contexts_put(s, b, *(x - s->channels), most, *x);
        n1_contexts_learn(s, c, t, x);
    }
}

/* All codes by contexts whose odds are added. */
static n1_status write_quick(encoder *e, n1_bitwriter *w, n1_contexts_how how, size_t n_frames, const n1_encode_kernels *k, n1_arena a)
{
    const uint32_t n = (uint32_t)e->n, contexts = n1_quick_contexts(how);
    const size_t capacity = (size_t)(w->end - w->p);
    n1_binary b;
    n1_quick *s = n1_quick_take(&a, (uint64_t)n_frames * n, n);
    if (!s)
        return N1_ERROR_INTERNAL;
    n1_quick_init(s, (uint64_t)n_frames * n, n, contexts);
    n1_binary_start(&b, NULL, w->p, capacity);
    (void)k->quick_put(s, &b, contexts, e->code, e->most, n_frames, capacity);
    n1_binary_flush(&b);
    w->p += b.at < capacity ? b.at : capacity;
    return b.at <= capacity ? N1_OK : N1_NOT_APPLICABLE;
}

/* All codes by the binary coder; it stops where the bytes do not fit. */
static n1_status write_packet(encoder *e, n1_bitwriter *w, n1_contexts_how how, size_t n_frames, const n1_encode_kernels *k, n1_arena a)
{
    const uint32_t n = (uint32_t)e->n;
    const size_t capacity = (size_t)(w->end - w->p);
    const int predicted = n1_contexts_predict(how);
    n1_binary b;
    if (n1_contexts_are_quick(how))
        return write_quick(e, w, how, n_frames, k, a);
    n1_contexts *s = n1_contexts_take(&a, (uint64_t)n_frames * n, n, predicted, e->counts);
    if (!s)
        return N1_ERROR_INTERNAL;
    n1_contexts_init(s, (uint64_t)n_frames * n, n, n1_contexts_of_how(how), predicted, &k->both);
    if (predicted)
        n1_predicted_init(s, e->most, e->references, e->reference);
    n1_binary_start(&b, NULL, w->p, capacity);
    const uint32_t *x = e->code;
    for (size_t t = 0; t < n_frames && b.at <= capacity; t++)
        for (uint32_t c = 0; c < n; c++, x++)
            put(s, &b, c, t, x, e->most[c]);
    n1_binary_flush(&b);
    w->p += b.at < capacity ? b.at : capacity;
    return b.at <= capacity ? N1_OK : N1_NOT_APPLICABLE;
}

/* Decisions by added odds in some frames, but for those that the ends of an alphabet spare: stretches of frames that hold hardly take any. */
static uint64_t quick_decisions_of(const encoder *e, size_t from, size_t n_frames)
{
    uint64_t n = 0;
    uint32_t quiet = 0;
    const uint32_t *x = e->code + from * e->n;
    for (size_t t = 0; t < n_frames; t++) {
        uint64_t frame = e->n;
        for (size_t c = 0; c < e->n; c++, x++) {
            const uint32_t before = *(x - e->n), step = *x > before ? *x - before : before - *x;
            frame += (step > 0) + n1_least(step, 6); /* as good as random: without a branch */
            if (step > 6)
                frame += 2 * (uint32_t)n1_top_bit(step - 6);
        }
        quiet = frame > e->n ? 0 : quiet + 1;
        n += quiet <= N1_QUICK_HOLD ? frame : 0;
    }
    return n;
}

/* Decisions of four samples, from stretches all over a long block. */
static uint64_t quick_decisions_of_four(const encoder *e, size_t n_frames)
{
    const size_t every = n_frames < QUICK_SURE ? QUICK_STRETCH : QUICK_STRETCH * QUICK_PART;
    uint64_t n = 0, all = 0;
    for (size_t from = 0; from < n_frames; from += every) {
        const size_t frames = n_frames - from < QUICK_STRETCH ? n_frames - from : QUICK_STRETCH;
        n += quick_decisions_of(e, from, frames);
        all += frames * e->n;
    }
    return (4 * n + all - 1) / all;
}

/* Whether there is time for them, and which set of contexts there is time for. */
static n1_status settle_quick(encoder *e, size_t n_frames, const n1_contexts_effort *effort)
{
    const unsigned most = e->n == 1 ? effort->one : effort->most, spared = e->n == 1 ? effort->spared : 0;
    const uint64_t n = most || spared ? quick_decisions_of_four(e, n_frames) : 0;
    if (e->how == N1_CONTEXTS_HOW_QUICK_MANY && spared && n > spared)
        e->how = N1_CONTEXTS_HOW_QUICK_FEW;
    return most && n > most ? N1_NOT_APPLICABLE : N1_OK;
}

/* The members and their codes. */
static n1_status prepare(encoder *e, const void *samples, const n1_shape *s, const n1_contexts_effort *effort, const n1_encode_kernels *k)
{
    if ((n1_contexts_predict(effort->how) && !predicts(s, effort)) || !n1_contexts_promise(samples, s, effort, e->look))
        return N1_NOT_APPLICABLE;
    e->n = e->rest = 0;
    for (size_t i = 0; i < s->n_channels; i++)
        if (e->look[i].repeated)
            e->member[e->n++] = (uint16_t)i;
        else
            e->other[e->rest++] = (uint16_t)i;
    e->survey.plain = effort->quick != 0;
    const n1_status status = make_codes(e, samples, s, k);
    e->how = (n1_contexts_how)effort->how;
    return status == N1_OK && n1_contexts_are_quick(e->how) ? settle_quick(e, s->n_samples, effort) : status;
}

n1_status n1_contexts_may(const void *samples, const n1_shape *s, const n1_contexts_effort *effort, const n1_encode_kernels *k, n1_arena arena)
{
    encoder *const e = n1_arena_take(&arena, 1, sizeof *e);
    if (!N1_ADDED_ODDS || !effort->most)
        return N1_OK;
    if (!e)
        return N1_ERROR_INTERNAL;
    take(e, &arena, s);
    return n1_arena_holds(&arena) ? prepare(e, samples, s, effort, k) : N1_ERROR_INTERNAL;
}

n1_status n1_contexts_encode(const void *samples, const n1_shape *s, const n1_contexts_effort *effort,
                             const n1_effort *others, const n1_encode_kernels *k, n1_arena arena, uint8_t *dst,
                             size_t capacity, size_t *written)
{
    encoder *const e = n1_arena_take(&arena, 1, sizeof *e);   /* large for a stack */
    if (!e)
        return N1_ERROR_INTERNAL;
    take(e, &arena, s);
    if (!n1_arena_holds(&arena))
        return N1_ERROR_INTERNAL;
    n1_status status = prepare(e, samples, s, effort, k);
    if (status != N1_OK)
        return status;
    const size_t limit = *written;
    if (n1_contexts_predict(effort->how)) {
        if (e->survey.alphabet[0].kind == N1_LATTICE_NLINK)
            return N1_NOT_APPLICABLE; /* the mixed mode knows this converter */
        n1_choose_references(e->code, s->n_samples, (uint32_t)e->n, e->references, e->reference);
    }

    n1_bitwriter w;
    n1_bitwriter_init(&w, dst, capacity);
    write_head(e, &w, s);
    arena.used = e->mark;
    if (e->rest)
        status = n1_others_write(&w, samples, s, e->other, e->rest, others, k, arena);
    if (status == N1_OK && (w.overrun || (size_t)(w.p - dst) >= limit))
        status = N1_NOT_APPLICABLE;
    if (limit < capacity)
        w.end = dst + limit;
    if (status == N1_OK)
        status = write_packet(e, &w, e->how, s->n_samples, k, arena);
    *written = (size_t)(w.p - dst);
    return status;
}
