/* What packets whose samples are stored leave behind: the state after them is that after the same samples coded. */
#include "modes/packet/packet_absorb.h"

N1_INLINE void absorb_full(n1_packet_full *s, const n1_packet_axis *a, uint32_t code, n1_packet_near *near, int even)
{
    n1_packet_features f;
    const uint32_t inverse = n1_packet_inverse[n1_packet_full_scale(s)];
    const int32_t mu = n1_packet_full_mean(s, &f, near, n1_packet_length(a, even), even);
    const int32_t low = n1_packet_low(a, code, even), high = n1_packet_low(a, code + 1, even), v = (low + high) >> 1;
    const int32_t z = n1_packet_steps(low - mu, inverse, a->shift, even) + n1_packet_steps(high - mu, inverse, a->shift, even);
    n1_packet_full_learn(s, &f, near, v, v - mu, z, inverse, a->shift, even);
}

N1_INLINE void absorb_lite(n1_packet_lite *s, const n1_packet_axis *a, uint32_t code, int even)
{
    const uint32_t inverse = n1_packet_inverse[s->scale & (N1_PACKET_SCALES - 1)];
    const int32_t mu = n1_packet_lite_mean(s);
    const int32_t low = n1_packet_low(a, code, even), high = n1_packet_low(a, code + 1, even);
    const int32_t z = n1_packet_steps(low - mu, inverse, a->shift, even) + n1_packet_steps(high - mu, inverse, a->shift, even);
    n1_packet_lite_learn(s, (low + high) >> 1);
    s->scale += (uint32_t)(z < 0 ? -z : z) << N1_PACKET_SCALE_BITS;
}

N1_INLINE int32_t middle(const n1_packet_axis *a, uint32_t code, int even)
{
    return (n1_packet_low(a, code, even) + n1_packet_low(a, code + 1, even)) >> 1;
}

void n1_packet_lite_absorb(n1_packet_lite *state, const n1_packet_stored *p)
{
    const int even = !p->axis->edge;
    const uint16_t *codes = p->codes;
    for (uint32_t t = 0; t < p->frames; t++)
        for (uint32_t c = 0; c < p->channels; c++, codes++) {
            if (t == 0 && p->scales)
                n1_packet_lite_start(&state[c], middle(p->axis, *codes, even), p->scales[c]);
            else
                absorb_lite(&state[c], p->axis, *codes, even);
        }
}

void n1_packet_full_absorb(n1_packet_full *state, const n1_packet_stored *p)
{
    const int even = !p->axis->edge;
    const uint32_t half = p->substreams > 1 ? (p->channels + 1) / 2 : p->channels;
    const uint16_t *codes = p->codes;
    uint32_t since = p->scales ? 0 : p->since;
    for (uint32_t t = 0; t < p->frames; t++, since++) {
        n1_packet_near near = {0};
        for (uint32_t c = 0; c < p->channels; c++, codes++) {
            if (c == half)
                near = (n1_packet_near){0};
            if (t == 0 && p->scales)
                n1_packet_full_start(&state[c], middle(p->axis, *codes, even), p->scales[c]);
            else
                absorb_full(&state[c], p->axis, *codes, &near, even);
        }
        for (uint32_t c = n1_packet_turn(since); c < p->channels; c += N1_PACKET_BEAT)
            n1_packet_full_beat(&state[c], since);
    }
}
