/* piece_encoder.h - encoder: what the piecewise mode works with, and a channel by all that it is tried by. */
#ifndef N1_MODES_PIECEWISE_PIECE_ENCODER_H
#define N1_MODES_PIECEWISE_PIECE_ENCODER_H
#include "modes/piecewise/piece_fit.h"
#include "modes/piecewise/piece_output.h"
#include "modes/piecewise/piece_parts.h"
#include "modes/piecewise/piece_survey.h"
#include "modes/piecewise/piece_widths.h"

typedef struct {
    const n1_shape *shape;
    const n1_encode_kernels *k;
    n1_piece_output out;
    n1_piece_effort effort[N1_PIECE_EFFORTS];
    unsigned n_efforts;
    uint32_t *largest;        /* [channel]: code from the first one's, without its sign */
    int16_t *band;            /* channels that are taken out of their frames together */
    int32_t *series;          /* [channel][history + samples]: codes, from the first one's */
    n1_piece_channel form, plain, uneven; /* the channel in hand: in its form, if it has one; as it is; with widths */
    int32_t *samples;         /* those of a channel that is tried in a form */
    n1_piece_steps steps;
    uint64_t wraps;           /* how often they wrap around, if they do */
    n1_piece_parts parts;
    n1_piece_tables tables, of_form;
    n1_piece_survey survey;
    n1_piece_fit fit;
    n1_piece_widths widths;
    int32_t *some;            /* codes of some frames that tell whether widths promise */
    int learnt;               /* the channel's codes have widths of their own to try, */
    uint64_t of_widths;       /* which take so much in its header, in 4096ths of a bit; 0: not known yet */
    n1_piece_trial trial[3];  /* the best of a channel, its rival, and that with widths */
    n1_piece_scale *scale;
} n1_piece_encoder;

/* The largest code of a channel and those that it is predicted from. */
uint32_t n1_piece_encoder_largest(const n1_piece_encoder *e, const n1_piece_channel *c, size_t channel);
/* A channel's codes in the place of its values, and those that it is predicted from. */
n1_status n1_piece_encoder_survey(n1_piece_encoder *e, const n1_piece_values *values, n1_piece_channel *c, size_t channel);
/* A channel by its codes, where that is smaller than `least` bits: then in trial[0]. */
void n1_piece_encoder_try(n1_piece_encoder *e, const n1_piece_channel *c, size_t channel, uint64_t *least);
/* What a channel takes in parts by an effort, and in its headers; 0: it has none. */
double n1_piece_encoder_parts(n1_piece_encoder *e, const n1_piece_effort *effort, const n1_piece_channel *c, size_t channel, double *headers);
/* Whether a channel seems to have a form: then e->form. */
int n1_piece_encoder_has_form(n1_piece_encoder *e, const n1_piece_values *v);
/* A channel in its form, and as it is where that may be no more than it costs. */
n1_status n1_piece_encoder_try_form(n1_piece_encoder *e, const n1_piece_values *plain, size_t channel);
/* Steps at most of so many frames. */
size_t n1_piece_most_steps(size_t n);
#endif
