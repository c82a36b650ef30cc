/* Encoder of the piecewise mode: predictions, scales, laws. */
#include "modes/piecewise/piece_trial.h"

#include <string.h>

#define STRETCH      128u  /* frames that are predicted at a time */
#define FIRST_FRAMES 64u    /* of which the first scale is made */
#define SHARE_TRIED  32u    /* one frame of so many of a piece tells its law, within limits */
#define LEAST_TRIED  512u
#define LONG         32768u /* frames of a block: in longer ones, half of that is enough, in very long ones a quarter */
#define MOST_TRIED   4096u
#define SOME_RUN     512u  /* frames in a row that tell whether widths promise, */
#define SOME_SHARE   16u   /* one of so many in all */
#define DOUBT        512u  /* of blocks that are not very long, they may be wrong by one part of so many, */
#define LEAST_RUNS   2u    /* of short blocks, so many runs tell if they are not more than a quarter, */
#define SHORT_DOUBT  64u   /* but for one part of so many */

void n1_piece_trial_take(n1_piece_trial *r, n1_arena *a, size_t n, size_t most_pieces)
{
    r->piece = n1_arena_take(a, most_pieces, sizeof *r->piece);
    r->mu = n1_arena_take(a, n, sizeof *r->mu);
    r->near = n1_arena_take(a, N1_PIECE_FORMS ? n : 0, sizeof *r->near);
    r->has_near = 0;
    r->scale = n1_arena_take(a, n, sizeof *r->scale);
}

static n1_piece_frames frames_of(const n1_piece_trial *r, const int32_t *code, size_t from, size_t n)
{
    return (n1_piece_frames){&r->channel, r->mu + from, r->scale + from, code + from, n, N1_PIECE_FORMS && r->has_near ? r->near + from : NULL};
}

/* Bits of every so many frames under each law, in 4096ths; returns how many frames that were. */
static uint64_t try_laws(const n1_piece_trial *r, const int32_t *code, size_t from, size_t end, size_t step, const n1_encode_kernels *k,
                         uint64_t *bits)
{
    int64_t mu[N1_PIECE_AT_ONCE];
    uint16_t scale[N1_PIECE_AT_ONCE];
    int32_t codes[N1_PIECE_AT_ONCE];
    uint32_t near[N1_PIECE_AT_ONCE];
    n1_piece_frames f = {&r->channel, mu, scale, codes, 0, N1_PIECE_FORMS && r->has_near ? near : NULL};
    uint64_t tried = 0;
    for (size_t t = from; t < end; t += step) {
        mu[f.n] = r->mu[t];
        scale[f.n] = r->scale[t];
        near[f.n] = N1_PIECE_FORMS && r->has_near ? r->near[t] : 0;
        codes[f.n++] = code[t];
        if (f.n == N1_PIECE_AT_ONCE || t + step >= end) {
            k->piece_bits(&f, bits);
            tried += f.n;
            f.n = 0;
        }
    }
    return tried;
}

static void choose_laws(n1_piece_trial *r, const int32_t *code, size_t n, const n1_encode_kernels *k)
{
    const size_t usual = n < LONG ? LEAST_TRIED : n < N1_PIECE_VERY_LONG ? LEAST_TRIED / 2 : LEAST_TRIED / 4;
    size_t from = 1, end = 0;
    r->bits = 0;
    for (size_t i = 0; i < r->n_pieces; i++, from = end) {
        end = i + 1 < r->n_pieces ? end + r->piece[i].units * (size_t)N1_PIECE_UNIT : n;
        const size_t len = end - from, share = len / SHARE_TRIED, least = share < usual ? usual : share;
        const size_t some = least > MOST_TRIED ? MOST_TRIED : least;
        const size_t step = len > some ? len / some | 1 : 1;
        uint64_t bits[N1_PIECE_LAWS] = {0};
        const uint64_t tried = try_laws(r, code, from, end, step, k, bits);
        unsigned best = 0;
        for (unsigned law = 1; law < N1_PIECE_LAWS; law++)
            best = bits[law] < bits[best] ? law : best;
        r->piece[i].law = best;
        r->bits += tried ? bits[best] / tried * len : 0;
    }
}

/* What a piece's taps are of, and whether doubles hold their sums. */
typedef struct {
    const double *of[N1_PIECE_INPUTS];
    double tap[N1_PIECE_INPUTS];
    unsigned n;
    int exact;
} filter;

static void filter_of(filter *f, const n1_piece *p, const n1_piece_channel *c, const n1_piece_series *s)
{
    double sum = 0.0;
    f->n = 0;
    for (unsigned j = 0; j < p->own; j++)
        f->of[f->n++] = s->x - 1 - j;
    for (unsigned i = 0; p->others && i < c->n_others; i++)
        for (unsigned j = 0; j < c->lags; j++)
            f->of[f->n++] = s->y[i] - j;
    for (unsigned i = 0; i < f->n; i++) {
        f->tap[i] = -(double)p->coefficient[i];
        sum += p->coefficient[i] < 0 ? f->tap[i] : -f->tap[i];
    }
    f->exact = sum * s->largest < 4503599627370496.0;
}

void n1_piece_trial_predict(n1_piece_trial *r, const n1_piece_series *s, const int32_t *code, const int32_t *const *other)
{
    const n1_piece_channel *const c = &r->channel;
    const int64_t low = n1_piece_even(c, 0), high = n1_piece_even(c, c->n_codes - 1);
    filter f;
    r->has_near = 0;
    for (size_t i = 0, t = 1, end = 0; i < r->n_pieces; i++) {
        const n1_piece *const p = &r->piece[i];
        end = i + 1 < r->n_pieces ? end + p->units * (size_t)N1_PIECE_UNIT : s->n;
        filter_of(&f, p, c, s);
        for (; !f.exact && t < end; t++)
            r->mu[t] = n1_clamp64(n1_piece_predict(p, c, code + t, other, t), low, high);
        for (size_t n; t < end; t += n) {
            const double *of[N1_PIECE_INPUTS];
            double sum[STRETCH] = {0.0};
            n = end - t < STRETCH ? end - t : STRETCH;
            for (unsigned j = 0; j < f.n; j++)
                of[j] = f.of[j] + t;
            s->k->take_away(sum, of, f.tap, f.n, n);
            s->k->settle(sum, n, p->bias, p->shift, low, high, r->mu + t);
        }
    }
}

void n1_piece_trial_place(n1_piece_trial *r, const n1_piece_trial *even, size_t n, const uint32_t *next)
{
    r->has_near = 1;
    r->n_pieces = even->n_pieces;
    memcpy(r->piece, even->piece, r->n_pieces * sizeof *r->piece);
    const n1_piece_channel *const c = &r->channel;
    const int64_t origin = c->origin, last = (int64_t)c->n_codes - 1, middle = (c->edge[origin] + c->edge[origin + 1]) >> 1;
    for (size_t t = 1; t < n; t++) {
        const int64_t mu = even->mu[t], code = origin + (mu >> N1_PIECE_Q);
        if (N1_SELDOM(code < 0 || code >= last)) {
            r->mu[t] = n1_piece_place(c, mu);
            if (N1_PIECE_FORMS)
                r->near[t] = code < 0 ? 0 : (uint32_t)last;
            continue;
        }
        const uint32_t *const edge = c->edge + code;
        const int64_t low = (edge[0] + edge[1]) >> 1, high = (edge[1] + edge[2]) >> 1;
        const int64_t at = low + ((high - low) * (mu & ((1 << N1_PIECE_Q) - 1)) >> N1_PIECE_Q);
        r->mu[t] = at - middle;
        if (!N1_PIECE_FORMS)
            continue;
        const uint32_t here = (uint32_t)code, beyond = next[code + 1]; /* both are at hand: no branch */
        r->near[t] = at < edge[1] ? here : beyond;
    }
}

/* The scale at first, of the first frames. */
static unsigned start_of(const n1_piece_frames *all, size_t n)
{
    const size_t first = n < FIRST_FRAMES ? n : FIRST_FRAMES;
    uint64_t sum = 0;
    for (size_t t = 0; t + 1 < first; t++)
        sum += n1_piece_distance(all, t);
    const int32_t start = (n1_log2_q12(sum / first + 1) + 1024) >> 11;
    return (unsigned)n1_clamp(start, 0, (int32_t)(N1_PIECE_SCALES >> 4));
}

/* What some frames take by the best law, from a scale at first that follows. */
static uint64_t some_bits(n1_piece_trial *r, const int32_t *code, size_t n, n1_piece_scale *s, const n1_encode_kernels *k)
{
    const n1_piece_frames all = frames_of(r, code, 0, n);
    uint64_t bits[N1_PIECE_LAWS] = {0}, least = UINT64_MAX;
    n1_piece_scale_start(s, start_of(&all, n));
    k->piece_scales(s, &all);
    (void)try_laws(r, code, 0, n, 1, k, bits);
    for (unsigned law = 0; law < N1_PIECE_LAWS; law++)
        least = bits[law] < least ? bits[law] : least;
    return least;
}

int64_t n1_piece_trial_promise(n1_piece_trial *r, const n1_piece_trial *even, const int32_t *code, size_t n, n1_piece_scale *s,
                               const n1_encode_kernels *k, int32_t *some)
{
    const size_t share = n / SOME_SHARE / SOME_RUN, most = N1_PIECE_SOME / SOME_RUN;
    const size_t runs = share < LEAST_RUNS ? LEAST_RUNS : share < most ? share : most, m = runs * SOME_RUN;
    if (4 * m > n) /* too short to tell */
        return INT64_MAX;
    for (size_t i = 0; i < runs; i++) {
        const size_t at = 1 + i * (n - 1 - SOME_RUN) / (runs - 1);
        memcpy(some + i * SOME_RUN, code + at, SOME_RUN * sizeof *some);
        memcpy(r->mu + i * SOME_RUN, even->mu + at, SOME_RUN * sizeof *r->mu);
    }
    r->channel.widths = r->has_near = 0;
    const uint64_t without = some_bits(r, some, m, s, k);
    r->channel.widths = 1;
    for (size_t t = 0; t < m; t++)
        r->mu[t] = n1_piece_place(&r->channel, r->mu[t]);
    const uint64_t with = some_bits(r, some, m, s, k);
    const uint64_t doubt = N1_PIECE_FORMS && n >= N1_PIECE_VERY_LONG ? 0 : without / (share < LEAST_RUNS ? SHORT_DOUBT : DOUBT);
    return ((int64_t)(without + doubt) - (int64_t)with) / (int64_t)m * (int64_t)n;
}

void n1_piece_trial_run(n1_piece_trial *r, const int32_t *code, size_t n, n1_piece_scale *s, const n1_encode_kernels *k)
{
    const n1_piece_frames all = frames_of(r, code, 1, n - 1);
    r->channel.start = start_of(&all, n);
    n1_piece_scale_start(s, r->channel.start);
    k->piece_scales(s, &all);
    choose_laws(r, code, n, k);
}
