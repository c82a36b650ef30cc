/* effort.h - encoder: how much the forward mode tries. */
#ifndef N1_MODES_FORWARD_EFFORT_H
#define N1_MODES_FORWARD_EFFORT_H
#include <stdint.h>

typedef struct {
    uint8_t order, least;   /* own taps of a long channel: at most; of a single one as few, in steps of 8, as earn their bits */
    uint8_t neighbours;     /* at most, and taps of each */
    uint8_t neighbour_taps;
    uint8_t reach;          /* how far down neighbours are looked for */
    uint8_t every;          /* one row in `every` is analysed */
    uint8_t search;         /* try scales and shapes by their cost */
    uint8_t wide;           /* 32 lanes in long channels: faster to decode, a little larger */
} n1_effort;

/* The same for so many channels. */
static inline n1_effort n1_effort_for(const n1_effort *e, uint64_t n_channels)
{
    n1_effort mine = *e;
    if (n_channels == 1)
        mine.neighbours = 0;
    else
        mine.least = mine.order;
    return mine;
}
#endif
