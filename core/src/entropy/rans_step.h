/* rans_step.h - one step of rANS: 40-bit states, masses of 2^20, 16-bit little-endian words. */
#ifndef N1_ENTROPY_RANS_STEP_H
#define N1_ENTROPY_RANS_STEP_H
#include "base/bytes.h"
#include "entropy/mass.h"

/* Words of an encoder step, most symbols 0 or 1. Returns how many of the two are used. */
static inline unsigned n1_rans_shrink(uint64_t *x, uint32_t freq, uint16_t words[2])
{
    unsigned n = 0;
    while (*x >= (uint64_t)freq << 20) {
        words[n++] = (uint16_t)*x;
        *x >>= 16;
    }
    return n;
}
static inline uint64_t n1_rans_push(uint64_t x, uint32_t freq, uint32_t cum)
{
    uint32_t q = (uint32_t)(x / freq);
    return ((uint64_t)q << N1_PROB_BITS) + (x - (uint64_t)q * freq) + cum;
}
#endif
