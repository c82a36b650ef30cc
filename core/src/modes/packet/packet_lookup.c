/* Ways back from masses and places to codes. */
#include "modes/packet/packet_decode.h"

void n1_packet_lookup_build(n1_packet_lookup *l, const n1_packet_axis *a)
{
    for (uint32_t i = 0; i < N1_PACKET_SCALES; i++)
        l->sigma[i] = (int32_t)(((UINT64_C(1) << (a->shift + 12)) + n1_packet_inverse[i] / 2) / n1_packet_inverse[i]);
    uint32_t code = 0;
    for (uint32_t i = 0; a->edge && i <= N1_PACKET_PLACES; i++) {
        while (code + 1 < a->codes && a->edge[code + 1] <= 16 * i)
            code++;
        l->code[i] = (uint16_t)code;
    }
}

uint32_t n1_packet_search(const n1_packet_axis *a, int32_t mu, uint32_t inverse, uint32_t slot)
{
    const int even = !a->edge;
    uint32_t low = 0, high = a->codes; /* the law is at most slot below `low`, if it is anywhere */
    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;
        const int32_t z = n1_packet_steps(n1_packet_low(a, middle, even) - mu, inverse, a->shift, even);
        if (n1_packet_below(z) <= slot)
            low = middle;
        else
            high = middle;
    }
    return low;
}
