/* A block by the modes that a level has for its shape. */
#include "wire/block_ways.h"
#include "base/arena.h"
#include "base/inline.h"
#include "base/status.h"
#include "kernels/table.h"
#include "levels.h"
#include "modes/adaptive/adaptive_encode.h"
#include "modes/contexts/contexts_encode.h"
#include "modes/contexts/promise.h"
#include "modes/forward/forward_encode.h"
#include "modes/piecewise/piecewise.h"
#include "modes/piecewise/piecewise_encode.h"
#include "modes/stored/stored.h"
#include "wire/block_trial.h"
#include "wire/kinds.h"
#include "wire/shape.h"

#include <string.h>

/* What a level does with a shape: no adaptive mode for short blocks. */
typedef struct {
    n1_level level;
    n1_way way;
    int adaptive;
} course;

N1_APART static course course_of(int level, const n1_shape *s)
{
    course c = {n1_level_of(level, s->n_channels), {N1_MODE_FORWARD, NULL, N1_NEVER, NULL}, 0};
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

/* Put a block that another way has made in the place of what is there if it is smaller. */
N1_APART static n1_status keep_smaller(n1_status status, const uint8_t *other, size_t size, uint8_t *dst, size_t *written)
{
    if (status == N1_OK && size < *written) {
        memcpy(dst, other, size);
        *written = size;
    }
    return status == N1_NOT_APPLICABLE ? N1_OK : status;
}

/* how: n1_contexts_how, or AS_IT_IS. */
enum { AS_IT_IS = -1 };
static n1_status try_contexts(const void *samples, const n1_shape *s, const n1_contexts_effort *effort, int how,
                              const n1_effort *others, const n1_encode_kernels *k, n1_arena arena, uint8_t *dst, size_t *written)
{
    n1_contexts_effort whole = n1_contexts_whole(effort, s->n_samples * s->n_channels);
    size_t other = *written;
    uint8_t *again = n1_arena_take(&arena, n1_stored_bound(s), 1);
    if (!again)
        return N1_ERROR_INTERNAL;
    if (N1_ADDED_ODDS && how != AS_IT_IS)
        whole.how = (uint8_t)how;
    const n1_status status = n1_contexts_encode(samples, s, &whole, others, k, arena, again, n1_stored_bound(s), &other);
    return keep_smaller(status, again, other, dst, written);
}

/* Beside contexts that are mixed, those whose odds are added, which forget nothing that has come often; of a block of few bytes, the small set, which
 * learns faster. So no level is larger than one that has but these. */
N1_APART static n1_status try_added_odds(const void *samples, const n1_shape *s, const n1_contexts_effort *effort, const n1_effort *others,
                                         const n1_encode_kernels *k, n1_arena arena, uint8_t *dst, size_t *written)
{
    const uint8_t how = n1_contexts_of(effort, s->n_samples * s->n_channels).how;
    n1_status status = N1_OK;
    if (n1_contexts_predict(how) || how == N1_CONTEXTS_HOW_QUICK_FEW || s->n_samples * s->n_channels < N1_CONTEXTS_SHORT)
        return N1_OK;
    if (!n1_contexts_are_quick(how))
        status = try_contexts(samples, s, effort, N1_CONTEXTS_HOW_QUICK_MANY, others, k, arena, dst, written);
    if (status != N1_OK || *written > N1_QUICK_LEARNS * s->n_channels)
        return status;
    return try_contexts(samples, s, effort, N1_CONTEXTS_HOW_QUICK_FEW, others, k, arena, dst, written);
}

N1_APART static n1_status try_forward(const void *samples, const n1_shape *s, const n1_effort *effort, const n1_encode_kernels *k,
                             n1_arena arena, uint8_t *dst, size_t *written)
{
    size_t other = 0;
    uint8_t *again = n1_arena_take(&arena, n1_stored_bound(s), 1);
    if (!again)
        return N1_ERROR_INTERNAL;
    const n1_status status = n1_forward_or_stored(samples, s, effort, k, arena, again, n1_stored_bound(s), &other);
    return keep_smaller(status, again, other, dst, written);
}

static n1_status encode(const void *samples, const n1_shape *s, const course *c, const n1_encode_kernels *k, n1_arena arena,
                        uint8_t *dst, size_t capacity, size_t *written)
{
    n1_status status = N1_NOT_APPLICABLE;
    int also = c->way.also == N1_ALWAYS;
    n1_part part = n1_trial_part(s);
    if (c->adaptive)
        status = n1_adaptive_encode(samples, s, c->level.adaptive, c->level.rest, k, arena, dst, capacity, written, &part);
    if (status == N1_NOT_APPLICABLE) {
        also = also && !c->adaptive;
        status = n1_forward_or_stored(samples, s, c->adaptive ? c->level.rest : c->way.effort, k, arena, dst, capacity, written);
    } else if (status == N1_OK && c->way.also == N1_IF_PROMISING) {
        also = part.unlike;
        if (!part.sure && !also)
            status = n1_look_ahead(samples, s, &c->level, &part, k, arena, &also);
        if (status == N1_OK && !also && n1_stored_is_smaller(samples, s, *written))
            return n1_stored_encode(samples, s, dst, capacity, written);
    }
    if (status == N1_OK && also)
        status = try_forward(samples, s, c->way.beside, k, arena, dst, written);
    return status;
}

/* The adaptive mode waits until contexts with predictions have been tried. */
static void put_off_adaptive(course *c)
{
    c->adaptive = 0;
    c->way = (n1_way){N1_MODE_FORWARD, c->level.rest, N1_NEVER, NULL};
}

static n1_status try_adaptive(const void *samples, const n1_shape *s, const n1_level *l, const n1_encode_kernels *k,
                              n1_arena arena, uint8_t *dst, size_t *written)
{
    size_t other = 0;
    uint8_t *again = n1_arena_take(&arena, n1_stored_bound(s), 1);
    if (!again)
        return N1_ERROR_INTERNAL;
    const n1_status status =
        n1_adaptive_encode(samples, s, l->adaptive, l->rest, k, arena, again, n1_stored_bound(s), &other, NULL);
    return keep_smaller(status, again, other, dst, written);
}

/* Contexts with predictions, and the adaptive mode where they may be of less use, or are none: where pieces or contexts promise, it is not. */
N1_APART static n1_status try_predicted(const void *samples, const n1_shape *s, const n1_level *l, int adaptive, int both, const n1_encode_kernels *k,
                                        n1_arena arena, uint8_t *dst, size_t *written)
{
    int pay = 1;
    size_t predicted;
    n1_status status = n1_predicted_pay(samples, s, l, *written, k, arena, &pay, &predicted);
    if (status == N1_OK && pay)
        status = try_contexts(samples, s, l->predicted, AS_IT_IS, l->rest, k, arena, dst, written);
    int also = both || !pay;
    if (N1_PIECE_FORMS && status == N1_OK && adaptive && !also)
        status = n1_adaptive_pays(samples, s, l, predicted, k, arena, &also);
    return status == N1_OK && adaptive && also ? try_adaptive(samples, s, l, k, arena, dst, written) : status;
}

/* Whether the modes that come before pieces are worth their time: the mixed one always is. */
N1_APART static n1_status look_beside(const void *samples, const n1_shape *s, const course *c, const n1_part *part, const n1_encode_kernels *k,
                             n1_arena arena, int *promise)
{
    *promise = 1;
    if (c->way.mode == N1_MODE_MIXED)
        return N1_OK;
    return n1_others_promise(samples, s, &c->level, c->adaptive, part, k, arena, promise);
}

/* By pieces, and by the level's modes where these may be smaller. */
static n1_status encode_pieces(const void *samples, const n1_shape *s, const course *c, int pieces, const n1_encode_kernels *k,
                               n1_arena arena, uint8_t *dst, size_t capacity, size_t *written)
{
    n1_part part = n1_others_part(s);
    const size_t bound = n1_stored_bound(s), most = capacity < bound ? capacity : bound;
    int promise = 1;
    size_t other = 0;
    n1_status status = n1_piecewise_encode(samples, s, c->level.pieces, k, arena, dst, most, written, N1_PIECE_FORMS && pieces == N1_PIECES_TRIED ? NULL : &part);
    if (status == N1_NOT_APPLICABLE)
        return encode(samples, s, c, k, arena, dst, capacity, written);
    if (N1_PIECE_FORMS && status == N1_OK && c->way.mode != N1_MODE_MIXED && n1_stored_is_smaller(samples, s, *written)) /* where pieces find nothing, others do not, either */
        return n1_stored_encode(samples, s, dst, capacity, written);
    if (N1_PIECE_FORMS && status == N1_OK && pieces == N1_PIECES_TRIED)
        return status;
    if (status == N1_OK && (N1_PIECE_FORMS || pieces == N1_PIECES_LIKELY) && *written > N1_SMALL_ENOUGH)
        status = look_beside(samples, s, c, &part, k, arena, &promise);
    if (status != N1_OK || !promise)
        return status;
    uint8_t *again = n1_arena_take(&arena, bound, 1);
    if (!again)
        return N1_ERROR_INTERNAL;
    status = encode(samples, s, c, k, arena, again, bound, &other);
    return keep_smaller(status, again, other, dst, written);
}

static int predicts(const n1_shape *s, const course *c)
{
    return c->level.predicted && n1_predicted_takes(s);
}

static size_t contexts_promise(const void *samples, const n1_shape *s, const n1_contexts_effort *effort)
{
    const n1_contexts_effort whole = n1_contexts_of(effort, s->n_samples * s->n_channels);
    return n1_contexts_takes(s) ? n1_contexts_promising(samples, s, &whole) : 0;
}

/* Channels of which contexts promise so much that a part of the block is worth a trial; the N1's codes are no news for them. */
static size_t doubtful_promise(const void *samples, const n1_shape *s, const n1_contexts_effort *doubtful)
{
    if (!doubtful || s->n_channels >= N1_MANY_CHANNELS || n1_seems_nlink(samples, s))
        return 0;
    n1_contexts_effort least = *doubtful;
    if (!n1_contexts_are_tried(s, doubtful))
        least.share = N1_DOUBTFUL_SHARE;
    return contexts_promise(samples, s, &least);
}

N1_APART n1_promises n1_ways_promise(const void *samples, const n1_shape *s, int level)
{
    const course c = course_of(level, s);
    const size_t likely = contexts_promise(samples, s, c.level.contexts), all = doubtful_promise(samples, s, c.level.doubtful);
    const int pieces = n1_promises_pieces(samples, s, level);
    n1_promises p = {(uint8_t)(N1_PIECE_FORMS && pieces == N1_PIECES_TRIED && c.adaptive ? N1_PIECES_LIKELY : pieces), (uint8_t)((likely > 0) + (likely == s->n_channels)), 0, all > likely, 0};
    p.predicted = (p.pieces == N1_PIECES_LIKELY || likely || all) && predicts(s, &c); /* slow: the mixed mode is as good where neither promises */
    return p;
}

n1_promises n1_ways_most(const n1_shape *s, int level)
{
    const course c = course_of(level, s);
    const uint8_t contexts = n1_contexts_takes(s) != 0, few = s->n_channels < N1_MANY_CHANNELS;
    return (n1_promises){1, contexts, predicts(s, &c) != 0, contexts && few && c.level.doubtful, 0};
}

/* Memory of a way that is tried beside another one: behind room for its block. */
static void beside(n1_arena *a, const n1_shape *s, uint64_t size)
{
    (void)n1_arena_take(a, n1_stored_bound(s), 1);
    n1_arena_pass(a, size);
    a->used = 0;
}

/* Memory of what `encode` does. */
static uint64_t measure(const n1_shape *s, const course *c)
{
    n1_arena a = n1_arena_measure();
    n1_arena_pass(&a, n1_forward_encode_measure(s, c->adaptive ? c->level.rest : c->way.effort));
    if (c->adaptive)
        n1_arena_pass(&a, n1_adaptive_encode_measure(s, c->level.adaptive, c->level.rest));
    if (c->way.also != N1_NEVER)
        beside(&a, s, n1_forward_encode_measure(s, c->way.beside));
    if (c->way.also == N1_IF_PROMISING)
        n1_arena_pass(&a, n1_look_ahead_measure(s, &c->level));
    return a.most;
}

N1_APART uint64_t n1_ways_measure(const n1_shape *s, int level, n1_promises p)
{
    const course of_level = course_of(level, s), *const c = &of_level;
    n1_arena a = n1_arena_measure();
    n1_arena_pass(&a, measure(s, c));
    if (c->adaptive && p.predicted)
        beside(&a, s, n1_adaptive_encode_measure(s, c->level.adaptive, c->level.rest));
    if (p.pieces) {
        beside(&a, s, measure(s, c));
        n1_arena_pass(&a, n1_piecewise_encode_measure(s, c->level.pieces));
        n1_arena_pass(&a, n1_others_promise_measure(s, &c->level, c->adaptive));
        if (N1_PIECE_FORMS) /* small programs try nothing */
            n1_arena_pass(&a, n1_pieces_pay_measure(s, &c->level));
        if (c->level.long_pieces) {
            n1_level longer = c->level;
            longer.pieces = longer.long_pieces;
            n1_arena_pass(&a, n1_piecewise_encode_measure(s, longer.pieces));
            n1_arena_pass(&a, n1_pieces_pay_measure(s, &longer));
        }
    }
    if (p.predicted)
        n1_arena_pass(&a, n1_predicted_pay_measure(s, &c->level));
    if (p.contexts || p.doubtful || p.predicted)
        beside(&a, s, n1_contexts_encode_measure(s, p.predicted ? c->level.predicted : c->level.contexts, c->level.rest));
    if ((p.contexts || p.doubtful) && n1_contexts_are_tried(s, c->level.contexts))
        n1_arena_pass(&a, n1_contexts_pay_measure(s, &c->level));
    return a.most;
}

/* How contexts are tried whose decisions are many in a block too short for a trial. */
static int how_of(const n1_contexts_effort *effort, size_t n_samples, size_t written)
{
    const int many = n_samples >= N1_CONTEXTS_SHORTEST && n_samples < N1_CONTEXTS_SHORT && 8 * written >= N1_CONTEXTS_BITS * n_samples;
    return N1_ADDED_ODDS && effort->quick && many ? effort->quick : AS_IT_IS;
}

/* Contexts, if a part of the block says so where it is long, or has said so. */
N1_APART static n1_status try_promising(const void *samples, const n1_shape *s, const n1_level *l, const n1_contexts_effort *effort, int pieces, int tried,
                               const n1_encode_kernels *k, n1_arena arena, uint8_t *dst, size_t *written)
{
    const size_t enough = N1_SMALL_ENOUGH + s->n_samples * s->n_channels / N1_SMALL_SHARE;
    n1_contexts_verdict pay = *written > enough ? N1_CONTEXTS_PAY : N1_CONTEXTS_DO_NOT_PAY;
    size_t others;
    if (pay && !tried && n1_contexts_are_tried(s, effort)) {
        const n1_status status = n1_contexts_pay(samples, s, l, effort, pieces, k, arena, &pay, &others);
        if (status != N1_OK)
            return status;
    }
    if (!pay)
        return N1_OK;
    const int how = how_of(effort, s->n_samples * s->n_channels, *written);
    const n1_status status = try_contexts(samples, s, effort, how, l->rest, k, arena, dst, written);
    return N1_ADDED_ODDS && status == N1_OK ? try_added_odds(samples, s, effort, l->rest, k, arena, dst, written) : status;
}

/* Whether pieces are coded: in doubt, a trial says so. */
N1_APART static n1_status look_at_pieces(const void *samples, const n1_shape *s, const course *c, int promise, const n1_encode_kernels *k,
                                         n1_arena arena, int *pieces)
{
    *pieces = promise != 0;
    if (N1_PIECE_FORMS && promise == N1_PIECES_TRIED)
        return n1_pieces_are_less(samples, s, &c->level, k, arena, pieces);
    return N1_PIECE_FORMS && promise == N1_PIECES_DOUBTFUL ? n1_pieces_pay(samples, s, &c->level, k, arena, pieces) : N1_OK;
}

N1_APART static n1_status by_contexts(const void *samples, const n1_shape *s, const n1_level *l, n1_promises *p, const n1_encode_kernels *k,
                                      n1_arena arena, uint8_t *dst, size_t capacity, size_t *written)
{
    n1_contexts_verdict pay = N1_CONTEXTS_DO_NOT_PAY;
    size_t others = 0;
    if (!N1_ADDED_ODDS || p->tried || !p->contexts || p->predicted || !n1_contexts_are_tried(s, l->contexts))
        return N1_NOT_APPLICABLE;
    n1_status status = n1_contexts_pay(samples, s, l, l->contexts, p->pieces, k, arena, &pay, &others);
    p->contexts = pay != N1_CONTEXTS_DO_NOT_PAY ? p->contexts : 0;
    p->tried = 1;
    if (status != N1_OK || pay != N1_CONTEXTS_ARE_SURE)
        return status == N1_OK ? N1_NOT_APPLICABLE : status;
    const n1_contexts_effort whole = n1_contexts_whole(l->contexts, s->n_samples * s->n_channels);
    *written = others < n1_stored_bound(s) ? others : n1_stored_bound(s); /* beyond it, they stop */
    status = n1_contexts_encode(samples, s, &whole, l->rest, k, arena, dst, capacity, written);
    if (status == N1_OK)
        status = try_added_odds(samples, s, l->contexts, l->rest, k, arena, dst, written);
    return status == N1_OK && *written > others ? N1_NOT_APPLICABLE : status;
}

n1_status n1_encode_by_contexts(const void *samples, const n1_shape *s, int level, n1_promises *p, const n1_encode_kernels *k,
                                n1_arena arena, uint8_t *dst, size_t capacity, size_t *written)
{
    const n1_level l = n1_level_of(level, s->n_channels);
    return by_contexts(samples, s, &l, p, k, arena, dst, capacity, written);
}

n1_status n1_encode_ways(const void *samples, const n1_shape *s, int level, n1_promises p, const n1_encode_kernels *k,
                            n1_arena arena, uint8_t *dst, size_t capacity, size_t *written)
{
    course c = course_of(level, s);
    const int adaptive = c.adaptive, likely = p.contexts;
    int pieces = 0;
    if (p.predicted)
        put_off_adaptive(&c);
    n1_status done = by_contexts(samples, s, &c.level, &p, k, arena, dst, capacity, written);
    if (done != N1_NOT_APPLICABLE)
        return done;
    const int tells = p.pieces == N1_PIECES_LIKELY || (p.pieces && s->n_samples < N1_PIECES_LONG); /* else a long past brings the forward mode as much */
    if (N1_PIECE_FORMS && tells && c.level.long_pieces && n1_has_long_past(samples, s))
        c.level.pieces = c.level.long_pieces;
    done = look_at_pieces(samples, s, &c, p.pieces, k, arena, &pieces);
    if (done == N1_OK)
        done = pieces ? encode_pieces(samples, s, &c, p.pieces, k, arena, dst, capacity, written)
                      : encode(samples, s, &c, k, arena, dst, capacity, written);
    const size_t before = *written;
    if (done == N1_OK && p.contexts)
        done = try_promising(samples, s, &c.level, c.level.contexts, p.pieces, N1_ADDED_ODDS && p.tried, k, arena, dst, written);
    const int better = p.predicted && n1_contexts_are_tried(s, c.level.doubtful) && (!N1_ADDED_ODDS || *written >= s->n_samples * s->n_channels / N1_DOUBTFUL_SMALL);
    if (done == N1_OK && p.doubtful && *written == before && !better) /* else predictions do better */
        done = try_promising(samples, s, &c.level, c.level.doubtful, p.pieces, 0, k, arena, dst, written);
    if (done == N1_OK && p.predicted && *written > N1_SMALL_ENOUGH)
        done = try_predicted(samples, s, &c.level, adaptive, !likely && p.pieces != N1_PIECES_LIKELY, k, arena, dst, written);
    return done;
}
