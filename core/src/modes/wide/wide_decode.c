/* The wide mode, decoder. */
#include "modes/wide/wide_decode.h"
#include "base/bytes.h"
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

/* A section, or its first frames. */
static n1_status read_section(n1_wide *s, const n1_kernels *k, const uint8_t *in, size_t size, size_t n_frames, size_t wanted, n1_wide_taker take,
                              void *to)
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

n1_status n1_wide_decode(n1_wide *s, const n1_wide_params *p, const n1_kernels *k, const uint8_t *in, size_t size, size_t n_frames, size_t from,
                         size_t wanted, n1_wide_taker take, void *to)
{
    const size_t section = n1_wide_section(p, n_frames), more = (n_frames - 1) / section;
    if (size < N1_WIDE_LENGTH * more) return N1_ERROR_CORRUPT;
    const uint8_t *at = in + N1_WIDE_LENGTH * more, *const end = in + size;
    n1_wide_init(s, p);
    for (size_t i = 0; i <= more && i * section < wanted; i++) {
        const size_t f = i * section, n = n_frames - f < section ? n_frames - f : section, left = (size_t)(end - at);
        const size_t length = i < more ? n1_load32(in + N1_WIDE_LENGTH * i) : left;
        if (length > left) return N1_ERROR_CORRUPT;
        if (f + n > from) {
            n1_wide_begin(s, p);
            const n1_status status = read_section(s, k, at, length, n, wanted - f < n ? wanted - f : n, take, to);
            if (status != N1_OK) return status;
        }
        at += length;
    }
    return N1_OK;
}
