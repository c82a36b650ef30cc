/* fuzz_transforms.c - any values, hostile side information and exact buffers for the transforms.
 *
 * `make fuzz` builds it under the address and undefined-behaviour sanitizers and runs it.
 * The arguments are the number of arrays and the seed. It checks for each array, of values that go to every extreme, that
 *   - each transform is undone exactly, within its bound;
 *   - damaged payloads and predictors outside their limits give a status, and nothing else is read or written (all blocks
 *     are of the exact size).
 */
#include "signals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *what = "";

static void require(int condition, const char *promise)
{
    if (!condition) {
        fprintf(stderr, "%s: %s\n", what, promise);
        abort();
    }
}

static void *block(size_t size)
{
    void *p = malloc(size ? size : 1);
    if (!p)
        abort();
    return p;
}

static void *copy(const void *src, size_t size)
{
    return memcpy(block(size), src, size);
}

/* Bytes that make values of every size, small ones, or extremes. */
static void *values(size_t size)
{
    uint8_t *p = block(size);
    const uint32_t mode = rng(5), repeated = rng(2) ? 0x80 : 0xFF;
    for (size_t i = 0; i < size; i++)
        p[i] = mode == 0 ? (uint8_t)repeated : mode == 1 ? (uint8_t)(rng(3) - 1) : mode == 2 && i % 4 ? 0 : (uint8_t)rng(256);
    return p;
}

static uint8_t *damaged(const uint8_t *payload, size_t size, size_t *left)
{
    uint8_t *all = copy(payload, size);
    for (uint32_t i = rng(4); size && i > 0; i--)
        all[rng((uint32_t)(rng(2) && size > 16 ? 16 : size))] = (uint8_t)rng(256);
    *left = rng(3) ? size : rng((uint32_t)size + 1);
    uint8_t *part = copy(all, *left);
    free(all);
    return part;
}

typedef struct {
    size_t n_frames, n_channels, n; /* n: over all channels */
    n1_type type;
    unsigned size, width;
    void *samples, *out;
    int32_t *rows, *spare;
} array;

static void same(const array *a, const void *samples)
{
    require(!memcmp(a->samples, samples, a->n * a->size), "does not come back");
}

static void rows_and_wavelet(const array *a)
{
    what = "rows";
    n1_split_rows(a->samples, a->type, a->n_frames, a->n_channels, a->rows);
    n1_join_rows(a->rows, a->type, a->n_frames, a->n_channels, a->out);
    same(a, a->out);
    what = "wavelet";
    const unsigned levels = rng(9);
    int32_t *scratch = block(a->n_frames * 4), *any = values(a->n * 4);
    memcpy(a->spare, a->rows, a->n * 4);
    require(!n1_wavelet_forward(a->spare, a->n_frames, a->n_channels, levels, a->width, scratch), "refuses");
    require(!n1_wavelet_inverse(a->spare, a->n_frames, a->n_channels, levels, a->width, scratch), "refuses");
    n1_join_rows(a->spare, a->type, a->n_frames, a->n_channels, a->out);
    same(a, a->out);
    require(!n1_wavelet_inverse(any, a->n_frames, a->n_channels, levels, 32, scratch), "refuses any coefficients");
    free(scratch);
    free(any);
}

static void shuffles(const array *a)
{
    const size_t plane = (a->n + 7) / 8;
    uint8_t *bytes = block(a->n * a->size), *bits = block(plane * 8 * a->size);
    what = "byte shuffle";
    require(!n1_byte_shuffle(a->samples, a->n, a->size, bytes) && !n1_byte_unshuffle(bytes, a->n, a->size, a->out), "refuses");
    same(a, a->out);
    what = "bit shuffle";
    require(!n1_bit_shuffle(a->samples, a->n, a->size, bits) && !n1_bit_unshuffle(bits, a->n, a->size, a->out), "refuses");
    same(a, a->out);
    for (int i = 0; i < 3; i++) {
        bits[rng((uint32_t)(plane * 8 * a->size))] ^= (uint8_t)(1u << rng(8));
        if (n1_bit_unshuffle(bits, a->n, a->size, a->out) == N1_OK) {
            uint8_t *again = block(plane * 8 * a->size);
            n1_bit_shuffle(a->out, a->n, a->size, again);
            require(!memcmp(again, bits, plane * 8 * a->size), "accepts what no encoder writes");
            free(again);
        }
    }
    free(bytes);
    free(bits);
}

static void packing(const array *a)
{
    what = "bitpack";
    const size_t piece = 1 + rng(100), bound = n1_bitpack_bound(a->n, a->type, piece);
    uint8_t *payload = block(bound);
    const size_t size = n1_bitpack(a->samples, a->type, a->n, piece, payload);
    require(size <= bound, "exceeds its bound");
    uint8_t *exact = copy(payload, size);
    require(!n1_bitunpack(exact, size, a->type, a->n, piece, a->out), "refuses its own payload");
    same(a, a->out);
    for (int i = 0; i < 4; i++) {
        size_t left;
        uint8_t *mutant = damaged(payload, size, &left);
        (void)n1_bitunpack(mutant, left, a->type, a->n, piece, a->out);
        free(mutant);
    }
    free(payload);
    free(exact);
}

static void expgolomb(const array *a)
{
    what = "exponential Golomb";
    int32_t *any = values(a->n * 4), *back = block(a->n * 4);
    const unsigned k = rng(2) ? rng(N1_EXPGOLOMB_MAX_ORDER + 1) : n1_expgolomb_best_order(any, a->n);
    const size_t bound = n1_expgolomb_bound(a->n, k);
    uint8_t *payload = block(bound);
    size_t used = 0, size = n1_expgolomb_encode(any, a->n, k, payload);
    require(size <= bound, "exceeds its bound");
    uint8_t *exact = copy(payload, size);
    require(!n1_expgolomb_decode(exact, size, k, back, a->n, &used) && used == size, "refuses its own payload");
    require(!memcmp(any, back, a->n * 4), "does not come back");
    for (int i = 0; i < 4; i++) {
        size_t left;
        uint8_t *mutant = damaged(payload, size, &left);
        if (n1_expgolomb_decode(mutant, left, k, back, a->n, &used) == N1_OK)
            require(used <= left, "uses more than there is");
        free(mutant);
    }
    free(any);
    free(back);
    free(payload);
    free(exact);
}

static void prediction(const array *a)
{
    what = "linear prediction";
    const size_t length = 1 + rng(80), n = a->n_channels * ((a->n_frames - 1) / length + 1);
    uint8_t *order = block(n), *shift = block(n);
    int32_t *centre = values(n * 4);
    size_t n_coefficients = 0;
    for (size_t i = 0; i < n; i++) {
        order[i] = (uint8_t)rng(N1_LPC_MAX_ORDER + 1);
        shift[i] = (uint8_t)rng(N1_LPC_MAX_SHIFT + 1);
        n_coefficients += order[i];
    }
    int32_t *coefficient = block(n_coefficients * 4);
    for (size_t i = 0; i < n_coefficients; i++)
        coefficient[i] = rng(5) ? (int32_t)rng(1001) - 500 : rng(2) ? N1_LPC_MAX_COEFFICIENT : -N1_LPC_MAX_COEFFICIENT;
    const n1_lpc lpc = {a->n_frames, a->n_channels, length, a->width, order, shift, centre, coefficient, n_coefficients};
    n1_split_rows(a->samples, a->type, a->n_frames, a->n_channels, a->rows);
    require(!n1_lpc_residual(&lpc, a->rows, a->spare) && !n1_lpc_restore(&lpc, a->spare), "refuses");
    n1_join_rows(a->spare, a->type, a->n_frames, a->n_channels, a->out);
    same(a, a->out);
    int32_t *any = values(a->n * 4);
    require(!n1_lpc_restore(&lpc, any), "refuses any residuals");
    order[rng((uint32_t)n)] = (uint8_t)rng(256);
    shift[rng((uint32_t)n)] = (uint8_t)rng(256);
    if (n_coefficients && rng(2))
        coefficient[rng((uint32_t)n_coefficients)] = (int32_t)(rng(2) ? 0x80000000u : rng(UINT32_MAX));
    (void)n1_lpc_restore(&lpc, any);
    const unsigned lags = rng(N1_LPC_MAX_ORDER + 1);
    const size_t start = rng((uint32_t)a->n_frames);
    int64_t *moments = block((size_t)(lags + 1) * (lags + 1) * 8);
    (void)n1_lpc_moments(any, start, a->n_frames - start, (int32_t)rng(UINT32_MAX), rng(33), lags, moments);
    free(order);
    free(shift);
    free(centre);
    free(coefficient);
    free(any);
    free(moments);
}

static void channels_and_time(const array *a)
{
    what = "channel differences";
    const size_t span = 1 + rng(N1_CHANNEL_MAX_SPAN);
    const unsigned weight = 1 + rng(16);
    void *back = block(a->n * a->size);
    require(!n1_channel_residual(a->samples, a->type, a->n_frames, a->n_channels, span, weight, a->out), "refuses");
    require(!n1_channel_restore(a->out, a->type, a->n_frames, a->n_channels, span, weight, back), "refuses");
    same(a, back);
    what = "running sums";
    require(!n1_running_sums(a->samples, a->size, a->n_frames, a->n_channels, a->out), "refuses");
    memcpy(back, a->samples, a->n * a->size);
    require(!n1_running_sums(back, a->size, a->n_frames, a->n_channels, back), "refuses");
    require(!memcmp(back, a->out, a->n * a->size), "in place differs");
    free(back);
}

static void lattice(const array *a)
{
    what = "values";
    const size_t span = 1 + rng(300);
    const int64_t base = (int64_t)rng(600) - 300;
    uint8_t *seen = block(span);
    int32_t *table = values(span * 4);
    memset(seen, 0, span);
    const n1_status marked = n1_mark_values(a->samples, a->type, a->n, base, seen, span);
    const n1_type type = (n1_type)rng(6);
    void *mapped = block(a->n * itemsize(type));
    const n1_status status = n1_map_values(a->samples, a->type, a->n, base, table, span, mapped, type);
    require((marked == N1_OK) == (status == N1_OK), "marking and mapping disagree");
    free(seen);
    free(table);
    free(mapped);
}

int main(int argc, char **argv)
{
    const uint32_t arrays = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 20000;
    rng_state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    for (uint32_t i = 0; i < arrays; i++) {
        array a = {.n_frames = 1 + rng(rng(20) ? 70 : 2200), .n_channels = 1 + rng(6), .type = (n1_type)rng(6)};
        a.n = a.n_frames * a.n_channels;
        a.size = (unsigned)itemsize(a.type);
        a.width = 8 * a.size;
        a.samples = values(a.n * a.size);
        a.out = block(a.n * a.size);
        a.rows = block(a.n * 4);
        a.spare = block(a.n * 4);
        rows_and_wavelet(&a);
        shuffles(&a);
        packing(&a);
        expgolomb(&a);
        prediction(&a);
        channels_and_time(&a);
        lattice(&a);
        free(a.samples);
        free(a.out);
        free(a.rows);
        free(a.spare);
    }
    printf("transforms: %u arrays\n", arrays);
    return 0;
}
