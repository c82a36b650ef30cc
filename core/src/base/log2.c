/* Logarithms by integers: see log2.h. */
#include "base/log2.h"

int32_t n1_log2_q8(uint64_t v)
{
    const int32_t whole = n1_top_bit(v);
    uint64_t m = whole >= 31 ? v >> (whole - 31) : v << (31 - whole);   /* [2^31, 2^32) */
    int32_t r = whole << 8;
    for (int32_t bit = 128; bit; bit >>= 1) {
        m = (m * m) >> 31;
        if (m >> 32) {
            r += bit;
            m >>= 1;
        }
    }
    return r;
}

unsigned n1_ceil_log2(uint32_t n)
{
    unsigned b = 0;
    while (b < 32 && ((uint64_t)1 << b) < n)
        b++;
    return b;
}
