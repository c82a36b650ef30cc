/* stride.h - numbers that are multiples of a stride: which they are, without dividing. */
#ifndef N1_BASE_STRIDE_H
#define N1_BASE_STRIDE_H
#include "base/gcd.h"
#include "base/inline.h"
#include <stdint.h>

/* A stride of 1 or more: its odd part's inverse modulo 2^32, how often it is even, and how many multiples 32 bits hold beyond 0. */
typedef struct {
    uint32_t inverse;
    unsigned twos;
    uint32_t most;
} n1_stride;

N1_APART static n1_stride n1_stride_of(uint32_t stride)
{
    n1_stride s = {0, 0, UINT32_MAX / stride};
    while (!(stride >> s.twos & 1U))
        s.twos++;
    const uint32_t odd = stride >> s.twos;
    s.inverse = odd; /* right in its lowest 3 bits; each round doubles them */
    for (int i = 0; i < 4; i++)
        s.inverse *= 2U - odd * s.inverse;
    return s;
}

/* Which multiple d is. */
static inline uint32_t n1_multiple(const n1_stride *s, uint32_t d) { return d * s->inverse >> s->twos; }

/* Whether d is one: then, and only then, is what it is turned to no more than there are (T. Granlund and P. L. Montgomery, 1994). */
static inline int n1_is_multiple(const n1_stride *s, uint32_t d)
{
    const uint32_t turned = d * s->inverse;
    return (s->twos ? turned >> s->twos | turned << (32 - s->twos) : turned) <= s->most;
}

/* What all distances so far are multiples of; 0, as one begins: they were 0. */
typedef struct {
    uint32_t stride;
    n1_stride multiples; /* of it */
} n1_common_stride;

static inline void n1_common_stride_take(n1_common_stride *s, uint32_t d)
{
    if (s->stride ? n1_is_multiple(&s->multiples, d) : !d)
        return;
    s->stride = (uint32_t)n1_gcd(s->stride, d);
    s->multiples = n1_stride_of(s->stride);
}
#endif
