/* Encoder of rANS: see rans_write.h. */
#include "entropy/rans_write.h"
#include "base/inline.h"

#include <string.h>

static uint32_t state_of(uint64_t record) { return (uint32_t)record >> 24; }

/* Code one record. 0: no room. */
static int put(n1_rans_writer *w, uint64_t record)
{
    const uint32_t start = (uint32_t)record & 0xFFFFFFU, freq = (uint32_t)(record >> 32);
    uint64_t *state = &w->x[state_of(record)], s = *state;
    const uint64_t most = (uint64_t)freq << 20; /* (2^24 >> 20 << 16) * freq */
    if (w->p - w->least < 4) return 0;
    n1_store16(w->p - 2, (uint16_t)s); /* written always, kept if the state is full: a branch would be a coin toss */
    const unsigned full = s >= most;
    w->p -= 2 * full;
    s >>= 16 * full;
    if (s >= most) { /* frequencies below 16 only */
        w->p -= 2;
        n1_store16(w->p, (uint16_t)s);
        s >>= 16;
    }
    const uint64_t q = s >> 32 ? s / freq : (uint32_t)s / freq; /* a 32-bit division is the cheaper one */
    *state = (q << N1_PROB_BITS) + (s - q * freq) + start;
    return 1;
}

/* The upper half of a product. */
N1_INLINE uint64_t high_product(uint64_t a, uint64_t b)
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
} divisor;

N1_INLINE divisor divisor_of(uint32_t freq)
{
    const double inverse = 1.0 / freq;
    uint64_t bits;
    memcpy(&bits, &inverse, sizeof bits);
    return (divisor){((bits | (uint64_t)1 << 52) + 1) << 11, 1023u - (unsigned)(bits >> 52)};
}

N1_INLINE uint64_t quotient(uint64_t s, divisor d) { return high_product(s << 1, d.inverse) >> d.down; }

/* A record's state after it; words go below *p, at most two. */
N1_INLINE uint64_t push(uint64_t s, uint64_t record, uint8_t **p)
{
    const uint32_t start = (uint32_t)record & 0xFFFFFFU, freq = (uint32_t)(record >> 32);
    const divisor d = divisor_of(freq);
    const uint64_t most = (uint64_t)freq << 20;
    n1_store16(*p - 2, (uint16_t)s);
    const unsigned full = s >= most;
    *p -= 2 * full;
    s = full ? s >> 16 : s;
    if (N1_SELDOM(s >= most)) {
        *p -= 2;
        n1_store16(*p, (uint16_t)s);
        s >>= 16;
    }
    return quotient(s, d) * (N1_PROB_ONE - freq) + s + start;
}

/* Records of two states by turns, while they are so and there is room; returns how many are left. */
static size_t put_pairs(n1_rans_writer *w, const uint64_t *records, size_t n)
{
    uint64_t odd = w->x[1], even = w->x[0];
    uint8_t *p = w->p;
    while (n >= 2 && p - w->least >= 8 && state_of(records[n - 1]) == 1 && state_of(records[n - 2]) == 0) {
        odd = push(odd, records[n - 1], &p);
        even = push(even, records[n - 2], &p);
        n -= 2;
    }
    w->x[1] = odd;
    w->x[0] = even;
    w->p = p;
    return n;
}

int64_t n1_rans_write(const uint64_t *records, size_t n, int states, const n1_encode_kernels *k, uint8_t *out,
                      size_t capacity)
{
    const size_t head = (size_t)states * N1_RANS_STATE;
    if (capacity < head) return -1;
    n1_rans_writer w = {.p = out + capacity, .least = out + head};
    for (int j = 0; j < N1_RANS_STATES; j++) w.x[j] = N1_RANS_LOW;
    while (n > 0) {
        if (states == 2)
            n = put_pairs(&w, records, n);
        if (n >= 8 && state_of(records[n - 1]) == 7 && state_of(records[n - 8]) == 0)
            n = k->rans_rows(&w, records, n);
        if (n > 0 && !put(&w, records[--n])) return -1;
    }
    for (int j = states; j-- > 0;)
        for (int b = N1_RANS_STATE - 1; b >= 0; b--) *--w.p = (uint8_t)(w.x[j] >> (8 * b));
    const size_t size = (size_t)(out + capacity - w.p);
    memmove(out, w.p, size);
    return (int64_t)size;
}
