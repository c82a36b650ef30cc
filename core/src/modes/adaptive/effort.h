/* effort.h - encoder: how much the adaptive modes take into account. */
#ifndef N1_MODES_ADAPTIVE_EFFORT_H
#define N1_MODES_ADAPTIVE_EFFORT_H
#include "modes/mode.h"
#include "modes/wide/wide_effort.h"
#include "predict/params.h"

#define N1_WIDE_CHANNELS 64u  /* from here on, a row of the wide mode has lanes enough, */
#define N1_WIDE_MEMBERS  48u  /* and has them where a few channels stand still or are of another kind */
#define N1_MANY_CHANNELS 8u   /* from here on, channels teach each other more than a fit brings */

/* For one channel, for 2 .. 7, for more. */
typedef struct {
    n1_mode mode;              /* backward, mixed, or none: forward */
    uint8_t own[3];            /* taps on a channel's own past */
    uint8_t neighbours[3];
    uint8_t past[3];           /* past samples of each */
    uint8_t contexts[3];       /* mixed: laws by context */
    n1_wide_effort wide;       /* from N1_WIDE_CHANNELS on */
} n1_adaptive_effort;

/* The mode of so many of a block's channels. */
static inline n1_mode n1_adaptive_mode(const n1_adaptive_effort *e, size_t n_channels, size_t members)
{
    return n_channels >= N1_WIDE_CHANNELS && members >= N1_WIDE_MEMBERS ? N1_MODE_WIDE : e->mode;
}
#endif
