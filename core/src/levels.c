/* The only file that knows what a level means. */
#include "levels.h"

/* own taps tried, neighbours, taps of each, reach, one row in so many, search, 32 lanes */
static const n1_effort efforts[] = {
    {{8}, 2, 3, 6, 4, 0, 1},         {{16}, 4, 3, 12, 4, 1, 1},          {{24}, 6, 3, 16, 2, 1, 0},
    {{24, 16}, 6, 4, 32, 2, 1, 0},   {{32, 24, 16}, 6, 4, 32, 2, 1, 0},  {{32, 28, 24, 20}, 6, 4, 32, 1, 1, 0},
};
enum { FORWARD_1, FORWARD_2, FORWARD_3, FORWARD_4, FORWARD_5, FORWARD_6 };

/* own taps, neighbours, past of them, contexts: for one channel, for 2 .. 7, for more */
static const n1_adaptive_effort adaptive[] = {
    {N1_MODE_BACKWARD, {16, 16, 4}, {0, 1, 1}, {0, 1, 1}, {1, 1, 1}},
    {N1_MODE_BACKWARD, {16, 16, 4}, {0, 3, 2}, {0, 1, 1}, {1, 1, 1}},
    {N1_MODE_BACKWARD, {16, 16, 4}, {0, 4, 4}, {0, 1, 1}, {1, 1, 1}},
    {N1_MODE_MIXED, {16, 32, 4}, {0, 4, 4}, {0, 1, 1}, {1, 1, 1}},
    {N1_MODE_MIXED, {32, 32, 8}, {0, 4, 6}, {0, 1, 1}, {2, 2, 1}},
    {N1_MODE_MIXED, {32, 32, 8}, {0, 4, 8}, {0, 2, 1}, {4, 2, 2}},
};
enum { BACKWARD_1, BACKWARD_2, BACKWARD_3, MIXED_1, MIXED_2, MIXED_3, NONE };

/* By number, so that the table holds no addresses: a program may lie anywhere. */
typedef struct {
    struct {
        uint8_t mode, effort, also, beside;
    } few, many;
    uint8_t rest, adaptive;
} row;

/* A forward block takes a small part of the mixed mode's time, but as much as the backward one of many channels: there it is
   tried where a part of the block says that it may be smaller. More care is not always less error: what the level below
   gives may be smaller. */
static const row rows[N1_MAX_LEVEL] = {
    /* few channels: mode, effort, also forward, with      many channels                                             rest */
    {{N1_MODE_FORWARD, FORWARD_1, N1_NEVER, 0},           {N1_MODE_FORWARD, FORWARD_1, N1_NEVER, 0},                FORWARD_1, NONE},
    {{N1_MODE_FORWARD, FORWARD_2, N1_NEVER, 0},           {N1_MODE_FORWARD, FORWARD_2, N1_NEVER, 0},                FORWARD_2, NONE},
    {{N1_MODE_FORWARD, FORWARD_3, N1_NEVER, 0},           {N1_MODE_FORWARD, FORWARD_3, N1_NEVER, 0},                FORWARD_3, NONE},
    {{N1_MODE_FORWARD, FORWARD_4, N1_ALWAYS, FORWARD_3},  {N1_MODE_BACKWARD, 0, N1_IF_PROMISING, FORWARD_4},        FORWARD_4, BACKWARD_1},
    {{N1_MODE_FORWARD, FORWARD_5, N1_ALWAYS, FORWARD_3},  {N1_MODE_BACKWARD, 0, N1_IF_PROMISING, FORWARD_5},        FORWARD_5, BACKWARD_2},
    {{N1_MODE_BACKWARD, 0, N1_ALWAYS, FORWARD_6},         {N1_MODE_BACKWARD, 0, N1_IF_PROMISING, FORWARD_6},        FORWARD_6, BACKWARD_3},
    {{N1_MODE_MIXED, 0, N1_ALWAYS, FORWARD_6},            {N1_MODE_MIXED, 0, N1_ALWAYS, FORWARD_6},                 FORWARD_3, MIXED_1},
    {{N1_MODE_MIXED, 0, N1_ALWAYS, FORWARD_6},            {N1_MODE_MIXED, 0, N1_ALWAYS, FORWARD_6},                 FORWARD_3, MIXED_2},
    {{N1_MODE_MIXED, 0, N1_ALWAYS, FORWARD_6},            {N1_MODE_MIXED, 0, N1_ALWAYS, FORWARD_6},                 FORWARD_3, MIXED_3},
};

n1_level n1_level_of(int level)
{
    const row *r = &rows[level - 1];
    return (n1_level){{(n1_mode)r->few.mode, &efforts[r->few.effort], (n1_when)r->few.also, &efforts[r->few.beside]},
                      {(n1_mode)r->many.mode, &efforts[r->many.effort], (n1_when)r->many.also, &efforts[r->many.beside]},
                      &efforts[r->rest],
                      r->adaptive == NONE ? 0 : &adaptive[r->adaptive]};
}

const n1_effort *n1_tried_effort(void) { return &efforts[FORWARD_2]; }
