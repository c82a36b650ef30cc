/* The mixed mode, decoder. */
#include "modes/mixed/mixed_decode.h"

n1_status n1_mixed_decode(n1_mixed *s, const uint8_t *in, size_t size, uint16_t *codes, size_t n_frames)
{
    n1_binary b;
    n1_mixture l;
    n1_binary_start(&b, in, NULL, size);
    for (size_t f = 0; f < n_frames; f++) {
        for (uint32_t c = 0; c < s->channels; c++) {
            n1_mixed_prepare(s, c, &l);
            const uint32_t k = s->k->mixed_code(s, &l, &b, 1, 0, s->contexts + 1);
            *codes++ = (uint16_t)k;
            n1_mixed_learn(s, c, &l, k);
        }
        n1_mixed_end_frame(s);
        if (b.at > size + 8) return N1_ERROR_CORRUPT; /* reading zeros past the end: cut or damaged */
    }
    return b.at >= size ? N1_OK : N1_ERROR_CORRUPT; /* a flush ends within the bytes that the decoder looks ahead */
}
