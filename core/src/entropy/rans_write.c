/* Encoder of rANS: see rans_write.h. */
#include "entropy/rans_write.h"

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

int64_t n1_rans_write(const uint64_t *records, size_t n, int states, const n1_encode_kernels *k, uint8_t *out,
                      size_t capacity)
{
    const size_t head = (size_t)states * N1_RANS_STATE;
    if (capacity < head) return -1;
    n1_rans_writer w = {.p = out + capacity, .least = out + head};
    for (int j = 0; j < N1_RANS_STATES; j++) w.x[j] = N1_RANS_LOW;
    while (n > 0) {
        if (n >= 8 && state_of(records[n - 1]) == 7 && state_of(records[n - 8]) == 0)
            n = k->rans_rows(&w, records, n);
        if (n > 0 && !put(&w, records[--n])) return -1;
    }
    for (int j = states; j-- > 0;)
        for (int b = N1_RANS_STATE - 1; b >= 0; b--) *--w.p = (uint8_t)(w.x[j] >> (8 * b));
    const size_t size = (size_t)(out + capacity - w.p);
    for (size_t i = 0; i < size; i++) out[i] = w.p[i];
    return (int64_t)size;
}
