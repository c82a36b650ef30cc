/* The wide mode, decoder. */
#include "modes/wide/wide_decode.h"
#include "base/status.h"

#define STATE 5u   /* bytes */

static int open(n1_wide *s, const uint8_t *in, size_t size)
{
    if (size < STATE * s->lanes) return 0;
    for (uint32_t l = 0; l < s->lanes; l++) {
        s->x[l] = 0;
        for (unsigned b = STATE; b-- > 0;) s->x[l] = s->x[l] << 8 | in[STATE * l + b];
        if (s->x[l] < N1_RANS_LOW) return 0;
    }
    s->p = in + STATE * s->lanes;
    s->end = in + size;
    return 1;
}

/* All words used, every state back where the encoder began. */
static int closed(const n1_wide *s)
{
    int rest = s->short_by == 0 && s->p == s->end;
    for (uint32_t l = 0; l < s->lanes; l++) rest &= s->x[l] == N1_RANS_LOW;
    return rest;
}

n1_status n1_wide_decode(n1_wide *s, const n1_kernels *k, const uint8_t *in, size_t size, size_t n_frames, size_t wanted,
                         n1_wide_taker take, void *to)
{
    if (!open(s, in, size)) return N1_ERROR_CORRUPT;
    for (size_t f = 0; f < wanted; f += s->frames) {
        s->frames = n_frames - f < N1_WIDE_INTERVAL ? (uint32_t)(n_frames - f) : N1_WIDE_INTERVAL;
        k->wide_read(s);
        if (s->short_by > 16) return N1_ERROR_CORRUPT; /* do not decode on from nothing */
        take(to, s);
        n1_wide_turn(s);
    }
    return wanted < n_frames || closed(s) ? N1_OK : N1_ERROR_CORRUPT;
}
