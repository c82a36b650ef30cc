/* symbol_table.c - the table that tells which symbols occur, and the frequencies of static models.
 *
 * Table, written with adaptive bits of the range coder:
 *   split       4 even bits
 *   mantissa    4 even bits
 *   base        w even bits, high half first, only if split < w - 1; otherwise the base is 2^(w-1)
 *   n - 1       16 even bits
 *   n gaps      symbol - previous symbol - 1 (the first: the symbol itself). With g = gap + 1 and its highest bit e:
 *               e as a 5-bit tree in the context of the e before (first: 0), then the e bits below it: the highest 7
 *               of them as a tree in the context of e, the others even
 * Counts follow where a static model needs them: the highest bit e of each as a 5-bit tree in the context of the one
 * before (first: 0), then its (e - 4) / 2 highest bits below (none for e < 6) as even bits. Lower bits are not worth
 * their price: rounded away they cost less than 2 bits over all samples of the symbol. The count taken is the middle of
 * those that look alike.
 */
#include "classic/symbols.h"

static void models_init(n1_table_models *m)
{
    n1_bit_rates_init(&m->rates);
    n1_bits_init(&m->size[0][0], sizeof m->size / sizeof(n1_bit));
    n1_bits_init(&m->gap[0][0], sizeof m->gap / sizeof(n1_bit));
    n1_bits_init(&m->parameter[0][0], sizeof m->parameter / sizeof(n1_bit));
}

void n1_symbols_write(n1_symbols *symbols, n1_range_encoder *e)
{
    const n1_tokens *t = &symbols->tokens;
    n1_table_models *m = &symbols->models;
    uint32_t next = 0;
    unsigned size = 0;

    models_init(m);
    n1_encode_even(e, t->split, 4);
    n1_encode_even(e, t->mantissa, 4);
    if (t->split < t->width - 1) {
        n1_encode_even(e, t->base >> t->width / 2, t->width / 2);
        n1_encode_even(e, t->base & ((1u << t->width / 2) - 1), t->width / 2);
    }
    n1_encode_even(e, symbols->n - 1, 16);
    for (uint32_t i = 0; i < symbols->n; i++) {
        uint32_t gap = symbols->symbol[i] - next + 1;
        unsigned before = size;
        size = n1_log2(gap);
        n1_encode_tree(e, m->size[before], size, 5, &m->rates);
        unsigned modelled = size < 7 ? size : 7, even = size - modelled;
        gap -= 1u << size;
        n1_encode_tree(e, m->gap[size], gap >> even, modelled, &m->rates);
        n1_encode_even(e, gap & ((1u << even) - 1), even);
        next = symbols->symbol[i] + 1;
    }
}

n1_status n1_symbols_read(n1_symbols *symbols, const n1_layout *layout, n1_range_decoder *d)
{
    n1_tokens *t = &symbols->tokens;
    n1_table_models *m = &symbols->models;
    unsigned width = n1_width(layout), size = 0;
    uint32_t next = 0, base = 0;

    models_init(m);
    unsigned split = n1_decode_even(d, 4);
    unsigned mantissa = n1_decode_even(d, 4);
    if (split < width - 1) {
        base = n1_decode_even(d, width / 2) << width / 2;
        base |= n1_decode_even(d, width / 2);
    }
    if (!n1_tokens_valid(width, split, mantissa))
        return N1_ERROR_CORRUPT;
    *t = n1_make_tokens(width, split, mantissa, base);
    symbols->n = n1_decode_even(d, 16) + 1;
    if (symbols->n > layout->size) /* each symbol occurs, so hostile tables cannot take longer than honest samples */
        return N1_ERROR_CORRUPT;
    symbols->plain = 1;
    for (uint32_t i = 0; i < symbols->n; i++) {
        unsigned raw;
        size = n1_decode_tree(d, m->size[size], 5, &m->rates);
        if (size > 17)
            return N1_ERROR_CORRUPT;
        unsigned modelled = size < 7 ? size : 7, even = size - modelled;
        uint32_t gap = 1u << size | n1_decode_tree(d, m->gap[size], modelled, &m->rates) << even;
        gap |= n1_decode_even(d, even);
        if (gap > 2 * t->side - next)
            return N1_ERROR_CORRUPT;
        symbols->symbol[i] = next + gap - 1;
        symbols->lowest[i] = n1_from_symbol(t, symbols->symbol[i], &raw);
        symbols->raw[i] = (uint8_t)raw;
        symbols->plain &= raw == 0;
        next += gap;
    }
    return N1_OK;
}

/* How many bits below the highest one, bit e, of a count are sent. */
static unsigned count_precision(unsigned e)
{
    return e < 6 ? 0 : (e - 4) / 2;
}

/* The middle of the counts from `low` on that look alike if `dropped` bits are not sent, rounded up. */
static uint32_t middle(uint32_t low, unsigned dropped)
{
    return low + (1u << dropped >> 1);
}

void n1_counts_write(n1_symbols *symbols, n1_range_encoder *e)
{
    n1_table_models *m = &symbols->models;
    unsigned size = 0;

    for (uint32_t i = 0; i < symbols->n; i++) {
        uint32_t c = symbols->count[i];
        unsigned before = size;
        size = n1_log2(c);
        n1_encode_tree(e, m->parameter[before], size, 5, &m->rates);
        unsigned sent = count_precision(size), dropped = size - sent;
        c >>= dropped;
        n1_encode_even(e, c - (1u << sent), sent);
        symbols->count[i] = middle(c << dropped, dropped);
    }
}

n1_status n1_counts_read(n1_symbols *symbols, n1_range_decoder *d)
{
    n1_table_models *m = &symbols->models;
    unsigned size = 0;

    for (uint32_t i = 0; i < symbols->n; i++) {
        size = n1_decode_tree(d, m->parameter[size], 5, &m->rates);
        if (size > 30) /* N1_MAX_SAMPLES is 2^30 */
            return N1_ERROR_CORRUPT;
        unsigned sent = count_precision(size), dropped = size - sent;
        uint32_t c = 1u << sent | n1_decode_even(d, sent);
        symbols->count[i] = middle(c << dropped, dropped);
    }
    return N1_OK;
}

unsigned n1_precision(uint32_t n)
{
    unsigned bits = n1_log2(n) + 7;

    return bits < 12 ? 12 : bits > N1_MAX_PRECISION ? N1_MAX_PRECISION : bits;
}

void n1_normalise(const n1_symbols *symbols, unsigned precision, uint32_t *frequency)
{
    uint64_t total = 0, sum = 0, target = (uint64_t)1 << precision;
    uint32_t n = symbols->n;

    for (uint32_t i = 0; i < n; i++)
        total += symbols->count[i];
    for (uint32_t i = 0; i < n; i++) {
        uint64_t f = (((uint64_t)symbols->count[i] << (precision + 1)) + total) / (2 * total);
        frequency[i] = f ? (uint32_t)f : 1;
        sum += frequency[i];
    }
    /* Rounding leaves a few too many or too few: take from what exceeds 1, or give to all, in proportion. Each step
     * hands the rest of the debt to the rest of the symbols, so the last one settles it. */
    uint64_t debt = sum > target ? sum - target : target - sum;
    uint64_t weight = sum > target ? sum - n : sum;
    for (uint32_t i = 0; i < n && debt; i++) {
        uint64_t w = sum > target ? frequency[i] - 1 : frequency[i];
        uint64_t share = w ? debt * w / weight : 0;
        frequency[i] = sum > target ? frequency[i] - (uint32_t)share : frequency[i] + (uint32_t)share;
        debt -= share;
        weight -= w;
    }
}
