/* The realtime mode's blocks laid out for vector kernels, and back; see n1a_rank. */
#include "modes/backward/backward.h"
#include <string.h>

/* Place of channel c in a row. */
static size_t slot_of(const n1a_realtime *s, uint32_t c, uint32_t *strand)
{
    uint32_t q = (c * N1A_STRANDS + N1A_STRANDS - 1) / s->channels; /* its strand, or the one after */
    while (q >= N1A_STRANDS || n1a_strand_start(s, q) > c) q--;
    while (q + 1 < N1A_STRANDS && n1a_strand_start(s, q + 1) <= c) q++;
    *strand = q;
    return (size_t)(c - n1a_strand_start(s, q)) * N1A_STRANDS + q;
}

static int32_t pair_of(int16_t older, int16_t newer)
{
    return (int32_t)((uint32_t)(uint16_t)newer << 16 | (uint16_t)older);
}

static void fill_channel(n1a_realtime *s, uint32_t c, uint32_t q, n1a_rank *g)
{
    const n1a_channel *h = &s->channel[c];
    const n1a_series *r = &s->series[c];
    const size_t slots = (size_t)s->ranks * N1A_STRANDS;
    int32_t *pair = s->pair + (size_t)(g - s->rank) * N1A_STRANDS + q;
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
    for (uint32_t t = 0; t < 3; t++) /* the last samples before the block */
        pair[(N1A_ROWS_BEFORE + q + t - 3) * slots] =
            pair_of(r->volt[N1A_HISTORY + t - 4], r->volt[N1A_HISTORY + t - 3]);
}

void n1a_rows_fill(n1a_realtime *s, const uint16_t *codes)
{
    const size_t slots = (size_t)s->ranks * N1A_STRANDS;
    for (uint32_t i = 0; i < s->ranks; i++) {
        n1a_rank *g = &s->rank[i];
        memset(g, 0, sizeof *g);
        for (uint32_t q = 0; q < N1A_STRANDS; q++) {
            const uint32_t c = n1a_strand_start(s, q) + i;
            if (c < n1a_strand_start(s, q + 1)) fill_channel(s, c, q, g);
        }
    }
    for (uint32_t f = 0; codes && f < N1A_BLOCK; f++, codes += s->channels)
        for (uint32_t q = 0; q < N1A_STRANDS; q++) {
            const uint32_t start = n1a_strand_start(s, q), end = n1a_strand_start(s, q + 1);
            uint16_t *to = s->code + (N1A_ROWS_BEFORE + f + q) * slots + q;
            for (uint32_t c = start; c < end; c++, to += N1A_STRANDS) *to = codes[c];
        }
}

void n1a_rows_empty(n1a_realtime *s, uint16_t *codes)
{
    const size_t slots = (size_t)s->ranks * N1A_STRANDS;
    for (uint32_t q = 0; q < N1A_STRANDS; q++)
        for (uint32_t c = n1a_strand_start(s, q), end = n1a_strand_start(s, q + 1); c < end; c++) {
            const uint32_t i = c - n1a_strand_start(s, q);
            n1a_channel *h = &s->channel[c];
            n1a_series *r = &s->series[c];
            n1a_tally *tally = &s->tally[h->tally];
            size_t at = (N1A_ROWS_BEFORE + q) * slots + i * N1A_STRANDS + q;
            h->sum += s->rank[i].sum[q % 2][q / 2];
            for (uint32_t f = 0; f < N1A_BLOCK; f++, at += slots) {
                r->volt[N1A_HISTORY + f] = (int16_t)(s->pair[at] >> 16);
                r->code[N1A_HISTORY + f] = s->code[at];
                if (!h->learns) continue;
                tally->seen[s->code[at]]++;
                tally->mean[s->bin[at]]++;
            }
        }
    for (uint32_t f = 0; codes && f < N1A_BLOCK; f++, codes += s->channels)
        for (uint32_t q = 0; q < N1A_STRANDS; q++) {
            const uint32_t start = n1a_strand_start(s, q), end = n1a_strand_start(s, q + 1);
            const uint16_t *from = s->code + (N1A_ROWS_BEFORE + f + q) * slots + q;
            for (uint32_t c = start; c < end; c++, from += N1A_STRANDS) codes[c] = *from;
        }
}
