/* Encoder of the piecewise mode: predictions, scales, laws. */
#include "modes/piecewise/piece_trial.h"

#define FIRST_FRAMES 64u    /* of which the first scale is made */
#define LEAST_TRIED  1024u  /* frames of a piece that tell its law, */
#define MOST_TRIED   8192u

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

/* The bits of every `step`th sample under a law, in 4096ths. */
static uint64_t cost_of(const n1_piece_trial *r, const int32_t *code, size_t from, size_t to, size_t step, unsigned law)
{
    const n1_piece_channel *const c = &r->channel;
    uint64_t bits = 0;
    for (size_t t = from; t < to; t += step) {
        n1_piece_window w;
        n1_piece_window_at(&w, c, law, r->scale[t], r->mu[t]);
        const int64_t cell = (code[t] + (int64_t)c->origin) >> w.cut;
        uint32_t mass;
        bits += w.cut << 12;
        if (cell < w.left || cell >= w.right) {
            const uint64_t far = (uint64_t)(cell < w.left ? w.left - 1 - cell : cell - w.right);
            mass = cell < w.left ? n1_piece_below(&w, c, w.left) : N1_PROB_ONE - n1_piece_below(&w, c, w.right);
            bits += (uint64_t)(2 * n1_top_bit(far + 32) - 4) << 12;
        } else
            mass = n1_piece_below(&w, c, cell + 1) - n1_piece_below(&w, c, cell);
        bits += (uint64_t)((N1_PROB_BITS << 12) - (uint32_t)n1_log2_q12(mass));
    }
    return bits * step;
}

static void choose_laws(n1_piece_trial *r, const int32_t *code, size_t n)
{
    size_t from = 1, end = 0;
    r->bits = 0;
    for (size_t i = 0; i < r->n_pieces; i++, from = end) {
        end = i + 1 < r->n_pieces ? end + r->piece[i].units * (size_t)N1_PIECE_UNIT : n;
        const size_t len = end - from, some = len / 8 < LEAST_TRIED ? LEAST_TRIED : len / 8 > MOST_TRIED ? MOST_TRIED : len / 8;
        const size_t step = len > some ? len / some : 1;
        uint64_t least = UINT64_MAX;
        for (unsigned law = 0; law < N1_PIECE_LAWS; law++) {
            const uint64_t bits = cost_of(r, code, from, end, step, law);
            if (bits < least) {
                least = bits;
                r->piece[i].law = law;
            }
        }
        r->bits += least;
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
