/*
 * rANS with 20-bit frequencies: 40-bit states, 16-bit little-endian words (J. Duda, "Asymmetric numeral systems",
 * arXiv:1311.2540). Several states, so that the encoder's divisions and the decoder's steps overlap; they share the
 * words. The coder runs backwards over a packet's records (start, frequency, which state); the decoder forwards.
 */
#ifndef N1_ENTROPY_RANS_H
#define N1_ENTROPY_RANS_H
#include "base/bytes.h"
#include "entropy/mass.h"

#include <stddef.h>
#include <stdint.h>

enum { N1_RANS_STATES = 8, /* at most */ N1_RANS_STATE = 5 /* bytes */ };

typedef struct n1_rans_reader {
    uint64_t x[N1_RANS_STATES];
    const uint8_t *p, *end;
    int states;
    uint32_t short_by; /* words read past the end: the packet is cut */
} n1_rans_reader;

static inline int n1_rans_open(n1_rans_reader *r, int states, const uint8_t *in, size_t size)
{
    const size_t head = (size_t)states * N1_RANS_STATE;
    if (size < head) return 0;
    r->states = states;
    for (int j = 0; j < states; j++) {
        r->x[j] = 0;
        for (int b = N1_RANS_STATE - 1; b >= 0; b--) r->x[j] = r->x[j] << 8 | in[N1_RANS_STATE * j + b];
        if (r->x[j] < N1_RANS_LOW) return 0;
    }
    r->p = in + head;
    r->end = in + size;
    r->short_by = 0;
    return 1;
}
static inline uint32_t n1_rans_slot(uint64_t x) { return (uint32_t)x & ((1U << N1_PROB_BITS) - 1U); }
/* Fill a state up. */
static inline uint64_t n1_rans_fill(n1_rans_reader *r, uint64_t x)
{
    while (x < N1_RANS_LOW) {
        uint32_t word = 0xFFFFU;
        if (r->end - r->p >= 2) {
            word = n1_load16(r->p);
            r->p += 2;
        } else
            r->short_by++;
        x = x << 16 | word;
    }
    return x;
}
static inline uint64_t n1_rans_next(n1_rans_reader *r, uint64_t x, uint32_t start, uint32_t freq)
{
    x = (x >> N1_PROB_BITS) * freq + n1_rans_slot(x) - start;
    if (r->end - r->p >= 4) {
        uint64_t low = x < N1_RANS_LOW, mask = 0U - low; /* masks: a branch would be a coin toss */
        uint64_t more = x << 16 | n1_load16(r->p);
        x = (x & ~mask) | (more & mask);
        r->p += 2 * low;
        if (x >= N1_RANS_LOW) return x;
    }
    return n1_rans_fill(r, x);
}
/* All words used, every state back where the encoder began. */
static inline int n1_rans_closed(const n1_rans_reader *r)
{
    int closed = r->short_by == 0 && r->p == r->end;
    for (int j = 0; j < r->states; j++) closed &= r->x[j] == N1_RANS_LOW;
    return closed;
}
#endif
