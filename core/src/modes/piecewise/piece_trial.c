/* Encoder of the piecewise mode: predictions, scales, laws. */
#include "modes/piecewise/piece_trial.h"

#define FIRST_FRAMES 64u    /* of which the first scale is made */
#define SHARE_TRIED  16u    /* one frame of so many of a piece tells its law, within limits */
#define LEAST_TRIED  512u
#define MOST_TRIED   4096u

void n1_piece_trial_take(n1_piece_trial *r, n1_arena *a, size_t n, size_t most_pieces)
{
    r->piece = n1_arena_take(a, most_pieces, sizeof *r->piece);
    r->mu = n1_arena_take(a, n, sizeof *r->mu);
    r->scale = n1_arena_take(a, n, sizeof *r->scale);
}

static uint64_t distance_of(const n1_piece_trial *r, int32_t code, size_t t)
{
    const int64_t at = n1_piece_position(&r->channel, (uint32_t)(code + (int64_t)r->channel.origin));
    return (uint64_t)(at < r->mu[t] ? r->mu[t] - at : at - r->mu[t]);
}

static uint32_t log_of(uint32_t mass) { return (N1_PROB_BITS << 12) - (uint32_t)n1_log2_q12(mass); }

/* Adds a sample's bits under each law, in 4096ths. */
static void add_bits(const n1_piece_trial *r, int64_t code, size_t t, uint64_t *bits)
{
    const n1_piece_channel *const c = &r->channel;
    n1_piece_window w;
    n1_piece_window_at(&w, c, 0, r->scale[t], r->mu[t]);
    const int64_t cell = code >> w.cut;
    const int left = cell < w.left, right = cell >= w.right;
    uint64_t raw = (uint64_t)w.cut << 12;
    if (left || right) {
        const uint64_t far = (uint64_t)(left ? w.left - 1 - cell : cell - w.right);
        raw += (uint64_t)(2 * n1_top_bit(far + 32) - 4) << 12;
    }
    const int64_t from = left ? 0 : right ? w.right : cell, to = left ? w.left : right ? w.last + 1 : cell + 1;
    const n1_piece_edge low = n1_piece_edge_of(&w, c, from), high = n1_piece_edge_of(&w, c, to);
    for (unsigned law = 0; law < N1_PIECE_LAWS; law++)
        bits[law] += raw + log_of(n1_piece_mass_below(&w, n1_piece_laws[law], to, high) - n1_piece_mass_below(&w, n1_piece_laws[law], from, low));
}

static void choose_laws(n1_piece_trial *r, const int32_t *code, size_t n)
{
    size_t from = 1, end = 0;
    r->bits = 0;
    for (size_t i = 0; i < r->n_pieces; i++, from = end) {
        end = i + 1 < r->n_pieces ? end + r->piece[i].units * (size_t)N1_PIECE_UNIT : n;
        const size_t len = end - from, share = len / SHARE_TRIED, least = share < LEAST_TRIED ? LEAST_TRIED : share;
        const size_t some = least > MOST_TRIED ? MOST_TRIED : least;
        const size_t step = len > some ? len / some | 1 : 1;
        uint64_t bits[N1_PIECE_LAWS] = {0}, tried = 0;
        for (size_t t = from; t < end; t += step, tried++)
            add_bits(r, code[t] + (int64_t)r->channel.origin, t, bits);
        unsigned best = 0;
        for (unsigned law = 1; law < N1_PIECE_LAWS; law++)
            best = bits[law] < bits[best] ? law : best;
        r->piece[i].law = best;
        r->bits += tried ? bits[best] / tried * len : 0;
    }
}

void n1_piece_trial_predict(const n1_piece_trial *r, const int32_t *series, size_t n, size_t channel, int64_t *predicted)
{
    const n1_piece_channel *const c = &r->channel;
    const size_t stride = n1_piece_stride(n);
    const int32_t *const code = series + channel * stride + N1_PIECE_HISTORY, *other[N1_PIECE_OTHERS] = {0};
    const int64_t low = n1_piece_even(c, 0), high = n1_piece_even(c, c->n_codes - 1);
    for (unsigned i = 0; i < c->n_others; i++)
        other[i] = series + c->other[i] * stride + N1_PIECE_HISTORY;
    for (size_t i = 0, t = 1, end = 0; i < r->n_pieces; i++) {
        end = i + 1 < r->n_pieces ? end + r->piece[i].units * (size_t)N1_PIECE_UNIT : n;
        for (; t < end; t++)
            predicted[t] = n1_clamp64(n1_piece_predict(&r->piece[i], c, code + t, other, t), low, high);
    }
}

void n1_piece_trial_run(n1_piece_trial *r, const int64_t *predicted, const int32_t *code, size_t n, n1_piece_scale *s)
{
    const size_t first = n < FIRST_FRAMES ? n : FIRST_FRAMES;
    uint64_t sum = 0;
    for (size_t t = 1; t < n; t++)
        r->mu[t] = n1_piece_place(&r->channel, predicted[t]);
    for (size_t t = 1; t < first; t++)
        sum += distance_of(r, code[t], t);
    const int32_t start = (n1_log2_q12(sum / first + 1) + 1024) >> 11;
    r->channel.start = (unsigned)n1_clamp(start, 0, (int32_t)(N1_PIECE_SCALES >> 4));
    n1_piece_scale_start(s, r->channel.start);
    for (size_t t = 1; t < n; t++) {
        r->scale[t] = (uint16_t)n1_piece_scale_next(s);
        n1_piece_scale_learn(s, distance_of(r, code[t], t));
    }
    choose_laws(r, code, n);
}
