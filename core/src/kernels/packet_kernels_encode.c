/* Fill the table of what writes packets. */
#include "kernels/table.h"
#include "kernels/x86/x86.h"
#include "modes/packet/packet_encode.h"

void n1_packet_encode_kernels_fill(n1_packet_encode_kernels *k, n1_kernel kernel)
{
    (void)kernel;
    k->lite_encode = n1_packet_lite_encode;
    k->full_encode = n1_packet_full_encode;
#if N1_X86
    if (kernel == N1_KERNEL_AVX2 || kernel == N1_KERNEL_AVX512) {
        k->lite_encode = n1_packet_lite_encode_avx2;
        k->full_encode = n1_packet_full_encode_avx2;
    }
#endif
}
