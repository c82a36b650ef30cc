/* The decoder of the lite profile. */
#include "modes/packet/packet_lite_decode_loops.h"

n1_status n1_packet_lite_decode(n1_packet_lite *state, const n1_packet_unjob *job)
{
    return n1_packet_lite_decode_loops(state, job);
}
