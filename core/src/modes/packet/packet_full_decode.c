/* The decoder of the full profile. */
#define N1_PACKET_FULL_FEATURES n1_packet_features
#define N1_PACKET_FULL_NEAR     n1_packet_near
#define N1_PACKET_FULL_MEAN     n1_packet_full_mean
#define N1_PACKET_FULL_LEARN    n1_packet_full_learn
#include "modes/packet/packet_full_decode_loops.h"

n1_status n1_packet_full_decode(n1_packet_full *state, const n1_packet_unjob *job)
{
    return n1_packet_full_decode_loops(state, job);
}
