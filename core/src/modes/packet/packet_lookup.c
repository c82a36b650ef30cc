/* Ways back from masses and places to codes. */
#include "modes/packet/packet_decode.h"
#include <string.h>

void n1_packet_lookup_build(n1_packet_lookup *l, const n1_packet_axis *a)
{
    for (uint32_t i = 0; i < N1_PACKET_SCALES; i++) {
        const uint32_t inverse = n1_packet_inverse[i];
        l->scale[i].inverse = (int32_t)inverse;
        l->scale[i].sigma = (int32_t)(((UINT64_C(1) << (a->shift + 12)) + inverse / 2) / inverse);
    }
    memcpy(l->law, n1_packet_law, sizeof l->law);
    memcpy(l->quantile, n1_packet_quantile, sizeof l->quantile);
    if (!a->edge)
        return;
    memcpy(l->edge, a->edge, (a->codes + 1) * sizeof *l->edge);
    l->edge[a->codes + 1] = l->edge[a->codes];
    for (uint32_t i = 0, code = 0; i < N1_PACKET_PLACES; i++) {
        while (code + 1 < a->codes && a->edge[code + 1] <= 16 * i)
            code++;
        l->place[i].code = (uint16_t)code;
        l->place[i].low = l->edge[code];
        l->place[i].high = l->edge[code + 1];
        l->place[i].next = l->edge[code + 2];
    }
}

int64_t n1_packet_within(int64_t v, int64_t low, int64_t high) { return v < low ? low : v > high ? high : v; }

/* Whether the mass of code begins at slot or before. */
static int begins(const n1_packet_axis *a, uint32_t code, int32_t mu, uint32_t inverse, uint32_t slot)
{
    const int even = !a->edge;
    return n1_packet_below(n1_packet_steps(n1_packet_low(a, code, even) - mu, inverse, a->shift, even)) <= slot;
}

uint32_t n1_packet_search(const n1_packet_axis *a, int32_t mu, uint32_t inverse, uint32_t slot, uint32_t near)
{
    const int after = begins(a, near, mu, inverse, slot);
    uint32_t low = 0, high = a->codes, middle; /* the law is at most slot below `low`, if it is anywhere */
    if (after) {
        low = near + 1 < high ? near + 1 : near;
        middle = near + 2;
    } else {
        high = near ? near : 1;
        middle = near - 1;
    }
    for (; high - low > 1; middle = low + (high - low) / 2) { /* nearly always the code beside */
        if (begins(a, middle, mu, inverse, slot))
            low = middle;
        else
            high = middle;
    }
    return low;
}
