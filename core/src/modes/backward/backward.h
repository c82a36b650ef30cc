/*
 * The backward mode's state, and what both directions do for a sample: see backward.c for what is slower than a sample,
 * code.h for the order of samples and the coding.
 */
#ifndef N1_MODES_BACKWARD_BACKWARD_H
#define N1_MODES_BACKWARD_BACKWARD_H
#include "kernels/table.h"
#include "base/arena.h"
#include "predict/least_squares.h"
#include "predict/params.h"
#include "predict/series.h"

enum {
    N1_COEF_Q = 12,
    N1_OLD = 32,          /* room for lags 5 .. N1_MAX_OWN, in whole vectors of 8 */
    N1_INVERSE_BITS = 12,
    N1_INVERSE = 1 << N1_INVERSE_BITS,
    N1_STRANDS = 8,       /* see code.h */
    N1_STRANDS_FROM = 8   /* channels: fewer make one strand */
};

/* In the order of use: a sample touches the first two cache lines when there are no more than 8 neighbours. */
typedef struct {
    uint32_t inv;      /* 256 * 65536 / sigma */
    int32_t sigma;     /* voltage units, Q4 */
    uint64_t cap, sum; /* of this interval's squared errors, each at most cap */
    uint64_t variance; /* squared voltage units */
    uint32_t edges, tally, learns; /* learns: wide enough to count for the code widths */
    int16_t young[4];  /* taps on lags 1 .. 4 */
    uint32_t unused[3]; /* fills the first cache line */
    uint16_t source[N1_MAX_NEIGHBOURS];
    int16_t side[N1_MAX_NEIGHBOURS * (1 + N1_MAX_PAST)]; /* taps on the neighbours, oldest lag first */
    int16_t old[N1_OLD]; /* taps on lags 5 .. olds + 4, oldest first; zero beyond own */
} n1_backward_channel;

/*
 * For vector kernels: the i-th channels of all strands side by side, made anew for each interval. Frame f of strand q lies
 * N1_ROWS_BEFORE + f + q rows down, so that what is coded at one step lies in one row.
 */
enum { N1_ROWS_BEFORE = N1_STRANDS, N1_ROWS = N1_ROWS_BEFORE + N1_INTERVAL + N1_STRANDS - 1, N1_LINKS = 4 };
typedef struct {
    int32_t inv[N1_STRANDS], sigma[N1_STRANDS], reach[N1_STRANDS]; /* reach: where the law has ended */
    int32_t centre[N1_STRANDS], table[N1_STRANDS];                  /* table: bytes from the first n1_edges */
    int32_t young[2][N1_STRANDS]; /* pairs of taps, older lag in the low half: 2 and 1; 4 and 3 */
    int32_t link[N1_LINKS][N1_STRANDS],
        side[N1_LINKS][N1_STRANDS]; /* where a neighbour's sample is from the row's start; its taps */
    uint64_t cap[2][N1_STRANDS / 2], sum[2][N1_STRANDS / 2];        /* of even, of odd strands */
} n1_rank;

/* In which order the samples of some frames are coded: strands alternate within an interval, and only whole intervals (or
 * what is left at the end) are coded at once; or frame after frame, whatever is there. */
typedef enum { N1_ORDER_STRANDS = 0, N1_ORDER_FRAMES = 1 } n1_sample_order;

typedef struct n1_backward {
    uint32_t channels, codes, own, olds, neighbours, past, features;
    uint32_t t;        /* place in the interval */
    uint32_t intervals, next_solve;
    const n1_kernels *k;
    uint32_t strands, states; /* states: of rANS */
    n1_code_widths width;
    n1_least_squares_work work;
    uint8_t first[N1_MAX_FEATURES + 1]; /* of a run of views, see predict/least_squares.h */
    int32_t interval[(N1_MAX_FEATURES + 1) * (N1_MAX_FEATURES + 2) / 2];
    uint32_t law[4097]; /* distribution function in 1/256 sigma, scaled to leave 1 of 2^20 for each code */
    int16_t inverse[N1_INVERSE + 2]; /* the law's: first step, of 1/256 sigma, beyond mass i of N1_INVERSE; see
                                         n1_backward_init */
    n1_backward_channel *channel;
    int32_t *recent; /* frames (modulo N1_STRANDS) x channels: the sample in the high half, the one before in the low
                        half */
    n1_series *series;
    n1_edges *edges;
    n1_tally *tally;
    uint32_t ranks;      /* channels of the longest strand; 0: not for vector kernels */
    n1_rank *rank;
    int32_t *pair;       /* rows x ranks x strands: as in recent */
    uint16_t *code, *bin; /* likewise; bin: of the predicted mean, see n1_tally */
    int64_t *sums; /* channels x (triangle, target) */
} n1_backward;

/* Strand q's first channel. */
static inline uint32_t n1_strand_start(const n1_backward *s, uint32_t q) { return s->channels * q / s->strands; }
/* A state for these counts (neither array of p is read); NULL where the arena measures or has too little. */
n1_backward *n1_backward_take(n1_arena *a, const n1_params *p, n1_sample_order order);
/* Begin: p has been checked, and its counts are those of n1_backward_take. */
void n1_backward_init(n1_backward *s, const n1_params *p, const n1_kernels *k);
/* The interval is full: everything slower than a sample. */
void n1_backward_turn(n1_backward *s);
#endif
