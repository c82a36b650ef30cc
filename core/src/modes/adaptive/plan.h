/* plan.h - encoder: the parameters of the adaptive modes. */
#ifndef N1_MODES_ADAPTIVE_PLAN_H
#define N1_MODES_ADAPTIVE_PLAN_H
#include "base/arena.h"
#include "kernels/table.h"
#include "modes/adaptive/effort.h"

#define N1_REACH 63u   /* how far below a channel its neighbours are looked for */

typedef struct {
    uint32_t *all, *part, *one_set;   /* counts of all channels, of each part of them, of a width set */
    double *weight, *log;             /* of each count of a histogram */
    double *mean, *doubt;             /* what the codes around each foretell of its count, see foretell() */
    double *ratio;                    /* of each code's counts, to what its neighbours foretell */
    uint32_t *row;                    /* where a channel's part begins */
    uint16_t *one;                    /* a channel of each part */
    int16_t *white;                   /* nearly white residuals, channel after channel */
    int64_t (*r)[N1_REACH + 1];       /* their products */
    double (*selected)[N1_REACH + 1];
} n1_adaptive_work;

/* The counts of an effort for so many channels; all else is 0. */
void n1_adaptive_counts(const n1_adaptive_effort *effort, size_t n_channels, n1_params *p);
/* Width sets that a plan has at most for members among so many channels. */
uint8_t n1_adaptive_sets(size_t n_channels);
void n1_adaptive_work_take(n1_adaptive_work *w, n1_arena *a, const n1_shape *s);
/* Fill in what the counts leave open (of code widths nothing, where they are known), for codes (frame after frame) of the given channels. neighbour and set are the
 * arrays of p. */
void n1_adaptive_plan(n1_params *p, const uint16_t *codes, size_t n_samples, const uint16_t *channel,
                      uint16_t *neighbour, uint8_t *set, const n1_encode_kernels *k, n1_adaptive_work *w);
#endif
