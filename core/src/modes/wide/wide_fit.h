/* wide_fit.h - encoder: which neighbours a row has, and each channel's taps. */
#ifndef N1_MODES_WIDE_WIDE_FIT_H
#define N1_MODES_WIDE_WIDE_FIT_H
#include "kernels/table.h"
#include "modes/wide/wide.h"
#include "modes/wide/wide_effort.h"
#include "predict/equations.h"

#define N1_WIDE_LAG  4                          /* between two features, at most */
#define N1_WIDE_LAGS (2 * N1_WIDE_LAG + 1)
#define N1_WIDE_NOTHING -1e300                  /* a sum that is not made */

/* A sample that helps to predict: of which channel (-1: there is none), how many frames ago, the place of its neighbour, and
 * which tap it has. */
typedef struct {
    int32_t channel, ago;
    uint32_t place, tap;
} n1_wide_feature;

typedef struct {
    size_t stretches, length;   /* what is looked at: so many frames each, */
    size_t whole;               /* with some before and after them */
    size_t distances;           /* of channels whose products are of use */
    int16_t *x;                 /* [channels][stretches][whole]: half codes from the centre */
    int16_t *white;             /* [channels][margin + looked at + margin]: nearly white, for the choice */
    double *product;            /* [channels][distances][lag]: sums of products, first of these, then of x */
    double *mean;               /* [rows][distances][lag]: the same of a row's lanes */
    float *left;                /* work: what neighbours chosen so far leave */
    uint32_t *total;            /* [channels]: work */
    n1_wide_feature *feature;   /* work: of a channel */
    n1_equations q;
} n1_wide_fit;

/* The counts of an effort for so many channels; all else is 0. */
void n1_wide_counts(n1_wide_params *p, const n1_wide_effort *effort, size_t n_channels, size_t n_samples);
void n1_wide_fit_take(n1_wide_fit *w, n1_arena *a, const n1_wide_params *p, const n1_wide_effort *effort, size_t n_samples);
/* The mean absolute error to begin with, for a first scale as the backward mode has it: 2^(sigma / 2) voltage units. */
uint32_t n1_wide_first(unsigned sigma);
/* Neighbours, by the codes (frame after frame). The arrays of p are there. */
void n1_wide_choose(n1_wide_params *p, const n1_wide_effort *effort, const uint16_t *codes, size_t n_samples, const n1_encode_kernels *k,
                    n1_wide_fit *w);
/* Once they are chosen: bits a sample, in 256ths, that channels could gain by a neighbour of their own in the place of their row's, about. */
uint32_t n1_wide_unlike(const n1_wide_params *p, const n1_wide_fit *w);
/* Centres and taps, as if all codes were as wide as each other: it has been tried to know better, and brings nothing. */
void n1_wide_fit_taps(n1_wide_params *p, const uint16_t *codes, size_t n_samples, const n1_encode_kernels *k, n1_wide_fit *w);
#endif
