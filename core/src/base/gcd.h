/* gcd.h - the greatest common divisor. */
#ifndef N1_BASE_GCD_H
#define N1_BASE_GCD_H
#include <stdint.h>

/* That of 0 and a number is the number. */
static inline uint64_t n1_gcd(uint64_t a, uint64_t b)
{
    while (b) {
        const uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}
#endif
