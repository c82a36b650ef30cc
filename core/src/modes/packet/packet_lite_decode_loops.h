/* packet_lite_decode_loops.h - the decoder of the lite profile, compiled for each kernel.
 */
#ifndef N1_MODES_PACKET_PACKET_LITE_DECODE_LOOPS_H
#define N1_MODES_PACKET_PACKET_LITE_DECODE_LOOPS_H
#include "modes/packet/packet_decode.h"

N1_INLINE uint16_t n1_packet_lite_decode_sample(n1_packet_lite *s, n1_range32_reader *r, const n1_packet_ways *w,
                                                int backwards, int even, int *damaged)
{
    const uint32_t scale = s->scale & (N1_PACKET_SCALES - 1);
    const n1_packet_found f = n1_packet_get(r, w, n1_packet_lite_mean(s), scale, backwards, even, damaged);
    n1_packet_lite_learn(s, f.middle);
    return (uint16_t)f.code;
}

/* A frame: the two halves are read in turn, so that one goes on while the other waits. */
N1_INLINE void n1_packet_lite_decode_frame(n1_packet_lite *state, n1_packet_readers *readers, const n1_packet_unjob *job,
                                           uint16_t *codes, uint32_t half, int even)
{
    const n1_packet_ways w = n1_packet_ways_of(job, even);
    n1_range32_reader first = readers->a, second = readers->b;
    int damaged = 0;
    uint32_t c = 0;
    for (; c < job->channels - half; c++) {
        codes[c] = n1_packet_lite_decode_sample(&state[c], &first, &w, 0, even, &damaged);
        codes[half + c] = n1_packet_lite_decode_sample(&state[half + c], &second, &w, 1, even, &damaged);
    }
    for (; c < half; c++)
        codes[c] = n1_packet_lite_decode_sample(&state[c], &first, &w, 0, even, &damaged);
    *readers = (n1_packet_readers){first, second, readers->damaged | damaged};
}

N1_INLINE void n1_packet_lite_decode_start(n1_packet_lite *state, n1_packet_readers *readers, const n1_packet_unjob *job,
                                           uint32_t half, int even)
{
    const n1_packet_axis *a = job->axis;
    const n1_packet_ways w = n1_packet_ways_of(job, even);
    for (uint32_t c = 0; c < job->channels; c++) {
        const int backwards = c >= half;
        n1_range32_reader *r = backwards ? &readers->b : &readers->a;
        const uint32_t scale = n1_packet_get_scale(r, a, backwards, &readers->damaged);
        const n1_packet_found f = n1_packet_get(r, &w, a->centre, a->spread, backwards, even, &readers->damaged);
        n1_packet_lite_start(&state[c], f.middle, scale);
        job->codes[c] = (uint16_t)f.code;
    }
}

N1_INLINE n1_status n1_packet_lite_decode_loop(n1_packet_lite *state, const n1_packet_unjob *job, int even)
{
    const uint32_t half = job->substreams > 1 ? (job->channels + 1) / 2 : job->channels;
    uint16_t *codes = job->codes;
    n1_packet_readers r;
    n1_packet_readers_open(&r, job);
    for (uint32_t t = 0; t < job->frames; t++, codes += job->channels) {
        if (t == 0 && job->key)
            n1_packet_lite_decode_start(state, &r, job, half, even);
        else
            n1_packet_lite_decode_frame(state, &r, job, codes, half, even);
        if (!n1_packet_readers_fit(&r, job))
            return N1_ERROR_CORRUPT;
    }
    return N1_OK;
}

N1_INLINE n1_status n1_packet_lite_decode_loops(n1_packet_lite *state, const n1_packet_unjob *job)
{
    return job->axis->edge ? n1_packet_lite_decode_loop(state, job, 0) : n1_packet_lite_decode_loop(state, job, 1);
}

#endif
