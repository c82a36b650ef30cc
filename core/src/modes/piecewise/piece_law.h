/* piece_law.h - the laws of the piecewise mode: what mass a code has around its prediction. */
#ifndef N1_MODES_PIECEWISE_PIECE_LAW_H
#define N1_MODES_PIECEWISE_PIECE_LAW_H
#include "base/fixed.h"
#include "entropy/mass.h"
#include "modes/piecewise/piecewise.h"

#define N1_PIECE_LAWS   6u
#define N1_PIECE_STEPS  1024u /* of a law, 64 to its mean deviation */
#define N1_PIECE_SCALES (36u << 5)
#define N1_PIECE_ROUNDED (10u << 5) /* below it, the rounding to codes is a part of the scale */

extern const uint32_t n1_piece_laws[N1_PIECE_LAWS][N1_PIECE_STEPS + 2]; /* mass beyond i/64 mean deviations, of 2^20 */
extern const uint32_t n1_piece_powers[32];                              /* round(2^30 2^(i/32)) */
extern const uint16_t n1_piece_corrected[N1_PIECE_ROUNDED];

/* 2^(i/32), rounded down. */
static inline uint64_t n1_piece_power(int32_t i)
{
    const int32_t e = i >> 5;
    const uint64_t m = n1_piece_powers[i & 31];
    return e >= 30 ? m << (e - 30) : e < 0 ? 0 : m >> (30 - e);
}

static inline unsigned n1_piece_unrounded(int32_t scale)
{
    return scale < (int32_t)N1_PIECE_ROUNDED ? n1_piece_corrected[scale] : (unsigned)scale;
}

/* The codes around a prediction: cells of 2^cut codes, from `left` up to before `right`, have each a mass of its own. */
typedef struct {
    const uint32_t *beyond;
    int64_t mu;
    uint64_t inverse, reach;
    unsigned down, cut;
    int64_t left, right, last; /* last: the highest cell that has codes */
    uint32_t share;
} n1_piece_window;

/* Log2 of a cell's codes: those of one width share a mass sooner. */
static inline unsigned n1_piece_cut(const n1_piece_channel *c, unsigned scale)
{
    const unsigned octave = scale >> 5, whole = N1_PIECE_Q + (c->widths ? 5 : 2);
    return octave > whole ? octave - whole : 0;
}

static inline void n1_piece_window_at(n1_piece_window *w, const n1_piece_channel *c, unsigned law, unsigned scale, int64_t mu)
{
    const unsigned octave = scale >> 5;
    w->beyond = n1_piece_laws[law];
    w->mu = mu;
    w->down = octave > 10 ? octave - 10 : 0;
    w->inverse = n1_piece_power((31 << 5) - (int32_t)(scale - (w->down << 5))); /* 2^31 of what is left of the scale */
    w->cut = n1_piece_cut(c, scale);
    const int64_t reach = 2 + (int64_t)(n1_piece_power((int32_t)scale) >> (N1_PIECE_Q - 4 + w->cut)); /* 16 mean deviations */
    const int64_t centre = n1_piece_code_at(c, mu) >> w->cut;
    w->last = (c->n_codes - 1) >> w->cut;
    w->left = centre > reach ? centre - reach : 0;
    w->right = centre + reach < w->last + 1 ? centre + reach : w->last + 1;
    w->share = N1_PROB_ONE - (uint32_t)(w->right - w->left) - 2;
}

/* Where a cell of the window, or its end, begins: in mean deviations from the prediction, in steps of the laws' tables. */
typedef struct {
    uint32_t step, part; /* part: 256ths of a step */
    int below;           /* the prediction */
} n1_piece_edge;

static inline int n1_piece_outermost(const n1_piece_window *w, int64_t cell) { return cell == 0 || cell > w->last; }

static inline n1_piece_edge n1_piece_edge_of(const n1_piece_window *w, const n1_piece_channel *c, int64_t cell)
{
    if (n1_piece_outermost(w, cell))
        return (n1_piece_edge){0, 0, 0};
    const int64_t code = cell << w->cut;
    int64_t d = c->widths ? (int64_t)c->edge[code] - (int64_t)((c->edge[c->origin] + c->edge[c->origin + 1]) >> 1)
                          : (code - c->origin) * (1 << N1_PIECE_Q) - (1 << (N1_PIECE_Q - 1));
    d -= w->mu;
    uint64_t far = (uint64_t)(d < 0 ? -d : d) >> w->down;
    far = far < (1 << 20) ? far : 1 << 20;
    far = far * w->inverse >> 17; /* 2^14 to a mean deviation */
    if (far >= (uint64_t)N1_PIECE_STEPS << 8)
        return (n1_piece_edge){N1_PIECE_STEPS, 0, d < 0};
    return (n1_piece_edge){(uint32_t)(far >> 8), (uint32_t)far & 255, d < 0};
}

/* A law's mass below a cell that begins there. */
static inline uint32_t n1_piece_mass_below(const n1_piece_window *w, const uint32_t *beyond, int64_t cell, n1_piece_edge e)
{
    if (n1_piece_outermost(w, cell))
        return cell == 0 ? 0 : N1_PROB_ONE;
    const uint32_t tail = beyond[e.step] - (((beyond[e.step] - beyond[e.step + 1]) * e.part) >> 8);
    const uint32_t mass = e.below ? tail : N1_PROB_ONE - tail;
    return (uint32_t)((uint64_t)mass * w->share >> N1_PROB_BITS) + 1 + (uint32_t)(cell - w->left);
}

/* The same of the window's law. */
static inline uint32_t n1_piece_below(const n1_piece_window *w, const n1_piece_channel *c, int64_t cell)
{
    return n1_piece_mass_below(w, w->beyond, cell, n1_piece_edge_of(w, c, cell));
}
#endif
