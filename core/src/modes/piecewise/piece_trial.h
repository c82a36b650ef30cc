/* piece_trial.h - encoder: a channel with its pieces, and what it would cost. */
#ifndef N1_MODES_PIECEWISE_PIECE_TRIAL_H
#define N1_MODES_PIECEWISE_PIECE_TRIAL_H
#include "modes/piecewise/piece_law.h"
#include "modes/piecewise/piece_scale.h"

typedef struct {
    n1_piece_channel channel;
    n1_piece *piece;
    size_t n_pieces;
    int64_t *mu;          /* of each frame, among the widths of codes */
    uint16_t *scale;
    uint64_t bits;        /* of the samples, in 4096ths */
} n1_piece_trial;

void n1_piece_trial_take(n1_piece_trial *r, n1_arena *a, size_t n, size_t most_pieces);
/* Channel and pieces are there: predict each frame, as if codes were of one width. */
void n1_piece_trial_predict(const n1_piece_trial *r, const int32_t *series, size_t n, size_t channel, int64_t *predicted);
/* Scales, laws and what they cost. code: of each frame, from the first one's. */
void n1_piece_trial_run(n1_piece_trial *r, const int64_t *predicted, const int32_t *code, size_t n, n1_piece_scale *s);
#endif
