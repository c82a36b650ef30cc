/* The encoder of the lite profile. */
#include "modes/packet/packet_lite_encode_loops.h"

size_t n1_packet_lite_encode(n1_packet_lite *state, const n1_packet_job *job)
{
    return n1_packet_lite_encode_loops(state, job);
}
