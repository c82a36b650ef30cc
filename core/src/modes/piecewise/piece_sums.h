/* piece_sums.h - encoder: weighted sums of products of what a channel is predicted from. */
#ifndef N1_MODES_PIECEWISE_PIECE_SUMS_H
#define N1_MODES_PIECEWISE_PIECE_SUMS_H
#include "base/arena.h"
#include "kernels/table.h"
#include "modes/piecewise/piecewise.h"

#define N1_PIECE_WEIGHED 32u /* frames that have one weight */
#define N1_PIECE_BEFORE 64u /* zeros before each series: the longest two lags together */

/* Series of a channel and those that it is predicted from, in double. Each begins N1_PIECE_BEFORE numbers after its start. */
typedef struct {
    const n1_encode_kernels *k;
    size_t n;             /* frames */
    unsigned own, others, lags;
    double *weight; /* of each N1_PIECE_WEIGHED frames */
    double *x, *y[N1_PIECE_OTHERS];
    double largest; /* number of all of them, without its sign */
} n1_piece_series;

/* A sum for each pair of: one, lags 0 .. lags - 1 of each other channel, own lags 1 .. own, and the sample itself. Row i of
 * the lower triangle begins at i (i + 1) / 2. */
static inline unsigned n1_piece_terms(const n1_piece_series *s) { return s->others * s->lags + s->own + 2; }
static inline size_t n1_piece_sums_size(unsigned terms) { return (size_t)terms * (terms + 1) / 2; }

void n1_piece_series_take(n1_piece_series *s, n1_arena *a, size_t n, unsigned others);

/* Sums at work. Those of two terms, both a frame earlier, differ by what is at either end and where the weight changes: so what is
 * summed over frames are the products with a term of lag 0, the rest follows from the products at these turns. */
typedef struct {
    double *own;          /* with the sample: own lags 0 .. own; */
    double *others;       /* [other][lags of the other, then own lags of which the other is the later] */
    double *pairs;        /* [other, the later][other][lag] */
    double *single;       /* of the sample and each other channel at lag 0 */
    double *turn, *turns; /* of terms from lag 1 on: a matrix, its lower triangle; single ones */
    double *at, *by;      /* [turn][term]: terms at some turns, and times the change of weight there */
    double weight;
} n1_piece_sums;

/* For as many terms as the series have at most. */
void n1_piece_sums_take(n1_piece_sums *w, n1_arena *a, unsigned own, unsigned others, unsigned lags);
void n1_piece_sums_begin(const n1_piece_series *s, n1_piece_sums *w);
/* Adds the frames from .. to - 1, whole stretches of one weight but for the last. */
void n1_piece_sums_add(const n1_piece_series *s, n1_piece_sums *w, size_t from, size_t to);
void n1_piece_sums_end(const n1_piece_series *s, const n1_piece_sums *w, double *sums);
#endif
