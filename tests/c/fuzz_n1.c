/* fuzz_n1.c - hostile blocks, tight buffers and awkward signals for the n1 coder.
 *
 * `make fuzz` builds it under the address and undefined-behaviour sanitizers and runs it.
 * The arguments are the number of mutants and the seed. It checks, for signals, shapes and levels at random, that
 *   - all kernels write the same block, within its bound, and read back what was encoded, and any other number of a kernel
 *     is refused;
 *   - a workspace of the bytes that were asked for is enough, and one byte less is refused;
 *   - the piecewise mode, at efforts at random and not where a level would take it, does so, too, and so do contexts of each kind;
 *   - a mutant gives a status, reads and writes nothing else (exact-size heap blocks), and gives the same status and
 *     samples with every kernel and whatever the workspace held before;
 *   - so does a piecewise block whose header says the utmost that the format allows, before words at random.
 */
#include "levels.h"
#include "modes/contexts/contexts_encode.h"
#include "modes/mode.h"
#include "modes/piecewise/piece_form.h"
#include "modes/piecewise/piece_header.h"
#include "modes/piecewise/piece_law.h"
#include "modes/piecewise/piecewise_encode.h"
#include "base/status.h"
#include "base/varint.h"
#include "signals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MUTANTS_OF_A_BLOCK = 5 };

static void fail(const char *what, const n1_shape *s, int kind, int level, int kernel)
{
    fprintf(stderr, "%s: %zu x %zu, type %d, kind %d, level %d, kernel %d\n", what, s->n_samples, s->n_channels,
            (int)s->dtype, kind, level, kernel);
    abort();
}

static void *aligned(size_t size)
{
    void *p = aligned_alloc(N1_WORKSPACE_ALIGNMENT, (size / N1_WORKSPACE_ALIGNMENT + 1) * N1_WORKSPACE_ALIGNMENT);
    if (!p)
        abort();
    return p;
}

static uint8_t *copy(const uint8_t *src, size_t len) /* no slack: the sanitizer sees each read beyond the end */
{
    uint8_t *p = malloc(len ? len : 1);
    if (!p)
        abort();
    memcpy(p, src, len);
    return p;
}

static size_t mutate(uint8_t *block, size_t len)
{
    size_t left = rng(4) ? len : rng((uint32_t)len);
    for (uint32_t i = 1 + rng(4); left && i > 0; i--) {
        size_t at = rng(3) ? rng((uint32_t)(left < 80 ? left : 80)) : rng((uint32_t)left);
        block[at] = (uint8_t)(rng(2) ? rng(256) : block[at] ^ 1u << rng(8));
    }
    return left;
}

static long blocks, mutants, refused;

enum { BEFORE = -2, BEYOND = N1_KERNELS + 3 }; /* numbers of kernels to try */

static int there(int kernel) { return kernel >= 0 && kernel < N1_KERNELS && n1_kernel_available((n1_kernel)kernel); }

static n1_status decode(const uint8_t *block, size_t len, const n1_shape *s, int kernel, void *samples)
{
    const size_t space = n1_block_decode_workspace(block, len, s);
    uint8_t *workspace = aligned(space);
    memset(workspace, (int)rng(256), space);
    const n1_status status = n1_decode_block(block, len, s, (n1_kernel)kernel, workspace, space, samples);
    if (status == N1_OK && space && n1_decode_block(block, len, s, (n1_kernel)kernel, workspace, space - 1, samples) != N1_ERROR_WORKSPACE)
        fail("a small workspace is not noticed", s, -1, -1, kernel);
    free(workspace);
    return status;
}

static void check_kernels(const void *samples, const n1_shape *s, int kind, int level, uint8_t *first, size_t bound, size_t *len)
{
    const size_t space = n1_block_encode_needs(samples, s, level), bytes = s->n_samples * s->n_channels * itemsize(s->dtype);
    uint8_t *workspace = aligned(space), *again = malloc(bound);
    void *decoded = malloc(bytes);
    size_t written = 0;
    if (!again || !decoded)
        abort();
    if (space > n1_block_encode_workspace(s, level))
        fail("samples take more than their shape says", s, kind, level, 0);
    *len = 0;
    for (int k = BEFORE; k < BEYOND; k++) {
        memset(workspace, (int)rng(256), space);
        const n1_status status = n1_encode_block(samples, s, level, (n1_kernel)k, workspace, space, *len ? again : first, bound, &written);
        if (status != (there(k) ? N1_OK : N1_ERROR_KERNEL))
            fail("encoder fails, or a kernel that is not there is not refused", s, kind, level, k);
        if (!there(k))
            continue;
        if (written > bound || (*len && (written != *len || memcmp(first, again, *len))))
            fail("encoder writes other bytes", s, kind, level, k);
        *len = written;
    }
    if (n1_encode_block(samples, s, level, N1_KERNEL_PORTABLE, workspace, space, again, bound - 1, &written) != N1_ERROR_DST_TOO_SMALL)
        fail("a small buffer is not noticed", s, kind, level, 0);
    if (n1_encode_block(samples, s, level, N1_KERNEL_PORTABLE, workspace, space - 1, again, bound, &written) != N1_ERROR_WORKSPACE)
        fail("a small workspace is not noticed", s, kind, level, 0);
    for (int k = BEFORE; k < BEYOND; k++) {
        uint8_t *block = copy(first, *len);
        memset(decoded, 0x5A, bytes);
        if (decode(block, *len, s, k, decoded) != (there(k) ? N1_OK : N1_ERROR_KERNEL) || (there(k) && memcmp(samples, decoded, bytes)))
            fail("does not come back, or a kernel that is not there is not refused", s, kind, level, k);
        free(block);
    }
    free(workspace);
    free(again);
    free(decoded);
}

/* A block that may be anything: every kernel says the same of it. */
static n1_status decode_hostile(const uint8_t *whole, size_t left, const n1_shape *s, int kind, int level)
{
    const size_t bytes = s->n_samples * s->n_channels * itemsize(s->dtype);
    void *decoded = malloc(bytes), *other = malloc(bytes);
    uint8_t *block = copy(whole, left);
    if (!decoded || !other)
        abort();
    const n1_status status = decode(block, left, s, N1_KERNEL_PORTABLE, decoded);
    if (status == N1_ERROR_INTERNAL || status == N1_ERROR_WORKSPACE || status > N1_ERROR_INTERNAL)
        fail("a mutant meets a fault of the decoder", s, kind, level, (int)status);
    for (int k = 0; k < N1_KERNELS; k++) {
        if (!there(k))
            continue;
        const n1_status same = decode(block, left, s, k, other);
        if (same != status || (status == N1_OK && memcmp(decoded, other, bytes)))
            fail("kernels or workspaces differ on a mutant", s, kind, level, k);
    }
    mutants++;
    refused += status != N1_OK;
    free(block);
    free(decoded);
    free(other);
    return status;
}

static void attack(const uint8_t *first, size_t len, const n1_shape *s, int kind, int level)
{
    blocks++;
    for (int m = 0; m < MUTANTS_OF_A_BLOCK; m++) {
        uint8_t *whole = copy(first, len);
        const size_t left = mutate(whole, len);
        (void)decode_hostile(whole, left, s, kind, level);
        free(whole);
    }
}

static void check(const n1_shape *s, int kind, int level)
{
    const size_t bytes = s->n_samples * s->n_channels * itemsize(s->dtype), bound = n1_block_bound(s);
    void *samples = aligned(bytes);
    uint8_t *first = malloc(bound);
    size_t len = 0;
    if (!first)
        abort();
    make_signal(samples, s, kind);
    check_kernels(samples, s, kind, level, first, bound, &len);
    attack(first, len, s, kind, level);
    free(samples);
    free(first);
}

/* The piecewise mode by itself. */
static void check_piecewise(const n1_shape *s, int kind)
{
    const n1_piece_effort effort = {.own = (uint8_t)rng(N1_PIECE_OWN + 1), .others = (uint8_t)rng(N1_PIECE_OTHERS + 1),
                                    .lags = (uint8_t)(1 + rng(N1_PIECE_LAGS)), .rounds = (uint8_t)rng(4), .finest = (uint8_t)rng(4),
                                    .widths = (uint8_t)rng(2)};
    const size_t bytes = s->n_samples * s->n_channels * itemsize(s->dtype), bound = n1_block_bound(s);
    const size_t space = (size_t)n1_piecewise_encode_measure(s, &effort);
    void *samples = aligned(bytes), *decoded = aligned(bytes);
    uint8_t *workspace = aligned(space), *first = malloc(bound), *again;
    size_t len = 0, written = 0;
    if (!first)
        abort();
    make_signal(samples, s, kind);
    for (int kernel = 0; kernel < N1_KERNELS; kernel++) {
        n1_encode_kernels k;
        if (n1_encode_kernels_fill(&k, (n1_kernel)kernel) != N1_OK)
            continue;
        memset(workspace, (int)rng(256), space);
        again = malloc(bound);
        if (!again)
            abort();
        const n1_status status = n1_piecewise_encode(samples, s, &effort, &k, n1_arena_of(workspace, space), again, bound, &written, NULL);
        if (len && (status != N1_OK || written != len || memcmp(first, again, len)))
            fail("the piecewise encoder writes other bytes", s, kind, -1, kernel);
        if (status == N1_OK)
            memcpy(first, again, len = written);
        else if (status <= N1_ERROR_INTERNAL)
            fail("the piecewise encoder fails", s, kind, -1, kernel);
        free(again);
        if (!len)
            break;
        if (n1_piecewise_encode(samples, s, &effort, &k, n1_arena_of(workspace, space - 1), first, bound, &written, NULL) != N1_ERROR_INTERNAL)
            fail("a small workspace is not noticed", s, kind, -1, kernel);
        uint8_t *block = copy(first, len);
        memset(decoded, 0x5A, bytes);
        if (decode(block, len, s, kernel, decoded) != N1_OK || memcmp(samples, decoded, bytes))
            fail("a piecewise block does not come back", s, kind, -1, kernel);
        free(block);
    }
    if (len)
        attack(first, len, s, kind, -1);
    free(samples);
    free(decoded);
    free(workspace);
    free(first);
}

/* Contexts of each kind, in blocks that levels have too short for some. */
static void check_contexts(const n1_shape *s, int kind)
{
    const n1_contexts_effort effort = {.how = (uint8_t)rng(N1_CONTEXTS_HOW_LEAN + 1)};
    const size_t bytes = s->n_samples * s->n_channels * itemsize(s->dtype), bound = n1_block_bound(s);
    const size_t space = (size_t)n1_contexts_encode_measure(s, &effort, n1_rough_effort());
    void *samples = aligned(bytes), *decoded = aligned(bytes);
    uint8_t *workspace = aligned(space), *first = malloc(bound);
    size_t len = bound;
    n1_encode_kernels k;
    if (!first || n1_encode_kernels_fill(&k, n1_best_kernel()) != N1_OK)
        abort();
    make_signal(samples, s, kind);
    const n1_status status = s->n_samples < N1_CONTEXTS_MIN_SAMPLES ? N1_NOT_APPLICABLE
        : n1_contexts_encode(samples, s, &effort, n1_rough_effort(), &k, n1_arena_of(workspace, space), first, bound, &len);
    if (status <= N1_ERROR_INTERNAL && status != N1_OK)
        fail("contexts fail", s, kind, effort.how, 0);
    if (status == N1_OK) {
        uint8_t *block = copy(first, len);
        for (int kernel = 0; kernel < N1_KERNELS; kernel++)
            if (there(kernel) && (decode(block, len, s, kernel, decoded) != N1_OK || memcmp(samples, decoded, bytes)))
                fail("a block of contexts does not come back", s, kind, effort.how, kernel);
        free(block);
        attack(first, len, s, kind, effort.how);
    }
    free(samples);
    free(decoded);
    free(workspace);
    free(first);
}

/* Taps whose magnitudes add up to `left` at most, often all of it in one. */
static void utmost_taps(n1_piece *p, unsigned n, int64_t left)
{
    for (unsigned i = 0; i < n; i++) {
        const int64_t most = rng(3) ? left : rng((uint32_t)left + 1);
        p->coefficient[i] = (int32_t)(rng(2) ? most : -most);
        left -= most;
    }
}

/* A channel of as many codes as its type has values, of widths from one end to the other, with a scale at either end. */
static void utmost_channel(n1_piece_channel *c, size_t channel, n1_type dtype)
{
    static const int64_t low[] = {-128, 0, -32768, 0, -2147483647 - 1, 0};
    const unsigned bits = 8 * (unsigned)itemsize(dtype);
    const uint32_t most = bits == 32 ? (uint32_t)1 << 31 : (uint32_t)1 << bits;
    c->kind = N1_PIECE_STRIDE;
    c->widths = !rng(3);
    c->n_codes = c->widths ? 2 + rng(40) : rng(2) ? most : 2;
    c->stride = c->widths ? 1 : rng(2) ? (uint32_t)((((uint64_t)1 << bits) - 1) / (c->n_codes - 1)) : 1;
    c->first = low[dtype] + (rng(2) ? 0 : ((int64_t)1 << bits) - 1 - (int64_t)(c->n_codes - 1) * c->stride);
    if (c->form == N1_PIECE_WRAPPED) { /* changes as far as they may be */
        c->modulus = (uint64_t)1 << bits;
        c->low = low[dtype];
        c->begin = rng(2) ? 0 : (uint32_t)(c->modulus - 1);
        c->first = rng(2) ? 1 - (int64_t)c->modulus : (int64_t)(c->modulus - 1) - (int64_t)(c->n_codes - 1) * c->stride;
    }
    if (c->form == N1_PIECE_STEPPED && rng(2))
        c->first = rng(2) ? 1 - ((int64_t)1 << 32) : ((int64_t)1 << 32) - 1 - (int64_t)(c->n_codes - 1) * c->stride;
    c->origin = rng(3) ? (rng(2) ? 0 : c->n_codes - 1) : rng(c->n_codes);
    c->start = rng(2) ? rng(73) : rng(2) ? 0 : 72;
    c->n_others = rng((uint32_t)(channel < N1_PIECE_OTHERS ? channel : N1_PIECE_OTHERS) + 1);
    c->lags = c->n_others ? 1 + rng(N1_PIECE_LAGS) : 0;
    for (unsigned i = 0; i < c->n_others; i++)
        c->other[i] = rng((uint32_t)channel);
    for (uint32_t i = 0; c->widths && i < c->n_codes; i++)
        c->most->log_width[i] = i && rng(3) == 0 ? N1_PIECE_ABSENT : (int8_t)((int)rng(2 * N1_PIECE_WIDTH + 1) - (rng(8) ? 2 * N1_PIECE_WIDTH : N1_PIECE_WIDTH));
    for (uint32_t i = 0; c->widths && i < c->n_codes; i++)
        if (c->most->log_width[i] != N1_PIECE_ABSENT && c->most->log_width[i] < -N1_PIECE_WIDTH)
            c->most->log_width[i] = -N1_PIECE_WIDTH;
}

/* Steps as far as they may go; 0: there is no frame for one. */
static int make_steps(n1_piece_steps *s, size_t n_samples)
{
    uint32_t at = 0;
    s->quantum = rng(2) ? UINT32_MAX : 1 + rng(99);
    for (s->n = 0; s->n < 20 && at + 1 < n_samples; s->n++) {
        at = rng(3) ? at + 1 : at + 1 + rng((uint32_t)n_samples - at - 1);
        s->frame[s->n] = at;
        s->size[s->n] = rng(2) ? INT32_MAX : -INT32_MAX;
    }
    return s->n > 0;
}

/* A right header with numbers at their ends, before raw bits and words at random: the decoder comes as far as the states' ends. */
static void check_utmost(const n1_shape *s)
{
    enum { WIDE = 6 };
    static uint8_t block[1 << 20], header[1 << 17], forms[1 << 12];
    uint32_t frame[20];
    int32_t step[20];
    n1_piece_steps steps = {frame, 1, step, 0};
    const int formed = (int)rng(2);
    static int8_t log_width[1 << WIDE];
    const n1_piece_tables tables = {.wide = 1 << WIDE, .log_width = log_width};
    n1_bitwriter w, f;
    n1_bitwriter_init(&w, header, sizeof header);
    n1_bitwriter_init(&f, forms, sizeof forms);
    for (size_t channel = 0; channel < s->n_channels; channel++) {
        n1_piece_channel c = {.most = &tables, .steps = &steps, .form = formed ? (n1_piece_form)rng(3) : N1_PIECE_PLAIN};
        if (c.form == N1_PIECE_STEPPED && !make_steps(&steps, s->n_samples))
            c.form = N1_PIECE_PLAIN;
        utmost_channel(&c, channel, s->dtype);
        n1_piece_form_write(&f, &c);
        n1_piece_channel_write(&w, &c, channel);
        uint64_t left = (s->n_samples + N1_PIECE_UNIT - 1) / N1_PIECE_UNIT;
        while (left) {
            n1_piece p = {.units = 1 + rng((uint32_t)left), .law = rng(N1_PIECE_LAWS), .own = rng(N1_PIECE_OWN + 1), .others = c.n_others ? rng(2) : 0,
                          .shift = rng(2) ? N1_PIECE_SHIFT * rng(2) : rng(N1_PIECE_SHIFT + 1)};
            const int64_t bias = N1_PIECE_BIAS - ((int64_t)1 << n1_piece_bias_shift(&p)), far = bias < ((int64_t)1 << 40) ? bias : ((int64_t)1 << 40) - 1;
            const int64_t most = n1_piece_bias_shift(&p) < 20 ? far << n1_piece_bias_shift(&p) : bias;
            p.bias = rng(2) ? most : -most;
            utmost_taps(&p, p.own + (p.others ? c.n_others * c.lags : 0), N1_PIECE_BUDGET);
            n1_piece_write(&w, &p, &c, left);
            left -= p.units;
        }
    }
    n1_fields_align(&w);
    n1_fields_align(&f);
    if (w.overrun || f.overrun)
        return;
    uint8_t *at = block;
    *at++ = N1_MODE_PIECEWISE;
    *at++ = WIDE | (formed ? N1_PIECE_FORMED : 0);
    *at++ = 0;
    at = n1_put_varint(at, (uint64_t)(w.p - header));
    const size_t raw = rng(4) * s->n_samples * s->n_channels, words = 10 + 2 * (s->n_samples * s->n_channels + rng(1000));
    const size_t more = formed ? (size_t)(f.p - forms) : 0;
    at = n1_put_varint(at, raw);
    if (formed)
        at = n1_put_varint(at, more);
    if ((size_t)(at - block) + (size_t)(w.p - header) + raw + more + words > sizeof block)
        return;
    memcpy(at, header, (size_t)(w.p - header));
    at += w.p - header;
    for (size_t i = 0; i < raw + more + words; i++)
        *at++ = (uint8_t)(rng(8) ? 255 : rng(256)); /* ones: short numbers beyond the window, and slots far up */
    memcpy(at - words - more, forms, more);
    if (decode_hostile(block, (size_t)(at - block), s, -1, -1) == N1_OK)
        fail("words at random are taken", s, -1, -1, 0);
}

int main(int argc, char **argv)
{
    static const size_t shapes[][2] = {{1, 1},    {2, 1},    {3, 5},    {1, 300},  {17, 4},   {100, 3}, {1023, 1}, {1024, 1}, {1025, 2},
                                       {1500, 7}, {4096, 1}, {8191, 1}, {8192, 2}, {9001, 3}, {2048, 40}};
    const long wanted = argc > 1 ? atol(argv[1]) : 5000;
    rng_state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    while (mutants < wanted) {
        const size_t *shape = shapes[rng(sizeof shapes / sizeof *shapes)];
        const n1_type type = rng(3) ? N1_INT16 : (n1_type)rng(6);
        const n1_shape s = {shape[0], shape[1], type};
        const int kind = (int)rng(SIGNAL_KINDS), level = 1 + (int)rng(N1_MAX_LEVEL);
        switch (rng(5)) {
        case 0: check_piecewise(&s, kind); break;
        case 1: check_utmost(&s); break;
        case 2: check_contexts(&s, kind); break;
        default: check(&s, kind, level);
        }
    }
    printf("%ld blocks, %ld mutants (%ld refused), best kernel %s\n", blocks, mutants, refused, n1_kernel_name(n1_best_kernel()));
    return 0;
}
