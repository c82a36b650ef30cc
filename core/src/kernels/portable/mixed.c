/* A sample of the mixed mode, law by law. */
#include "kernels/portable/portable.h"
#include "modes/mixed/mixed.h"

/* The compiler unrolls the usual numbers of laws. */
uint32_t n1_mixed_code_portable(n1_mixed *s, n1_mixture *l, n1_binary *b, int decoding, uint32_t k, uint32_t n)
{
    if (n == N1_MIXED_LAWS) return n1_mixed_code_loop(s, l, b, decoding, k, N1_MIXED_LAWS);
    if (n == 2) return n1_mixed_code_loop(s, l, b, decoding, k, 2);
    return n1_mixed_code_loop(s, l, b, decoding, k, n);
}
