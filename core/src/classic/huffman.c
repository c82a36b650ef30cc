/* huffman.c - canonical Huffman code of whole samples (D. A. Huffman, 1952), lengths limited to N1_MAX_CODE_LENGTH.
 *
 * Payload:
 *   0x00, then the samples, little-endian: stored, or
 *   0x01, then
 *     range coder   the symbols that occur (see symbol_table.c); if there are two or more, for each the length of its
 *                   code as a 5-bit tree of adaptive bits in the context of the length before (first: 0)
 *     bits          for each sample in memory order: its code (none if there is one symbol only), then its raw bits;
 *                   most significant bit first; zeros fill the last byte
 * Codes are canonical: counted up from 0 in the order of length, then of symbol. They must use up the code space.
 *
 * Encoding and decoding are driven by tables. The decoder looks up the next 12 bits; the rare longer codes are found by
 * comparing the next 20 bits with the last code of each length.
 */
#include "base/bits.h"
#include "classic/symbols.h"

#define FAST_BITS 12u
/* No code of N1_MAX_SAMPLES samples gets that deep: 2^30 is less than the 45th Fibonacci number. */
#define MAX_DEPTH 64u
#define CODE_SPACE (1u << N1_MAX_CODE_LENGTH)

typedef struct huffman {
    n1_symbols symbols;
    uint8_t length[N1_MAX_SYMBOLS];          /* by rank                                       */
    uint32_t code[N1_MAX_SYMBOLS];           /* by rank; encoder only: code << 5 | length     */
    uint64_t order[N1_MAX_SYMBOLS];          /* encoder only: count << 16 | rank, ascending   */
    uint32_t weight[N1_MAX_SYMBOLS];         /* encoder only: of the inner nodes of the tree  */
    uint32_t parent[2 * N1_MAX_SYMBOLS];     /* encoder only: of leaves, then of inner nodes  */
    uint32_t number[N1_MAX_CODE_LENGTH + 2]; /* how many codes of each length                 */
    uint32_t first[N1_MAX_CODE_LENGTH + 2];  /* the first code of each length                 */
    uint32_t place[N1_MAX_CODE_LENGTH + 2];  /* where in `canonical` its rank is              */
    uint32_t canonical[N1_MAX_SYMBOLS];      /* ranks in the order of their codes             */
    uint32_t fast[1u << FAST_BITS];          /* decoder only: rank << 5 | length, or 0: longer */
} huffman;

/* Heap sort, ascending. */
static void sift_down(uint64_t *a, uint32_t i, uint32_t n)
{
    uint64_t value = a[i];

    for (uint32_t child; (child = 2 * i + 1) < n; i = child) {
        child += child + 1 < n && a[child + 1] > a[child];
        if (a[child] <= value)
            break;
        a[i] = a[child];
    }
    a[i] = value;
}

static void sort(uint64_t *a, uint32_t n)
{
    for (uint32_t i = n / 2; i--;)
        sift_down(a, i, n);
    for (uint32_t last = n - 1; last; last--) {
        uint64_t largest = a[0];
        a[0] = a[last];
        a[last] = largest;
        sift_down(a, 0, last);
    }
}

/* Turn the number of leaves at each depth into one that stays within the longest length (the adjustment of JPEG,
 * ISO/IEC 10918-1 figure K.3): a pair too deep gives its place in the tree to one of the two, the other takes a place
 * beside a leaf further up, which moves down a level. */
static void limit_depth(uint32_t *number, unsigned deepest)
{
    for (unsigned i = deepest; i > N1_MAX_CODE_LENGTH; i--) {
        while (number[i]) {
            unsigned j = i - 2;
            while (!number[j])
                j--;
            number[i] -= 2;
            number[i - 1]++;
            number[j + 1] += 2;
            number[j]--;
        }
    }
}

/* Code lengths of least total, from the counts of n >= 2 symbols. */
static void choose_lengths(huffman *h)
{
    uint32_t n = h->symbols.n, leaf = 0, inner = 0;
    uint32_t number[MAX_DEPTH + 1] = {0};
    uint32_t *parent = h->parent;
    unsigned deepest = 0;

    for (uint32_t i = 0; i < n; i++)
        h->order[i] = (uint64_t)h->symbols.count[i] << 16 | i;
    sort(h->order, n);
    /* Two queues, both ascending: leaves, and inner nodes in the order in which they are made. */
    for (uint32_t made = 0; made < n - 1; made++) {
        h->weight[made] = 0;
        for (int twice = 0; twice < 2; twice++) {
            if (inner == made || (leaf < n && h->order[leaf] >> 16 <= h->weight[inner])) {
                h->weight[made] += (uint32_t)(h->order[leaf] >> 16);
                parent[leaf++] = made;
            } else {
                h->weight[made] += h->weight[inner];
                parent[n + inner++] = made;
            }
        }
    }
    /* Depths from the root, the last inner node, downwards; those of inner nodes replace their weights. */
    h->weight[n - 2] = 0;
    for (uint32_t i = n - 2; i--;)
        h->weight[i] = h->weight[parent[n + i]] + 1;
    for (uint32_t i = 0; i < n; i++) {
        unsigned depth = h->weight[parent[i]] + 1;
        number[depth]++;
        deepest = depth > deepest ? depth : deepest;
    }
    limit_depth(number, deepest);
    /* The rarest symbols get the longest codes. */
    unsigned length = MAX_DEPTH;
    for (uint32_t i = 0; i < n; i++) {
        while (!number[length])
            length--;
        h->length[h->order[i] & 0xFFFF] = (uint8_t)length;
        number[length]--;
    }
}

/* The canonical code of the lengths, if they use up the code space. */
static n1_status assign_codes(huffman *h)
{
    uint32_t next[N1_MAX_CODE_LENGTH + 2], code = 0, place = 0;
    uint64_t used = 0;

    memset(h->number, 0, sizeof h->number);
    for (uint32_t i = 0; i < h->symbols.n; i++)
        h->number[h->length[i]]++;
    for (unsigned l = 1; l <= N1_MAX_CODE_LENGTH; l++)
        used += (uint64_t)h->number[l] << (N1_MAX_CODE_LENGTH - l);
    if (used != CODE_SPACE)
        return N1_ERROR_CORRUPT;
    for (unsigned l = 1; l <= N1_MAX_CODE_LENGTH; l++) {
        h->first[l] = code;
        h->place[l] = next[l] = place;
        code = (code + h->number[l]) << 1;
        place += h->number[l];
    }
    for (uint32_t i = 0; i < h->symbols.n; i++) {
        unsigned l = h->length[i];
        h->code[i] = (h->first[l] + next[l] - h->place[l]) << 5 | l;
        h->canonical[next[l]++] = i;
    }
    return N1_OK;
}

static void fill_fast(huffman *h)
{
    memset(h->fast, 0, sizeof h->fast);
    for (uint32_t i = 0; i < h->symbols.n; i++) {
        unsigned l = h->length[i];
        if (l > FAST_BITS)
            continue;
        uint32_t from = h->code[i] >> 5 << (FAST_BITS - l);
        for (uint32_t k = 0; k < 1u << (FAST_BITS - l); k++)
            h->fast[from + k] = i << 5 | l;
    }
}

/* The rank of the next code, which is ready in the reader. */
static inline uint32_t decode_rank(const huffman *h, n1_bitreader *r)
{
    uint32_t entry = h->fast[n1_peek_bits(r, FAST_BITS)];

    if (!entry) {
        uint32_t bits = n1_peek_bits(r, N1_MAX_CODE_LENGTH);
        unsigned l = FAST_BITS + 1;
        while (bits >> (N1_MAX_CODE_LENGTH - l) >= h->first[l] + h->number[l])
            l++;
        entry = h->canonical[h->place[l] + (bits >> (N1_MAX_CODE_LENGTH - l)) - h->first[l]] << 5 | l;
    }
    n1_skip_bits(r, entry & 31);
    return entry >> 5;
}

size_t n1_huffman_workspace(void)
{
    return sizeof(huffman);
}

static n1_status encode(huffman *h, const void *samples, const n1_layout *layout, uint8_t *dst, size_t capacity,
                        size_t *written)
{
    n1_symbols *symbols = &h->symbols;
    n1_range_encoder e;
    n1_bitwriter w;
    uint16_t ranks[N1_BATCH];
    uint32_t raw[N1_BATCH];
    n1_status status;

    if (capacity < 1)
        return N1_ERROR_DST_TOO_SMALL;
    dst[0] = N1_CODED_PAYLOAD;
    n1_range_encoder_init(&e, dst + 1, capacity - 1);
    n1_symbols_analyse(symbols, samples, layout);
    n1_symbols_write(symbols, &e);
    h->code[0] = 0;
    if (symbols->n > 1) {
        choose_lengths(h);
        (void)assign_codes(h);
        for (uint32_t i = 0, before = 0; i < symbols->n; before = h->length[i++])
            n1_encode_tree(&e, symbols->models.parameter[before], h->length[i], 5, &symbols->models.rates);
    }
    if ((status = n1_range_encoder_finish(&e)) != N1_OK)
        return status;
    n1_bitwriter_init(&w, e.p, (size_t)(e.end - e.p));
    for (size_t first = 0; first < layout->size && !w.overrun; first += N1_BATCH) {
        size_t count = n1_batch_size(layout, first);
        n1_symbols_split(symbols, samples, layout, first, count, ranks, raw);
        if (symbols->plain) {
            for (size_t i = 0; i < count; i++)
                n1_put_bits(&w, h->code[ranks[i]] >> 5, h->code[ranks[i]] & 31);
        } else {
            for (size_t i = 0; i < count; i++) {
                n1_put_bits(&w, h->code[ranks[i]] >> 5, h->code[ranks[i]] & 31);
                n1_put_bits(&w, raw[i], symbols->raw[ranks[i]]);
            }
        }
    }
    status = n1_bitwriter_finish(&w);
    *written = (size_t)(w.p - dst);
    return status;
}

n1_status n1_huffman_encode(const void *samples, const n1_layout *layout, uint8_t *dst, size_t capacity,
                            size_t *written, void *workspace)
{
    if (!n1_payload_bound(layout))
        return N1_ERROR_ARGUMENT;
    n1_status status = encode(workspace, samples, layout, dst, n1_coded_capacity(layout, capacity), written);
    return n1_finish_payload(status, samples, layout, dst, capacity, written);
}

static n1_status read_table(huffman *h, const n1_layout *layout, n1_range_decoder *d)
{
    n1_symbols *symbols = &h->symbols;
    n1_status status = n1_symbols_read(symbols, layout, d);

    if (status != N1_OK)
        return status;
    if (symbols->n > 1) {
        for (uint32_t i = 0, before = 0; i < symbols->n; before = h->length[i++]) {
            uint32_t length = n1_decode_tree(d, symbols->models.parameter[before], 5, &symbols->models.rates);
            if (length < 1 || length > N1_MAX_CODE_LENGTH)
                return N1_ERROR_CORRUPT;
            h->length[i] = (uint8_t)length;
        }
        if ((status = assign_codes(h)) != N1_OK)
            return status;
        fill_fast(h);
    }
    return n1_range_decoder_finish(d);
}

n1_status n1_huffman_decode(const uint8_t *src, size_t len, void *samples, const n1_layout *layout, void *workspace)
{
    huffman *h = workspace;
    const n1_symbols *symbols = &h->symbols;
    n1_range_decoder d;
    n1_bitreader r;
    uint32_t keys[N1_BATCH], flip;
    n1_status status;
    uint8_t form;

    if ((status = n1_open_payload(src, len, samples, layout, &form)) != N1_OK || form == N1_STORED_PAYLOAD)
        return status;
    if (form != N1_CODED_PAYLOAD)
        return N1_ERROR_CORRUPT;
    n1_range_decoder_init(&d, src + 1, len - 1);
    if ((status = read_table(h, layout, &d)) != N1_OK)
        return status;
    n1_bitreader_init(&r, d.p, (size_t)(d.end - d.p));
    flip = n1_key_flip(layout);
    for (size_t first = 0; first < layout->size && !r.overrun; first += N1_BATCH) {
        size_t i = 0, count = n1_batch_size(layout, first);
        if (symbols->n == 1) {
            for (; i < count; i++) {
                n1_refill(&r);
                keys[i] = symbols->lowest[0] + n1_take_bits(&r, symbols->raw[0]);
            }
        } else if (symbols->plain) {
            for (; i + 1 < count; i += 2) { /* two codes fit in one refill */
                n1_refill(&r);
                keys[i] = symbols->lowest[decode_rank(h, &r)];
                keys[i + 1] = symbols->lowest[decode_rank(h, &r)];
            }
        }
        for (; i < count; i++) {
            n1_refill(&r);
            uint32_t rank = decode_rank(h, &r);
            keys[i] = symbols->lowest[rank] + n1_take_bits(&r, symbols->raw[rank]);
        }
        n1_store_samples(samples, first, count, layout->itemsize, flip, keys);
    }
    return n1_bitreader_finish(&r);
}
