/* A block, whole: encoder. */
#include "wire/block_encode.h"
#include "base/arena.h"
#include "base/inline.h"
#include "base/types.h"
#include "base/status.h"
#include "kernels/table.h"
#include "levels.h"
#include "modes/adaptive/adaptive_encode.h"
#include "modes/contexts/contexts_encode.h"
#include "modes/contexts/promise.h"
#include "modes/forward/forward_encode.h"
#include "modes/piecewise/piecewise_encode.h"
#include "modes/stored/stored.h"
#include "wire/kinds.h"
#include "wire/shape.h"

#include <string.h>

/* What a level does with a shape: no adaptive mode for short blocks. */
typedef struct {
    n1_level level;
    n1_way way;
    int adaptive;
} course;

static course course_of(int level, const n1_shape *s)
{
    course c = {n1_level_of(level), {N1_MODE_FORWARD, NULL, N1_NEVER, NULL}, 0};
    c.way.effort = c.level.rest;
    if (s->n_channels == 1 && c.level.one.mode == N1_MODE_FORWARD)
        c.way = c.level.one;
    else if (c.level.adaptive && n1_adaptive_takes(s))
        c.way = s->n_channels == 1                  ? c.level.one
                : s->n_channels < N1_MANY_CHANNELS ? c.level.few
                : s->n_channels < N1_WIDE_CHANNELS ? c.level.many
                                                   : c.level.wide;
    c.adaptive = c.way.mode != N1_MODE_FORWARD;
    return c;
}

/* A part of the block, to see what promises more. */
static n1_part part_of(const n1_shape *s)
{
    const size_t share = s->n_samples / N1_TRIED_PART;
    n1_part p = {s->n_samples > N1_TRIED_RUNS * N1_TRIED_FRAMES ? N1_TRIED_RUNS : 1, s->n_samples, 0, 0, 0};
    if (p.runs > 1)
        p.length = share > p.runs * N1_TRIED_FRAMES ? share / p.runs : N1_TRIED_FRAMES;
    size_t n = s->n_samples * s->n_channels / (N1_TRIED_SHARE * p.runs * p.length);
    n = n < N1_TRIED_LEAST ? N1_TRIED_LEAST : n > N1_PART_CHANNELS ? N1_PART_CHANNELS : n;
    p.n_channels = n < s->n_channels ? n : s->n_channels;
    p.first = (s->n_channels - p.n_channels) / 2;
    return p;
}

/* What a trial works with. */
typedef struct {
    n1_part part;
    n1_shape shape, run;
    uint8_t *in, *out;
    uint16_t *channel;
} trial;

static trial take_trial(n1_part part, const n1_shape *s, n1_arena *a)
{
    trial t;
    t.part = part;
    t.run = (n1_shape){t.part.length, s->n_channels, s->dtype};
    t.shape = (n1_shape){t.part.runs * t.part.length, t.part.n_channels, s->dtype};
    t.in = n1_arena_take(a, n1_block_bound(&t.shape), 1);
    t.out = n1_arena_take(a, n1_block_bound(&t.shape), 1);
    t.channel = n1_arena_take(a, t.shape.n_channels, sizeof *t.channel);
    return t;
}

static trial trial_of(const n1_shape *s, n1_arena *a) { return take_trial(part_of(s), s, a); }

/* Of all channels, a sixteenth of their frames: a long part, since contexts have much to learn. */
static trial long_trial_of(const n1_shape *s, n1_arena *a)
{
    const n1_part p = {N1_LONG_RUNS, s->n_samples / (N1_LONG_PART * N1_LONG_RUNS), 0, s->n_channels, 0};
    return take_trial(p, s, a);
}

static void gather(const void *samples, const n1_shape *s, const trial *t)
{
    const size_t size = n1_type_size(s->dtype), frame = s->n_channels * size, n = t->shape.n_channels;
    for (size_t i = 0; i < n; i++)
        t->channel[i] = (uint16_t)(t->part.first + i);
    for (size_t i = 0; i < t->part.runs; i++) {
        const size_t at = n1_part_at(&t->part, i, s->n_samples);
        n1_gather_channels((const uint8_t *)samples + at * frame, &t->run, t->channel, n, t->in + i * t->run.n_samples * n * size);
    }
}

/* Whether a forward block of many channels promises to be smaller than an adaptive one: channels in the middle, in
   stretches all over the block, are coded as both; but where the adaptive block tells what they have cost in it, by that. */
N1_APART static n1_status look_ahead(const void *samples, const n1_shape *s, const course *c, const n1_part *part, const n1_encode_kernels *k,
                            n1_arena arena, int *promises)
{
    const trial t = trial_of(s, &arena);
    const size_t n = t.shape.n_channels, bound = n1_block_bound(&t.shape);
    size_t fixed = 0, learnt = 0;
    *promises = 0;
    if (!n1_arena_holds(&arena))
        return N1_ERROR_INTERNAL;
    gather(samples, s, &t);
    n1_status status = n1_forward_or_stored(t.in, &t.shape, n1_tried_effort(), k, arena, t.out, bound, &fixed);
    if (status != N1_OK)
        return status;
    if (part->bits) {
        const uint64_t header = n * N1_TRIED_HEADER, once = header * t.shape.n_samples / s->n_samples;
        *promises = (8 * (uint64_t)fixed + once) / (N1_TRIED_DOUBT + 1) * N1_TRIED_DOUBT < part->bits + header;
        return N1_OK;
    }
    status = n1_adaptive_encode(t.in, &t.shape, c->level.adaptive, c->level.rest, k, arena, t.out, bound, &learnt, NULL);
    *promises = status == N1_OK && fixed < learnt;
    return status == N1_NOT_APPLICABLE ? N1_OK : status;
}

/* Put a block that another way has made in the place of what is there if it is smaller. */
static void keep_smaller(n1_status status, const uint8_t *other, size_t size, uint8_t *dst, size_t *written)
{
    if (status == N1_OK && size < *written) {
        memcpy(dst, other, size);
        *written = size;
    }
}

/* Whether a trial of contexts is worth its time: it is short, and they are slow. */
static int is_long(const n1_shape *s, const n1_contexts_effort *effort)
{
    return effort->how != N1_CONTEXTS_HOW_PREDICTED && s->n_samples >= N1_LONG_PART * N1_LONG_FRAMES;
}

/* Whether contexts promise to be smaller than the forward mode and pieces, as a part of the block says. */
N1_APART static n1_status contexts_pay(const void *samples, const n1_shape *s, const course *c, int pieces,
                                       const n1_encode_kernels *k, n1_arena arena, int *pay)
{
    const trial t = long_trial_of(s, &arena);
    const size_t bound = n1_block_bound(&t.shape);
    size_t usual = 0, other = 0;
    if (!n1_arena_holds(&arena))
        return N1_ERROR_INTERNAL;
    gather(samples, s, &t);
    n1_status status = n1_forward_or_stored(t.in, &t.shape, c->level.rest, k, arena, t.out, bound, &usual);
    if (status == N1_OK && pieces)
        status = n1_piecewise_encode(t.in, &t.shape, c->level.pieces, k, arena, t.out, bound, &other);
    usual = status == N1_OK && pieces && other < usual ? other : usual;
    if (status == N1_OK || status == N1_NOT_APPLICABLE) {
        other = usual + usual / N1_LONG_LEARNING;
        status = n1_contexts_encode(t.in, &t.shape, c->level.contexts, c->level.rest, k, arena, t.out, bound, &other);
    }
    *pay = status == N1_OK;
    return status == N1_NOT_APPLICABLE ? N1_OK : status;
}

static n1_status try_contexts(const void *samples, const n1_shape *s, const n1_contexts_effort *effort,
                              const n1_effort *others, const n1_encode_kernels *k, n1_arena arena, uint8_t *dst, size_t *written)
{
    size_t other = *written;
    uint8_t *again = n1_arena_take(&arena, n1_block_bound(s), 1);
    if (!again)
        return N1_ERROR_INTERNAL;
    const n1_status status = n1_contexts_encode(samples, s, effort, others, k, arena, again, n1_block_bound(s), &other);
    keep_smaller(status, again, other, dst, written);
    return status == N1_NOT_APPLICABLE ? N1_OK : status;
}

static n1_status try_forward(const void *samples, const n1_shape *s, const n1_effort *effort, const n1_encode_kernels *k,
                             n1_arena arena, uint8_t *dst, size_t *written)
{
    size_t other = 0;
    uint8_t *again = n1_arena_take(&arena, n1_block_bound(s), 1);
    if (!again)
        return N1_ERROR_INTERNAL;
    const n1_status status = n1_forward_or_stored(samples, s, effort, k, arena, again, n1_block_bound(s), &other);
    keep_smaller(status, again, other, dst, written);
    return status;
}

static n1_status encode(const void *samples, const n1_shape *s, const course *c, const n1_encode_kernels *k, n1_arena arena,
                        uint8_t *dst, size_t capacity, size_t *written)
{
    n1_status status = N1_NOT_APPLICABLE;
    int also = c->way.also == N1_ALWAYS;
    n1_part part = part_of(s);
    if (c->adaptive)
        status = n1_adaptive_encode(samples, s, c->level.adaptive, c->level.rest, k, arena, dst, capacity, written, &part);
    if (status == N1_NOT_APPLICABLE) {
        also = also && !c->adaptive;
        status = n1_forward_or_stored(samples, s, c->adaptive ? c->level.rest : c->way.effort, k, arena, dst, capacity, written);
    } else if (status == N1_OK && c->way.also == N1_IF_PROMISING) {
        status = look_ahead(samples, s, c, &part, k, arena, &also);
        if (status == N1_OK && !also && n1_stored_is_smaller(samples, s, *written))
            return n1_stored_encode(samples, s, dst, capacity, written);
    }
    if (status == N1_OK && also)
        status = try_forward(samples, s, c->way.beside, k, arena, dst, written);
    return status;
}

static course without_adaptive(course c)
{
    c.adaptive = 0;
    c.way = (n1_way){N1_MODE_FORWARD, c.level.rest, N1_NEVER, NULL};
    return c;
}

/* Contexts with predictions, and the adaptive mode where they are of no use. */
static n1_status try_predicted(const void *samples, const n1_shape *s, const course *c, const n1_encode_kernels *k, n1_arena arena,
                               uint8_t *dst, size_t *written)
{
    const size_t before = *written;
    n1_status status = try_contexts(samples, s, c->level.predicted, c->level.rest, k, arena, dst, written);
    if (status != N1_OK || *written < before || !c->adaptive)
        return status;
    size_t other = 0;
    uint8_t *again = n1_arena_take(&arena, n1_block_bound(s), 1);
    if (!again)
        return N1_ERROR_INTERNAL;
    status = n1_adaptive_encode(samples, s, c->level.adaptive, c->level.rest, k, arena, again, n1_block_bound(s), &other, NULL);
    keep_smaller(status, again, other, dst, written);
    return status == N1_NOT_APPLICABLE ? N1_OK : status;
}

static n1_status try_pieces(const void *samples, const n1_shape *s, const n1_piece_effort *effort, const n1_encode_kernels *k,
                            n1_arena arena, uint8_t *dst, size_t *written)
{
    size_t other = 0;
    uint8_t *again = n1_arena_take(&arena, n1_block_bound(s), 1);
    if (!again)
        return N1_ERROR_INTERNAL;
    const n1_status status = n1_piecewise_encode(samples, s, effort, k, arena, again, *written, &other);
    keep_smaller(status, again, other, dst, written);
    return status == N1_NOT_APPLICABLE ? N1_OK : status;
}

static int predicts(const n1_shape *s, const course *c)
{
    return c->level.predicted && n1_predicted_takes(s);
}

N1_APART static n1_promises promises_of(const void *samples, const n1_shape *s, const course *c)
{
    n1_promises p = {n1_promises_pieces(samples, s), n1_contexts_takes(s) && n1_contexts_promising(samples, s, c->level.contexts), 0};
    p.predicted = (p.pieces || p.contexts) && predicts(s, c); /* slow: the mixed mode is as good where neither promises */
    return p;
}

N1_APART static uint64_t measure(const n1_shape *s, const course *c, n1_promises p)
{
    n1_arena a = n1_arena_measure();
    uint64_t most = n1_forward_encode_measure(s, c->adaptive ? c->level.rest : c->way.effort), size;
    if (c->adaptive) {
        size = n1_adaptive_encode_measure(s, c->level.adaptive, c->level.rest);
        most = size > most ? size : most;
        if (p.predicted) {
            (void)n1_arena_take(&a, n1_block_bound(s), 1);
            (void)n1_arena_take(&a, size, 1);
            a.used = 0;
        }
    }
    if (p.pieces) {
        (void)n1_arena_take(&a, n1_block_bound(s), 1);
        (void)n1_arena_take(&a, n1_piecewise_encode_measure(s, c->level.pieces), 1);
    }
    if (c->way.also != N1_NEVER) {
        a.used = 0;
        (void)n1_arena_take(&a, n1_block_bound(s), 1);
        (void)n1_arena_take(&a, n1_forward_encode_measure(s, c->way.beside), 1);
    }
    if (c->way.also == N1_IF_PROMISING) {
        a.used = 0;
        const trial t = trial_of(s, &a);
        const uint64_t mark = a.used;
        (void)n1_arena_take(&a, n1_forward_encode_measure(&t.shape, n1_tried_effort()), 1);
        a.used = mark;
        (void)n1_arena_take(&a, n1_adaptive_encode_measure(&t.shape, c->level.adaptive, c->level.rest), 1);
    }
    if (p.contexts || p.predicted) {
        a.used = 0;
        (void)n1_arena_take(&a, n1_block_bound(s), 1);
        (void)n1_arena_take(&a, n1_contexts_encode_measure(s, p.predicted ? c->level.predicted : c->level.contexts, c->level.rest), 1);
    }
    if (p.contexts && is_long(s, c->level.contexts)) {
        a.used = 0;
        const trial t = long_trial_of(s, &a);
        const uint64_t mark = a.used;
        (void)n1_arena_take(&a, n1_forward_encode_measure(&t.shape, c->level.rest), 1);
        a.used = mark;
        (void)n1_arena_take(&a, n1_piecewise_encode_measure(&t.shape, c->level.pieces), 1);
        a.used = mark;
        (void)n1_arena_take(&a, n1_contexts_encode_measure(&t.shape, c->level.contexts, c->level.rest), 1);
    }
    return a.most > most ? a.most : most;
}

static int is_coded(const n1_shape *s, int level)
{
    return n1_shape_valid(s) && !n1_shape_empty(s) && level >= 1 && level <= N1_MAX_LEVEL;
}

static size_t possible(uint64_t need) { return n1_arena_possible(need) ? (size_t)need : 0; }

/* The most that samples may take, whatever they are. */
N1_APART static size_t most_of(const n1_shape *s, const course *c)
{
    return possible(measure(s, c, (n1_promises){1, n1_contexts_takes(s), predicts(s, c)}));
}

size_t n1_block_encode_workspace(const n1_shape *s, int level)
{
    if (!is_coded(s, level))
        return 0;
    const course c = course_of(level, s);
    return most_of(s, &c);
}

size_t n1_block_look(const void *samples, const n1_shape *s, int level, n1_promises *seen)
{
    *seen = (n1_promises){0, 0, 0};
    if (!samples || !is_coded(s, level))
        return 0;
    const course c = course_of(level, s);
    *seen = promises_of(samples, s, &c);
    return possible(measure(s, &c, *seen));
}

size_t n1_block_encode_needs(const void *samples, const n1_shape *s, int level)
{
    n1_promises seen;
    return n1_block_look(samples, s, level, &seen);
}

size_t n1_block_bound(const n1_shape *s) { return n1_shape_valid(s) ? n1_stored_bound(s) : 0; }

n1_status n1_encode_block(const void *samples, const n1_shape *s, int level, n1_kernel kernel, void *workspace,
                          size_t workspace_size, uint8_t *dst, size_t capacity, size_t *written)
{
    return n1_encode_seen_block(samples, s, level, kernel, NULL, workspace, workspace_size, dst, capacity, written);
}

n1_status n1_encode_seen_block(const void *samples, const n1_shape *s, int level, n1_kernel kernel, const n1_promises *seen,
                               void *workspace, size_t workspace_size, uint8_t *dst, size_t capacity, size_t *written)
{
    n1_encode_kernels k;
    if (!n1_shape_valid(s) || level < 1 || level > N1_MAX_LEVEL || !written)
        return N1_ERROR_ARGUMENT;
    *written = 0;
    const n1_status status = n1_encode_kernels_fill(&k, kernel);
    if (status != N1_OK || n1_shape_empty(s))
        return status;
    if (!samples || !workspace || !dst)
        return N1_ERROR_ARGUMENT;
    const course c = course_of(level, s);
    if (!most_of(s, &c))
        return N1_ERROR_ARGUMENT;
    const n1_promises p = seen ? *seen : promises_of(samples, s, &c);
    const uint64_t need = measure(s, &c, p);
    if (workspace_size < need || (uintptr_t)workspace % N1_WORKSPACE_ALIGNMENT)
        return N1_ERROR_WORKSPACE;
    if (capacity < n1_block_bound(s))
        return N1_ERROR_DST_TOO_SMALL;
    const n1_arena arena = n1_arena_of(workspace, workspace_size);
    const course first = p.predicted ? without_adaptive(c) : c;
    n1_status done = encode(samples, s, &first, &k, arena, dst, capacity, written);
    if (done == N1_OK && p.pieces && *written > N1_SMALL_ENOUGH)
        done = try_pieces(samples, s, c.level.pieces, &k, arena, dst, written);
    int pay = p.contexts && *written > N1_SMALL_ENOUGH;
    if (done == N1_OK && pay && is_long(s, c.level.contexts))
        done = contexts_pay(samples, s, &c, p.pieces, &k, arena, &pay);
    if (done == N1_OK && pay)
        done = try_contexts(samples, s, c.level.contexts, c.level.rest, &k, arena, dst, written);
    if (done == N1_OK && p.predicted && *written > N1_SMALL_ENOUGH)
        done = try_predicted(samples, s, &c, &k, arena, dst, written);
    return done == N1_NOT_APPLICABLE ? N1_ERROR_INTERNAL : done;
}
