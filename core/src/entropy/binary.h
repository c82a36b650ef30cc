/*
 * Binary arithmetic coder without carries: 64-bit interval [low, high], 16-bit probabilities (M. Mahoney's form of
 * the coder in PAQ, widened to 64 bits so that an interval too narrow for 16-bit steps practically never occurs; if
 * one does, coder and decoder still agree).
 */
#ifndef N1_ENTROPY_BINARY_H
#define N1_ENTROPY_BINARY_H
#include "base/fixed.h"
#include <stddef.h>
#include <stdint.h>

typedef struct n1_binary {
    uint64_t low, high, value; /* value: decoder only */
    uint8_t *out;              /* encoder */
    const uint8_t *in;         /* decoder */
    size_t at, size;           /* place, capacity or length */
} n1_binary;

N1_INLINE void n1_binary_start(n1_binary *b, const uint8_t *in, uint8_t *out, size_t size)
{
    b->low = 0;
    b->high = ~(uint64_t)0;
    b->value = 0;
    b->in = in;
    b->out = out;
    b->at = 0;
    b->size = size;
    if (in)
        for (int i = 0; i < 8; i++, b->at++) b->value = b->value << 8 | (b->at < size ? in[b->at] : 0U);
}
N1_INLINE uint64_t n1_binary_split(const n1_binary *b, uint32_t p1)
{
    return b->low + ((b->high - b->low) >> 16) * p1;
}
/* p1 = P(bit = 1) in 1/65536, 1 .. 65535. Bytes beyond the capacity are counted, not written. */
N1_INLINE void n1_binary_put(n1_binary *b, uint32_t bit, uint32_t p1)
{
    uint64_t m = n1_binary_split(b, p1);
    uint64_t one = 0U - (uint64_t)bit; /* masks instead of a branch on what is as good as random */
    b->high = (b->high & ~one) | (m & one);
    b->low = (b->low & one) | ((m + 1) & ~one);
    while (((b->low ^ b->high) >> 56) == 0) {
        if (b->at < b->size) b->out[b->at] = (uint8_t)(b->high >> 56);
        b->at++;
        b->low <<= 8;
        b->high = b->high << 8 | 255U;
    }
}
N1_INLINE uint32_t n1_binary_get(n1_binary *b, uint32_t p1)
{
    uint64_t m = n1_binary_split(b, p1);
    uint32_t bit = b->value <= m;
    uint64_t one = 0U - (uint64_t)bit;
    b->high = (b->high & ~one) | (m & one);
    b->low = (b->low & one) | ((m + 1) & ~one);
    while (((b->low ^ b->high) >> 56) == 0) {
        b->low <<= 8;
        b->high = b->high << 8 | 255U;
        b->value = b->value << 8 | (b->at < b->size ? b->in[b->at] : 0U);
        b->at++;
    }
    return bit;
}
/* The shortest bytes that, followed by zeros, lie in the interval. */
N1_INLINE void n1_binary_flush(n1_binary *b)
{
    if (b->low == 0) return;
    for (int n = 1; n <= 8; n++) {
        int s = 64 - 8 * n;
        uint64_t v = ((b->low - 1) >> s) + 1; /* rounded up; 0 when it would pass 2^64 */
        if (n < 8 && v >> (8 * n)) continue;
        if (v << s < b->low || v << s > b->high) continue;
        for (int i = n - 1; i >= 0; i--, b->at++)
            if (b->at < b->size) b->out[b->at] = (uint8_t)(v >> (8 * i));
        return;
    }
}
#endif
