/* piece_parts.h - encoder: what a channel takes around its steps, or all over it. */
#ifndef N1_MODES_PIECEWISE_PIECE_PARTS_H
#define N1_MODES_PIECEWISE_PIECE_PARTS_H
#include "modes/piecewise/piece_fit.h"
#include "modes/piecewise/piece_form.h"
#include "modes/piecewise/piece_trial.h"

/* Codes of some stretches of a channel, and of those that it is predicted from, from their first ones. */
typedef struct {
    size_t n;  /* frames of the channel; 0: too few to be looked at in parts */
    size_t parts;
    const uint32_t *frame;  /* steps, or none */
    size_t n_steps;
    int32_t *code, *other[N1_PIECE_OTHERS];
} n1_piece_parts;

void n1_piece_parts_take(n1_piece_parts *p, n1_arena *a, size_t n, unsigned others);
/* Around these steps, if it has any. */
void n1_piece_parts_choose(n1_piece_parts *p, const n1_piece_steps *s);
/* One part of so many of the steps, or of the frames, is in parts. */
double n1_piece_parts_share(const n1_piece_parts *p);
/* Bits of the samples of parts, in 4096ths, by a fit that has its effort: r->channel is there. series: of all channels, from their
 * first codes. */
uint64_t n1_piece_parts_bits(n1_piece_parts *p, n1_piece_fit *f, n1_piece_trial *r, const int32_t *series, size_t channel, n1_piece_scale *s);
#endif
