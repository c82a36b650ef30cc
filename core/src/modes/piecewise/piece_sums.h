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
void n1_piece_sums_clear(const n1_piece_series *s, double *sums);
/* Adds sums over the frames from .. to - 1, whole stretches of one weight but for the last. part: as large as sums. */
void n1_piece_sums(const n1_piece_series *s, size_t from, size_t to, double *sums, double *part);
#endif
