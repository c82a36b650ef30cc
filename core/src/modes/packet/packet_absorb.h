/* packet_absorb.h - packets whose samples are stored as they are. */
#ifndef N1_MODES_PACKET_PACKET_ABSORB_H
#define N1_MODES_PACKET_PACKET_ABSORB_H
#include "modes/packet/packet.h"

typedef struct n1_packet_stored {
    const n1_packet_axis *axis;
    const uint16_t *codes;
    uint32_t channels, frames, since;
    int substreams;
    const uint8_t *scales; /* of a key; NULL: no key */
} n1_packet_stored;

void n1_packet_lite_absorb(n1_packet_lite *state, const n1_packet_stored *packet);
void n1_packet_full_absorb(n1_packet_full *state, const n1_packet_stored *packet);
#endif
