/* fit.h - encoder: the predictor, scale and law of a channel. */
#ifndef N1_MODES_FORWARD_FIT_H
#define N1_MODES_FORWARD_FIT_H
#include "kernels/table.h"
#include "modes/forward/effort.h"
#include "modes/forward/forward.h"
#include "predict/equations.h"

/* Residuals counted in classes, by how far the code's middle is from the prediction and by its width: to try a scale and a
 * law on these takes a small part of the time that samples take. */
#define N1_TALLY_REACH   128
#define N1_TALLY_WIDTHS  8
#define N1_TALLY_CLASSES (N1_TALLY_WIDTHS + 2)   /* the first and the last code reach as far as there are voltages */

typedef struct {
    int alphabet;                       /* whose widths these are; -1: none yet */
    uint8_t class_of[N1_MAX_CODES];     /* of a code, by its width */
    int32_t width[N1_TALLY_CLASSES];    /* mean */
    unsigned shift;                     /* log2 of a step of distances, in axis units */
    int32_t first, last;                /* steps between which there are any: few samples fill a few */
    uint32_t count[2 * N1_TALLY_REACH][N1_TALLY_CLASSES];
} n1_tally;

/* Of the samples of a channel that choices of neighbours look at. */
typedef struct {
    double mean, variance;
} n1_moments;
typedef struct {
    size_t channel;      /* 1 + whose; 0: nothing yet */
    unsigned down;
    n1_moments of;
} n1_known;

/* What a fit works with: sums of products of all pairs of features and the sample itself, which comes first. */
typedef struct {
    size_t most;     /* features */
    int64_t *sum;    /* (most + 1)^2 */
    double *mean;    /* most + 1 */
    size_t n_known;
    n1_known *known;
    n1_equations q;
    n1_tally *tally; /* of an effort that searches */
} n1_fit;

void n1_fit_take(n1_fit *work, n1_arena *a, const n1_effort *effort);
void n1_fit_channel(n1_forward *f, size_t channel, const n1_effort *effort, const n1_encode_kernels *k, n1_fit *work);
/* sigma and shape from the residuals of job->mu. Returns about what a sample takes then, in 256ths of a bit. */
int32_t n1_fit_scale(n1_forward *f, size_t channel, const n1_lane_job *job, const n1_effort *effort, const n1_encode_kernels *k,
                  n1_tally *tally);
/* Channel after channel, upwards: all of its model. mu: gets its predictions, which the coder takes. */
void n1_fit_begin(n1_fit *work);
void n1_fit_model(n1_forward *f, size_t channel, const n1_effort *effort, const n1_encode_kernels *k, uint16_t *mu, n1_fit *work);
#endif
