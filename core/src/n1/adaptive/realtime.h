/*
 * The realtime mode's state, and what both directions do for a sample: see realtime.c for what is slower than a sample,
 * realtime_code.c for the order of samples and the coding.
 */
#ifndef N1A_REALTIME_H
#define N1A_REALTIME_H
#include "dot.h"
#include "ls.h"
#include "series.h"

enum {
    N1A_COEF_Q = 12,
    N1A_OLD = 32,          /* room for lags 5 .. N1A_MAX_OWN, in whole vectors of 8 */
    N1A_STRANDS = 8,       /* see realtime_code.c */
    N1A_STRANDS_FROM = 8   /* channels: fewer make one strand */
};

/* In the order of use: a sample touches the first two cache lines when there are no more than 8 neighbours. */
typedef struct {
    uint32_t inv;      /* 256 * 65536 / sigma */
    int32_t sigma;     /* voltage units, Q4 */
    uint64_t cap, sum; /* of this block's squared errors, each at most cap */
    uint64_t variance; /* squared voltage units */
    uint32_t edges, tally, learns; /* learns: wide enough to count for the code widths */
    int16_t young[4];  /* taps on lags 1 .. 4 */
    uint32_t unused[3];
    uint16_t source[N1A_MAX_NEIGHBOURS];
    int16_t side[N1A_MAX_NEIGHBOURS * (1 + N1A_MAX_PAST)]; /* taps on the neighbours, oldest lag first */
    int16_t old[N1A_OLD]; /* taps on lags 5 .. olds + 4, oldest first; zero beyond own */
} n1a_channel;

struct n1a_realtime {
    uint32_t channels, codes, own, olds, neighbours, past, features;
    uint32_t t;        /* place in the block */
    uint32_t blocks, next_solve;
    uint32_t strands, states; /* states: of rANS */
    n1a_width width;
    n1a_ls_work work;
    uint8_t first[N1A_MAX_FEATURES + 1]; /* of a run of views, see n1a_ls_products */
    int32_t block[(N1A_MAX_FEATURES + 1) * (N1A_MAX_FEATURES + 2) / 2];
    uint32_t law[4097]; /* distribution function in 1/256 sigma, scaled to leave 1 of 2^20 for each code */
    n1a_channel *channel;
    int32_t *recent; /* frames (modulo N1A_STRANDS) x channels: the sample in the high half, the one before in the low half */
    n1a_series *series;
    n1a_edges *edges;
    n1a_tally *tally;
    int64_t *sums; /* channels x (triangle, target) */
};

/* The block is full: everything slower than a sample. */
void n1a_realtime_turn(n1a_realtime *s);
#endif
