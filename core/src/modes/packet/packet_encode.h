/* packet_encode.h - the encoders of the two profiles: codes in, the body of a packet out. */
#ifndef N1_MODES_PACKET_PACKET_ENCODE_H
#define N1_MODES_PACKET_PACKET_ENCODE_H
#include "modes/packet/packet.h"

/* Bytes of a sample at most, and of a key's with its scale: symbols take two bytes at most, and a number of the law's two. */
#define N1_PACKET_SAMPLE_MOST 8u

/* One packet's work. The body is written from begin on, or, with two substreams, from both ends inwards: then what lies
 * between them is closed up. Some bytes beyond `limit` may be touched: N1_PACKET_ROOM(channels) are enough. */
typedef struct n1_packet_job {
    const n1_packet_axis *axis;
    const uint16_t *codes; /* frame after frame, each below axis->codes */
    uint32_t channels, frames;
    uint32_t since;        /* frames since the last key: full alone               */
    int key;               /* starts anew                                         */
    const uint8_t *scales; /* a key's: of each channel                            */
    int substreams;        /* 1 or 2                                              */
    uint8_t *begin;
    size_t limit;          /* most bytes of the body                              */
} n1_packet_job;

#define N1_PACKET_ROOM(channels) (N1_PACKET_SAMPLE_MOST * (channels) + 16u)

/* Bytes of the body; 0: more than the limit. The state is that after these frames in any case. */
size_t n1_packet_lite_encode(n1_packet_lite *state, const n1_packet_job *job);
size_t n1_packet_full_encode(n1_packet_full *state, const n1_packet_job *job);

/* ---- what both share ---- */

typedef struct n1_packet_writers {
    n1_range32_writer a, b;
    uint8_t *end;
} n1_packet_writers;

N1_INLINE void n1_packet_writers_begin(n1_packet_writers *w, const n1_packet_job *job)
{
    w->end = job->begin + job->limit + N1_PACKET_ROOM(job->channels);
    n1_range32_begin(&w->a, job->begin);
    n1_range32_begin(&w->b, w->end);
}

/* After a frame: whether it still fits. If not, the writers start anew, for nothing. */
N1_INLINE int n1_packet_writers_fit(n1_packet_writers *w, const n1_packet_job *job)
{
    if ((size_t)(w->a.p - job->begin) + (size_t)(w->end - w->b.p) <= job->limit)
        return 1;
    n1_packet_writers_begin(w, job);
    return 0;
}

/* Ends both and closes the gap between them. */
static inline size_t n1_packet_writers_end(n1_packet_writers *w, const n1_packet_job *job)
{
    n1_range32_end(&w->a, 0);
    if (job->substreams > 1) {
        n1_range32_end(&w->b, 1);
        const uint8_t *from = w->b.p;
        uint8_t *to = w->a.p;
        while (from < w->end)
            *to++ = *from++;
        w->a.p = to;
    }
    const size_t size = (size_t)(w->a.p - job->begin);
    return size <= job->limit ? size : 0;
}

/* A number between two steps of the law. */
N1_INLINE void n1_packet_put(n1_range32_writer *w, const uint16_t *law, uint32_t v, unsigned bits, int32_t low, int32_t high,
                             int backwards)
{
    const uint32_t below = law[low], mass = law[high] - below;
    if (mass) {
        n1_range32_put(w, below, mass, backwards);
    } else {
        n1_range32_put(w, 0, N1_PACKET_ESCAPE, backwards);
        n1_range32_put_even(w, v, bits, backwards);
    }
}

/* A key's first sample, by what is usual; returns where it is on the axis. */
N1_INLINE int32_t n1_packet_put_first(n1_range32_writer *w, const n1_packet_axis *a, uint32_t code, uint32_t scale, int backwards,
                                      int even)
{
    const int32_t low = n1_packet_low(a, code, even), high = n1_packet_low(a, code + 1, even);
    const uint32_t inverse = n1_packet_inverse[a->spread];
    const int32_t off = ((int32_t)scale - (int32_t)a->usual) * N1_PACKET_SCALE_STEP - N1_PACKET_SCALE_STEP / 2;
    n1_packet_put(w, a->law, scale, N1_PACKET_SCALE_BITS, n1_packet_reach(off), n1_packet_reach(off + N1_PACKET_SCALE_STEP), backwards);
    n1_packet_put(w, a->law, code, a->bits, n1_packet_steps(low - a->centre, inverse, a->shift, even),
                  n1_packet_steps(high - a->centre, inverse, a->shift, even), backwards);
    return (low + high) >> 1;
}

#endif
