/* The encoders of packets, compiled for AVX2. */
#include "kernels/x86/packet_avx2.h"
#if N1_X86
#include "modes/packet/packet_full_encode_loops.h"
#include "modes/packet/packet_lite_encode_loops.h"

N1_PACKET_TARGET size_t n1_packet_lite_encode_avx2(n1_packet_lite *state, const n1_packet_job *job)
{
    return n1_packet_lite_encode_loops(state, job);
}

N1_PACKET_TARGET size_t n1_packet_full_encode_avx2(n1_packet_full *state, const n1_packet_job *job)
{
    return n1_packet_full_encode_loops(state, job);
}
#endif
