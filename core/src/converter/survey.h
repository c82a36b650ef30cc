/* survey.h - encoder: which alphabets a block has, from its samples. */
#ifndef N1_CONVERTER_SURVEY_H
#define N1_CONVERTER_SURVEY_H
#include "base/gcd.h"
#include "converter/values.h"

/* What is known of a channel before alphabets are chosen. */
typedef struct {
    int32_t low, high;
    uint32_t stride;      /* gcd of the distances to low; 0: constant */
    uint32_t step;        /* mean absolute difference of neighbours in time, 8ths */
    int nlink;            /* every value is one of the N1 ADC's */
} n1_channel_stats;

#define N1_SPREAD 65536u     /* most full codes among which those that occur are looked for */
#define N1_LEARNABLE 1024u   /* samples: fewer say nothing of widths */
#define N1_MOST_DIVIDED 4096u   /* channels: the alphabets of more are not divided anew */
#define N1_MOST_PARTS 256u      /* that they are divided into at first */

/* Channels that share an alphabet; see share_alphabets.c. */
typedef struct {
    int64_t low, high;
    uint32_t stride;
    int64_t members, strides, steps;
} n1_sharers;

typedef struct {
    size_t n_samples, n_channels;
    n1_alphabet alphabet[N1_MAX_ALPHABETS];
    unsigned n_alphabets;
    unsigned rough_bits;         /* that a sample may take */
    uint8_t *alphabet_of;        /* of each channel */
    uint64_t kept;               /* where the arena may go on when the survey is done: what follows is work */
    n1_channel_stats *stats;     /* of each channel */
    uint32_t *hist;              /* N1_MAX_CODES counts */
    uint64_t *seen;              /* a bit for each of N1_SPREAD full codes */
    uint16_t *rank;              /* how many are seen below each word of these */
    uint64_t *widths;            /* see learn_widths.h */
    n1_sharers *part;            /* and see share_alphabets.c */
    uint16_t *sorted, *first;
    int plain;      /* no widths are wanted */
} n1_survey;

static inline int n1_is_constant(const n1_channel_stats *s) { return s->low == s->high; }

/* All that a survey works with, and the alphabets' arrays. */
void n1_survey_take(n1_survey *s, n1_arena *a, const n1_shape *shape);
/* Of n samples of a channel from one on. */
n1_channel_stats n1_look_at(n1_track time, size_t from, size_t n);
/* time: the samples, channel after channel in time. N1_NOT_APPLICABLE: no alphabet holds them. */
n1_status n1_survey_track(n1_survey *s, n1_track time, n1_type dtype);
static inline n1_status n1_survey_samples(n1_survey *s, int32_t *time, n1_type dtype)
{
    return n1_survey_track(s, (n1_track){time, 1, s->n_samples}, dtype);
}
/* Divide the alphabets anew where channels of different gains or offsets would share one at a loss. */
void n1_share_alphabets(n1_survey *s);
#endif
