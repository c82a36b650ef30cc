/* rans_turns.h - encoder of rANS: records of two states by turns, each step without a division that the state waits for. */
#ifndef N1_ENTROPY_RANS_TURNS_H
#define N1_ENTROPY_RANS_TURNS_H
#include "base/inline.h"
#include "entropy/rans_write.h"

#include <string.h>

/* The upper half of a product. */
N1_INLINE uint64_t n1_high_product(uint64_t a, uint64_t b)
{
#if defined(__SIZEOF_INT128__)
    __extension__ typedef unsigned __int128 twice;
    return (uint64_t)((twice)a * b >> 64);
#else
    const uint64_t low = (uint32_t)a, high = a >> 32, first = (uint32_t)b, second = b >> 32;
    const uint64_t middle = high * first + (low * first >> 32), other = low * second + (uint32_t)middle;
    return high * second + (middle >> 32) + (other >> 32);
#endif
}

/* floor(s / freq) of a state: the quotient is below 2^20, and an inverse that is too large by less than 2^-51 of it adds less to
 * it than the 2^-20 that its fraction lacks of 1. No state waits for its inverse. */
typedef struct {
    uint64_t inverse;
    unsigned down;
} n1_divisor;

N1_INLINE n1_divisor n1_divisor_of(uint32_t freq)
{
    const double inverse = 1.0 / freq;
    uint64_t bits;
    memcpy(&bits, &inverse, sizeof bits);
    return (n1_divisor){((bits | (uint64_t)1 << 52) + 1) << 11, 1023u - (unsigned)(bits >> 52)};
}

N1_INLINE uint64_t n1_rans_quotient(uint64_t s, n1_divisor d) { return n1_high_product(s << 1, d.inverse) >> d.down; }

/* A record's state after it; words go below *p, at most two. */
N1_INLINE uint64_t n1_rans_turn(uint64_t s, uint64_t record, n1_divisor d, uint8_t **p)
{
    const uint32_t start = (uint32_t)record, freq = (uint32_t)(record >> 32);
    const uint64_t most = (uint64_t)freq << 20;
    n1_store16(*p - 2, (uint16_t)s);
    const uint64_t full = s >= most;
    *p -= 2 * full;
    s >>= 16 * full; /* a branch would be a coin toss */
    if (N1_SELDOM(s >= most)) {
        *p -= 2;
        n1_store16(*p, (uint16_t)s);
        s >>= 16;
    }
    return n1_rans_quotient(s, d) * (N1_PROB_ONE - freq) + s + start;
}

/* From the last pair on, while there is room for the words of two; returns how many records are left. */
N1_INLINE size_t n1_rans_turns_loop(n1_rans_writer *w, const uint64_t *records, size_t n)
{
    uint64_t odd = w->x[1], even = w->x[0];
    uint8_t *p = w->p;
    for (; n >= 2 && p - w->least >= 8; n -= 2) {
        odd = n1_rans_turn(odd, records[n - 1], n1_divisor_of((uint32_t)(records[n - 1] >> 32)), &p);
        even = n1_rans_turn(even, records[n - 2], n1_divisor_of((uint32_t)(records[n - 2] >> 32)), &p);
    }
    w->x[1] = odd;
    w->x[0] = even;
    w->p = p;
    return n;
}
#endif
