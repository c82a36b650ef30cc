/* Forward mode, encoder: what is not entropy coded. */
#include "converter/values.h"
#include "modes/forward/stages.h"
#include "modes/mode.h"

#include <string.h>

void n1_forward_write_header(n1_bitwriter *w, const n1_forward *f)
{
    const n1_geometry *g = &f->g;
    n1_put_field(w, N1_MODE_FORWARD, 8);
    n1_put_field(w, g->lanes / 16, 2);
    if (g->lanes)
        n1_put_field(w, (uint32_t)g->tail, 10);
    n1_put_field(w, f->n_alphabets - 1, 3);
    for (unsigned i = 0; i < f->n_alphabets; i++)
        n1_alphabet_write(w, &f->alphabet[i]);
    for (size_t i = 0; i < g->n_channels; i++) {
        n1_channel_write(w, &f->channel[i], f->alphabet_bits);
        if (f->channel[i].kind != N1_CHANNEL_MODEL)
            continue;
        const uint16_t *seed = f->seed + i * n1_seeds(g);
        uint32_t delta[N1_MAX_LANES];
        for (unsigned j = 1; j < n1_seeds(g); j++)
            delta[j] = n1_fold_sign((int32_t)seed[j] - seed[j - 1]);
        unsigned k = n1_rice_choose(delta + 1, n1_seeds(g) - 1);
        n1_put_golomb(w, seed[0], 8);
        n1_put_field(w, k, 4);
        for (unsigned j = 1; j < n1_seeds(g); j++)
            n1_put_rice(w, delta[j], k);
    }
    n1_fields_align(w);
}

/* The codes of a channel in the order of time. */
static void line_again(const n1_forward_encoder *e, size_t channel, const n1_encode_kernels *k)
{
    const n1_geometry *g = &e->f.g;
    k->both.from_plane(n1_code_of(&e->f, channel), e->line, g->rows, g->lanes);
    memcpy(e->line + n1_code_size(g), e->f.tail_code + channel * g->tail, g->tail * sizeof *e->line);
}

void n1_forward_write_raw(n1_bitwriter *w, const n1_forward_encoder *e, const n1_encode_kernels *k)
{
    const n1_forward *f = &e->f;
    for (size_t i = 0; i < f->g.n_channels; i++) {
        const n1_alphabet *a = &f->alphabet[f->channel[i].alphabet];
        const unsigned bits = n1_verbatim_bits(f, i);
        const size_t from = i * e->time.apart;
        if (!bits)
            continue;
        if (e->in_place)
            line_again(e, i, k);
        for (size_t t = 0; t < f->g.n_samples; t++)
            n1_put_field(w, e->in_line || e->in_place ? e->line[t] : n1_full_code(a, n1_track_at(e->time, from + t)), bits);
    }
    n1_fields_align(w);
}
