/* Codes as they are. */
#include "bits.h"

size_t n1_raw_encode(const uint16_t *codes, uint32_t channels, uint32_t frames, uint8_t *dst)
{
    n1_bits b = {dst, 0, 0};
    for (const uint16_t *end = codes + (size_t)channels * frames; codes < end; codes++)
        n1_bits_put(&b, *codes, N1_REFERENCE_BITS);
    return n1_bits_end(&b, dst);
}
