/* Bits of a block header. */
#include "base/fields.h"

#define RICE_ESCAPE 24u   /* this many ones announce an Exp-Golomb value instead */

void n1_put_field(n1_field_writer *w, uint32_t value, unsigned n_bits)
{
    w->held |= ((uint64_t)value & (((uint64_t)1 << n_bits) - 1)) << w->n_held;
    w->n_held += n_bits;
    while (w->n_held >= 8) {
        if (w->size < w->capacity)
            w->data[w->size++] = (uint8_t)w->held;
        else
            w->full = 1;
        w->held >>= 8;
        w->n_held -= 8;
    }
}

void n1_fields_align(n1_field_writer *w)
{
    if (w->n_held)
        n1_put_field(w, 0, 8 - w->n_held);
}

static unsigned bit_length(uint64_t v)
{
    unsigned n = 0;
    while (v) {
        n++;
        v >>= 1;
    }
    return n;
}

/* value + 2^k has k + 1 + z bits: z zeros, a one, then the low k + z bits. */
void n1_put_golomb(n1_field_writer *w, uint32_t value, unsigned k)
{
    uint64_t v = (uint64_t)value + ((uint64_t)1 << k);
    unsigned low = bit_length(v) - 1;
    n1_put_field(w, 0, low - k);
    n1_put_field(w, 1, 1);
    n1_put_field(w, (uint32_t)(v & (((uint64_t)1 << low) - 1)), low);
}

void n1_put_signed(n1_field_writer *w, int32_t value, unsigned k) { n1_put_golomb(w, n1_fold_sign(value), k); }

void n1_put_rice(n1_field_writer *w, uint32_t value, unsigned k)
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

uint32_t n1_get_field(n1_field_reader *r, unsigned n_bits)
{
    while (r->n_held < n_bits) {
        uint64_t byte = 0;
        if (r->at < r->size)
            byte = r->data[r->at];
        else
            r->short_read = 1;
        r->at++;
        r->held |= byte << r->n_held;
        r->n_held += 8;
    }
    uint32_t v = (uint32_t)(r->held & (((uint64_t)1 << n_bits) - 1));
    r->held >>= n_bits;
    r->n_held -= n_bits;
    return v;
}

/* A length beyond 32 bits is answered like a missing bit: the caller checks short_read once. */
uint32_t n1_get_golomb(n1_field_reader *r, unsigned k)
{
    unsigned z = 0;
    while (!r->short_read && n1_get_field(r, 1) == 0)
        z++;
    if (r->short_read || k + z > 32) {
        r->short_read = 1;
        return 0;
    }
    uint64_t low = n1_get_field(r, k + z);
    uint64_t v = (((uint64_t)1 << (k + z)) | low) - ((uint64_t)1 << k);
    if (v > 0xffffffffu) {
        r->short_read = 1;
        return 0;
    }
    return (uint32_t)v;
}

int32_t n1_get_signed(n1_field_reader *r, unsigned k) { return n1_unfold_sign(n1_get_golomb(r, k)); }

uint32_t n1_get_rice(n1_field_reader *r, unsigned k)
{
    uint32_t q = 0;
    while (q < RICE_ESCAPE && !r->short_read && n1_get_field(r, 1))
        q++;
    if (q == RICE_ESCAPE)
        return n1_get_golomb(r, 8);
    return (q << k) | n1_get_field(r, k);
}

size_t n1_fields_end(n1_field_reader *r)
{
    return r->at - r->n_held / 8;   /* whole bytes that were fetched but not touched */
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

void n1_put_state(n1_field_writer *w, uint64_t state)
{
    const unsigned more = bit_length(state) - 25;
    n1_put_field(w, more, 4);
    n1_put_field(w, (uint32_t)state & 0xffffff, 24);
    n1_put_field(w, (uint32_t)((state >> 24) & (((uint64_t)1 << more) - 1)), more);
}

uint64_t n1_get_state(n1_field_reader *r)
{
    const unsigned more = n1_get_field(r, 4);
    const uint64_t low = n1_get_field(r, 24);
    return low | ((uint64_t)1 << more | n1_get_field(r, more)) << 24;
}
