/* The backward mode's intervals laid out for vector kernels, and back; see n1_rank. */
#include "modes/backward/rows.h"
#include <string.h>

/* Place of channel c in a row. */
static size_t slot_of(const n1_backward *s, uint32_t c, uint32_t *strand)
{
    uint32_t q = (c * N1_STRANDS + N1_STRANDS - 1) / s->channels; /* its strand, or the one after */
    while (q >= N1_STRANDS || n1_strand_start(s, q) > c) q--;
    while (q + 1 < N1_STRANDS && n1_strand_start(s, q + 1) <= c) q++;
    *strand = q;
    return (size_t)(c - n1_strand_start(s, q)) * N1_STRANDS + q;
}

static int32_t pair_of(int16_t older, int16_t newer)
{
    return (int32_t)((uint32_t)(uint16_t)newer << 16 | (uint16_t)older);
}

static void fill_channel(n1_backward *s, uint32_t c, uint32_t q, n1_rank *g)
{
    const n1_backward_channel *h = &s->channel[c];
    const n1_series *r = &s->series[c];
    const size_t slots = (size_t)s->ranks * N1_STRANDS;
    int32_t *pair = s->pair + (size_t)(g - s->rank) * N1_STRANDS + q;
    g->inv[q] = (int32_t)h->inv;
    g->sigma[q] = h->sigma;
    g->reach[q] = (int32_t)(((1U << 27) + h->inv - 1) / h->inv);
    g->centre[q] = r->centre;
    g->table[q] = (int32_t)(h->edges * sizeof *s->edges);
    g->cap[q % 2][q / 2] = h->cap;
    g->young[0][q] = pair_of(h->young[1], h->young[0]);
    g->young[1][q] = pair_of(h->young[3], h->young[2]);
    for (uint32_t i = 0; i < s->neighbours; i++) {
        uint32_t strand;
        const size_t slot = slot_of(s, h->source[i], &strand);
        g->link[i][q] = (int32_t)slot - (int32_t)((q - strand) * slots);
        g->side[i][q] = pair_of(h->side[2 * i], h->side[2 * i + 1]);
    }
    for (uint32_t t = 0; t < 3; t++) /* the last samples before the interval */
        pair[(N1_ROWS_BEFORE + q + t - 3) * slots] =
            pair_of(r->volt[N1_HISTORY + t - 4], r->volt[N1_HISTORY + t - 3]);
}

void n1_rows_fill(n1_backward *s, const uint16_t *codes)
{
    const size_t slots = (size_t)s->ranks * N1_STRANDS;
    for (uint32_t i = 0; i < s->ranks; i++) {
        n1_rank *g = &s->rank[i];
        memset(g, 0, sizeof *g);
        for (uint32_t q = 0; q < N1_STRANDS; q++) {
            const uint32_t c = n1_strand_start(s, q) + i;
            if (c < n1_strand_start(s, q + 1)) fill_channel(s, c, q, g);
        }
    }
    for (uint32_t f = 0; codes && f < N1_INTERVAL; f++, codes += s->channels)
        for (uint32_t q = 0; q < N1_STRANDS; q++) {
            const uint32_t start = n1_strand_start(s, q), end = n1_strand_start(s, q + 1);
            uint16_t *to = s->code + (N1_ROWS_BEFORE + f + q) * slots + q;
            for (uint32_t c = start; c < end; c++, to += N1_STRANDS) *to = codes[c];
        }
}

void n1_rows_empty(n1_backward *s, uint16_t *codes)
{
    const size_t slots = (size_t)s->ranks * N1_STRANDS;
    for (uint32_t q = 0; q < N1_STRANDS; q++)
        for (uint32_t c = n1_strand_start(s, q), end = n1_strand_start(s, q + 1); c < end; c++) {
            const uint32_t i = c - n1_strand_start(s, q);
            n1_backward_channel *h = &s->channel[c];
            n1_series *r = &s->series[c];
            n1_tally *tally = &s->tally[h->tally];
            size_t at = (N1_ROWS_BEFORE + q) * slots + i * N1_STRANDS + q;
            h->sum += s->rank[i].sum[q % 2][q / 2];
            for (uint32_t f = 0; f < N1_INTERVAL; f++, at += slots) {
                r->volt[N1_HISTORY + f] = (int16_t)(s->pair[at] >> 16);
                r->code[N1_HISTORY + f] = s->code[at];
                if (!h->learns) continue;
                tally->seen[s->code[at]]++;
                tally->mean[s->bin[at]]++;
            }
        }
    for (uint32_t f = 0; codes && f < N1_INTERVAL; f++, codes += s->channels)
        for (uint32_t q = 0; q < N1_STRANDS; q++) {
            const uint32_t start = n1_strand_start(s, q), end = n1_strand_start(s, q + 1);
            const uint16_t *from = s->code + (N1_ROWS_BEFORE + f + q) * slots + q;
            for (uint32_t c = start; c < end; c++, from += N1_STRANDS) codes[c] = *from;
        }
}
