/* piece_trial.h - encoder: a channel with its pieces, and what it would cost. */
#ifndef N1_MODES_PIECEWISE_PIECE_TRIAL_H
#define N1_MODES_PIECEWISE_PIECE_TRIAL_H
#include "kernels/table.h"
#include "modes/piecewise/piece_spans.h"
#include "modes/piecewise/piece_sums.h"

#define N1_PIECE_SOME 4096u /* frames at most that tell whether widths promise */
#define N1_PIECE_VERY_LONG 65536u /* frames of a channel: in so many, they tell without doubt, and no second trial is made */

typedef struct {
    n1_piece_channel channel;
    n1_piece *piece;
    size_t n_pieces;
    int64_t *mu;          /* of each frame, among the widths of codes, */
    uint32_t *near;       /* and the codes there, */
    int has_near;         /* if they are known */
    uint16_t *scale;
    uint64_t bits;        /* of the samples, in 4096ths */
} n1_piece_trial;

void n1_piece_trial_take(n1_piece_trial *r, n1_arena *a, size_t n, size_t most_pieces);
/* Channel and pieces are there: predict each frame, as if codes were of one width. s, code and other: codes of the channel, and of
 * those that it is predicted from, from their first ones. */
void n1_piece_trial_predict(n1_piece_trial *r, const n1_piece_series *s, const int32_t *code, const int32_t *const *other);
/* Pieces and predictions of a trial without widths, for a channel with them; next: n1_piece_widths. */
void n1_piece_trial_place(n1_piece_trial *r, const n1_piece_trial *even, size_t n, const uint32_t *next);
/* How many bits, in 4096ths, samples take less with widths of their codes than in a trial without, as parts of the channel say, at
 * most: what these may be wrong by is added, but for very long ones. some: room for N1_PIECE_SOME codes. */
int64_t n1_piece_trial_promise(n1_piece_trial *r, const n1_piece_trial *even, const int32_t *code, size_t n, n1_piece_scale *s,
                               const n1_encode_kernels *k, int32_t *some);
/* Scales, laws and what they cost. */
void n1_piece_trial_run(n1_piece_trial *r, const int32_t *code, size_t n, n1_piece_scale *s, const n1_encode_kernels *k);
#endif
