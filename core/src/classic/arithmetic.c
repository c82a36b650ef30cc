/* arithmetic.c - arithmetic coding of whole samples with a range coder.
 *
 * Payload:
 *   0x00, then the samples, little-endian: stored, or
 *   0x01 (static model) or 0x02 (adaptive model), then one run of the range coder to the end:
 *     the symbols that occur (see symbol_table.c), n of them
 *     static only, if n > 1: their counts (see symbol_table.c)
 *     for each sample in memory order:
 *       if n > 1: the rank of its symbol; static: by its share of 2^precision (n1_precision, n1_normalise);
 *       adaptive: as a tree of adaptive bits, as deep as the bits of n - 1
 *       its raw bits, even, the highest 16 first where there are more
 *
 * The adaptive model is a binary tree over the ranks, so that an estimate costs no more than the logarithm of the
 * alphabet, and neighbouring values share what is learnt in the upper nodes. Sending the set of symbols first (about 2
 * bits each) saves the tree from learning, node by node, that most values of a 16-bit range never occur.
 */
#include "base/bits.h"
#include "classic/symbols.h"

typedef struct arithmetic {
    n1_symbols symbols;
    uint32_t frequency[N1_MAX_SYMBOLS];         /* static: of 2^precision, by rank */
    uint32_t start[N1_MAX_SYMBOLS];             /* static: sum of those before     */
    uint16_t slot_rank[1u << N1_MAX_PRECISION]; /* static decoder: rank of a slot  */
    n1_bit tree[N1_MAX_SYMBOLS];                /* adaptive                        */
} arithmetic;

size_t n1_arithmetic_workspace(void)
{
    return sizeof(arithmetic);
}

static void fill_starts(arithmetic *a, unsigned precision)
{
    uint32_t sum = 0;

    n1_normalise(&a->symbols, precision, a->frequency);
    for (uint32_t i = 0; i < a->symbols.n; i++) {
        a->start[i] = sum;
        sum += a->frequency[i];
    }
}

static unsigned tree_depth(uint32_t n)
{
    return n > 1 ? n1_log2(n - 1) + 1 : 0;
}

static void encode_raw(n1_range_encoder *e, uint32_t value, unsigned count)
{
    if (count > 16) {
        n1_encode_even(e, value >> (count - 16), 16);
        count -= 16;
        value &= (1u << count) - 1;
    }
    n1_encode_even(e, value, count);
}

static uint32_t decode_raw(n1_range_decoder *d, unsigned count)
{
    uint32_t value = 0;

    if (count > 16) {
        count -= 16;
        value = n1_decode_even(d, 16) << count;
    }
    return value | n1_decode_even(d, count);
}

static n1_status encode(arithmetic *a, const void *samples, const n1_layout *layout, n1_model model, uint8_t *dst,
                        size_t capacity, size_t *written)
{
    n1_symbols *symbols = &a->symbols;
    n1_range_encoder e;
    uint16_t ranks[N1_BATCH];
    uint32_t raw[N1_BATCH];

    if (capacity < 1)
        return N1_ERROR_DST_TOO_SMALL;
    dst[0] = (uint8_t)model;
    n1_range_encoder_init(&e, dst + 1, capacity - 1);
    n1_symbols_analyse(symbols, samples, layout);
    n1_symbols_write(symbols, &e);
    unsigned precision = n1_precision(symbols->n), depth = tree_depth(symbols->n);
    if (model == N1_MODEL_ADAPTIVE) {
        n1_bits_init(a->tree, (size_t)1 << depth);
    } else if (symbols->n > 1) {
        n1_counts_write(symbols, &e);
        fill_starts(a, precision);
    }
    for (size_t first = 0; first < layout->size && !e.overrun; first += N1_BATCH) {
        size_t count = n1_batch_size(layout, first);
        n1_symbols_split(symbols, samples, layout, first, count, ranks, raw);
        for (size_t i = 0; i < count; i++) {
            uint32_t rank = ranks[i];
            if (model == N1_MODEL_ADAPTIVE)
                n1_encode_tree(&e, a->tree, rank, depth, &symbols->models.rates);
            else if (symbols->n > 1)
                n1_encode_slots(&e, a->start[rank], a->frequency[rank], precision);
            if (symbols->raw[rank])
                encode_raw(&e, raw[i], symbols->raw[rank]);
        }
    }
    n1_status status = n1_range_encoder_finish(&e);
    *written = (size_t)(e.p - dst);
    return status;
}

n1_status n1_arithmetic_encode(const void *samples, const n1_layout *layout, n1_model model, uint8_t *dst,
                               size_t capacity, size_t *written, void *workspace)
{
    if (!n1_payload_bound(layout) || (model != N1_MODEL_STATIC && model != N1_MODEL_ADAPTIVE))
        return N1_ERROR_ARGUMENT;
    n1_status status = encode(workspace, samples, layout, model, dst, n1_coded_capacity(layout, capacity), written);
    return n1_finish_payload(status, samples, layout, dst, capacity, written);
}

static n1_status decode_static(arithmetic *a, n1_range_decoder *d, void *samples, const n1_layout *layout)
{
    n1_symbols *symbols = &a->symbols;
    unsigned precision = n1_precision(symbols->n);
    uint32_t keys[N1_BATCH];

    if (symbols->n > 1) {
        n1_status status = n1_counts_read(symbols, d);
        if (status != N1_OK)
            return status;
        fill_starts(a, precision);
        for (uint32_t i = 0; i < symbols->n; i++)
            for (uint32_t k = 0; k < a->frequency[i]; k++)
                a->slot_rank[a->start[i] + k] = (uint16_t)i;
    }
    for (size_t first = 0; first < layout->size && !d->overrun; first += N1_BATCH) {
        size_t count = n1_batch_size(layout, first);
        for (size_t i = 0; i < count; i++) {
            uint32_t rank = 0;
            if (symbols->n > 1) {
                rank = a->slot_rank[n1_peek_slot(d, precision)];
                n1_decode_slots(d, a->start[rank], a->frequency[rank], precision);
            }
            keys[i] = symbols->lowest[rank];
            if (symbols->raw[rank])
                keys[i] += decode_raw(d, symbols->raw[rank]);
        }
        n1_store_samples(samples, first, count, layout->itemsize, n1_key_flip(layout), keys);
    }
    return N1_OK;
}

static n1_status decode_adaptive(arithmetic *a, n1_range_decoder *d, void *samples, const n1_layout *layout)
{
    n1_symbols *symbols = &a->symbols;
    unsigned depth = tree_depth(symbols->n);
    uint32_t keys[N1_BATCH];

    n1_bits_init(a->tree, (size_t)1 << depth);
    for (size_t first = 0; first < layout->size && !d->overrun; first += N1_BATCH) {
        size_t count = n1_batch_size(layout, first);
        for (size_t i = 0; i < count; i++) {
            uint32_t rank = n1_decode_tree(d, a->tree, depth, &symbols->models.rates);
            if (rank >= symbols->n)
                return N1_ERROR_CORRUPT;
            keys[i] = symbols->lowest[rank];
            if (symbols->raw[rank])
                keys[i] += decode_raw(d, symbols->raw[rank]);
        }
        n1_store_samples(samples, first, count, layout->itemsize, n1_key_flip(layout), keys);
    }
    return N1_OK;
}

n1_status n1_arithmetic_decode(const uint8_t *src, size_t len, void *samples, const n1_layout *layout, void *workspace)
{
    arithmetic *a = workspace;
    n1_range_decoder d;
    n1_status status;
    uint8_t form;

    if ((status = n1_open_payload(src, len, samples, layout, &form)) != N1_OK || form == N1_STORED_PAYLOAD)
        return status;
    if (form != N1_MODEL_STATIC && form != N1_MODEL_ADAPTIVE)
        return N1_ERROR_CORRUPT;
    n1_range_decoder_init(&d, src + 1, len - 1);
    if ((status = n1_symbols_read(&a->symbols, layout, &d)) != N1_OK)
        return status;
    if (src[0] == N1_MODEL_STATIC)
        status = decode_static(a, &d, samples, layout);
    else
        status = decode_adaptive(a, &d, samples, layout);
    if (status != N1_OK)
        return status;
    if ((status = n1_range_decoder_finish(&d)) != N1_OK)
        return status;
    return d.p == d.end ? N1_OK : N1_ERROR_CORRUPT;
}
