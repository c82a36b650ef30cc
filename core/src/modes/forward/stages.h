/* Stages of the static mode's encoder, in the order of their calls. */
#ifndef N1C_STATIC_ENC_H
#define N1C_STATIC_ENC_H
#include "modes/forward/forward.h"

/* Buffers of one channel. */
typedef struct {
    uint16_t *line;     /* codes in time order */
    uint32_t *edges;    /* of each code of the plane: lower, upper << 16 */
    uint16_t *mu;       /* predictions */
} n1c_line_buffers;

/* The alphabets of the samples. *time: all samples, channel after channel, or NULL where the line already holds the
   codes of the only channel. *rough_bits: what a sample may take, for the choice of the geometry. */
n1_status n1c_read_samples(n1c_chunk *c, const void *samples, const n1_shape *s, n1_kernel kernel, n1c_arena *a,
                           const n1c_line_buffers *b, int32_t **time, unsigned *rough_bits);
/* Planes, tails and seeds of all channels. */
n1_status n1c_make_codes(n1c_chunk *c, const int32_t *time, const n1c_line_buffers *b, n1_kernel kernel,
                         n1c_arena scratch);
/* Predictor, scale and law of all channels. mu: gets the predictions of one channel after the other. They are kept: to
   make them again takes longer than to read them. */
void n1c_fit_channels(n1c_chunk *c, const n1c_level *level, n1_kernel kernel, uint16_t *mu, n1c_fit *work);
#endif
