/* packet_decode.h - the decoders of the two profiles: the body of a packet in, codes out. */
#ifndef N1_MODES_PACKET_PACKET_DECODE_H
#define N1_MODES_PACKET_PACKET_DECODE_H
#include "base/status.h"
#include "modes/packet/packet.h"

#define N1_PACKET_QUANTILES 4096u
#define N1_PACKET_PLACES    4096u /* of 16 axis units */

extern const int16_t n1_packet_quantile[N1_PACKET_QUANTILES];

/* The ways back: no decoder needs to have these to give the same codes. */
typedef struct n1_packet_lookup {
    int32_t sigma[N1_PACKET_SCALES];     /* a step of the law in axis units, Q12 */
    uint16_t code[N1_PACKET_PLACES + 1]; /* the code at axis unit 16 i, where codes are not even */
} n1_packet_lookup;

void n1_packet_lookup_build(n1_packet_lookup *l, const n1_packet_axis *a);

/* Bytes on either side of a body that its decoder may read, whatever they hold. */
#define N1_PACKET_AHEAD(channels) (8u * (channels) + 16u)

typedef struct n1_packet_unjob {
    const n1_packet_axis *axis;
    const n1_packet_lookup *lookup;
    uint16_t *codes;
    uint32_t channels, frames, since;
    int key, substreams;
    const uint8_t *begin, *end;
} n1_packet_unjob;

/* N1_ERROR_CORRUPT: no encoder wrote this; the state is none then. */
n1_status n1_packet_lite_decode(n1_packet_lite *state, const n1_packet_unjob *job);
n1_status n1_packet_full_decode(n1_packet_full *state, const n1_packet_unjob *job);

/* ---- what both share ---- */

typedef struct n1_packet_readers {
    n1_range32_reader a, b;
    int damaged;
} n1_packet_readers;

N1_INLINE void n1_packet_readers_open(n1_packet_readers *r, const n1_packet_unjob *job)
{
    r->damaged = 0;
    n1_range32_open(&r->a, job->begin, 0);
    n1_range32_open(&r->b, job->end, 1);
}

/* After a frame: whether the readers are where bytes may be. Each looks four bytes ahead. */
N1_INLINE int n1_packet_readers_fit(const n1_packet_readers *r, const n1_packet_unjob *job)
{
    return !r->damaged && r->a.p - job->end <= 4 && job->begin - r->b.p <= 4;
}

/* A code and its two steps of the law. */
typedef struct n1_packet_found {
    uint32_t code;
    int32_t low, high; /* steps */
} n1_packet_found;

/* The code that the mass `slot` is in, by halves: what a look at the expected place did not find. */
N1_APART uint32_t n1_packet_search(const n1_packet_axis *a, int32_t mu, uint32_t inverse, uint32_t slot);

N1_INLINE uint32_t n1_packet_slot(const n1_range32_reader *r, uint32_t unit, uint32_t most, int *damaged)
{
    const uint32_t slot = r->code / unit;
    *damaged |= slot > most;
    return slot > most ? most : slot;
}

/* A number < 2^bits whose like all weigh the same. */
N1_INLINE uint32_t n1_packet_get_even(n1_range32_reader *r, unsigned bits, int backwards, int *damaged)
{
    const uint32_t unit = r->range >> bits, v = n1_packet_slot(r, unit, (1U << bits) - 1, damaged);
    n1_range32_take(r, unit, v, 1, backwards);
    return v;
}

/* The code that is expected near mu + d. */
N1_INLINE uint32_t n1_packet_guess(const n1_packet_axis *a, const n1_packet_lookup *l, int64_t place, int even)
{
    const int32_t last = n1_packet_length(a, even) - 1;
    const uint32_t at = (uint32_t)(place < 0 ? 0 : place > last ? last : place);
    if (even)
        return at >> N1_PACKET_UNITS;
    const uint32_t code = l->code[at >> 4];
    return code + (a->edge[code + 1] <= at);
}

N1_INLINE n1_packet_found n1_packet_steps_of(const n1_packet_axis *a, uint32_t code, int32_t mu, uint32_t inverse, int even)
{
    return (n1_packet_found){code, n1_packet_steps(n1_packet_low(a, code, even) - mu, inverse, a->shift, even),
                             n1_packet_steps(n1_packet_low(a, code + 1, even) - mu, inverse, a->shift, even)};
}

N1_INLINE n1_packet_found n1_packet_get(n1_range32_reader *r, const n1_packet_axis *a, const n1_packet_lookup *l, int32_t mu,
                                        uint32_t scale, int backwards, int even, int *damaged)
{
    const uint32_t inverse = n1_packet_inverse[scale];
    const uint32_t unit = n1_range32_unit(r), slot = n1_packet_slot(r, unit, 65534, damaged);
    if (slot < N1_PACKET_ESCAPE) {
        n1_range32_take(r, unit, 0, N1_PACKET_ESCAPE, backwards);
        const uint32_t v = n1_packet_get_even(r, a->bits, backwards, damaged);
        *damaged |= v >= a->codes;
        return n1_packet_steps_of(a, v < a->codes ? v : 0, mu, inverse, even);
    }
    const int64_t off = ((int64_t)n1_packet_quantile[slot >> 4] * l->sigma[scale]) >> 16;
    n1_packet_found f = n1_packet_steps_of(a, n1_packet_guess(a, l, mu + off, even), mu, inverse, even);
    uint32_t below = n1_packet_below(f.low), mass = n1_packet_below(f.high) - below;
    if (slot - below >= mass) {
        f = n1_packet_steps_of(a, n1_packet_search(a, mu, inverse, slot), mu, inverse, even);
        below = n1_packet_below(f.low);
        mass = n1_packet_below(f.high) - below;
        *damaged |= slot - below >= mass;
        mass += !mass;
    }
    n1_range32_take(r, unit, below, mass, backwards);
    return f;
}

N1_INLINE int32_t n1_packet_middle(const n1_packet_axis *a, uint32_t code, int even)
{
    return (n1_packet_low(a, code, even) + n1_packet_low(a, code + 1, even)) >> 1;
}

/* A key's scale. */
N1_INLINE uint32_t n1_packet_get_scale(n1_range32_reader *r, const n1_packet_axis *a, int backwards, int *damaged)
{
    const uint32_t unit = n1_range32_unit(r), slot = n1_packet_slot(r, unit, 65534, damaged);
    if (slot < N1_PACKET_ESCAPE) {
        n1_range32_take(r, unit, 0, N1_PACKET_ESCAPE, backwards);
        return n1_packet_get_even(r, N1_PACKET_SCALE_BITS, backwards, damaged);
    }
    for (uint32_t scale = 0; scale < N1_PACKET_SCALES; scale++) {
        const int32_t off = ((int32_t)scale - (int32_t)a->usual) * N1_PACKET_SCALE_STEP - N1_PACKET_SCALE_STEP / 2;
        const uint32_t below = n1_packet_below(n1_packet_reach(off));
        const uint32_t mass = n1_packet_below(n1_packet_reach(off + N1_PACKET_SCALE_STEP)) - below;
        if (slot - below < mass) {
            n1_range32_take(r, unit, below, mass, backwards);
            return scale;
        }
    }
    *damaged = 1;
    return 0;
}

#endif
