/* piece_survey.h - encoder: the values of a channel, and which other channels it goes with. */
#ifndef N1_MODES_PIECEWISE_PIECE_SURVEY_H
#define N1_MODES_PIECEWISE_PIECE_SURVEY_H
#include "kernels/table.h"
#include "modes/piecewise/piece_form_encode.h"

#define N1_PIECE_RUN      512u  /* frames of which channels are compared, fewer of many channels, */
#define N1_PIECE_MANY     64u
#define N1_PIECE_RUN_OF_MANY 256u
#define N1_PIECE_RUNS     16u   /* in so many stretches all over the block */
#define N1_PIECE_REPEATED 16u   /* times that a value of a list occurs on average, at least */
#define N1_PIECE_COMPARED 96u   /* channels below that are compared */

typedef struct {
    const n1_encode_kernels *k;
    uint32_t slots;      /* of a table of the values that occur: a power of 2 */
    int64_t *slot;
    uint8_t *taken;
    uint16_t *rank;      /* of the value in a slot, in a list */
    uint16_t *of_value;  /* of values from the lowest one on, plus 1, where the table has room for all; or NULL */
    size_t run;          /* frames of a run */
    size_t n;            /* of all runs */
    float *change;       /* [channel][n]: from frame to frame */
    double *product;     /* [channel][N1_PIECE_COMPARED + 1]: of its changes and those of the channels below it, itself the last */
    double *left;        /* [N1_PIECE_COMPARED]: the same of what is left of the channel at work */
    float *other_change; /* of a channel in another form, */
    double *other_product; /* and its products */
} n1_piece_survey;

/* Values of a list that so many frames may be worth. */
uint32_t n1_piece_most_listed(size_t n);
void n1_piece_survey_take(n1_piece_survey *v, n1_arena *a, const n1_shape *s);
/* The samples of channel `channel`, to values->x. */
void n1_piece_survey_load(const void *samples, const n1_shape *s, size_t channel, n1_piece_values *values);
/* What all distances from the lowest sample are multiples of; 1 if there are none. */
uint32_t n1_piece_survey_stride(const n1_piece_values *values);
/* A channel's values, and, instead of these, its codes from the first one's. N1_NOT_APPLICABLE: there are too many. */
n1_status n1_piece_survey_values(n1_piece_survey *v, const n1_piece_values *values, n1_piece_channel *c);
/* A channel that is there in two ways: what is known of the one for what was kept of the other. */
void n1_piece_survey_turn(n1_piece_survey *v, size_t channel);
/* The channels below it, `others` at most, that say most of it. */
void n1_piece_survey_others(n1_piece_survey *v, const int32_t *series, size_t n_samples, size_t channel, unsigned others,
                            n1_piece_channel *c);
#endif
