/* The only file that knows what a level means. */
#include "levels.h"
#include "modes/contexts/contexts.h"
#include "modes/piecewise/piecewise.h"

/* own taps at most and at least, neighbours, taps of each, reach, one row in so many, search, 32 lanes */
static const n1_effort efforts[] = {
    {8, 8, 3, 3, 6, 4, 0, 1},
    {16, 8, 4, 3, 12, 4, 1, 1},
    {24, 8, 6, 3, 16, 2, 1, 0},
    {32, 8, 6, 4, 32, 2, 1, 0},
    {32, 8, 6, 4, 32, 1, 1, 0},
};
enum { FORWARD_1, FORWARD_2, FORWARD_3, FORWARD_4, FORWARD_5 };

/* own taps, neighbours, past of them, contexts: for one channel, for 2 .. 7, for more; and for many: pairs of own lags,
 * neighbours, pairs of lags of each, reach, stretches */
static const n1_adaptive_effort adaptive[] = {
    {N1_MODE_FORWARD, {0}, {0}, {0}, {0}, {2, 2, 2, 8, 4}},
    {N1_MODE_BACKWARD, {16, 16, 4}, {0, 3, 2}, {0, 1, 1}, {1, 1, 1}, {2, 4, 2, 16, 4}},
    {N1_MODE_BACKWARD, {16, 16, 4}, {0, 4, 4}, {0, 1, 1}, {1, 1, 1}, {2, 6, 2, 16, 4}},
    {N1_MODE_MIXED, {16, 32, 4}, {0, 4, 4}, {0, 1, 1}, {1, 1, 1}, {2, 8, 2, 24, 16}},
    {N1_MODE_MIXED, {32, 32, 8}, {0, 4, 6}, {0, 1, 1}, {2, 2, 1}, {2, 12, 2, 24, 16}},
    {N1_MODE_MIXED, {32, 32, 8}, {0, 4, 8}, {0, 2, 1}, {4, 2, 2}, {2, 24, 2, 30, 32}},
    {N1_MODE_BACKWARD, {16, 16, 4}, {0, 4, 4}, {0, 1, 1}, {1, 1, 1}, {2, 8, 2, 24, 16}},
    {N1_MODE_BACKWARD, {16, 16, 4}, {0, 4, 4}, {0, 1, 1}, {1, 1, 1}, {2, 12, 2, 24, 16}},
    {N1_MODE_BACKWARD, {16, 16, 4}, {0, 4, 4}, {0, 1, 1}, {1, 1, 1}, {2, 24, 2, 30, 32}},
};
enum { WIDE_1, BACKWARD_1, BACKWARD_2, MIXED_1, MIXED_2, MIXED_3, WIDE_2, WIDE_3, WIDE_4, NONE };

/* How, and the share of repeated values or steps, of 256, that promises; where these are few, a small set learns faster. A decision takes
 * as long as some ten samples of the default: below the mixed levels, what they must save in a trial, one part of so many, and how many
 * there is time for; one channel has less than several. */
static const n1_contexts_effort contexts[] = {
    {N1_CONTEXTS_HOW_FEW, 128, 4, N1_CONTEXTS_HOW_QUICK_FEW, 13, 7, 0, 0},
    {N1_CONTEXTS_HOW_MANY, 128, 12, N1_CONTEXTS_HOW_QUICK_MANY, 16, 16, 8, 12},
    {N1_CONTEXTS_HOW_MANY, 128, 12, N1_CONTEXTS_HOW_QUICK_MANY, 16, 16, 0, 12},
    {N1_CONTEXTS_HOW_MANY, 128, 0, 0, 0, 0, 0, 12},
    {N1_CONTEXTS_HOW_FEW, 20, 14, N1_CONTEXTS_HOW_QUICK_MANY, 16, 16, 0, 0},
    {N1_CONTEXTS_HOW_FEW, 20, 0, 0, 0, 0, 0, 0},
    {N1_ADDED_ODDS ? N1_CONTEXTS_HOW_LEAN : N1_CONTEXTS_HOW_PREDICTED, 0, 0, 0, 0, 0, 0, 0},
};
enum { CONTEXTS_1, CONTEXTS_2, CONTEXTS_3, CONTEXTS_4, DOUBTFUL_1, DOUBTFUL_2, PREDICTED, NEITHER };

/* own taps, other channels, taps of each, fits whose residuals weigh the next, log2 of the shortest piece's 256 frames, widths;
 * how many of those before it are tried, too, where the fit is in doubt or the block short, so that no level is larger than a lower one. Of very many
 * channels, taps of others bring more than own ones, shorter pieces or more rounds. */
static const n1_piece_effort pieces[] = {
    {8, 2, 2, 1, 4, N1_PIECE_HOLES, 0},
    {8, 4, 2, 2, 3, N1_PIECE_ALL_WIDTHS, 1},
    {16, 4, 3, 3, 1, N1_PIECE_ALL_WIDTHS, 2},
    {24, 8, 3, 4, 1, N1_PIECE_ALL_WIDTHS, 3},
    {8, 4, 2, 2, 3, N1_PIECE_ALL_WIDTHS, 0},
    {16, 4, 3, 3, 1, N1_PIECE_ALL_WIDTHS, 1},
    {16, 8, 4, 2, 2, N1_PIECE_ALL_WIDTHS, 2},
    {24, 4, 3, 3, 1, N1_PIECE_ALL_WIDTHS, 0},
};
enum { PIECES_1, PIECES_2, PIECES_3, PIECES_4, PIECES_LIKE_2, PIECES_LIKE_3, PIECES_OF_MANY, PIECES_LONG };

/* By number, so that the table holds no addresses: a program may lie anywhere. */
typedef struct {
    uint8_t mode, effort, also, beside;
} way;
typedef struct {
    way one, few, many, wide;
    uint8_t rest, adaptive, contexts, doubtful, predicted, pieces;
    uint8_t wide_adaptive, wide_pieces; /* of very many channels */
} row;

/* Ways that several rows share. A forward block takes a small part of the mixed mode's time, but as much as the backward one
 * of many channels: there it is tried where a part of the block says that it may be smaller. */
#define FORWARD(effort)         {N1_MODE_FORWARD, effort, N1_NEVER, 0}
#define BACKWARD_OR(effort)     {N1_MODE_BACKWARD, 0, N1_ALWAYS, effort}
#define BACKWARD_LIKELY(effort) {N1_MODE_BACKWARD, 0, N1_IF_PROMISING, effort}
#define MIXED_OR(effort)        {N1_MODE_MIXED, 0, N1_ALWAYS, effort}
#define WIDE_LIKELY(effort)     {N1_MODE_WIDE, 0, N1_IF_PROMISING, effort}

/* A level tries what the one below it settles for, or more, so that none is larger than a lower one. One channel has fewer
 * rungs than there are levels: beyond 24 taps, the forward mode finds nothing more in it. */
static const row rows[N1_MAX_LEVEL] = {
    /* one channel          few channels            many channels               very many               rest       adaptive    contexts    doubtful    predicted  pieces    very many: adaptive, pieces */
    {FORWARD(FORWARD_1),     FORWARD(FORWARD_1),     FORWARD(FORWARD_1),         FORWARD(FORWARD_1),     FORWARD_1, NONE,       CONTEXTS_1, NEITHER,     NEITHER,   PIECES_1,   NONE,       PIECES_1},
    {FORWARD(FORWARD_2),     FORWARD(FORWARD_2),     FORWARD(FORWARD_2),         FORWARD(FORWARD_2),     FORWARD_2, NONE,       CONTEXTS_1, NEITHER,     NEITHER,   PIECES_2,   NONE,       PIECES_2},
    {FORWARD(FORWARD_3),     FORWARD(FORWARD_3),     FORWARD(FORWARD_3),         FORWARD(FORWARD_3),     FORWARD_3, NONE,       CONTEXTS_1, NEITHER,     NEITHER,   PIECES_2,   NONE,       PIECES_2},
    {FORWARD(FORWARD_3),     FORWARD(FORWARD_3),     FORWARD(FORWARD_3),         WIDE_LIKELY(FORWARD_3), FORWARD_3, WIDE_1,     CONTEXTS_1, NEITHER,     NEITHER,   PIECES_2,   WIDE_1,     PIECES_2},
    {FORWARD(FORWARD_3),     FORWARD(FORWARD_4),     BACKWARD_LIKELY(FORWARD_4), WIDE_LIKELY(FORWARD_3), FORWARD_4, BACKWARD_1, CONTEXTS_2, NEITHER,    NEITHER,   PIECES_3,   BACKWARD_1, PIECES_3},
    {BACKWARD_OR(FORWARD_3), BACKWARD_OR(FORWARD_4), BACKWARD_LIKELY(FORWARD_5), WIDE_LIKELY(FORWARD_3), FORWARD_5, BACKWARD_2, CONTEXTS_3, DOUBTFUL_1, NEITHER,   PIECES_3,   BACKWARD_2, PIECES_3},
    {MIXED_OR(FORWARD_3),    MIXED_OR(FORWARD_4),    MIXED_OR(FORWARD_5),        WIDE_LIKELY(FORWARD_3), FORWARD_4, MIXED_1,    CONTEXTS_4, DOUBTFUL_2, NEITHER,   PIECES_4,   WIDE_2,     PIECES_OF_MANY},
    {MIXED_OR(FORWARD_3),    MIXED_OR(FORWARD_4),    MIXED_OR(FORWARD_5),        WIDE_LIKELY(FORWARD_3), FORWARD_4, MIXED_2,    CONTEXTS_4, DOUBTFUL_2, NEITHER,   PIECES_4,   WIDE_3,     PIECES_OF_MANY},
    {MIXED_OR(FORWARD_3),    MIXED_OR(FORWARD_4),    MIXED_OR(FORWARD_5),        WIDE_LIKELY(FORWARD_3), FORWARD_4, MIXED_3,    CONTEXTS_4, DOUBTFUL_2, PREDICTED, PIECES_4,   WIDE_4,     PIECES_OF_MANY},
};

static n1_way way_of(const way *w)
{
    return (n1_way){(n1_mode)w->mode, &efforts[w->effort], (n1_when)w->also, &efforts[w->beside]};
}

n1_level n1_level_of(int level, size_t n_channels)
{
    const row *r = &rows[level - 1];
    const int wide = n_channels >= N1_WIDE_CHANNELS;
    const uint8_t a = wide ? r->wide_adaptive : r->adaptive, p = wide ? r->wide_pieces : r->pieces;
    return (n1_level){way_of(&r->one), way_of(&r->few), way_of(&r->many), way_of(&r->wide), &efforts[r->rest],
                      a == NONE ? 0 : &adaptive[a], &contexts[r->contexts],
                      r->doubtful == NEITHER ? 0 : &contexts[r->doubtful], wide || r->predicted == NEITHER ? 0 : &contexts[r->predicted],
                      &pieces[p], N1_PIECE_FORMS && p == PIECES_3 && n_channels == 1 ? &pieces[PIECES_LONG] : 0, p != PIECES_1};
}

const n1_effort *n1_tried_effort(void) { return &efforts[FORWARD_2]; }
const n1_effort *n1_rough_effort(void) { return &efforts[FORWARD_1]; }
