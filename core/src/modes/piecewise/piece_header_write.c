/* The piecewise mode's headers, written. */
#include "modes/piecewise/piece_header.h"

static void put_wide(n1_bitwriter *w, int64_t v)
{
    n1_put_field(w, v < 0, 1);
    n1_put_golomb(w, (uint32_t)(v < 0 ? -(v + 1) : v), 8);
}

static unsigned golomb_bits(uint64_t value, unsigned k)
{
    return 2 * (unsigned)n1_top_bit(value + ((uint64_t)1 << k)) + 1 - k;
}

unsigned n1_piece_best_order(const uint64_t *counts, unsigned most)
{
    unsigned best = 0;
    uint64_t least = UINT64_MAX;
    for (unsigned k = 0; k <= most; k++) {
        uint64_t bits = 0;
        for (unsigned i = 0; i < 33; i++)
            bits += counts[i] * golomb_bits(i ? (uint64_t)3 << i >> 2 : 0, k);
        if (bits < least) {
            least = bits;
            best = k;
        }
    }
    return best;
}

static void write_list(n1_bitwriter *w, const n1_piece_channel *c)
{
    uint64_t counts[33] = {0};
    for (uint32_t i = 1; i < c->n_codes; i++)
        counts[n1_piece_digits((uint64_t)(c->value[i] - c->value[i - 1] - 1))]++;
    const unsigned k = n1_piece_best_order(counts, 15);
    n1_put_field(w, k, 4);
    for (uint32_t i = 1; i < c->n_codes; i++)
        n1_put_golomb(w, (uint32_t)(c->value[i] - c->value[i - 1] - 1), k);
}

/* The end of the run of codes that begins at i. */
static uint32_t run_end(const int8_t *log_width, uint32_t i, uint32_t n)
{
    const int there = log_width[i] != N1_PIECE_ABSENT;
    while (i < n && (log_width[i] != N1_PIECE_ABSENT) == there)
        i++;
    return i;
}

static void write_widths(n1_bitwriter *w, const n1_piece_channel *c)
{
    const int8_t *const log_width = c->most->log_width;
    uint64_t counts[2][33] = {{0}}, of_width[2 * N1_PIECE_WIDTH + 1] = {0}, bits, least = UINT64_MAX;
    unsigned k = 0;
    for (uint32_t i = 0, end; i < c->n_codes; i = end) {
        end = run_end(log_width, i, c->n_codes);
        counts[log_width[i] == N1_PIECE_ABSENT][n1_piece_digits(end - i - 1)]++;
    }
    const unsigned k_there = n1_piece_best_order(counts[0], 15), k_absent = n1_piece_best_order(counts[1], 15);
    for (uint32_t i = 0; i < c->n_codes; i++)
        if (log_width[i] != N1_PIECE_ABSENT)
            of_width[n1_fold_sign(log_width[i])]++;
    for (unsigned each = 0; each < 8; each++) {
        bits = 0;
        for (uint32_t v = 0; v <= 2 * N1_PIECE_WIDTH; v++)
            bits += of_width[v] * ((v >> each) + 1 + each);
        if (bits < least) {
            least = bits;
            k = each;
        }
    }
    n1_put_field(w, k_there, 4);
    n1_put_field(w, k_absent, 4);
    n1_put_field(w, k, 3);
    for (uint32_t i = 0, end; i < c->n_codes; i = end) { /* the first code occurs: it is the lowest value */
        end = run_end(log_width, i, c->n_codes);
        n1_put_golomb(w, end - i - 1, log_width[i] == N1_PIECE_ABSENT ? k_absent : k_there);
    }
    for (uint32_t i = 0; i < c->n_codes; i++)
        if (log_width[i] != N1_PIECE_ABSENT)
            n1_put_rice(w, n1_fold_sign(log_width[i]), k);
}

void n1_piece_channel_write(n1_bitwriter *w, const n1_piece_channel *c, size_t channel)
{
    n1_put_field(w, c->kind, 1);
    put_wide(w, c->first);
    n1_put_golomb(w, c->n_codes - 1, 8);
    if (c->kind == N1_PIECE_LIST)
        write_list(w, c);
    else
        n1_put_golomb(w, c->stride - 1, 0);
    if (c->n_codes == 1)
        return;
    n1_put_golomb(w, c->origin, 8);
    n1_put_field(w, c->widths != 0, 1);
    if (c->widths)
        write_widths(w, c);
    n1_put_field(w, c->start, 7);
    n1_put_field(w, c->n_others, 4);
    if (c->n_others)
        n1_put_field(w, c->lags - 1, 2);
    for (unsigned i = 0; i < c->n_others; i++)
        n1_put_golomb(w, (uint32_t)channel - 1 - c->other[i], 2);
}

void n1_piece_write(n1_bitwriter *w, const n1_piece *p, const n1_piece_channel *c, uint64_t units_left)
{
    const unsigned n = p->own + (p->others ? c->n_others * c->lags : 0);
    uint64_t counts[33] = {0};
    n1_put_field(w, p->units >= units_left, 1); /* the last one may reach beyond the end */
    if (p->units < units_left)
        n1_put_golomb(w, p->units - 1, 2);
    n1_put_field(w, p->law, 3);
    n1_put_field(w, p->own, 6);
    if (c->n_others)
        n1_put_field(w, p->others, 1);
    n1_put_field(w, p->shift, 5);
    for (unsigned i = 0; i < n; i++)
        counts[n1_piece_digits(n1_fold_sign(p->coefficient[i]))]++;
    const unsigned k = n1_piece_best_order(counts, 16);
    n1_put_field(w, k, 5);
    const uint64_t bias = (uint64_t)(p->bias < 0 ? -p->bias : p->bias) >> n1_piece_bias_shift(p);
    n1_put_field(w, p->bias < 0, 1);
    n1_put_field(w, (uint32_t)(bias & 255), 8);
    n1_put_golomb(w, (uint32_t)(bias >> 8), 0);
    for (unsigned i = 0; i < n; i++)
        n1_put_signed(w, p->coefficient[i], k);
}
