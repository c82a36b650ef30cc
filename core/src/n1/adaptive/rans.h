/*
 * rANS with 20-bit frequencies: 40-bit states, 16-bit little-endian words (J. Duda, "Asymmetric numeral systems",
 * arXiv:1311.2540). Several states, so that the encoder's divisions and the decoder's steps overlap; they share the
 * words. The coder runs backwards over a packet's records (start, frequency, which state); the decoder forwards.
 */
#ifndef N1A_RANS_H
#define N1A_RANS_H
#include <stddef.h>
#include <stdint.h>

#define N1A_RANS_BITS 20
#define N1A_RANS_LOW ((uint64_t)1 << 24) /* states rest in [2^24, 2^40) */
enum { N1A_RANS_STATES = 8, /* at most */ N1A_RANS_STATE = 5 /* bytes */ };

static inline uint64_t n1a_rans_record(uint32_t start, uint32_t freq, uint32_t state)
{
    return (uint64_t)freq << 32 | state << 24 | start;
}

/* Write `n` records into out[0..capacity): returns bytes, or -1 when they do not fit. */
static inline int64_t n1a_rans_write(const uint64_t *records, size_t n, int states, uint8_t *out, size_t capacity)
{
    const size_t head = (size_t)states * N1A_RANS_STATE;
    uint64_t x[N1A_RANS_STATES];
    for (int j = 0; j < N1A_RANS_STATES; j++) x[j] = N1A_RANS_LOW;
    uint8_t *p = out + capacity;
    if (capacity < head) return -1;
    for (size_t i = n; i-- > 0;) {
        uint32_t start = (uint32_t)records[i] & 0xFFFFFFU, freq = (uint32_t)(records[i] >> 32);
        uint64_t *state = &x[(uint32_t)records[i] >> 24], s = *state,
                 most = (uint64_t)freq << 20; /* (2^24 >> 20 << 16) * freq */
        if ((size_t)(p - out) < head + 4) return -1;
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
        *state = (q << N1A_RANS_BITS) + (s - q * freq) + start;
    }
    for (int j = states; j-- > 0;)
        for (int b = N1A_RANS_STATE - 1; b >= 0; b--) *--p = (uint8_t)(x[j] >> (8 * b));
    size_t size = (size_t)(out + capacity - p);
    for (size_t i = 0; i < size; i++) out[i] = p[i];
    return (int64_t)size;
}

typedef struct {
    uint64_t x[N1A_RANS_STATES];
    const uint8_t *p, *end;
    int states;
    uint32_t short_by; /* words read past the end: the packet is cut */
} n1a_rans_reader;

static inline int n1a_rans_open(n1a_rans_reader *r, int states, const uint8_t *in, size_t size)
{
    const size_t head = (size_t)states * N1A_RANS_STATE;
    if (size < head) return 0;
    r->states = states;
    for (int j = 0; j < states; j++) {
        r->x[j] = 0;
        for (int b = N1A_RANS_STATE - 1; b >= 0; b--) r->x[j] = r->x[j] << 8 | in[N1A_RANS_STATE * j + b];
        if (r->x[j] < N1A_RANS_LOW) return 0;
    }
    r->p = in + head;
    r->end = in + size;
    r->short_by = 0;
    return 1;
}
static inline uint32_t n1a_rans_slot(uint64_t x) { return (uint32_t)x & ((1U << N1A_RANS_BITS) - 1U); }
/* Fill a state up. */
static inline uint64_t n1a_rans_fill(n1a_rans_reader *r, uint64_t x)
{
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
    return n1a_rans_fill(r, x);
}
/* All words used, every state back where the encoder began. */
static inline int n1a_rans_closed(const n1a_rans_reader *r)
{
    int closed = r->short_by == 0 && r->p == r->end;
    for (int j = 0; j < r->states; j++) closed &= r->x[j] == N1A_RANS_LOW;
    return closed;
}
#endif
