/* Bits of a block header. */
#include "base/fields.h"

#define RICE_ESCAPE 24u   /* this many ones announce an Exp-Golomb value instead */

void n1_fields_align(n1_bitwriter *w)
{
    if (n1_bitwriter_finish_low(w) != N1_OK) {
        w->overrun = 1;
        w->end = w->p;
    }
}

/* value + 2^k has k + 1 + z bits: z zeros, a one, then the low k + z bits. */
void n1_put_golomb(n1_bitwriter *w, uint32_t value, unsigned k)
{
    uint64_t v = (uint64_t)value + ((uint64_t)1 << k);
    unsigned low = (unsigned)n1_top_bit(v);
    n1_put_field(w, 0, low - k);
    n1_put_field(w, 1, 1);
    n1_put_field(w, (uint32_t)(v & (((uint64_t)1 << low) - 1)), low);
}

void n1_put_signed(n1_bitwriter *w, int32_t value, unsigned k) { n1_put_golomb(w, n1_fold_sign(value), k); }

void n1_put_rice(n1_bitwriter *w, uint32_t value, unsigned k)
{
    uint32_t q = value >> k;
    if (q >= RICE_ESCAPE) {
        n1_put_field(w, (1u << RICE_ESCAPE) - 1, RICE_ESCAPE);
        n1_put_golomb(w, value, 8);
        return;
    }
    n1_put_field(w, (1u << q) - 1, q + 1);
    n1_put_field(w, value, k);
}

/* A length beyond 32 bits is answered like a missing bit: the caller asks once. */
uint32_t n1_get_golomb(n1_bitreader *r, unsigned k)
{
    unsigned z = 0;
    while (!n1_bitreader_overran(r) && n1_get_field(r, 1) == 0)
        z++;
    if (n1_bitreader_overran(r) || k + z > 32) {
        r->overrun = 1;
        return 0;
    }
    uint64_t low = n1_get_field(r, k + z);
    uint64_t v = (((uint64_t)1 << (k + z)) | low) - ((uint64_t)1 << k);
    if (v > 0xffffffffu) {
        r->overrun = 1;
        return 0;
    }
    return (uint32_t)v;
}

int32_t n1_get_signed(n1_bitreader *r, unsigned k) { return n1_unfold_sign(n1_get_golomb(r, k)); }

uint32_t n1_get_rice(n1_bitreader *r, unsigned k)
{
    n1_refill_low(r); /* 56 bits, zeros beyond the end: enough for either way */
    const uint64_t zeros = ~r->bits;
    if (!(zeros & ((1U << RICE_ESCAPE) - 1))) {
        (void)n1_take_low_bits(r, RICE_ESCAPE);
        return n1_get_golomb(r, 8);
    }
    const unsigned q = (unsigned)n1_top_bit(zeros & (0 - zeros));
    (void)n1_take_low_bits(r, q + 1);
    return (q << k) | n1_take_low_bits(r, k);
}

unsigned n1_rice_choose(const uint32_t *values, size_t n)
{
    unsigned best_k = 0;
    uint64_t best = ~(uint64_t)0;
    for (unsigned k = 0; k < 16; k++) {
        uint64_t cost = 0;
        for (size_t i = 0; i < n; i++) {
            uint32_t q = values[i] >> k;
            cost += q >= RICE_ESCAPE ? 64 : q + 1 + k;
        }
        if (cost < best) {
            best = cost;
            best_k = k;
        }
    }
    return best_k;
}

void n1_put_state(n1_bitwriter *w, uint64_t state)
{
    const unsigned more = (unsigned)n1_top_bit(state) - 24;
    n1_put_field(w, more, 4);
    n1_put_field(w, (uint32_t)state & 0xffffff, 24);
    n1_put_field(w, (uint32_t)((state >> 24) & (((uint64_t)1 << more) - 1)), more);
}

uint64_t n1_get_state(n1_bitreader *r)
{
    const unsigned more = n1_get_field(r, 4);
    const uint64_t low = n1_get_field(r, 24);
    return low | ((uint64_t)1 << more | n1_get_field(r, more)) << 24;
}
