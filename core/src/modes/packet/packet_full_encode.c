/* The encoder of the full profile. */
#define N1_PACKET_FULL_FEATURES n1_packet_features
#define N1_PACKET_FULL_NEAR     n1_packet_near
#define N1_PACKET_FULL_MEAN     n1_packet_full_mean
#define N1_PACKET_FULL_LEARN    n1_packet_full_learn
#include "modes/packet/packet_full_encode_loops.h"

size_t n1_packet_full_encode(n1_packet_full *state, const n1_packet_job *job)
{
    return n1_packet_full_encode_loops(state, job);
}
