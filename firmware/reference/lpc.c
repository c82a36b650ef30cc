/* What eight taps leave over, in Rice codes. */
#include "bits.h"

size_t n1_lpc_encode(n1_lpc_state *state, const int16_t *taps, const uint16_t *codes, uint32_t channels, uint32_t frames,
                     uint32_t since, int key, uint8_t *dst)
{
    n1_bits b = {dst, 0, 0};
    int32_t turned[N1_REFERENCE_TAPS]; /* taps as the ring lies */
    for (uint32_t t = 0; t < frames; t++, codes += channels) {
        const uint32_t at = (since + t) & (N1_REFERENCE_TAPS - 1);
        for (uint32_t i = 0; i < N1_REFERENCE_TAPS; i++)
            turned[(at - 1 - i) & (N1_REFERENCE_TAPS - 1)] = taps[i];
        for (uint32_t c = 0; c < channels; c++) {
            n1_lpc_state *s = &state[c];
            const uint32_t code = codes[c];
            if (key && t == 0) {
                n1_bits_put(&b, code, N1_REFERENCE_BITS);
                for (uint32_t i = 0; i < N1_REFERENCE_TAPS; i++)
                    s->past[i] = (int16_t)code;
                s->sum = N1_RICE_START;
                continue;
            }
            const int16_t *p = s->past;
            int32_t mean = p[0] * turned[0] + p[1] * turned[1] + p[2] * turned[2] + p[3] * turned[3] + p[4] * turned[4]
                         + p[5] * turned[5] + p[6] * turned[6] + p[7] * turned[7];
            mean = (mean + (1 << (N1_REFERENCE_SHIFT - 1))) >> N1_REFERENCE_SHIFT;
            mean = mean < 0 ? 0 : mean > 1023 ? 1023 : mean;
            s->past[at] = (int16_t)code;
            s->sum = (uint16_t)n1_rice_put(&b, (int32_t)code - mean, code, s->sum);
        }
    }
    return n1_bits_end(&b, dst);
}
