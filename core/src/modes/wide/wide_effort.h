/* wide_effort.h - encoder: how much the wide mode takes into account. */
#ifndef N1_MODES_WIDE_WIDE_EFFORT_H
#define N1_MODES_WIDE_WIDE_EFFORT_H
#include <stdint.h>

typedef struct {
    uint8_t own;         /* pairs of own lags */
    uint8_t neighbours;
    uint8_t deep;        /* pairs of lags of each */
    uint8_t reach;       /* how far away they are looked for */
    uint8_t stretches;   /* of 4096 frames, all over the block, to which taps are fitted */
} n1_wide_effort;

#endif
