/* piece_spans.h - encoder: what a sample's code takes of the mass around its prediction, and what that costs; compiled once for
 * each kernel. */
#ifndef N1_MODES_PIECEWISE_PIECE_SPANS_H
#define N1_MODES_PIECEWISE_PIECE_SPANS_H
#include "modes/piecewise/piece_law.h"
#include "modes/piecewise/piece_scale.h"

#define N1_PIECE_AT_ONCE 64u /* frames at most that piece_spans is given */

/* Some frames of a channel: what is predicted of each, among the widths of codes; its scale; its code, from the origin's. */
typedef struct n1_piece_frames {
    const n1_piece_channel *channel;
    const int64_t *mu;
    uint16_t *scale;
    const int32_t *code;
    size_t n;
    const uint32_t *near; /* the codes that predictions lie in, if these are known of a channel with widths; or NULL */
} n1_piece_frames;

/* A code's cell in a window, and between which edges its mass lies: all that is left, or right, of a window is one. */
typedef struct {
    n1_piece_window w;
    int64_t cell, from, to;
    int left, right;
} n1_piece_spot;

N1_INLINE void n1_piece_spot_of(n1_piece_spot *s, const n1_piece_frames *f, unsigned law, size_t t)
{
    n1_piece_window_at(&s->w, f->channel, law, f->scale[t], f->mu[t]);
    s->cell = (f->code[t] + (int64_t)f->channel->origin) >> s->w.cut;
    s->left = s->cell < s->w.left;
    s->right = s->cell >= s->w.right;
    s->from = s->left ? 0 : s->right ? s->w.right : s->cell;
    s->to = s->left ? s->w.left : s->right ? s->w.last + 1 : s->cell + 1;
}

/* How far outside of the window. */
static inline uint32_t n1_piece_outside(const n1_piece_spot *s)
{
    return (uint32_t)(s->left ? s->w.left - 1 - s->cell : s->cell - s->w.right);
}

N1_INLINE uint64_t n1_piece_span_of(const n1_piece_spot *s, const n1_piece_channel *c)
{
    const uint32_t low = n1_piece_below(&s->w, c, s->from), high = n1_piece_below(&s->w, c, s->to);
    return (uint64_t)(high - low) << 32 | low;
}

/* Adds a sample's bits under each law, in 4096ths. */
N1_INLINE void n1_piece_add_bits(const n1_piece_frames *f, size_t t, uint64_t *bits)
{
    n1_piece_spot s;
    n1_piece_spot_of(&s, f, 0, t);
    uint64_t raw = (uint64_t)s.w.cut << 12;
    if (s.left || s.right)
        raw += (uint64_t)(2 * n1_top_bit((uint64_t)n1_piece_outside(&s) + 32) - 4) << 12;
    const n1_piece_edge low = n1_piece_edge_of(&s.w, f->channel, s.from), high = n1_piece_edge_of(&s.w, f->channel, s.to);
    for (unsigned law = 0; law < N1_PIECE_LAWS; law++) {
        const uint32_t begin = n1_piece_mass_below(&s.w, n1_piece_laws[law], s.from, low);
        const uint32_t end = n1_piece_mass_below(&s.w, n1_piece_laws[law], s.to, high);
        bits[law] += raw + (N1_PROB_BITS << 12) - (uint32_t)n1_log2_q12(end - begin);
    }
}

/* Kernel piece_spans, from frame t on. */
N1_INLINE uint64_t n1_piece_spans_loop(const n1_piece_frames *f, unsigned law, size_t t, uint64_t *span)
{
    uint64_t outside = 0;
    for (; t < f->n; t++) {
        n1_piece_spot s;
        n1_piece_spot_of(&s, f, law, t);
        span[t] = n1_piece_span_of(&s, f->channel);
        outside |= (uint64_t)(s.left || s.right) << t;
    }
    return outside;
}

N1_INLINE uint64_t n1_piece_distance(const n1_piece_frames *f, size_t t)
{
    const int64_t at = n1_piece_position(f->channel, (uint32_t)(f->code[t] + (int64_t)f->channel->origin));
    return (uint64_t)(at < f->mu[t] ? f->mu[t] - at : at - f->mu[t]);
}

/* Kernel piece_scales, from frame t on. */
N1_INLINE void n1_piece_scales_loop(n1_piece_scale *s, const n1_piece_frames *f, size_t t)
{
    for (; t < f->n; t++) {
        f->scale[t] = (uint16_t)n1_piece_scale_next(s);
        n1_piece_scale_learn(s, n1_piece_distance(f, t));
    }
}
#endif
