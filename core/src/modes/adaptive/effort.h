/* effort.h - encoder: how much the adaptive modes take into account. */
#ifndef N1_MODES_ADAPTIVE_EFFORT_H
#define N1_MODES_ADAPTIVE_EFFORT_H
#include "modes/mode.h"
#include "predict/params.h"

#define N1_MANY_CHANNELS 8u   /* from here on, channels teach each other more than a fit brings */

/* For one channel, for 2 .. 7, for more. */
typedef struct {
    n1_mode mode;              /* backward or mixed */
    uint8_t own[3];            /* taps on a channel's own past */
    uint8_t neighbours[3];
    uint8_t past[3];           /* past samples of each */
    uint8_t contexts[3];       /* mixed: laws by context */
} n1_adaptive_effort;
#endif
