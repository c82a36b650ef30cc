/* words.h - encoder: rANS of eight lanes at a time, backwards. */
#ifndef N1_MODES_WIDE_WORDS_H
#define N1_MODES_WIDE_WORDS_H
#include "base/bytes.h"
#include "base/inline.h"
#include "entropy/mass.h"
#include <stddef.h>

/* Put a row's eight codes: what a decoder reads last is written first. freq is `stride` behind start. 0: no room. */
N1_INLINE int n1_wide_words_of(uint64_t *x, const uint32_t *start, uint32_t stride, const uint8_t *begin, uint8_t **at)
{
    const uint32_t *const freq = start + stride;
    uint32_t first[8];
    unsigned shed[8];
    if (*at - begin < 32) return 0;
    for (unsigned l = 8; l-- > 0;) { /* a state's second word is the low one */
        shed[l] = x[l] >= (uint64_t)freq[l] << 20;
        shed[l] += x[l] >> 16 >= (uint64_t)freq[l] << 20;
        first[l] = (uint32_t)(shed[l] == 2 ? x[l] >> 16 : x[l]) & 0xFFFF;
        if (shed[l] == 2) {
            *at -= 2;
            n1_store16(*at, (uint16_t)x[l]);
        }
    }
    for (unsigned l = 8; l-- > 0;) {
        if (shed[l]) {
            *at -= 2;
            n1_store16(*at, (uint16_t)first[l]);
        }
        const uint64_t v = x[l] >> 16 * shed[l], q = v / freq[l];
        x[l] = (q << N1_PROB_BITS) + (v - q * freq[l]) + start[l];
    }
    return 1;
}
#endif
