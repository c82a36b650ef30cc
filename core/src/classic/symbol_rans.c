/* symbol_rans.c - range asymmetric numeral system (J. Duda, arXiv:1311.2540), static table, four interleaved states.
 *
 * Payload:
 *   0x00, then the samples, little-endian: stored, or
 *   0x01, then
 *     range coder   the symbols that occur (see symbol_table.c), n of them; their counts if n > 1; if a symbol has raw
 *                   bits, the number of bytes they take, as 32 even bits, the highest 16 first
 *     raw bits      of each sample in memory order, most significant bit first; zeros fill the last byte
 *     words         if n > 1: 32-bit little-endian, the last one first to be read
 *     states        if n > 1: four of 64 bits, little-endian
 * Sample i belongs to state i mod 4. With f the frequency of its symbol of 2^p (n1_precision, n1_normalise) and s the
 * sum of the frequencies before, decoding takes slot = x mod 2^p, which names the symbol, and makes
 * x = f * (x >> p) + slot - s; if that is below 2^31, x = x << 32 | next word. The encoder runs backwards from states
 * of 2^31 and the decoder must end there, with no word left.
 *
 * The n1 coder's rANS (entropy/) is another one, and shares nothing but the idea: its states have 40 bits and words 16,
 * its frequencies are of 2^20 whatever the table, and its states come first. Here a word is read at most once a symbol,
 * which is what makes a static table quick; there the laws' masses need the 20 bits. The step and the refill differ in
 * each of their constants, and a common function of all of them would be longer than the two lines it replaces.
 */
#include "base/bits.h"
#include "classic/symbols.h"

#define STATES        4u
#define STATE_MIN     ((uint64_t)1 << 31) /* states are between this and 2^63 */

typedef struct rans_symbol {
    uint32_t frequency, start;
} rans_symbol;

typedef struct rans {
    n1_symbols symbols;
    uint32_t frequency[N1_MAX_SYMBOLS];
    rans_symbol by_rank[N1_MAX_SYMBOLS];
    uint16_t slot_rank[1u << N1_MAX_PRECISION]; /* decoder only */
} rans;

size_t n1_rans_workspace(void)
{
    return sizeof(rans);
}

static void fill_ranks(rans *r, unsigned precision)
{
    uint32_t sum = 0;

    n1_normalise(&r->symbols, precision, r->frequency);
    for (uint32_t i = 0; i < r->symbols.n; i++) {
        r->by_rank[i].frequency = r->frequency[i];
        r->by_rank[i].start = sum;
        sum += r->frequency[i];
    }
}

/* The samples' symbols, last to first; afterwards the words and states are in place. */
static n1_status encode_states(const rans *r, const void *samples, const n1_layout *layout, uint8_t **p,
                               const uint8_t *end)
{
    unsigned precision = n1_precision(r->symbols.n);
    uint64_t state[STATES] = {STATE_MIN, STATE_MIN, STATE_MIN, STATE_MIN};
    uint16_t ranks[N1_BATCH];
    uint32_t raw[N1_BATCH];
    uint8_t *out = *p;

    for (size_t after = layout->size; after;) {
        size_t count = (after - 1) % N1_BATCH + 1;
        after -= count;
        n1_symbols_split(&r->symbols, samples, layout, after, count, ranks, raw);
        for (size_t i = count; i--;) {
            const rans_symbol s = r->by_rank[ranks[i]];
            uint64_t x = state[i % STATES];
            if (x >> (63 - precision) >= s.frequency) {
                if (end - out < 4)
                    return N1_ERROR_DST_TOO_SMALL;
                n1_store32(out, (uint32_t)x);
                out += 4;
                x >>= 32;
            }
            uint64_t quotient = x / s.frequency;
            state[i % STATES] = (quotient << precision) + (x - quotient * s.frequency) + s.start;
        }
    }
    if ((size_t)(end - out) < 8 * STATES)
        return N1_ERROR_DST_TOO_SMALL;
    for (unsigned i = 0; i < STATES; i++, out += 8)
        n1_store64(out, state[i]);
    *p = out;
    return N1_OK;
}

/* The raw bits of all samples, first to last. */
static n1_status encode_raw(const n1_symbols *symbols, const void *samples, const n1_layout *layout, uint8_t **p,
                            const uint8_t *end)
{
    n1_bitwriter w;
    uint16_t ranks[N1_BATCH];
    uint32_t raw[N1_BATCH];

    n1_bitwriter_init(&w, *p, (size_t)(end - *p));
    for (size_t first = 0; first < layout->size && !w.overrun; first += N1_BATCH) {
        size_t count = n1_batch_size(layout, first);
        n1_symbols_split(symbols, samples, layout, first, count, ranks, raw);
        for (size_t i = 0; i < count; i++)
            n1_put_bits(&w, raw[i], symbols->raw[ranks[i]]);
    }
    n1_status status = n1_bitwriter_finish(&w);
    *p = w.p;
    return status;
}

static uint32_t raw_bytes(const n1_symbols *symbols)
{
    uint64_t bits = 0;

    for (uint32_t i = 0; i < symbols->n; i++)
        bits += (uint64_t)symbols->count[i] * symbols->raw[i];
    return (uint32_t)((bits + 7) / 8);
}

static n1_status encode(rans *r, const void *samples, const n1_layout *layout, uint8_t *dst, size_t capacity,
                        size_t *written)
{
    n1_symbols *symbols = &r->symbols;
    n1_range_encoder e;
    n1_status status;

    if (capacity < 1)
        return N1_ERROR_DST_TOO_SMALL;
    dst[0] = N1_CODED_PAYLOAD;
    n1_range_encoder_init(&e, dst + 1, capacity - 1);
    n1_symbols_analyse(symbols, samples, layout);
    n1_symbols_write(symbols, &e);
    uint32_t raw = raw_bytes(symbols); /* before the counts are rounded */
    if (symbols->n > 1) {
        n1_counts_write(symbols, &e);
        fill_ranks(r, n1_precision(symbols->n));
    }
    if (!symbols->plain) {
        n1_encode_even(&e, raw >> 16, 16);
        n1_encode_even(&e, raw & 0xFFFF, 16);
    }
    if ((status = n1_range_encoder_finish(&e)) != N1_OK)
        return status;
    uint8_t *p = e.p;
    if (!symbols->plain && (status = encode_raw(symbols, samples, layout, &p, e.end)) != N1_OK)
        return status;
    if (symbols->n > 1 && (status = encode_states(r, samples, layout, &p, e.end)) != N1_OK)
        return status;
    *written = (size_t)(p - dst);
    return N1_OK;
}

n1_status n1_rans_encode(const void *samples, const n1_layout *layout, uint8_t *dst, size_t capacity, size_t *written,
                         void *workspace)
{
    if (!n1_payload_bound(layout))
        return N1_ERROR_ARGUMENT;
    n1_status status = encode(workspace, samples, layout, dst, n1_coded_capacity(layout, capacity), written);
    return n1_finish_payload(status, samples, layout, dst, capacity, written);
}

/* Everything before the raw bits. */
static n1_status read_table(rans *r, const n1_layout *layout, n1_range_decoder *d, size_t *raw)
{
    n1_symbols *symbols = &r->symbols;
    n1_status status = n1_symbols_read(symbols, layout, d);

    if (status != N1_OK)
        return status;
    if (symbols->n > 1) {
        if ((status = n1_counts_read(symbols, d)) != N1_OK)
            return status;
        fill_ranks(r, n1_precision(symbols->n));
        for (uint32_t i = 0; i < symbols->n; i++)
            for (uint32_t k = 0; k < r->by_rank[i].frequency; k++)
                r->slot_rank[r->by_rank[i].start + k] = (uint16_t)i;
    }
    *raw = 0;
    if (!symbols->plain) {
        *raw = (size_t)n1_decode_even(d, 16) << 16;
        *raw |= n1_decode_even(d, 16);
    }
    if ((status = n1_range_decoder_finish(d)) != N1_OK)
        return status;
    return *raw <= (size_t)(d->end - d->p) ? N1_OK : N1_ERROR_TRUNCATED;
}

/* Words and states lie in start..p; p moves down. */
static n1_status decode_states(const rans *r, const uint8_t *start, const uint8_t *p, n1_bitreader *raw, void *samples,
                               const n1_layout *layout)
{
    unsigned precision = n1_precision(r->symbols.n);
    uint32_t keys[N1_BATCH], mask = (1u << precision) - 1;
    uint64_t state[STATES];

    if ((size_t)(p - start) < 8 * STATES)
        return N1_ERROR_TRUNCATED;
    p -= 8 * STATES;
    for (unsigned i = 0; i < STATES; i++) {
        state[i] = n1_load64(p + 8 * i);
        if (state[i] < STATE_MIN || state[i] >> 63)
            return N1_ERROR_CORRUPT;
    }
    for (size_t first = 0; first < layout->size; first += N1_BATCH) {
        size_t count = n1_batch_size(layout, first);
        for (size_t i = 0; i < count; i++) {
            uint64_t x = state[i % STATES];
            uint32_t slot = (uint32_t)x & mask, rank = r->slot_rank[slot];
            const rans_symbol s = r->by_rank[rank];
            x = s.frequency * (x >> precision) + slot - s.start;
            if (x < STATE_MIN) {
                if (p - start < 4)
                    return N1_ERROR_TRUNCATED;
                p -= 4;
                x = x << 32 | n1_load32(p);
            }
            state[i % STATES] = x;
            keys[i] = rank;
        }
        if (r->symbols.plain) {
            for (size_t i = 0; i < count; i++)
                keys[i] = r->symbols.lowest[keys[i]];
        } else {
            for (size_t i = 0; i < count; i++) {
                n1_refill(raw);
                keys[i] = r->symbols.lowest[keys[i]] + n1_take_bits(raw, r->symbols.raw[keys[i]]);
            }
        }
        n1_store_samples(samples, first, count, layout->itemsize, n1_key_flip(layout), keys);
    }
    for (unsigned i = 0; i < STATES; i++)
        if (state[i] != STATE_MIN)
            return N1_ERROR_CORRUPT;
    return p == start ? N1_OK : N1_ERROR_CORRUPT;
}

/* All samples share one symbol. */
static void decode_single(const rans *r, n1_bitreader *raw, void *samples, const n1_layout *layout)
{
    uint32_t keys[N1_BATCH];

    for (size_t first = 0; first < layout->size; first += N1_BATCH) {
        size_t count = n1_batch_size(layout, first);
        for (size_t i = 0; i < count; i++) {
            n1_refill(raw);
            keys[i] = r->symbols.lowest[0] + n1_take_bits(raw, r->symbols.raw[0]);
        }
        n1_store_samples(samples, first, count, layout->itemsize, n1_key_flip(layout), keys);
    }
}

n1_status n1_rans_decode(const uint8_t *src, size_t len, void *samples, const n1_layout *layout, void *workspace)
{
    rans *r = workspace;
    n1_range_decoder d;
    n1_bitreader raw;
    n1_status status;
    uint8_t form;
    size_t raw_size;

    if ((status = n1_open_payload(src, len, samples, layout, &form)) != N1_OK || form == N1_STORED_PAYLOAD)
        return status;
    if (form != N1_CODED_PAYLOAD)
        return N1_ERROR_CORRUPT;
    n1_range_decoder_init(&d, src + 1, len - 1);
    if ((status = read_table(r, layout, &d, &raw_size)) != N1_OK)
        return status;
    n1_bitreader_init(&raw, d.p, raw_size);
    const uint8_t *words = d.p + raw_size;
    if (r->symbols.n > 1) {
        if ((status = decode_states(r, words, d.end, &raw, samples, layout)) != N1_OK)
            return status;
    } else {
        decode_single(r, &raw, samples, layout);
        if (words != d.end)
            return N1_ERROR_CORRUPT;
    }
    return n1_bitreader_finish(&raw);
}
