/* The encoder of the full profile. */
#include "modes/packet/packet_encode.h"

N1_INLINE void sample(n1_packet_full *s, n1_range32_writer *w, const n1_packet_axis *a, uint32_t code, int32_t *near,
                      int backwards, int even)
{
    int32_t f[N1_PACKET_FEATURES];
    const uint32_t inverse = n1_packet_inverse[n1_packet_full_scale(s)];
    const int32_t mu = n1_packet_full_mean(s, f, near, n1_packet_length(a, even), even);
    const int32_t low = n1_packet_low(a, code, even), high = n1_packet_low(a, code + 1, even);
    const int32_t l = n1_packet_steps(low - mu, inverse, a->shift, even);
    const int32_t h = n1_packet_steps(high - mu, inverse, a->shift, even);
    n1_packet_put(w, code, a->bits, l, h, backwards);
    const int32_t v = (low + high) >> 1;
    n1_packet_full_learn(s, f, near, v, v - mu, l + h, inverse, a->shift, even);
}

/* Channels first .. last - 1 of one frame. */
N1_INLINE void frame(n1_packet_full *state, n1_range32_writer *writer, const n1_packet_axis *a, const uint16_t *codes,
                     uint32_t first, uint32_t last, int backwards, int even)
{
    n1_range32_writer w = *writer;
    int32_t near[N1_PACKET_NEAR] = {0};
    for (uint32_t c = first; c < last; c++)
        sample(&state[c], &w, a, codes[c], near, backwards, even);
    *writer = w;
}

static void start(n1_packet_full *state, n1_range32_writer *w, const n1_packet_job *job, uint32_t first, uint32_t last,
                  int backwards, int even)
{
    for (uint32_t c = first; c < last; c++) {
        const int32_t v = n1_packet_put_first(w, job->axis, job->codes[c], job->scales[c], backwards, even);
        n1_packet_full_start(&state[c], v, job->scales[c]);
    }
}

N1_INLINE size_t encode(n1_packet_full *state, const n1_packet_job *job, int even)
{
    const n1_packet_axis a = *job->axis;
    const uint32_t half = job->substreams > 1 ? (job->channels + 1) / 2 : job->channels;
    const uint16_t *codes = job->codes;
    uint32_t since = job->key ? 0 : job->since;
    int fits = 1;
    n1_packet_writers w;
    n1_packet_writers_begin(&w, job);
    for (uint32_t t = 0; t < job->frames; t++, codes += job->channels, since++) {
        if (t == 0 && job->key) {
            start(state, &w.a, job, 0, half, 0, even);
            start(state, &w.b, job, half, job->channels, 1, even);
        } else {
            frame(state, &w.a, &a, codes, 0, half, 0, even);
            frame(state, &w.b, &a, codes, half, job->channels, 1, even);
        }
        for (uint32_t c = n1_packet_turn(since); c < job->channels; c += N1_PACKET_BEAT)
            n1_packet_full_beat(&state[c], since);
        fits &= n1_packet_writers_fit(&w, job);
    }
    return fits ? n1_packet_writers_end(&w, job) : 0;
}

size_t n1_packet_full_encode(n1_packet_full *state, const n1_packet_job *job)
{
    return job->axis->edge ? encode(state, job, 0) : encode(state, job, 1);
}
