/* packet_decode.h - the decoders of the two profiles: the body of a packet in, codes out. */
#ifndef N1_MODES_PACKET_PACKET_DECODE_H
#define N1_MODES_PACKET_PACKET_DECODE_H
#include "base/status.h"
#include "modes/packet/packet.h"

#define N1_PACKET_QUANTILES 4096u
#define N1_PACKET_PLACES    4096u /* of 16 axis units */
#define N1_PACKET_MOST_EDGES 4098u /* of an axis that is not even */
#define N1_PACKET_NOWHERE   65535u /* no code's mass reaches this far */

extern const int16_t n1_packet_quantile[N1_PACKET_QUANTILES];

/* The ways back: no decoder needs to have these to give the same codes. All that a sample is looked up in stands in one place:
 * it takes one register. */
typedef struct n1_packet_lookup {
    struct {
        int32_t sigma;   /* a step of the law in axis units, Q12 */
        int32_t inverse; /* n1_packet_inverse */
    } scale[N1_PACKET_SCALES];
    uint16_t law[N1_PACKET_LAW];
    int16_t quantile[N1_PACKET_QUANTILES];
    uint16_t edge[N1_PACKET_MOST_EDGES]; /* the axis', where codes are not even; the last one twice */
    struct {
        uint16_t code, low, high, next; /* the code at axis unit 16 i, its edges, the next one's second edge */
    } place[N1_PACKET_PLACES];
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

/* A code, where it begins and ends in steps of the law, and its middle on the axis. */
typedef struct n1_packet_found {
    uint32_t code;
    int32_t low, high; /* steps */
    int32_t middle;
} n1_packet_found;

/* An axis as the loops of a decoder keep it. */
typedef struct n1_packet_ways {
    const n1_packet_axis *axis;
    const n1_packet_lookup *l;
    uint32_t shift;
    int32_t last; /* place of the axis */
} n1_packet_ways;

N1_INLINE n1_packet_ways n1_packet_ways_of(const n1_packet_unjob *job, int even)
{
    return (n1_packet_ways){job->axis, job->lookup, job->axis->shift, n1_packet_length(job->axis, even) - 1};
}

/* v or the limit that it is beyond: where that happens so seldom that a jump costs less than always choosing. */
N1_APART int64_t n1_packet_within(int64_t v, int64_t low, int64_t high);

/* The code that the mass `slot` is in, which a look at the expected one, `near`, did not find: one of those beside it, else by
 * halves. */
N1_APART uint32_t n1_packet_search(const n1_packet_axis *a, int32_t mu, uint32_t inverse, uint32_t slot, uint32_t near);

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

N1_INLINE int32_t n1_packet_edge(const n1_packet_ways *w, uint32_t code, int even)
{
    return even ? (int32_t)(code << N1_PACKET_UNITS) : (int32_t)w->l->edge[code];
}

/* A distance on the axis in steps of the law, like n1_packet_steps. What is expected lies within the law's reach. */
N1_INLINE int32_t n1_packet_steps_near(int32_t d, uint32_t inverse, uint32_t shift, int even)
{
    const int64_t z = even ? ((int64_t)d * (int32_t)inverse) >> shift : (d * (int32_t)inverse) >> shift;
    if (N1_SELDOM(z < -N1_PACKET_REACH || z >= N1_PACKET_REACH))
        return (int32_t)n1_packet_within(z, -N1_PACKET_REACH, N1_PACKET_REACH - 1);
    return (int32_t)z;
}

N1_INLINE n1_packet_found n1_packet_between(const n1_packet_ways *w, uint32_t code, int32_t low, int32_t high, int32_t mu,
                                            uint32_t inverse, int even)
{
    return (n1_packet_found){code, n1_packet_steps_near(low - mu, inverse, w->shift, even),
                             n1_packet_steps_near(high - mu, inverse, w->shift, even), (low + high) >> 1};
}

N1_INLINE n1_packet_found n1_packet_steps_of(const n1_packet_ways *w, uint32_t code, int32_t mu, uint32_t inverse, int even)
{
    return n1_packet_between(w, code, n1_packet_edge(w, code, even), n1_packet_edge(w, code + 1, even), mu, inverse, even);
}

/* The code at a place that may lie beside the axis. Where codes are even, it follows; elsewhere, 16 units of the axis begin in
 * one code, and end in that or the next: codes are looked up in one go. */
N1_INLINE n1_packet_found n1_packet_guess(const n1_packet_ways *w, int64_t place, int32_t mu, uint32_t inverse, int even)
{
    if (N1_SELDOM(place < 0 || place > w->last))
        place = n1_packet_within(place, 0, w->last);
    const uint32_t at = (uint32_t)place;
    if (even)
        return n1_packet_steps_of(w, at >> N1_PACKET_UNITS, mu, inverse, even);
    const uint32_t i = at >> 4, first = w->l->place[i].low, second = w->l->place[i].high, third = w->l->place[i].next;
    const uint32_t later = at >= second, mask = 0U - later; /* as often as not: no branch */
    const uint32_t low = first + ((second - first) & mask), high = second + ((third - second) & mask);
    return n1_packet_between(w, w->l->place[i].code + later, (int32_t)low, (int32_t)high, mu, inverse, even);
}

/* The next code. What is rare is found out by one comparison: an escape, whose mass lies below all codes', a place that was not
 * foretold well enough, a slot that no encoder leaves. */
N1_INLINE n1_packet_found n1_packet_get(n1_range32_reader *r, const n1_packet_ways *w, int32_t mu, uint32_t scale, int backwards,
                                        int even, int *damaged)
{
    const n1_packet_lookup *l = w->l;
    const uint32_t inverse = (uint32_t)l->scale[scale].inverse, unit = n1_range32_unit(r);
    uint32_t slot = r->code / unit;
    if (N1_SELDOM(slot > N1_PACKET_NOWHERE))
        slot = (uint32_t)n1_packet_within(slot, 0, N1_PACKET_NOWHERE);
    const int64_t off = ((int64_t)l->quantile[slot >> 4] * l->scale[scale].sigma) >> 16;
    n1_packet_found f = n1_packet_guess(w, mu + off, mu, inverse, even);
    uint32_t below = l->law[f.low + N1_PACKET_REACH], mass = l->law[f.high + N1_PACKET_REACH] - below;
    if (N1_SELDOM(slot - below >= mass)) {
        if (slot < N1_PACKET_ESCAPE) {
            n1_range32_take(r, unit, 0, N1_PACKET_ESCAPE, backwards);
            const uint32_t v = n1_packet_get_even(r, w->axis->bits, backwards, damaged);
            *damaged |= v >= w->axis->codes;
            return n1_packet_steps_of(w, v < w->axis->codes ? v : 0, mu, inverse, even);
        }
        f = n1_packet_steps_of(w, n1_packet_search(w->axis, mu, inverse, slot, f.code), mu, inverse, even);
        below = l->law[f.low + N1_PACKET_REACH];
        mass = l->law[f.high + N1_PACKET_REACH] - below;
        *damaged |= slot - below >= mass;
        mass += !mass;
    }
    n1_range32_take(r, unit, below, mass, backwards);
    return f;
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
