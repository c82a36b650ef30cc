/* Trials: what promises to be smaller, as a part of a block says. */
#include "wire/block_trial.h"
#include "base/inline.h"
#include "base/status.h"
#include "modes/contexts/contexts_encode.h"
#include "modes/contexts/promise.h"
#include "modes/forward/forward_encode.h"
#include "modes/piecewise/piecewise.h"
#include "modes/piecewise/piecewise_encode.h"
#include "modes/stored/stored.h"
#include "wire/part_trial.h"

n1_part n1_trial_part(const n1_shape *s)
{
    const size_t share = s->n_samples / N1_TRIED_PART;
    n1_part p = n1_part_of(s->n_samples > N1_TRIED_RUNS * N1_TRIED_FRAMES ? N1_TRIED_RUNS : 1, s->n_samples, 0, 0);
    if (p.runs > 1)
        p.length = share > p.runs * N1_TRIED_FRAMES ? share / p.runs : N1_TRIED_FRAMES;
    size_t n = s->n_samples * s->n_channels / (N1_TRIED_SHARE * p.runs * p.length);
    n = n < N1_TRIED_LEAST ? N1_TRIED_LEAST : n > N1_PART_CHANNELS ? N1_PART_CHANNELS : n;
    p.n_channels = n < s->n_channels ? n : s->n_channels;
    p.first = (s->n_channels - p.n_channels) / 2;
    return p;
}

n1_part n1_others_part(const n1_shape *s)
{
    n1_part p = n1_trial_part(s);
    if (N1_PIECE_FORMS && p.n_channels == s->n_channels && p.n_channels < N1_MANY_CHANNELS && p.length > N1_OTHERS_OF_FEW)
        p.length = p.length / 2 > N1_OTHERS_OF_FEW ? p.length / 2 : N1_OTHERS_OF_FEW;
    if (p.runs > 1 && p.length > N1_OTHERS_FRAMES)
        p.length = N1_OTHERS_FRAMES;
    if (p.n_channels == N1_TRIED_LEAST && s->n_channels >= N1_OTHERS_MANY)
        p.n_channels = N1_OTHERS_LEAST;
    p.first = (s->n_channels - p.n_channels) / 2;
    return p;
}

static n1_trial trial_of(const n1_shape *s, n1_arena *a) { return n1_trial_take(n1_trial_part(s), s, a); }

/* Of all channels, a sixteenth of their frames, or `most` samples: a long part, since contexts have much to learn. */
static n1_trial long_trial_of(const n1_shape *s, size_t most, n1_arena *a)
{
    const size_t share = s->n_samples / (N1_LONG_PART * N1_LONG_RUNS), some = most / (N1_LONG_RUNS * s->n_channels);
    const size_t length = some < share ? some : share, least = N1_LONG_FRAMES / N1_LONG_RUNS;
    const n1_part p = n1_part_of(N1_LONG_RUNS, length < least ? least : length, 0, s->n_channels);
    return n1_trial_take(p, s, a);
}

/* Memory of a n1_trial by the forward mode, and by the adaptive one. */
static uint64_t measure_trial(const n1_shape *s, const n1_level *level, const n1_effort *effort, int adaptive)
{
    n1_arena a = n1_arena_measure();
    const n1_trial t = trial_of(s, &a);
    n1_arena_pass(&a, n1_forward_encode_measure(&t.shape, effort));
    if (adaptive)
        n1_arena_pass(&a, n1_adaptive_encode_measure(&t.shape, level->adaptive, level->rest));
    return a.most;
}

uint64_t n1_look_ahead_measure(const n1_shape *s, const n1_level *level)
{
    const uint64_t rough = measure_trial(s, level, n1_rough_effort(), 0), most = measure_trial(s, level, n1_tried_effort(), 1);
    return rough > most ? rough : most;
}

/* Whether what a n1_trial by the forward mode takes is near enough to what the block has told of the part. */
static int is_near(const n1_shape *s, const n1_trial *t, const n1_part *part, size_t fixed, unsigned doubt)
{
    const uint64_t header = t->shape.n_channels * N1_TRIED_HEADER, once = header * t->shape.n_samples / s->n_samples;
    return (8 * (uint64_t)fixed + once) / (doubt + 1) * doubt < part->bits + header;
}

n1_status n1_look_ahead(const void *samples, const n1_shape *s, const n1_level *level, const n1_part *part,
                        const n1_encode_kernels *k, n1_arena arena, int *promises)
{
    const n1_trial t = trial_of(s, &arena);
    const size_t bound = n1_stored_bound(&t.shape);
    size_t fixed = 0, learnt = 0;
    *promises = 0;
    n1_status status = N1_OK;
    if (part->bits) { /* most blocks show in a fraction of the time that they are far from it */
        status = n1_trial_by_forward(samples, s, &t, n1_rough_effort(), k, &arena, &fixed);
        if (status != N1_OK || !is_near(s, &t, part, fixed, N1_ROUGH_DOUBT))
            return status;
    }
    status = n1_trial_by_forward(samples, s, &t, n1_tried_effort(), k, &arena, &fixed);
    if (status != N1_OK)
        return status;
    if (part->bits) {
        *promises = is_near(s, &t, part, fixed, N1_TRIED_DOUBT);
        return N1_OK;
    }
    status = n1_adaptive_encode(t.in, &t.shape, level->adaptive, level->rest, k, arena, t.out, bound, &learnt, NULL);
    *promises = status == N1_OK && fixed < learnt;
    return status == N1_NOT_APPLICABLE ? N1_OK : status;
}

uint64_t n1_others_promise_measure(const n1_shape *s, const n1_level *level, int adaptive)
{
    return measure_trial(s, level, level->rest, adaptive);
}

/* A trial's bits without what headers add to a part. */
static uint64_t bits_without(const n1_shape *s, const n1_trial *t, size_t bytes)
{
    const uint64_t header = t->shape.n_channels * N1_TRIED_HEADER, more = header - header * t->shape.n_samples / s->n_samples;
    const uint64_t bits = 8 * (uint64_t)bytes;
    return bits > more ? bits - more : 0;
}

/* Whether the block may be less by one part of so many, and its headers, than a trial's bytes say of the part. */
static int may_be_less(const n1_shape *s, const n1_trial *t, const n1_part *part, size_t bytes, unsigned doubt)
{
    return bits_without(s, t, bytes) / (doubt + 1) * doubt < part->bits;
}

/* Whether it is, by as much: else it is not worth its time. */
static int is_less(const n1_shape *s, const n1_trial *t, const n1_part *part, size_t bytes, unsigned gain)
{
    const uint64_t bits = bits_without(s, t, bytes);
    return bits + bits / gain < part->bits;
}

n1_status n1_others_promise(const void *samples, const n1_shape *s, const n1_level *level, int adaptive, const n1_part *part,
                            const n1_encode_kernels *k, n1_arena arena, int *promise)
{
    const size_t frames = part->runs * part->length;
    *promise = 1;
    if (frames * part->n_channels > s->n_samples * s->n_channels / N1_OTHERS_SHARE)
        return N1_OK;
    const n1_trial t = n1_trial_take(*part, s, &arena);
    const size_t bound = n1_stored_bound(&t.shape);
    const int some = part->n_channels < s->n_channels; /* the others may be unlike them */
    const int alike = N1_PIECE_FORMS && !adaptive && s->n_channels < N1_WIDE_CHANNELS; /* a few of them tell as much */
    const unsigned doubt = some && !alike ? N1_OTHERS_DOUBT_OF_SOME : N1_OTHERS_DOUBT, learning = some ? N1_LEARNT_DOUBT_OF_SOME : N1_LEARNT_DOUBT;
    size_t fixed = 0, learnt = 0;
    n1_status status = n1_trial_by_forward(samples, s, &t, level->rest, k, &arena, &fixed);
    if (status == N1_OK && adaptive)
        status = n1_adaptive_encode(t.in, &t.shape, level->adaptive, level->rest, k, arena, t.out, bound, &learnt, NULL);
    if (status == N1_NOT_APPLICABLE)
        return N1_OK;
    if (N1_PIECE_FORMS && !some && !adaptive)
        *promise = is_less(s, &t, part, fixed, N1_OTHERS_GAIN);
    else
        *promise = may_be_less(s, &t, part, fixed, doubt) || /* in all frames, as much is learnt as there is to learn */
                   (adaptive && may_be_less(s, &t, part, learnt, part->runs > 1 ? learning : doubt));
    return status;
}

int n1_contexts_are_tried(const n1_shape *s, const n1_contexts_effort *effort)
{
    const size_t least = effort->quick && s->n_channels >= N1_WIDE_CHANNELS ? N1_LONG_LEAST : N1_LONG_PART * N1_LONG_FRAMES;
    return !n1_contexts_predict(effort->how) && s->n_samples >= least;
}

/* Efforts of the modes that come before contexts. */
typedef struct {
    const n1_effort *rest;
    const n1_piece_effort *pieces;
} earlier;

static earlier earlier_of(const n1_level *level) { return (earlier){level->rest, level->pieces}; }
N1_APART static earlier first_earlier(void)
{
    const n1_level first = n1_level_of(1, 1);
    return earlier_of(&first);
}

uint64_t n1_contexts_pay_measure(const n1_shape *s, const n1_level *level)
{
    n1_arena a = n1_arena_measure();
    const n1_trial t = long_trial_of(s, SIZE_MAX, &a);
    const earlier by[] = {first_earlier(), earlier_of(level)};
    for (int i = 0; i < 2; i++) {
        n1_arena_pass(&a, n1_forward_encode_measure(&t.shape, by[i].rest));
        n1_arena_pass(&a, n1_piecewise_encode_measure(&t.shape, by[i].pieces));
        n1_arena_pass(&a, n1_contexts_encode_measure(&t.shape, level->contexts, by[i].rest));
    }
    return a.most;
}

static size_t without(size_t bytes, size_t some) { return bytes > some ? bytes - some : 0; }

/* Bytes that contexts take about until they know the channels, as far as a trial is long enough to tell what they do then. One channel that
 * takes few bytes otherwise is soon known. */
static size_t learnt_of(const n1_trial *t, size_t usual)
{
    const size_t n = t->shape.n_channels < N1_LONG_LEARNT_MOST ? t->shape.n_channels : N1_LONG_LEARNT_MOST;
    const size_t learnt = N1_LONG_LEARNT * (t->shape.n_samples * t->shape.n_channels < N1_LONG_QUICK / 4 ? 1 : n), most = usual / N1_LONG_LEARNT_PART;
    return n > 1 || learnt < most ? learnt : most;
}

/* What contexts that promise less may take in their trial. Of several channels, one may learn what another does not: together they
 * must be smaller at once than what others take. */
static size_t most_in_doubt(size_t usual, size_t channels)
{
    return channels == 1 ? usual + usual / N1_DOUBTFUL_LEARNING : without(usual, channels * (N1_TRIED_HEADER / 8));
}

/* What a gathered n1_trial takes by the modes that come before contexts, where these are quick by one effort of pieces; `bare`: without what headers
 * add to a part. */
static n1_status usual_of(const n1_trial *t, const earlier *level, int pieces, int quick, const n1_encode_kernels *k, n1_arena arena, size_t *usual, size_t *bare)
{
    const size_t bound = n1_stored_bound(&t->shape), n = t->shape.n_channels;
    size_t other = 0;
    n1_status status = n1_forward_or_stored(t->in, &t->shape, level->rest, k, arena, t->out, bound, usual);
    *bare = without(*usual, n * (N1_TRIED_HEADER / 8));
    n1_piece_effort effort = *level->pieces;
    effort.also = quick ? 0 : effort.also;
    if (status == N1_OK && pieces)
        status = n1_piecewise_encode(t->in, &t->shape, quick ? &effort : level->pieces, k, arena, t->out, bound, &other, NULL);
    if (status == N1_OK && pieces && other < *usual) {
        *usual = other;
        *bare = without(other, n * N1_PIECES_HEADER);
    }
    return status == N1_NOT_APPLICABLE ? N1_OK : status;
}

/* Whether contexts that take so many bytes there are as good as sure to save as much of what the level takes otherwise: a short part tells less.
 * What is as good as nothing otherwise, but for the seams, may be a counter. */
static int are_sure(const n1_trial *t, size_t contexts, size_t bare)
{
    const size_t part = t->shape.n_samples < N1_QUICK_LONG * t->shape.n_channels ? N1_QUICK_SAVES : N1_QUICK_SAVES_LONG;
    return bare >= N1_QUICK_WORTH && without(contexts, learnt_of(t, bare)) <= bare - bare / part;
}

/* Where decisions must be worth their time, the lowest level's ways tell: then no level does without what a lower one has. */
n1_status n1_contexts_pay(const void *samples, const n1_shape *s, const n1_level *level, const n1_contexts_effort *effort, int pieces,
                          const n1_encode_kernels *k, n1_arena arena, n1_contexts_verdict *pay, size_t *others)
{
    const int doubtful = effort == level->doubtful, fast = effort->worth < N1_QUICK_IS_WORTH;
    const uint64_t all = s->n_samples * s->n_channels;
    n1_contexts_effort tried = n1_contexts_of(effort, all);
    const earlier own = earlier_of(level), by = tried.worth ? first_earlier() : own;
    if (tried.values && n1_contexts_promising(samples, s, &tried) == s->n_channels)
        tried.share = 0; /* a part has fewer values: it shows less of which channels promise */
    tried.values = 0;
    const n1_contexts_effort few = {tried.how, tried.share, 0, tried.quick, N1_QUICK_DECISIONS, N1_QUICK_DECISIONS_OF_ONE, 0, 0};
    const n1_trial t = long_trial_of(s, doubtful ? N1_LONG_DOUBTFUL : !tried.quick ? SIZE_MAX : s->n_channels > 1 ? N1_LONG_QUICK : fast ? N1_LONG_QUICK_ONE : N1_LONG_QUICK_WELL, &arena);
    size_t usual = 0, bare = 0, other;
    *pay = N1_CONTEXTS_DO_NOT_PAY;
    if (!n1_arena_holds(&arena))
        return N1_ERROR_INTERNAL;
    n1_trial_gather(samples, s, &t);
    n1_status status = n1_contexts_may(t.in, &t.shape, &tried, k, arena);
    if (status == N1_OK && tried.worth && n1_contexts_may(t.in, &t.shape, &few, k, arena) == N1_OK)
        tried.worth = pieces ? N1_QUICK_FOR_PIECES : N1_QUICK_IS_WORTH;
    if (status == N1_OK)
        status = usual_of(&t, &by, pieces, tried.quick, k, arena, &usual, &bare);
    if (status == N1_OK) {
        other = doubtful ? most_in_doubt(usual, s->n_channels) : usual + usual / N1_LONG_LEARNING;
        other = tried.worth ? other - other / tried.worth + learnt_of(&t, usual) : other;
        status = n1_contexts_encode(t.in, &t.shape, &tried, by.rest, k, arena, t.out, n1_stored_bound(&t.shape), &other);
    }
    if (status != N1_OK)
        return status == N1_NOT_APPLICABLE ? N1_OK : status;
    *pay = N1_CONTEXTS_PAY;
    if (!tried.worth)
        return N1_OK;
    if (own.rest != by.rest || own.pieces != by.pieces)
        status = usual_of(&t, &own, pieces, tried.quick, k, arena, &usual, &bare);
    const int saves = are_sure(&t, other, bare), one = s->n_channels == 1 && bare >= N1_QUICK_WORTH && without(other, learnt_of(&t, bare)) < bare;
    const int sure = saves || one, cheap = fast && tried.worth > effort->worth;
    const size_t least = sure ? bare : cheap ? usual : usual - usual / N1_QUICK_SAVES_FAST;
    const size_t near = (sure || cheap) && (fast || !saves || s->n_channels == 1) ? least / N1_QUICK_NEAR : 0;
    *others = (least + near) * (s->n_samples / t.shape.n_samples);
    *pay = status == N1_OK && (sure || fast) ? N1_CONTEXTS_ARE_SURE : N1_CONTEXTS_PAY;
    return status;
}

static int predictions_are_tried(const n1_shape *s, unsigned part)
{
    return s->n_samples * s->n_channels >= (size_t)part * N1_PREDICTED_LEAST;
}

static n1_trial predicted_trial_of(const n1_shape *s, n1_arena *a)
{
    const size_t share = s->n_samples / N1_PREDICTED_PART, least = N1_PREDICTED_LEAST / s->n_channels;
    return n1_trial_take(n1_part_of(1, share > least ? share : least, 0, s->n_channels), s, a);
}

uint64_t n1_predicted_pay_measure(const n1_shape *s, const n1_level *level)
{
    n1_arena a = n1_arena_measure();
    if (!predictions_are_tried(s, N1_PREDICTED_SHARE))
        return 0;
    const n1_trial t = predicted_trial_of(s, &a);
    n1_arena_pass(&a, n1_forward_encode_measure(&t.shape, level->rest));
    n1_arena_pass(&a, n1_piecewise_encode_measure(&t.shape, level->pieces));
    n1_arena_pass(&a, n1_contexts_encode_measure(&t.shape, level->predicted, level->rest));
    n1_arena_pass(&a, n1_adaptive_encode_measure(&t.shape, level->adaptive, level->rest));
    return a.most;
}

n1_status n1_adaptive_pays(const void *samples, const n1_shape *s, const n1_level *level, size_t predicted, const n1_encode_kernels *k, n1_arena arena,
                           int *pays)
{
    n1_status status = N1_OK;
    *pays = 0;
    if (!predictions_are_tried(s, N1_PREDICTED_SHARE))
        return N1_OK;
    const n1_trial t = predicted_trial_of(s, &arena);
    const size_t bound = n1_stored_bound(&t.shape);
    size_t adaptive = 0;
    if (!n1_arena_holds(&arena))
        return N1_ERROR_INTERNAL;
    n1_trial_gather(samples, s, &t);
    if (!predicted) {
        predicted = bound;
        status = n1_contexts_encode(t.in, &t.shape, level->predicted, level->rest, k, arena, t.out, bound, &predicted);
    }
    if (status == N1_OK)
        status = n1_adaptive_encode(t.in, &t.shape, level->adaptive, level->rest, k, arena, t.out, bound, &adaptive, NULL);
    *pays = status == N1_OK && adaptive < predicted + predicted / N1_ADAPTIVE_NEAR;
    return status == N1_NOT_APPLICABLE ? N1_OK : status;
}

n1_status n1_predicted_pay(const void *samples, const n1_shape *s, const n1_level *level, size_t written, const n1_encode_kernels *k, n1_arena arena, int *pay,
                           size_t *predicted)
{
    const uint64_t bits = 64 * (uint64_t)written / (s->n_samples * s->n_channels); /* eighths, a sample */
    const int wide = bits >= N1_PREDICTED_WIDE;
    *pay = !wide;
    *predicted = 0;
    if (bits >= N1_PREDICTED_WIDEST || !predictions_are_tried(s, wide ? N1_PREDICTED_SHARE : N1_PREDICTED_PART))
        return N1_OK;
    const earlier own = earlier_of(level);
    const n1_trial t = predicted_trial_of(s, &arena);
    size_t usual = 0, bare;
    if (!n1_arena_holds(&arena))
        return N1_ERROR_INTERNAL;
    n1_trial_gather(samples, s, &t);
    n1_status status = usual_of(&t, &own, 1, 0, k, arena, &usual, &bare);
    if (status != N1_OK)
        return status;
    size_t other = wide ? usual - usual / N1_PREDICTED_GAIN : usual + usual / N1_PREDICTED_DOUBT;
    status = n1_contexts_encode(t.in, &t.shape, level->predicted, own.rest, k, arena, t.out, n1_stored_bound(&t.shape), &other);
    *pay = status == N1_OK;
    *predicted = *pay ? other : 0;
    return status == N1_NOT_APPLICABLE ? N1_OK : status;
}
