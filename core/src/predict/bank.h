/*
 * A bank of linear predictors of one channel and their combination.
 *
 * All share the products of an interval; each keeps the part of the features it uses, forgets at its own pace and is
 * solved at its own interval. The last step is one more small least-squares problem: how far to go from the first
 * predictor towards each of the others ("stacking").
 *
 * A coefficient is Q16, kept as two 16-bit numbers, high * 1024 + low with -512 <= low < 512, over all views (zero
 * where the predictor does not look): two sums of 16-bit products that cannot pass 32 bits, exact and fast.
 */
#ifndef N1_PREDICT_BANK_H
#define N1_PREDICT_BANK_H
#include "kernels/table.h"
#include "predict/least_squares.h"
#include "predict/params.h"
#include "predict/series.h"

enum {
    N1_BANK = 4,                                     /* predictors */
    N1_MEAN_Q = 4,                                   /* predictions in 1/16 voltage unit */
    N1_STACK = N1_BANK - 1,
    N1_STACK_SUMS = N1_STACK * (N1_STACK + 1) / 2 + N1_STACK
};

/* One predictor's share of the features and its pace: the same for all channels. */
typedef struct {
    uint32_t n;                       /* features */
    uint32_t forget;                  /* 2^-forget of the sums is lost per interval; 0: nothing */
    uint32_t every;                   /* intervals between solutions */
    uint8_t feature[N1_MAX_FEATURES]; /* indexes of views, ascending; see bank.c */
} n1_bank_member;

typedef struct {
    uint32_t own, neighbours, past, features, members;
    n1_bank_member member[N1_BANK];
    uint32_t views;                      /* rounded up to whole vectors of 8 */
    size_t sums, coefs;                  /* int64 and int16 numbers a channel needs */
    uint8_t first[N1_MAX_FEATURES + 1]; /* of a run of views, see predict/least_squares.h */
} n1_bank_plan;

/* Work memory of an interval's end; shared by all channels. */
typedef struct {
    int32_t interval[(N1_MAX_FEATURES + 1) * (N1_MAX_FEATURES + 2) / 2];
    n1_least_squares_work ls;
} n1_bank_work;

typedef struct {
    uint16_t source[N1_MAX_NEIGHBOURS];
    int64_t stack[N1_STACK_SUMS];
    int32_t share[N1_STACK]; /* Q16 */
    int32_t mean[N1_BANK];   /* predictions of the current sample, 1/16 voltage unit, relative to the centre */
    int32_t joint;           /* the combination */
} n1_bank;

void n1_bank_layout(n1_bank_plan *plan, const n1_params *p);
void n1_bank_init(n1_bank *b, const n1_bank_plan *plan, const n1_params *p, uint32_t c, int64_t *sums,
                  int16_t *coefs);
int32_t n1_bank_predict(n1_bank *b, const n1_bank_plan *plan, const n1_series *series, uint32_t c, uint32_t t,
                        const int16_t *coefs);
/* After the sample: y is its voltage relative to the centre. */
void n1_bank_learn(n1_bank *b, int32_t y);
/* After an interval (number `intervals`, from 1). */
void n1_bank_turn(n1_bank *b, const n1_bank_plan *plan, n1_bank_work *work, const n1_series *series, uint32_t c,
                  uint32_t intervals, int64_t *sums, int16_t *coefs, const n1_kernels *kernels);
#endif
