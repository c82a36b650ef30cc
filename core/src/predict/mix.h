/*
 * Logistic mixing: several laws give odds for one binary decision; their logarithms are added with weights that
 * follow the gradient of the coding cost (M. Mahoney, "Adaptive weighing of context models", 2005).
 * Odds are log2(P1 / P0) in Q12; weights Q20.
 */
#ifndef N1_PREDICT_MIX_H
#define N1_PREDICT_MIX_H
#include "base/fixed.h"

enum { N1_ODDS_MOST = 12 * 4096 };

/* P(1) in 1/65536 from odds: 1 / (1 + 2^-odds), linear between the table's steps of 1/64 nat. */
N1_INLINE uint32_t n1_squash(int32_t odds)
{
    int32_t u = n1_clamp(odds, -N1_ODDS_MOST, N1_ODDS_MOST) * 11357 / 4096; /* nats in Q14: 16384 ln 2 = 11357 */
    uint32_t i = (uint32_t)(u + (768 << 8)), f = i & 255U;
    i >>= 8;
    int32_t a = N1_SQUASH[i], b = N1_SQUASH[i + 1];
    return (uint32_t)n1_clamp(a + (((b - a) * (int32_t)f + 128) >> 8), 16, 65520);
}
N1_INLINE int32_t n1_mix_odds(const int32_t *w, const int32_t *odds, uint32_t n)
{
    int64_t s = 0;
    for (uint32_t i = 0; i < n; i++) s += (int64_t)w[i] * odds[i];
    return (int32_t)n1_clamp64(n1_asr(s, 20), -N1_ODDS_MOST, N1_ODDS_MOST);
}
/* error = 65536 * bit - P(1); the step is error * odds * 2^-rate. */
N1_INLINE void n1_mix_learn(int32_t *w, const int32_t *odds, uint32_t n, int32_t error, int rate)
{
    for (uint32_t i = 0; i < n; i++) {
        int32_t step = (int32_t)n1_asr((int64_t)error * odds[i] + ((int64_t)1 << (rate - 1)), rate);
        w[i] = n1_clamp(w[i] + step, -(8 << 20), 8 << 20);
    }
}
#endif
