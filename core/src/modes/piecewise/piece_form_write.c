/* The piecewise mode: forms of channels, written. */
#include "modes/piecewise/piece_form.h"
#include "modes/piecewise/piece_header.h"

static void write_wrap(n1_bitwriter *w, const n1_piece_channel *c)
{
    n1_put_field(w, c->low < 0, 1);
    n1_put_golomb(w, (uint32_t)(c->low < 0 ? -(c->low + 1) : c->low), 8);
    n1_put_golomb(w, (uint32_t)(c->modulus - 1), 8);
    n1_put_golomb(w, c->begin, 8);
}

/* Sizes that are that of the last step, or go as far back, are said so; gaps that are as the last one, too. */
static void write_steps(n1_bitwriter *w, const n1_piece_steps *s)
{
    uint64_t gaps[33] = {0}, sizes[33] = {0};
    uint32_t at = 0, gap = 1;
    int32_t size = 0;
    for (size_t i = 0; i < s->n; i++) {
        gaps[n1_piece_digits(s->frame[i] - at - 1)]++;
        sizes[n1_piece_digits(n1_fold_sign(s->size[i]))]++;
        at = s->frame[i];
    }
    const unsigned k_gap = n1_piece_best_order(gaps, 15), k_size = n1_piece_best_order(sizes, 15);
    n1_put_golomb(w, s->quantum - 1, 0);
    n1_put_golomb(w, (uint32_t)s->n - 1, 4);
    n1_put_field(w, k_gap, 4);
    n1_put_field(w, k_size, 4);
    at = 0;
    for (size_t i = 0; i < s->n; i++) {
        const int again = s->size[i] == size || s->size[i] == -size, same = s->frame[i] - at == gap;
        gap = s->frame[i] - at;
        at = s->frame[i];
        n1_put_field(w, (uint32_t)same, 1);
        if (!same)
            n1_put_golomb(w, gap - 1, k_gap);
        n1_put_field(w, (uint32_t)again, 1);
        if (again)
            n1_put_field(w, s->size[i] != size, 1);
        else
            n1_put_signed(w, s->size[i], k_size);
        size = s->size[i];
    }
}

void n1_piece_form_write(n1_bitwriter *w, const n1_piece_channel *c)
{
    n1_put_field(w, (uint32_t)c->form, 2);
    if (c->form == N1_PIECE_WRAPPED)
        write_wrap(w, c);
    if (c->form == N1_PIECE_STEPPED)
        write_steps(w, c->steps);
}
