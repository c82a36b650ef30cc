/* mass.h - what a law hands to rANS: intervals of a mass of 2^20. */
#ifndef N1_ENTROPY_MASS_H
#define N1_ENTROPY_MASS_H
#include <stdint.h>

#define N1_PROB_BITS 20
#define N1_PROB_ONE  (1u << N1_PROB_BITS)
#define N1_RANS_LOW  ((uint64_t)1 << 24) /* states rest in [2^24, 2^40): 16-bit words */

#endif
