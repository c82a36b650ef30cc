/* packet_full_decode_loops.h - the decoder of the full profile, compiled for each kernel.
 *
 * Whoever includes this says how: N1_PACKET_FULL_FEATURES and N1_PACKET_FULL_NEAR are types, N1_PACKET_FULL_MEAN and
 * N1_PACKET_FULL_LEARN functions like those of packet.h.
 */
#ifndef N1_MODES_PACKET_PACKET_FULL_DECODE_LOOPS_H
#define N1_MODES_PACKET_PACKET_FULL_DECODE_LOOPS_H
#include "modes/packet/packet_decode.h"

#ifndef N1_PACKET_TARGET
#define N1_PACKET_TARGET /* what these instructions need */
#endif

N1_PACKET_TARGET N1_INLINE uint16_t n1_packet_full_decode_sample(n1_packet_full *s, n1_range32_reader *r,
                                                                 const n1_packet_ways *w, N1_PACKET_FULL_NEAR *near,
                                                                 int backwards, int even, int *damaged)
{
    N1_PACKET_FULL_FEATURES f;
    const uint32_t scale = n1_packet_full_scale(s);
    const int32_t mu = N1_PACKET_FULL_MEAN(s, &f, near, w->last + 1, even);
    const n1_packet_found found = n1_packet_get(r, w, mu, scale, backwards, even, damaged);
    const int32_t v = found.middle;
    const uint32_t inverse = (uint32_t)w->l->scale[scale].inverse;
    N1_PACKET_FULL_LEARN(s, &f, near, v, v - mu, found.low + found.high, inverse, w->shift, even);
    return (uint16_t)found.code;
}

/* A frame: the two halves are read in turn, so that one goes on while the other waits. */
N1_PACKET_TARGET N1_INLINE void n1_packet_full_decode_frame(n1_packet_full *state, n1_packet_readers *readers,
                                                            const n1_packet_unjob *job, uint16_t *codes, uint32_t half,
                                                            int even)
{
    const n1_packet_ways w = n1_packet_ways_of(job, even);
    n1_range32_reader first = readers->a, second = readers->b;
    N1_PACKET_FULL_NEAR near = {0}, beside = {0};
    int damaged = 0;
    uint32_t c = 0;
    for (; c < job->channels - half; c++) {
        codes[c] = n1_packet_full_decode_sample(&state[c], &first, &w, &near, 0, even, &damaged);
        codes[half + c] = n1_packet_full_decode_sample(&state[half + c], &second, &w, &beside, 1, even, &damaged);
    }
    for (; c < half; c++)
        codes[c] = n1_packet_full_decode_sample(&state[c], &first, &w, &near, 0, even, &damaged);
    *readers = (n1_packet_readers){first, second, readers->damaged | damaged};
}

N1_PACKET_TARGET N1_INLINE void n1_packet_full_decode_start(n1_packet_full *state, n1_packet_readers *readers,
                                                            const n1_packet_unjob *job, uint32_t half, int even)
{
    const n1_packet_axis *a = job->axis;
    const n1_packet_ways w = n1_packet_ways_of(job, even);
    for (uint32_t c = 0; c < job->channels; c++) {
        const int backwards = c >= half;
        n1_range32_reader *r = backwards ? &readers->b : &readers->a;
        const uint32_t scale = n1_packet_get_scale(r, a, backwards, &readers->damaged);
        const n1_packet_found f = n1_packet_get(r, &w, a->centre, a->spread, backwards, even, &readers->damaged);
        n1_packet_full_start(&state[c], f.middle, scale);
        job->codes[c] = (uint16_t)f.code;
    }
}

N1_PACKET_TARGET N1_INLINE n1_status n1_packet_full_decode_loop(n1_packet_full *state, const n1_packet_unjob *job, int even)
{
    const uint32_t half = job->substreams > 1 ? (job->channels + 1) / 2 : job->channels;
    uint32_t since = job->key ? 0 : job->since;
    uint16_t *codes = job->codes;
    n1_packet_readers r;
    n1_packet_readers_open(&r, job);
    for (uint32_t t = 0; t < job->frames; t++, codes += job->channels, since++) {
        if (t == 0 && job->key)
            n1_packet_full_decode_start(state, &r, job, half, even);
        else
            n1_packet_full_decode_frame(state, &r, job, codes, half, even);
        for (uint32_t c = n1_packet_turn(since); c < job->channels; c += N1_PACKET_BEAT)
            n1_packet_full_beat(&state[c], since);
        if (!n1_packet_readers_fit(&r, job))
            return N1_ERROR_CORRUPT;
    }
    return N1_OK;
}

N1_PACKET_TARGET N1_INLINE n1_status n1_packet_full_decode_loops(n1_packet_full *state, const n1_packet_unjob *job)
{
    return job->axis->edge ? n1_packet_full_decode_loop(state, job, 0) : n1_packet_full_decode_loop(state, job, 1);
}

#endif
