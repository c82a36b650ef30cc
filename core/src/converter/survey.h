/* Encoder: what is known of a channel before alphabets are chosen. */
#ifndef N1_CONVERTER_SURVEY_H
#define N1_CONVERTER_SURVEY_H
#include "modes/forward/forward.h"

typedef struct {
    int32_t low, high;
    uint32_t stride;      /* gcd of the distances to low; 0: constant */
    uint32_t step;        /* mean absolute difference of neighbours in time, 8ths */
    int n1;               /* every value is one of the N1 ADC's */
} n1_channel_stats;

static inline int n1_is_constant(const n1_channel_stats *s) { return s->low == s->high; }

static inline uint32_t n1_gcd(uint32_t a, uint32_t b)
{
    while (b) {
        uint32_t t = a % b;
        a = b;
        b = t;
    }
    return a;
}

/* Divide the alphabets anew where channels of different gains or offsets would share one at a loss. */
void n1_regroup(n1_forward *c, const n1_channel_stats *s, n1_arena scratch);
#endif
