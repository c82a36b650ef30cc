/* channel.h - the forward mode's predictor of a channel, as it is sent. */
#ifndef N1_MODES_FORWARD_CHANNEL_H
#define N1_MODES_FORWARD_CHANNEL_H
#include "base/fields.h"

/* Limits: every length that comes from the wire is checked against one of these before it is used. */
#define N1_MAX_ORDER 32u              /* own taps */
#define N1_FORWARD_NEIGHBOURS 15u         /* neighbour channels of one predictor */
#define N1_FORWARD_NEIGHBOUR_TAPS 4u      /* taps (now, past ...) of each neighbour */
#define N1_MAX_DISTANCE 64u           /* neighbour = channel - distance */
#define N1_COEF_BUDGET 32767               /* sum of |coefficient|: keeps the sum of 2^15 * c below 2^30 */
#define N1_BIAS_LIMIT (1 << 30)
#define N1_SHIFT_MIN 7u                    /* fraction bits of a coefficient: 3 bits of the channel tell */
#define N1_SHIFT_MAX (N1_SHIFT_MIN + 7u)

typedef enum { N1_CHANNEL_CONSTANT = 0, N1_CHANNEL_MODEL = 1, N1_CHANNEL_PACKED = 2 } n1_channel_kind;

typedef struct {
    uint8_t kind, alphabet, sigma, law, shift, order, n_neighbours, neighbour_taps;
    uint8_t distance[N1_FORWARD_NEIGHBOURS];
    int16_t own[N1_MAX_ORDER];            /* own[j] multiplies the sample j + 1 steps ago */
    int16_t neighbour[N1_FORWARD_NEIGHBOURS][N1_FORWARD_NEIGHBOUR_TAPS];
    int32_t bias;                         /* includes the rounding half and the axis centre */
    int32_t constant;                     /* value of a constant channel */
} n1_channel;

void n1_channel_write(n1_bitwriter *w, const n1_channel *c, unsigned alphabet_bits);
n1_status n1_channel_read(n1_bitreader *r, n1_channel *c, unsigned alphabet_bits, size_t index);
#endif
