/* piece_effort.h - encoder: how much the piecewise mode tries. */
#ifndef N1_MODES_PIECEWISE_PIECE_EFFORT_H
#define N1_MODES_PIECEWISE_PIECE_EFFORT_H
#include <stdint.h>

#define N1_PIECE_EFFORTS 4 /* at most that are tried */

typedef enum { N1_PIECE_NO_WIDTHS = 0, N1_PIECE_HOLES = 1, N1_PIECE_ALL_WIDTHS = 2 } n1_piece_look; /* holes: codes that never occur */

typedef struct {
    uint8_t own;      /* most taps of a channel's past */
    uint8_t others;   /* most other channels */
    uint8_t lags;     /* taps of each */
    uint8_t rounds;   /* of fits whose residuals weigh the next one */
    uint8_t finest;   /* log2 of the units of the shortest pieces that are tried */
    uint8_t widths;   /* n1_piece_look: for widths of codes */
    uint8_t also;     /* efforts before this one in its table that are tried, too, where a channel's fit is in doubt */
} n1_piece_effort;
#endif
