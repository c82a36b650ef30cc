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

/* Rows to frames: lanes lie `rows` channels apart. */
static void put_out(const n1_wide *s, uint16_t *codes)
{
    for (uint32_t t = 0; t < s->frames; t++, codes += s->channels)
        for (uint32_t r = 0; r < s->rows; r++) {
            const uint16_t *from = s->code + n1_wide_code_at(s, t, r);
            uint16_t *to = codes + r;
            const uint32_t filled = n1_wide_filled(s->channels, s->rows, r), rows = s->rows;
            for (uint32_t l = 0; l < filled; l++, to += rows) *to = from[l];
        }
}

n1_status n1_wide_decode(n1_wide *s, const n1_kernels *k, const uint8_t *in, size_t size, uint16_t *codes, size_t n_frames,
                         size_t wanted)
{
    if (!open(s, in, size)) return N1_ERROR_CORRUPT;
    for (size_t f = 0; f < wanted; f += s->frames) {
        s->frames = n_frames - f < N1_WIDE_INTERVAL ? (uint32_t)(n_frames - f) : N1_WIDE_INTERVAL;
        k->wide_read(s);
        if (s->short_by > 16) return N1_ERROR_CORRUPT; /* do not decode on from nothing */
        put_out(s, codes + f * s->channels);
        n1_wide_turn(s);
    }
    return wanted < n_frames || closed(s) ? N1_OK : N1_ERROR_CORRUPT;
}
