/* symbols.c - the symbols of an array: which tokens suit it, which symbols occur and how often. */
#include "classic/symbols.h"

/* Split and mantissa of the coarser tokens that the encoder tries when there are many symbols. */
static const uint8_t candidates[][2] = {{12, 7}, {9, 5}, {6, 3}, {3, 1}};

/* 256 * log2(v) for v > 0, to about 2 of 256. */
static uint32_t log2_fixed(uint32_t v)
{
    unsigned e = n1_log2(v);
    uint32_t f = (uint32_t)(((uint64_t)v << 8 >> e) & 255);

    return e * 256 + f + (88 * f * (256 - f) >> 16);
}

/* Estimated size of samples and table, in 1/256 bits; the symbols that occur are those of a histogram. */
static uint64_t cost(const n1_tokens *t, const uint32_t *histogram, size_t samples)
{
    uint32_t log_total = log2_fixed((uint32_t)samples);
    uint64_t bits = 0, n = 0;

    for (uint32_t s = 0; s < 2 * t->side; s++) {
        uint32_t c = histogram[s];
        unsigned raw;
        if (!c)
            continue;
        (void)n1_from_symbol(t, s, &raw);
        n++;
        bits += (uint64_t)c * (log_total - log2_fixed(c) + 256 * raw);
        bits += 256 + log2_fixed(c) / 2; /* a frequency is worth half the logarithm of its count */
    }
    if (n > N1_MAX_SYMBOLS)
        return UINT64_MAX;
    return bits + n * (256 + log2_fixed((uint32_t)(2 * t->side / n)));
}

static uint32_t count_occurring(const uint32_t *histogram, uint32_t alphabet)
{
    uint32_t n = 0;

    for (uint32_t s = 0; s < alphabet; s++)
        n += histogram[s] != 0;
    return n;
}

/* The middle key: of 65,536 bins by the highest bits, the one with the middle sample; then the same within it. */
static uint32_t median_key(const void *samples, const n1_layout *layout, uint32_t *bins)
{
    uint32_t keys[N1_BATCH], flip = n1_key_flip(layout), high = 0;
    unsigned shift = n1_width(layout) > 16 ? 16 : 0;
    size_t below = layout->size / 2;

    for (int level = 0;; level++) {
        memset(bins, 0, 65536 * sizeof *bins);
        for (size_t first = 0; first < layout->size; first += N1_BATCH) {
            size_t count = n1_batch_size(layout, first);
            n1_load_samples(samples, first, count, layout->itemsize, flip, keys);
            for (size_t i = 0; i < count; i++) {
                if (level == 0)
                    bins[keys[i] >> shift]++;
                else if (keys[i] >> 16 == high)
                    bins[keys[i] & 0xFFFF]++;
            }
        }
        uint32_t bin = 0;
        while (below >= bins[bin])
            below -= bins[bin++];
        if (level == 1 || shift == 0)
            return level == 1 ? high << 16 | bin : bin;
        high = bin;
    }
}

static void take_histogram(const n1_tokens *t, const void *samples, const n1_layout *layout, uint32_t *histogram)
{
    uint32_t keys[N1_BATCH], flip = n1_key_flip(layout);
    int direct = t->split == t->width - 1;

    memset(histogram, 0, 2 * t->side * sizeof *histogram);
    for (size_t first = 0; first < layout->size; first += N1_BATCH) {
        size_t count = n1_batch_size(layout, first);
        n1_load_samples(samples, first, count, layout->itemsize, flip, keys);
        for (size_t i = 0; i < count; i++)
            histogram[direct ? keys[i] : n1_to_symbol(t, keys[i])]++;
    }
}

/* The histogram of coarser tokens, from that of finer ones. */
static void merge_histogram(const n1_tokens *fine, const uint32_t *from, const n1_tokens *coarse, uint32_t *to)
{
    unsigned raw;

    memset(to, 0, 2 * coarse->side * sizeof *to);
    for (uint32_t s = 0; s < 2 * fine->side; s++)
        if (from[s])
            to[n1_to_symbol(coarse, n1_from_symbol(fine, s, &raw))] += from[s];
}

static void fill_ranks(n1_symbols *symbols, const uint32_t *histogram)
{
    symbols->n = 0;
    symbols->plain = 1;
    for (uint32_t s = 0; s < 2 * symbols->tokens.side; s++) {
        unsigned raw;
        if (!histogram[s])
            continue;
        symbols->rank[s] = (uint16_t)symbols->n;
        symbols->symbol[symbols->n] = s;
        symbols->count[symbols->n] = histogram[s];
        symbols->lowest[symbols->n] = n1_from_symbol(&symbols->tokens, s, &raw);
        symbols->raw[symbols->n++] = (uint8_t)raw;
        symbols->plain &= raw == 0;
    }
}

void n1_symbols_analyse(n1_symbols *symbols, const void *samples, const n1_layout *layout)
{
    unsigned width = n1_width(layout), split = width - 1 < N1_MAX_SPLIT ? width - 1 : N1_MAX_SPLIT;
    int direct = split == width - 1;
    uint32_t *fine = symbols->histogram[0], *coarse = symbols->histogram[1];
    uint32_t base = direct ? 0 : median_key(samples, layout, fine);
    n1_tokens finest = n1_make_tokens(width, split, direct ? 0 : N1_MAX_MANTISSA, base), best = finest;

    take_histogram(&finest, samples, layout, fine);
    /* A table of few symbols is not worth a second thought. */
    if ((uint64_t)count_occurring(fine, 2 * finest.side) * 32 > layout->size) {
        uint64_t least = cost(&finest, fine, layout->size);
        if (direct)
            base = median_key(samples, layout, coarse);
        for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
            if (candidates[i][0] >= split)
                continue;
            n1_tokens t = n1_make_tokens(width, candidates[i][0], candidates[i][1], base);
            merge_histogram(&finest, fine, &t, coarse);
            uint64_t c = cost(&t, coarse, layout->size);
            if (c < least) {
                least = c;
                best = t;
            }
        }
        if (best.split < split) {
            merge_histogram(&finest, fine, &best, coarse);
            fine = coarse;
        }
    }
    symbols->tokens = best;
    fill_ranks(symbols, fine);
}

void n1_symbols_split(const n1_symbols *symbols, const void *samples, const n1_layout *layout, size_t first,
                      size_t count, uint16_t *ranks, uint32_t *raw)
{
    const n1_tokens *t = &symbols->tokens;
    uint32_t keys[N1_BATCH];

    n1_load_samples(samples, first, count, layout->itemsize, n1_key_flip(layout), keys);
    if (t->split == t->width - 1) {
        for (size_t i = 0; i < count; i++)
            ranks[i] = symbols->rank[keys[i]];
    } else {
        uint32_t mask = n1_width_mask(layout);
        for (size_t i = 0; i < count; i++) {
            ranks[i] = symbols->rank[n1_to_symbol(t, keys[i])];
            raw[i] = (keys[i] - symbols->lowest[ranks[i]]) & mask;
        }
    }
}
