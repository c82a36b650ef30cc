/*
 * A bank of linear predictors of one channel and their combination.
 *
 * All share the products of a block; each keeps the part of the features it uses, forgets at its own pace and is
 * solved at its own interval. The last step is one more small least-squares problem: how far to go from the first
 * predictor towards each of the others ("stacking").
 *
 * A coefficient is Q16, kept as two 16-bit numbers, high * 1024 + low with -512 <= low < 512, over all views (zero
 * where the predictor does not look): two sums of 16-bit products that cannot pass 32 bits, exact and fast.
 */
#ifndef N1A_BANK_H
#define N1A_BANK_H
#include "predict/least_squares.h"
#include "predict/series.h"

enum {
    N1A_BANK = 4,                                     /* predictors */
    N1A_MEAN_Q = 4,                                   /* predictions in 1/16 voltage unit */
    N1A_STACK = N1A_BANK - 1,
    N1A_STACK_SUMS = N1A_STACK * (N1A_STACK + 1) / 2 + N1A_STACK
};

/* One predictor's share of the features and its pace: the same for all channels. */
typedef struct {
    uint32_t n;                       /* features */
    uint32_t forget;                  /* 2^-forget of the sums is lost per block; 0: nothing */
    uint32_t every;                   /* blocks between solutions */
    uint8_t feature[N1A_MAX_FEATURES]; /* indexes of views, ascending; see bank.c */
} n1a_bank_member;

typedef struct {
    uint32_t own, neighbours, past, features, members;
    n1a_bank_member member[N1A_BANK];
    uint32_t views;                      /* rounded up to whole vectors of 8 */
    size_t sums, coefs;                  /* int64 and int16 numbers a channel needs */
    uint8_t first[N1A_MAX_FEATURES + 1]; /* of a run of views, see n1a_ls_products */
} n1a_bank_plan;

/* Work memory of a block's end; shared by all channels. */
typedef struct {
    int32_t block[(N1A_MAX_FEATURES + 1) * (N1A_MAX_FEATURES + 2) / 2];
    n1a_ls_work ls;
} n1a_bank_work;

typedef struct {
    uint16_t source[N1A_MAX_NEIGHBOURS];
    int64_t stack[N1A_STACK_SUMS];
    int32_t share[N1A_STACK]; /* Q16 */
    int32_t mean[N1A_BANK];   /* predictions of the current sample, 1/16 voltage unit, relative to the centre */
    int32_t joint;           /* the combination */
} n1a_bank;

void n1a_bank_layout(n1a_bank_plan *plan, const n1a_params *p);
void n1a_bank_init(n1a_bank *b, const n1a_bank_plan *plan, const n1a_params *p, uint32_t c, int64_t *sums,
                  int16_t *coefs);
int32_t n1a_bank_predict(n1a_bank *b, const n1a_bank_plan *plan, const n1a_series *series, uint32_t c, uint32_t t,
                        const int16_t *coefs);
/* After the sample: y is its voltage relative to the centre. */
void n1a_bank_learn(n1a_bank *b, const n1a_bank_plan *plan, int32_t y);
/* After a block (number `blocks`, from 1). */
void n1a_bank_turn(n1a_bank *b, const n1a_bank_plan *plan, n1a_bank_work *work, const n1a_series *series, uint32_t c,
                  uint32_t blocks, int64_t *sums, int16_t *coefs);
#endif
