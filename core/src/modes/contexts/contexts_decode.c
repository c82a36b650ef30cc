/* Contexts mode, decoder. */
#include "modes/contexts/contexts_decode.h"
#include "base/added_odds.h"
#include "base/load.h"
#include "converter/alphabet.h"
#include "modes/adaptive/others.h"
#include "modes/contexts/quick.h"
#include "modes/mode.h"

/* Where the parts of a block are. */
typedef struct {
    size_t n, rest;                 /* members, and others */
    n1_contexts_how how;
    uint64_t counts;                /* see n1_contexts_counts */
    n1_alphabet alphabet[N1_MAX_ALPHABETS];
    unsigned alphabets;
    n1_others others;
    const uint8_t *packet, *end;
} parts;

typedef struct {
    parts f;
    uint16_t *member, *other;
    uint8_t *alphabet_of;
    uint32_t *code, *most;
    uint8_t *references;
    uint16_t *reference;
    uint64_t mark;       /* what follows: the others' decoder, then the state */
} decoder;

/* Which channels below it each is predicted from; 0: more of them than there may be. */
static int find_references(decoder *d, n1_bitreader *r)
{
    uint16_t *reference = d->reference;
    if (d->f.n > N1_PREDICTED_CHANNELS)
        return 0;
    for (uint32_t i = 0; i < d->f.n; i++) {
        const uint32_t n = i ? n1_get_field(r, 4) : 0;
        if (n > i || n > N1_FORECAST_REFERENCES)
            return 0;
        if (d->references)
            d->references[i] = (uint8_t)n;
        for (uint32_t j = 0; j < n; j++) {
            const uint32_t which = n1_get_field(r, n1_ceil_log2(i));
            if (which >= i)
                return 0;
            if (reference)
                *reference++ = (uint16_t)which;
        }
    }
    return 1;
}

/* The decoder's arrays, or NULL in each: then only sizes are found. */
static n1_status find_parts(decoder *d, const uint8_t *src, size_t size, const n1_shape *s)
{
    parts *const f = &d->f;
    n1_bitreader r;
    n1_bitreader_init(&r, src, size);
    (void)n1_get_field(&r, 8);   /* the mode, checked by the caller */
    f->n = f->rest = 0;
    const uint32_t whole = n1_get_field(&r, 1);
    for (size_t i = 0; i < s->n_channels; i++) {
        const int mine = whole || n1_get_field(&r, 1);
        if (d->member && mine)
            d->member[f->n] = (uint16_t)i;
        if (d->other && !mine)
            d->other[f->rest] = (uint16_t)i;
        f->n += mine != 0;
        f->rest += mine == 0;
    }
    uint32_t how = n1_get_field(&r, 2);
    how += how == N1_CONTEXTS_HOW_QUICK_FEW ? n1_get_field(&r, 2) : 0;
    f->how = (n1_contexts_how)how;
    f->alphabets = n1_get_field(&r, 3) + 1;
    for (unsigned i = 0; i < f->alphabets; i++) {
        const n1_status status = n1_alphabet_read(&r, &f->alphabet[i], s->dtype);
        if (n1_bitreader_overran(&r))
            return N1_ERROR_TRUNCATED;
        if (status != N1_OK)
            return status;
    }
    f->counts = 0;
    for (size_t i = 0; i < f->n; i++) {
        const uint32_t index = n1_get_field(&r, n1_ceil_log2(f->alphabets));
        if (index >= f->alphabets)
            return N1_ERROR_CORRUPT;
        if (d->alphabet_of)
            d->alphabet_of[i] = (uint8_t)index;
        if (d->most)
            d->most[i] = f->alphabet[index].n_full - 1;
        f->counts += n1_contexts_counts(f->alphabet[index].n_full - 1);
    }
    if (n1_contexts_predict(how) && !find_references(d, &r))
        return N1_ERROR_CORRUPT;
    if (n1_bitreader_overran(&r))
        return N1_ERROR_TRUNCATED;
    if (f->n == 0 || (!whole && f->rest == 0) || how > (N1_ADDED_ODDS ? N1_CONTEXTS_HOW_LEAN : N1_CONTEXTS_HOW_PREDICTED))
        return N1_ERROR_CORRUPT;
    size_t at = n1_bitreader_used(&r, src);
    const n1_status status = n1_others_find(&f->others, src, size, &at, s, f->rest);
    f->packet = src + at;
    f->end = src + size;
    return status;
}

static n1_status take(decoder *d, const n1_shape *s, n1_arena *a)
{
    parts *const f = &d->f;
    void *gathered;
    d->member = n1_arena_take(a, f->n, sizeof *d->member);
    d->other = n1_arena_take(a, f->rest, sizeof *d->other);
    d->alphabet_of = n1_arena_take(a, f->n, sizeof *d->alphabet_of);
    d->most = n1_arena_take(a, f->n, sizeof *d->most);
    const size_t predicted = n1_contexts_predict(f->how) ? f->n : 0;
    d->references = n1_arena_take(a, predicted, sizeof *d->references);
    d->reference = n1_arena_take(a, predicted * N1_FORECAST_REFERENCES, sizeof *d->reference);
    for (unsigned i = 0; i < f->alphabets; i++)
        n1_alphabet_take(&f->alphabet[i], a, f->alphabet[i].kind == N1_LATTICE_STRIDE ? 0 : N1_MAX_CODES, 0);
    d->code = n1_contexts_codes_take(a, s->n_samples, (uint32_t)f->n);
    d->mark = a->used;
    const n1_status status = n1_others_take(&f->others, a, &gathered);
    a->used = d->mark;
    n1_arena later = *a;   /* it is taken once the others are decoded */
    later.base = NULL;
    if (n1_contexts_are_quick(f->how))
        (void)n1_quick_take(&later, (uint64_t)s->n_samples * f->n, (uint32_t)f->n);
    else
        (void)n1_contexts_take(&later, (uint64_t)s->n_samples * f->n, (uint32_t)f->n, predicted != 0, f->counts);
    a->most = later.most;
    a->lacking = later.lacking;
    return status;
}

void n1_contexts_decode_most(const n1_shape *s, n1_arena *a)
{
    decoder d;
    memset(&d, 0, sizeof d);
    if (!n1_contexts_takes(s))
        return;
    a->used = 0;
    const int predicted = n1_predicted_takes(s);
    d.f.n = s->n_channels;   /* others come on top */
    d.f.how = predicted ? N1_CONTEXTS_HOW_PREDICTED : N1_CONTEXTS_HOW_MANY;
    d.f.counts = predicted ? (uint64_t)s->n_channels * N1_CONTEXTS_COUNTED : 0;
    d.f.alphabets = N1_MAX_ALPHABETS;
    for (unsigned i = 0; i < N1_MAX_ALPHABETS; i++)
        d.f.alphabet[i].kind = N1_LATTICE_LIST;
    (void)n1_arena_take(a, s->n_channels, sizeof *d.other);
    (void)take(&d, s, a);
    if (s->n_channels > 1) {
        a->used = d.mark;
        n1_others_most(s, s->n_channels - 1, a);
    }
}

n1_status n1_contexts_decode_measure(const uint8_t *src, size_t size, const n1_shape *s, n1_arena *a)
{
    decoder d;
    memset(&d, 0, sizeof d);
    if (!n1_contexts_takes(s))
        return N1_ERROR_CORRUPT;
    const n1_status status = find_parts(&d, src, size, s);
    return status == N1_OK ? take(&d, s, a) : status;
}

/* The member's next code. */
static uint32_t next(n1_contexts *s, n1_binary *b, uint32_t c, size_t t, uint32_t *x, uint32_t most)
{
    if (s->predicted) {
        n1_predicted_prepare(s, c, t, x, most);
        *x = n1_contexts_predicted(s, b, 1, 0);
        n1_predicted_learn(s, c, t, x);
    } else {
        n1_contexts_prepare(s, c, t, x);
        *x = n1_contexts_get(s, b, *(x - s->channels), most);
        n1_contexts_learn(s, c, t, x);
    }
    return *x;
}

static void store(const decoder *d, const n1_shape *shape, const uint32_t *x, size_t t, uint32_t c, void *samples)
{
    const int64_t value = n1_value_of(&d->f.alphabet[d->alphabet_of[c]], x[t * d->f.n + c]);
    n1_store_sample(samples, shape->dtype, t * shape->n_channels + d->member[c], value);
}

static n1_status decode_quick(const decoder *d, const n1_shape *shape, n1_arena a, void *samples)
{
    const parts *f = &d->f;
    const uint32_t n = (uint32_t)f->n, contexts = n1_quick_contexts(f->how);
    const size_t size = (size_t)(f->end - f->packet);
    n1_binary b;
    n1_quick *s = n1_quick_take(&a, (uint64_t)shape->n_samples * n, n);
    if (!s)
        return N1_ERROR_INTERNAL;
    n1_quick_init(s, (uint64_t)shape->n_samples * n, n, contexts);
    n1_binary_start(&b, f->packet, NULL, size);
    if (!n1_quick_get(s, &b, contexts, d->code, d->most, shape->n_samples, size + 8) || b.at < size)
        return N1_ERROR_CORRUPT;
    for (size_t t = 0; t < shape->n_samples; t++)
        for (uint32_t c = 0; c < n; c++)
            store(d, shape, d->code, t, c, samples);
    return N1_OK;
}

static n1_status decode_packet(const decoder *d, const n1_shape *shape, const n1_kernels *k, n1_arena a, void *samples)
{
    const parts *f = &d->f;
    const uint32_t n = (uint32_t)f->n;
    const size_t size = (size_t)(f->end - f->packet);
    const int predicted = n1_contexts_predict(f->how);
    n1_binary b;
    if (n1_contexts_are_quick(f->how))
        return decode_quick(d, shape, a, samples);
    n1_contexts *s = n1_contexts_take(&a, (uint64_t)shape->n_samples * n, n, predicted, f->counts);
    if (!s)
        return N1_ERROR_INTERNAL;
    n1_contexts_init(s, (uint64_t)shape->n_samples * n, n, n1_contexts_of_how(f->how), predicted, k);
    if (predicted)
        n1_predicted_init(s, d->most, d->references, d->reference);
    n1_binary_start(&b, f->packet, NULL, size);
    uint32_t *x = d->code;
    for (size_t t = 0; t < shape->n_samples; t++) {
        for (uint32_t c = 0; c < n; c++, x++) {
            (void)next(s, &b, c, t, x, d->most[c]);
            store(d, shape, d->code, t, c, samples);
        }
        if (b.at > size + 8)
            return N1_ERROR_CORRUPT; /* reading zeros past the end: cut or damaged */
    }
    return b.at >= size ? N1_OK : N1_ERROR_CORRUPT; /* a flush ends within the bytes that the decoder looks ahead */
}

n1_status n1_contexts_decode(const uint8_t *src, size_t size, const n1_shape *s, const n1_kernels *k, n1_arena *a,
                             void *samples)
{
    decoder d;
    memset(&d, 0, sizeof d);
    if (!n1_contexts_takes(s))
        return N1_ERROR_CORRUPT;
    n1_status status = find_parts(&d, src, size, s);
    if (status == N1_OK)
        status = take(&d, s, a);
    if (status != N1_OK)
        return status;
    if (!n1_arena_holds(a))
        return N1_ERROR_INTERNAL;
    status = find_parts(&d, src, size, s);
    a->used = d.mark;
    if (status == N1_OK && d.f.rest)
        status = n1_others_decode(&d.f.others, d.other, k, *a, 0, s, samples);
    return status == N1_OK ? decode_packet(&d, s, k, *a, samples) : status;
}
