/* piece_fit.h - encoder: pieces of a channel and their coefficients. */
#ifndef N1_MODES_PIECEWISE_PIECE_FIT_H
#define N1_MODES_PIECEWISE_PIECE_FIT_H
#include "modes/piecewise/piece_effort.h"
#include "modes/piecewise/piece_sums.h"
#include "predict/equations.h"

/* What a fit works with. */
typedef struct {
    const n1_piece_effort *effort;
    n1_piece_series series;
    size_t parts;          /* the shortest pieces that are tried */
    double *sums;          /* of each part; then of pieces that begin with it */
    n1_piece_sums work;    /* on those of a part */
    double *cost;          /* bits of the piece that begins there, parts of it included */
    uint32_t *length;      /* in parts */
    double *left;          /* of the frames of each half of a stretch of one weight, what its taps leave, without signs */
    n1_equations q;
} n1_piece_fit;

void n1_piece_fit_take(n1_piece_fit *f, n1_arena *a, size_t n, unsigned others, const n1_piece_effort *effort);
/* The series are there: find weights, then pieces. piece has room for one in each part. Returns how many there are. */
size_t n1_piece_fit_all(n1_piece_fit *f, n1_piece *piece);
#endif
