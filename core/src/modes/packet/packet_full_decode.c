/* The decoder of the full profile. */
#include "modes/packet/packet_decode.h"

N1_INLINE uint16_t sample(n1_packet_full *s, n1_range32_reader *r, const n1_packet_axis *a, const n1_packet_lookup *l,
                          int32_t *near, int backwards, int even, int *damaged)
{
    int32_t f[N1_PACKET_FEATURES];
    const uint32_t scale = n1_packet_full_scale(s);
    const int32_t mu = n1_packet_full_mean(s, f, near, n1_packet_length(a, even), even);
    const n1_packet_found found = n1_packet_get(r, a, l, mu, scale, backwards, even, damaged);
    const int32_t v = n1_packet_middle(a, found.code, even);
    n1_packet_full_learn(s, f, near, v, v - mu, found.low + found.high, n1_packet_inverse[scale], a->shift, even);
    return (uint16_t)found.code;
}

/* A frame: the two halves are read in turn, so that one goes on while the other waits. */
N1_INLINE void frame(n1_packet_full *state, n1_packet_readers *readers, const n1_packet_unjob *job, uint16_t *codes,
                     uint32_t half, int even)
{
    const n1_packet_axis a = *job->axis;
    const n1_packet_lookup *l = job->lookup;
    n1_range32_reader first = readers->a, second = readers->b;
    int32_t near[2][N1_PACKET_NEAR] = {{0}};
    int damaged = 0;
    uint32_t c = 0;
    for (; c < job->channels - half; c++) {
        codes[c] = sample(&state[c], &first, &a, l, near[0], 0, even, &damaged);
        codes[half + c] = sample(&state[half + c], &second, &a, l, near[1], 1, even, &damaged);
    }
    for (; c < half; c++)
        codes[c] = sample(&state[c], &first, &a, l, near[0], 0, even, &damaged);
    *readers = (n1_packet_readers){first, second, readers->damaged | damaged};
}

static void start(n1_packet_full *state, n1_packet_readers *readers, const n1_packet_unjob *job, uint32_t half, int even)
{
    const n1_packet_axis *a = job->axis;
    for (uint32_t c = 0; c < job->channels; c++) {
        const int backwards = c >= half;
        n1_range32_reader *r = backwards ? &readers->b : &readers->a;
        const uint32_t scale = n1_packet_get_scale(r, a, backwards, &readers->damaged);
        const n1_packet_found f = n1_packet_get(r, a, job->lookup, a->centre, a->spread, backwards, even, &readers->damaged);
        n1_packet_full_start(&state[c], n1_packet_middle(a, f.code, even), scale);
        job->codes[c] = (uint16_t)f.code;
    }
}

N1_INLINE n1_status decode(n1_packet_full *state, const n1_packet_unjob *job, int even)
{
    const uint32_t half = job->substreams > 1 ? (job->channels + 1) / 2 : job->channels;
    uint32_t since = job->key ? 0 : job->since;
    uint16_t *codes = job->codes;
    n1_packet_readers r;
    n1_packet_readers_open(&r, job);
    for (uint32_t t = 0; t < job->frames; t++, codes += job->channels, since++) {
        if (t == 0 && job->key)
            start(state, &r, job, half, even);
        else
            frame(state, &r, job, codes, half, even);
        for (uint32_t c = n1_packet_turn(since); c < job->channels; c += N1_PACKET_BEAT)
            n1_packet_full_beat(&state[c], since);
        if (!n1_packet_readers_fit(&r, job))
            return N1_ERROR_CORRUPT;
    }
    return N1_OK;
}

n1_status n1_packet_full_decode(n1_packet_full *state, const n1_packet_unjob *job)
{
    return job->axis->edge ? decode(state, job, 0) : decode(state, job, 1);
}
