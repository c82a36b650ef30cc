/* stages.h - what the forward mode's encoder works with, and its stages in the order of their calls. */
#ifndef N1_MODES_FORWARD_STAGES_H
#define N1_MODES_FORWARD_STAGES_H
#include "converter/survey.h"
#include "modes/forward/fit.h"

typedef struct {
    n1_forward f;
    n1_survey survey;
    uint16_t *line;     /* a channel's codes in time order */
    uint16_t *mu;       /* predictions of a single channel */
    n1_track time;      /* all samples, channel after channel */
    int in_line;        /* they are not there: the line already holds the codes of the only channel */
    int in_place;       /* codes take the place of the samples, which they tell whole */
    uint16_t *lookup;   /* codes of values that are listed; NULL: few samples, they are searched */
    unsigned listed;    /* 1 + the alphabet that these are of */
    n1_fit fit;
    uint8_t *buffer;    /* predictions of all channels, then words from its end down: see forward_encode.c */
    size_t room;        /* its bytes */
    uint32_t (*interval)[2];   /* start and frequency of each sample of the tails */
} n1_forward_encoder;

/* Lanes of channels so long. */
static inline unsigned n1_forward_lanes(size_t n_samples, const n1_effort *effort)
{
    return n_samples < N1_LANES_MIN_SAMPLES ? 0 : n_samples < 8192 || !effort->wide ? 16 : 32;
}

void n1_forward_encoder_take(n1_forward_encoder *e, n1_arena *a, const n1_shape *s, const n1_effort *effort);
/* The alphabets of the samples, and the kinds of channels. */
n1_status n1_read_samples(n1_forward_encoder *e, const void *samples, const n1_shape *s, const n1_encode_kernels *k);
/* The geometry is settled; then, upwards, planes, tail and seeds of each channel. Midpoints stay as long as they are within
 * reach of a channel. */
void n1_begin_codes(n1_forward_encoder *e);
n1_status n1_make_codes(n1_forward_encoder *e, size_t channel, const n1_encode_kernels *k);
/* The tail of all channels as bytes at the end of [begin, end): start state, then words. NULL: no room. */
uint8_t *n1_tail_encode(n1_forward_encoder *e, uint8_t *begin, uint8_t *end);
/* The header up to the raw bits, and these. */
void n1_forward_write_header(n1_bitwriter *w, const n1_forward *f);
void n1_forward_write_raw(n1_bitwriter *w, const n1_forward_encoder *e, const n1_encode_kernels *k);
#endif
