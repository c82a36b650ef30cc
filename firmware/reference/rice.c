/* Differences to the last code, in Rice codes. */
#include "bits.h"

size_t n1_rice_encode(n1_rice_state *state, const uint16_t *codes, uint32_t channels, uint32_t frames, int key, uint8_t *dst)
{
    n1_bits b = {dst, 0, 0};
    for (uint32_t t = 0; t < frames; t++, codes += channels)
        for (uint32_t c = 0; c < channels; c++) {
            const uint32_t code = codes[c];
            if (key && t == 0) {
                n1_bits_put(&b, code, N1_REFERENCE_BITS);
                state[c].sum = N1_RICE_START;
            } else {
                state[c].sum = (uint16_t)n1_rice_put(&b, (int32_t)code - state[c].last, code, state[c].sum);
            }
            state[c].last = (uint16_t)code;
        }
    return n1_bits_end(&b, dst);
}
