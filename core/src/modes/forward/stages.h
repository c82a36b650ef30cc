/* Stages of the forward mode's encoder, in the order of their calls. */
#ifndef N1_MODES_FORWARD_STAGES_H
#define N1_MODES_FORWARD_STAGES_H
#include "modes/forward/forward.h"

/* Buffers of one channel. */
typedef struct {
    uint16_t *line;     /* codes in time order */
    uint32_t *edges;    /* of each code of the plane: lower, upper << 16 */
    uint16_t *mu;       /* predictions */
} n1_line_buffers;

/* The alphabets of the samples. *time: all samples, channel after channel, or NULL where the line already holds the
   codes of the only channel. *rough_bits: what a sample may take, for the choice of the geometry. */
n1_status n1_read_samples(n1_forward *c, const void *samples, const n1_shape *s, n1_kernel kernel, n1_arena *a,
                           const n1_line_buffers *b, int32_t **time, unsigned *rough_bits);
/* Planes, tails and seeds of all channels. */
n1_status n1_make_codes(n1_forward *c, const int32_t *time, const n1_line_buffers *b, n1_kernel kernel,
                         n1_arena scratch);
/* Predictor, scale and law of all channels. mu: gets the predictions of one channel after the other. They are kept: to
   make them again takes longer than to read them. */
void n1_fit_channels(n1_forward *c, const n1_effort *level, n1_kernel kernel, uint16_t *mu, n1_fit *work);
#endif
