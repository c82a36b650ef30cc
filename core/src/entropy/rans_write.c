/* Encoder of rANS: see rans_write.h. */
#include "entropy/rans_write.h"

#include <string.h>

#define TURNS 32u /* records that are put at a time */

static uint32_t state_of(uint64_t record) { return (uint32_t)record >> 24; }

/* Code one record. 0: no room. */
static int put(n1_rans_writer *w, uint64_t record, size_t turn)
{
    const uint32_t start = (uint32_t)record & 0xFFFFFFU, freq = (uint32_t)(record >> 32);
    uint64_t *state = &w->x[turn], s = *state;
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

static n1_rans_writer begin(int states, uint8_t *out, size_t capacity)
{
    n1_rans_writer w = {.p = out + capacity, .least = out + (size_t)states * N1_RANS_STATE};
    for (int j = 0; j < N1_RANS_STATES; j++) w.x[j] = N1_RANS_LOW;
    return w;
}

/* The states, before the words. */
static int64_t end(n1_rans_writer *w, int states, uint8_t *out, size_t capacity)
{
    for (int j = states; j-- > 0;)
        for (int b = N1_RANS_STATE - 1; b >= 0; b--) *--w->p = (uint8_t)(w->x[j] >> (8 * b));
    const size_t size = (size_t)(out + capacity - w->p);
    memmove(out, w->p, size);
    return (int64_t)size;
}

int64_t n1_rans_write_turns(const uint64_t *records, size_t n, const n1_encode_kernels *k, uint8_t *out, size_t capacity)
{
    if (capacity < 2 * N1_RANS_STATE) return -1;
    n1_rans_writer w = begin(2, out, capacity);
    if (n % 2 && !put(&w, records[n - 1], 0)) return -1;
    n = k->rans_turns(&w, records, n - n % 2);
    for (; n > 0; n--)
        if (!put(&w, records[n - 1], (n - 1) % 2)) return -1;
    return end(&w, 2, out, capacity);
}

/* Records of two states by turns, while they are so and there is room; returns how many are left. */
static size_t put_pairs(n1_rans_writer *w, const uint64_t *records, size_t n, const n1_encode_kernels *k)
{
    uint64_t turn[TURNS];
    for (size_t m = TURNS, left = 0; m == TURNS && !left; n -= m - left) {
        for (m = 0; m < TURNS && m + 2 <= n && state_of(records[n - 1 - m]) == 1 && state_of(records[n - 2 - m]) == 0;)
            m += 2;
        for (size_t i = 0; i < m; i++)
            turn[i] = records[n - m + i] & ~((uint64_t)0xFF << 24);
        left = k->rans_turns(w, turn, m);
    }
    return n;
}

int64_t n1_rans_write(const uint64_t *records, size_t n, int states, const n1_encode_kernels *k, uint8_t *out,
                      size_t capacity)
{
    const size_t head = (size_t)states * N1_RANS_STATE;
    if (capacity < head) return -1;
    n1_rans_writer w = begin(states, out, capacity);
    while (n > 0) {
        if (states == 2)
            n = put_pairs(&w, records, n, k);
        if (n >= 8 && state_of(records[n - 1]) == 7 && state_of(records[n - 8]) == 0)
            n = k->rans_rows(&w, records, n);
        if (n > 0 && !put(&w, records[n - 1], state_of(records[n - 1]))) return -1;
        n -= n > 0;
    }
    return end(&w, states, out, capacity);
}
