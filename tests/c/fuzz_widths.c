/* fuzz_widths.c - hostile code widths for the n1 coder.
 *
 * `make fuzz` builds it under the address and undefined-behaviour sanitizers and runs it.
 * The arguments are the number of mutants and the seed. Tables that were learned are damaged, cut short or lengthened. Either they are
 * refused, or a block that is made with them is what every kernel makes, and comes back with them by every kernel; a damaged
 * block with them gives the same status with every kernel, and so do some of its frames. Nothing else is read or written (exact-size
 * heap blocks).
 */
#include "n1/codec.h"
#include "signals.h"
#include "wire/block_spread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHORT = 560, SECTIONS = 2100, CHANNELS = 72, MOST_TABLES = 1 << 16 };

static const n1_shape whole = {4000, CHANNELS, N1_INT16};
static n1_shape part = {SHORT, CHANNELS, N1_INT16};

static size_t part_bytes(void) { return part.n_samples * CHANNELS * sizeof(int16_t); }

static void *room(size_t size)
{
    void *p = aligned_alloc(N1_WORKSPACE_ALIGNMENT, (size / N1_WORKSPACE_ALIGNMENT + 1) * N1_WORKSPACE_ALIGNMENT);
    if (!p)
        abort();
    return p;
}

static void *copy(const void *from, size_t size)
{
    void *p = malloc(size ? size : 1);
    if (!p)
        abort();
    return memcpy(p, from, size);
}

static void expect(int good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "fuzz_widths: %s\n", what);
    abort();
}

static n1_status encode(const int16_t *samples, const n1_span *tables, int level, n1_kernel kernel, uint8_t *block, size_t *written)
{
    const size_t space = n1_block_encode_workspace(&part, level);
    void *workspace = room(space);
    const n1_status status = n1_encode_known_block(samples, &part, tables, level, kernel, workspace, space, block, n1_block_bound(&part), written);
    free(workspace);
    return status;
}

static n1_status decode(const uint8_t *block, size_t size, const n1_span *tables, n1_kernel kernel, int16_t *samples)
{
    const size_t space = n1_block_decode_workspace(block, size, &part);
    uint8_t *exact = copy(block, size);
    void *workspace = room(space);
    size_t frames = SIZE_MAX;
    const n1_status status = n1_decode_known_block(exact, size, &part, tables, &frames, kernel, workspace, space, samples);
    free(workspace);
    free(exact);
    return status;
}

/* Some frames of a block, to see which it goes through more: those before them in their section. The samples are those of all. */
static n1_status decode_some(const uint8_t *block, size_t size, const n1_span *tables, n1_kernel kernel, size_t first, size_t stop,
                             const int16_t *samples)
{
    n1_frames f = {first, stop};
    n1_status status = n1_block_reach(block, size, &part, &f);
    if (status != N1_OK)
        return status;
    expect(f.first <= first && f.stop >= stop && f.stop <= part.n_samples, "frames are out of reach");
    const size_t space = n1_block_decode_workspace(block, size, &part), bytes = (f.stop - f.first) * CHANNELS * sizeof *samples;
    uint8_t *exact = copy(block, size);
    int16_t *some = malloc(bytes);
    if (!some)
        abort();
    void *workspace = room(space);
    status = n1_decode_spread_block(exact, size, &part, tables, &f, kernel, workspace, space, some, CHANNELS);
    if (status == N1_OK && samples)
        expect(!memcmp(some, samples + f.first * CHANNELS, bytes), "some frames are not those of all");
    free(workspace);
    free(some);
    free(exact);
    return status;
}

/* What is left of tables after some harm. */
static n1_span harmed(const uint8_t *tables, size_t size)
{
    const size_t left = rng(3) ? size : 1 + rng((uint32_t)size);
    uint8_t *bytes = copy(tables, left);
    for (uint32_t i = rng(4); i > 0; i--) bytes[rng(rng(2) && left > 20 ? 20 : (uint32_t)left)] ^= (uint8_t)(1u << rng(8));
    return (n1_span){bytes, left};
}

/* Whether a block was made. */
static int check(const int16_t *samples, const n1_span *tables)
{
    const int level = 4 + (int)rng(6);
    uint8_t *first = room(n1_block_bound(&part)), *again = room(n1_block_bound(&part));
    int16_t *back = room(part_bytes());
    const size_t from = rng((uint32_t)part.n_samples), to = from + 1 + rng((uint32_t)(part.n_samples - from));
    size_t size = 0, other = 0;
    const n1_status status = encode(samples, tables, level, N1_KERNEL_PORTABLE, first, &size);
    for (int k = 0; k < N1_KERNELS; k++) {
        if (!n1_kernel_available((n1_kernel)k))
            continue;
        expect(encode(samples, tables, level, (n1_kernel)k, again, &other) == status, "kernels refuse other tables");
        if (status != N1_OK)
            continue;
        expect(size == other && !memcmp(first, again, size), "kernels write other blocks");
        expect(decode(first, size, tables, (n1_kernel)k, back) == N1_OK && !memcmp(samples, back, part_bytes()),
               "a block does not come back");
        expect(decode_some(first, size, tables, (n1_kernel)k, from, to, samples) == N1_OK, "some frames do not come back");
    }
    if (status == N1_OK) {
        first[rng(rng(2) && size > 200 ? 200 : (uint32_t)size)] ^= (uint8_t)(1u << rng(8));
        const n1_status found = decode(first, size, tables, N1_KERNEL_PORTABLE, back);
        for (int k = 0; k < N1_KERNELS; k++)
            if (n1_kernel_available((n1_kernel)k))
                expect(decode(first, size, tables, (n1_kernel)k, back) == found, "kernels tell otherwise of a damaged block");
        if (found == N1_OK)
            expect(decode_some(first, size, tables, n1_best_kernel(), from, to, back) == N1_OK, "some frames of a changed block are lost");
        else
            (void)decode_some(first, size, tables, n1_best_kernel(), from, to, NULL);
    }
    free(first);
    free(again);
    free(back);
    return status == N1_OK;
}

/* Tables and what is left of them are joined where both are tables, in either order, to what is one again. */
static void check_joined(const n1_span *tables, const n1_span *changed)
{
    const n1_span *const pair[2][2] = {{tables, changed}, {changed, tables}};
    const size_t space = n1_join_tables_workspace();
    void *workspace = room(space);
    uint8_t *joined = room(N1_MAX_TABLES);
    for (int i = 0; i < 2; i++) {
        n1_span all = {joined, 0};
        const n1_status status = n1_join_tables(pair[i][0], pair[i][1], workspace, space, joined, N1_MAX_TABLES, &all.size);
        expect((status == N1_OK) == (n1_check_tables(changed) == N1_OK), "what are no tables is joined, or tables are not");
        expect(!all.size || (status == N1_OK && n1_check_tables(&all) == N1_OK), "joined tables are none");
        if (all.size) {
            size_t again = 0;
            uint8_t *less = room(all.size - 1);
            expect(n1_join_tables(pair[i][0], pair[i][1], workspace, space, less, all.size - 1, &again) == N1_ERROR_DST_TOO_SMALL && !again, "less room");
            free(less);
        }
    }
    free(workspace);
    free(joined);
}

int main(int argc, char **argv)
{
    const long wanted = argc > 1 ? atol(argv[1]) : 500;
    const size_t space = n1_learn_tables_workspace(&whole);
    int16_t *recording = room(sizeof *recording * whole.n_samples * CHANNELS), *samples = room(sizeof *samples * SECTIONS * CHANNELS);
    uint8_t *tables = room(MOST_TABLES);
    void *workspace = room(space);
    size_t size = 0;
    long used = 0;
    rng_state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    make_signal(recording, &whole, 19);
    expect(n1_learn_tables(recording, &whole, n1_best_kernel(), workspace, space, tables, MOST_TABLES, &size) == N1_OK && size, "nothing was learned");
    expect(n1_learn_tables(recording, &whole, n1_best_kernel(), workspace, space, tables, size - 1, &size) == N1_ERROR_DST_TOO_SMALL, "room");
    expect(n1_learn_tables(recording, &whole, n1_best_kernel(), workspace, space, tables, MOST_TABLES, &size) == N1_OK, "again");
    for (long i = 0; i < wanted; i++) {
        const n1_span changed = harmed(tables, size);
        part.n_samples = rng(3) ? SHORT : SECTIONS;
        make_signal(samples, &part, rng(4) ? 19 : (int)rng(SIGNAL_KINDS));
        const int made = check(samples, &changed);
        expect(made == (n1_check_tables(&changed) == N1_OK), "tables are checked otherwise than used");
        used += made;
        check_joined(&(n1_span){tables, size}, &changed);
        free((void *)(uintptr_t)changed.data);
    }
    printf("widths: %ld mutants of tables of %zu bytes, %ld of them in use\n", wanted, size, used);
    free(recording);
    free(samples);
    free(tables);
    free(workspace);
    return 0;
}
