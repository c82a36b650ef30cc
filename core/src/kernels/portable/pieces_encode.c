/* The piecewise mode's encoder, sample by sample. */
#include "kernels/portable/portable.h"
#include "modes/piecewise/piece_spans.h"

uint64_t n1_piece_spans_portable(const n1_piece_frames *f, unsigned law, uint64_t *span)
{
    return n1_piece_spans_loop(f, law, 0, span);
}

void n1_piece_bits_portable(const n1_piece_frames *f, uint64_t *bits)
{
    for (size_t t = 0; t < f->n; t++)
        n1_piece_add_bits(f, t, bits);
}

void n1_piece_scales_portable(n1_piece_scale *s, const n1_piece_frames *f) { n1_piece_scales_loop(s, f, 0); }
