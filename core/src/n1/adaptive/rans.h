/*
 * rANS with 20-bit frequencies: 40-bit states, 16-bit little-endian words (J. Duda, "Asymmetric numeral systems",
 * arXiv:1311.2540). Two states take turns so that the encoder's divisions overlap. The coder runs backwards over
 * (start, frequency) records of a packet; the decoder forwards.
 */
#ifndef N1A_RANS_H
#define N1A_RANS_H
#include <stddef.h>
#include <stdint.h>

#define N1A_RANS_BITS 20
#define N1A_RANS_LOW ((uint64_t)1 << 24) /* states rest in [2^24, 2^40) */
enum { N1A_RANS_STATES = 2, N1A_RANS_HEAD = 5 * N1A_RANS_STATES };

static inline uint64_t n1a_rans_record(uint32_t start, uint32_t freq) { return (uint64_t)freq << 32 | start; }

/* Write `n` records into out[0..capacity): returns bytes, or -1 when they do not fit. */
static inline int64_t n1a_rans_write(const uint64_t *records, size_t n, uint8_t *out, size_t capacity)
{
    uint64_t x[N1A_RANS_STATES] = {N1A_RANS_LOW, N1A_RANS_LOW};
    uint8_t *p = out + capacity;
    if (capacity < N1A_RANS_HEAD) return -1;
    for (size_t i = n; i-- > 0;) {
        uint32_t start = (uint32_t)records[i], freq = (uint32_t)(records[i] >> 32);
        uint64_t s = x[i & 1], most = (uint64_t)freq << 20; /* (2^24 >> 20 << 16) * freq */
        if ((size_t)(p - out) < N1A_RANS_HEAD + 4) return -1;
        p[-2] = (uint8_t)s; /* written always, kept if the state is full: a branch would be a coin toss */
        p[-1] = (uint8_t)(s >> 8);
        unsigned full = s >= most;
        p -= 2 * full;
        s >>= 16 * full;
        if (s >= most) { /* frequencies below 16 only */
            p -= 2;
            p[0] = (uint8_t)s;
            p[1] = (uint8_t)(s >> 8);
            s >>= 16;
        }
        uint64_t q = s >> 32 ? s / freq : (uint32_t)s / freq; /* a 32-bit division is the cheaper one */
        x[i & 1] = (q << N1A_RANS_BITS) + (s - q * freq) + start;
    }
    for (int j = N1A_RANS_STATES; j-- > 0;)
        for (int b = 4; b >= 0; b--) *--p = (uint8_t)(x[j] >> (8 * b));
    size_t size = (size_t)(out + capacity - p);
    for (size_t i = 0; i < size; i++) out[i] = p[i];
    return (int64_t)size;
}

typedef struct {
    uint64_t x[N1A_RANS_STATES];
    const uint8_t *p, *end;
    uint32_t short_by; /* words read past the end: the packet is cut */
} n1a_rans_reader;

static inline int n1a_rans_open(n1a_rans_reader *r, const uint8_t *in, size_t size)
{
    if (size < N1A_RANS_HEAD) return 0;
    for (int j = 0; j < N1A_RANS_STATES; j++) {
        r->x[j] = 0;
        for (int b = 4; b >= 0; b--) r->x[j] = r->x[j] << 8 | in[5 * j + b];
        if (r->x[j] < N1A_RANS_LOW) return 0;
    }
    r->p = in + N1A_RANS_HEAD;
    r->end = in + size;
    r->short_by = 0;
    return 1;
}
static inline uint32_t n1a_rans_slot(uint64_t x) { return (uint32_t)x & ((1U << N1A_RANS_BITS) - 1U); }
static inline uint64_t n1a_rans_next(n1a_rans_reader *r, uint64_t x, uint32_t start, uint32_t freq)
{
    x = (x >> N1A_RANS_BITS) * freq + n1a_rans_slot(x) - start;
    if (r->end - r->p >= 4) {
        uint64_t low = x < N1A_RANS_LOW, mask = 0U - low; /* masks: a branch would be a coin toss */
        uint64_t more = x << 16 | (uint32_t)r->p[0] | (uint32_t)r->p[1] << 8;
        x = (x & ~mask) | (more & mask);
        r->p += 2 * low;
        if (x >= N1A_RANS_LOW) return x;
    }
    while (x < N1A_RANS_LOW) {
        uint32_t word = 0xFFFFU;
        if (r->end - r->p >= 2) {
            word = (uint32_t)r->p[0] | (uint32_t)r->p[1] << 8;
            r->p += 2;
        } else
            r->short_by++;
        x = x << 16 | word;
    }
    return x;
}
/* All words used, both states back where the encoder began. */
static inline int n1a_rans_closed(const n1a_rans_reader *r, uint64_t x, uint64_t other)
{
    return r->short_by == 0 && r->p == r->end && x == N1A_RANS_LOW && other == N1A_RANS_LOW;
}
#endif
