/* Fill the table of what reads packets. */
#include "kernels/table.h"
#include "kernels/x86/x86.h"
#include "modes/packet/packet_decode.h"

void n1_packet_kernels_fill(n1_packet_kernels *k, n1_kernel kernel)
{
    (void)kernel;
    k->lite_decode = n1_packet_lite_decode;
    k->full_decode = n1_packet_full_decode;
#if N1_X86
    if (kernel == N1_KERNEL_AVX2 || kernel == N1_KERNEL_AVX512) {
        k->lite_decode = n1_packet_lite_decode_avx2;
        k->full_decode = n1_packet_full_decode_avx2;
    }
#endif
}
