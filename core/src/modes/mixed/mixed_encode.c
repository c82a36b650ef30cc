/* The mixed mode, encoder. */
#include "modes/mixed/mixed_encode.h"

n1_status n1_mixed_encode(n1_mixed *s, const uint16_t *codes, size_t n_frames, uint8_t *out, size_t capacity, size_t *written)
{
    n1_binary b;
    n1_mixture l;
    n1_binary_start(&b, NULL, out, capacity);
    for (size_t f = 0; f < n_frames; f++) {
        for (uint32_t c = 0; c < s->channels; c++, codes++) {
            if (*codes >= s->codes) return N1_ERROR_INTERNAL;
            n1_mixed_prepare(s, c, &l);
            (void)s->k->mixed_code(s, &l, &b, 0, *codes, s->contexts + 1);
            n1_mixed_learn(s, c, &l, *codes);
        }
        n1_mixed_end_frame(s);
    }
    n1_binary_flush(&b);
    *written = b.at;
    return b.at <= capacity ? N1_OK : N1_NOT_APPLICABLE;
}
