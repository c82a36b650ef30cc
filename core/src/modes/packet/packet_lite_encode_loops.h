/* packet_lite_encode_loops.h - the encoder of the lite profile, compiled for each kernel.
 */
#ifndef N1_MODES_PACKET_PACKET_LITE_ENCODE_LOOPS_H
#define N1_MODES_PACKET_PACKET_LITE_ENCODE_LOOPS_H
#include "modes/packet/packet_encode.h"

N1_INLINE void n1_packet_lite_encode_sample(n1_packet_lite *s, n1_range32_writer *w, const n1_packet_axis *a, uint32_t code,
                                            int backwards, n1_packet_kind kind)
{
    const int even = kind == N1_PACKET_EVEN;
    const uint32_t inverse = n1_packet_inverse[s->scale & (N1_PACKET_SCALES - 1)];
    const int32_t mu = n1_packet_lite_mean(s);
    const int32_t low = n1_packet_low(a, code, even), high = n1_packet_low(a, code + 1, even);
    const int32_t l = n1_packet_steps(low - mu, inverse, a->shift, even);
    const int32_t h = n1_packet_steps(high - mu, inverse, a->shift, even);
    n1_packet_lite_learn(s, (low + high) >> 1);
    s->scale += (uint32_t)(l + h < 0 ? -(l + h) : l + h) << N1_PACKET_SCALE_BITS;
    n1_packet_put(w, a->law, code, a->bits, l, h, backwards);
}

/* A frame: one half, then the other. */
N1_INLINE void n1_packet_lite_encode_frame(n1_packet_lite *state, n1_packet_writers *writers,
                                           const n1_packet_job *job, const uint16_t *codes, uint32_t half,
                                           n1_packet_kind kind)
{
    const n1_packet_axis a = n1_packet_axis_of(job->axis, kind);
    n1_range32_writer w = writers->a;
    const n1_packet_lite *const middle = state + half, *const last = state + job->channels;
    for (; state < middle; state++)
        n1_packet_lite_encode_sample(state, &w, &a, *codes++, 0, kind);
    writers->a = w;
    w = writers->b;
    for (; state < last; state++)
        n1_packet_lite_encode_sample(state, &w, &a, *codes++, 1, kind);
    writers->b = w;
}

N1_INLINE void n1_packet_lite_encode_start(n1_packet_lite *state, n1_range32_writer *w, const n1_packet_job *job,
                                           uint32_t first, uint32_t last, int backwards, int even)
{
    for (uint32_t c = first; c < last; c++) {
        const int32_t v = n1_packet_put_first(w, job->axis, job->codes[c], job->scales[c], backwards, even);
        n1_packet_lite_start(&state[c], v, job->scales[c]);
    }
}

N1_INLINE size_t n1_packet_lite_encode_loop(n1_packet_lite *state, const n1_packet_job *job, n1_packet_kind kind)
{
    const int even = kind == N1_PACKET_EVEN;
    const uint32_t half = job->substreams > 1 ? (job->channels + 1) / 2 : job->channels;
    const uint16_t *codes = job->codes;
    int fits = 1;
    n1_packet_writers w;
    n1_packet_writers_begin(&w, job);
    for (uint32_t t = 0; t < job->frames; t++, codes += job->channels) {
        if (t == 0 && job->key) {
            n1_packet_lite_encode_start(state, &w.a, job, 0, half, 0, even);
            n1_packet_lite_encode_start(state, &w.b, job, half, job->channels, 1, even);
        } else {
            n1_packet_lite_encode_frame(state, &w, job, codes, half, kind);
        }
        fits &= n1_packet_writers_fit(&w, job);
    }
    return fits ? n1_packet_writers_end(&w, job) : 0;
}

N1_INLINE size_t n1_packet_lite_encode_loops(n1_packet_lite *state, const n1_packet_job *job)
{
    switch (n1_packet_kind_of(job->axis)) {
    case N1_PACKET_EVEN: return n1_packet_lite_encode_loop(state, job, N1_PACKET_EVEN);
#if N1_PACKET_NLINK_APART
    case N1_PACKET_NLINK: return n1_packet_lite_encode_loop(state, job, N1_PACKET_NLINK);
#endif
    default: return n1_packet_lite_encode_loop(state, job, N1_PACKET_EDGES);
    }
}

#endif
