/* limits.c - what the n1 coder must refuse, and what memory it may ask for: says what it finds and returns 1 if a promise is
 * broken. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "levels.h"
#include "modes/adaptive/adaptive_encode.h"
#include "modes/forward/channel.h"
#include "modes/forward/forward_encode.h"
#include "modes/mode.h"
#include "modes/piecewise/piecewise_encode.h"
#include "n1/codec.h"
#include "signals.h"

static int broken;

static void expect(int holds, const char *what, long a, long b)
{
    if (holds)
        return;
    printf("broken: %s (%ld, %ld)\n", what, a, b);
    broken = 1;
}

static void *aligned(size_t size)
{
    void *p = aligned_alloc(N1_WORKSPACE_ALIGNMENT, (size / N1_WORKSPACE_ALIGNMENT + 1) * N1_WORKSPACE_ALIGNMENT);
    if (!p)
        abort();
    return p;
}

/* Every number of the enumeration and around it: coded, or refused with nothing written. */
static void kernels(void)
{
    const n1_shape s = {8192, 32, N1_INT16};
    const size_t bytes = s.n_samples * s.n_channels * 2, bound = n1_block_bound(&s);
    int16_t *samples = aligned(bytes), *back = aligned(bytes);
    uint8_t *block = aligned(bound), *good = aligned(bound);
    size_t space = n1_block_encode_workspace(&s, 1), size = 0, written = 0;
    void *workspace = aligned(space);
    make_signal(samples, &s, 15);
    expect(n1_encode_block(samples, &s, 1, N1_KERNEL_PORTABLE, workspace, space, good, bound, &size) == N1_OK, "portable", 0, 0);
    for (int k = -2; k < N1_KERNELS + 3; k++) {
        const int there = k >= 0 && k < N1_KERNELS && n1_kernel_available((n1_kernel)k);
        const n1_status status = n1_encode_block(samples, &s, 1, (n1_kernel)k, workspace, space, block, bound, &written);
        expect(status == (there ? N1_OK : N1_ERROR_KERNEL), "a kernel that is not there is refused", k, (long)status);
        expect(!there || (written == size && !memcmp(block, good, size)), "kernels write the same", k, (long)written);
        const n1_status read = n1_decode_block(good, size, &s, (n1_kernel)k, workspace, space, back);
        expect(read == (there ? N1_OK : N1_ERROR_KERNEL), "a kernel that is not there is refused", k, (long)read);
        expect(!there || !memcmp(back, samples, bytes), "kernels read the same", k, 0);
        expect(strcmp(n1_kernel_name((n1_kernel)k), "unknown") != 0 || k < 0 || k >= N1_KERNELS, "kernels have names", k, 0);
    }
    expect(n1_kernel_available(n1_best_kernel()), "the best kernel is there", 0, 0);
    free(samples);
    free(back);
    free(block);
    free(good);
    free(workspace);
}

/* What is measured is what is taken: one byte less is refused, and the caller's buffers keep their status to themselves. */
static void workspaces(void)
{
    static const size_t shapes[][2] = {{1, 1}, {3, 5}, {100, 1}, {512, 1}, {512, 4}, {600, 9}, {1024, 1}, {1500, 12}, {9000, 1}, {8192, 3}};
    static const int kinds[] = {1, 8, 15, 17, 18};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int level = 1; level <= N1_MAX_LEVEL; level++)
            for (size_t j = 0; j < sizeof kinds / sizeof *kinds; j++) {
                const int kind = kinds[j];
                const n1_shape s = {shapes[i][0], shapes[i][1], N1_INT16};
                const size_t bytes = s.n_samples * s.n_channels * 2, bound = n1_block_bound(&s);
                int16_t *samples = aligned(bytes), *back = aligned(bytes);
                size_t size = 0;
                rng_state = i;
                make_signal(samples, &s, kind);
                const size_t space = n1_block_encode_needs(samples, &s, level);
                uint8_t *block = aligned(bound), *workspace = aligned(space + 64);
                expect(space <= n1_block_encode_workspace(&s, level), "no samples take more than their shape says", (long)i, level);
                memset(workspace, 0xA5, space + 64);
                n1_status status = n1_encode_block(samples, &s, level, N1_KERNEL_PORTABLE, workspace, space - 1, block, bound, &size);
                expect(status == N1_ERROR_WORKSPACE, "a small workspace is refused", (long)i, level);
                status = n1_encode_block(samples, &s, level, N1_KERNEL_PORTABLE, workspace + 1, space, block, bound, &size);
                expect(status == N1_ERROR_WORKSPACE, "a workspace is aligned", (long)i, level);
                status = n1_encode_block(samples, &s, level, N1_KERNEL_PORTABLE, workspace, space, block, bound - 1, &size);
                expect(status == N1_ERROR_DST_TOO_SMALL, "a small buffer is refused", (long)i, level);
                status = n1_encode_block(samples, &s, level, N1_KERNEL_PORTABLE, workspace, space, block, bound, &size);
                expect(status == N1_OK, "what is measured is enough", (long)i, level);
                for (size_t at = 0; at < 64; at++)
                    expect(workspace[space + at] == 0xA5, "nothing beyond the workspace is touched", (long)i, level);
                const size_t need = n1_block_decode_workspace(block, size, &s);
                uint8_t *second = aligned(need + 64);
                memset(second, 0xA5, need + 64);
                expect(need <= n1_block_decode_most(&s), "no block takes more than the most", (long)i, level);
                if (need)
                    expect(n1_decode_block(block, size, &s, N1_KERNEL_PORTABLE, second, need - 1, back) == N1_ERROR_WORKSPACE, "a small workspace is refused", (long)i, level);
                expect(n1_decode_block(block, size, &s, N1_KERNEL_PORTABLE, second, need, back) == N1_OK && !memcmp(samples, back, bytes), "what is measured is enough", (long)i, level);
                for (size_t at = 0; at < 64; at++)
                    expect(second[need + at] == 0xA5, "nothing beyond the workspace is touched", (long)i, level);
                free(samples);
                free(back);
                free(block);
                free(workspace);
                free(second);
            }
}

/* Who asks for the first frames of a block is told how many there are, of a block of none, too. */
static void starts(void)
{
    static const n1_shape s = {40, 2, N1_INT16};
    const size_t bound = n1_block_bound(&s), space = n1_block_encode_workspace(&s, 1);
    int16_t *samples = aligned(160), *back = aligned(160);
    uint8_t *block = aligned(bound), *workspace = aligned(space);
    size_t size = 0, frames = 7;
    make_signal(samples, &s, 15);
    expect(n1_encode_block(samples, &s, 1, N1_KERNEL_PORTABLE, workspace, space, block, bound, &size) == N1_OK, "a block", 0, 0);
    expect(n1_decode_block_start(block, size, &s, NULL, N1_KERNEL_PORTABLE, workspace, space, back) == N1_ERROR_ARGUMENT, "how many is asked", 0, 0);
    expect(n1_decode_block_start(block, size, &s, &frames, N1_KERNEL_PORTABLE, workspace, space, back) == N1_OK, "a start is read", 0, 0);
    expect(frames == 40 && !memcmp(samples, back, 160), "all frames where there is no shorter way", (long)frames, 40);
    for (size_t channels = 0; channels < 3; channels += 2) {
        const n1_shape none = {channels ? 0 : 3, channels, N1_INT16};
        frames = SIZE_MAX;
        expect(n1_decode_block_start(NULL, 0, &none, &frames, N1_KERNEL_PORTABLE, NULL, 0, NULL) == N1_OK, "nothing is read", 0, 0);
        expect(frames == none.n_samples, "so many frames of nothing", (long)frames, (long)none.n_samples);
    }
    free(samples);
    free(back);
    free(block);
    free(workspace);
}

/* A decoder keeps the midpoints of as many channels as neighbours are away at most, and few channels' codes: its memory does
 * not grow with the channels as their samples do, and the farthest neighbour is still there. */
static void many_channels(void)
{
    const n1_shape s = {3000, 300, N1_INT16};
    const n1_effort far = {.order = 4, .neighbours = 1, .neighbour_taps = 3, .reach = N1_MAX_DISTANCE, .every = 1};
    const size_t bytes = s.n_samples * s.n_channels * 2, bound = n1_block_bound(&s), space = (size_t)n1_forward_encode_measure(&s, &far);
    int16_t *samples = aligned(bytes), *back = aligned(bytes);
    uint8_t *workspace = aligned(space), *block = aligned(bound);
    n1_encode_kernels k;
    size_t size = 0;
    expect(n1_encode_kernels_fill(&k, N1_KERNEL_PORTABLE) == N1_OK, "the portable kernels", 0, 0);
    make_signal(samples, &s, 15);
    for (size_t t = 0; t < s.n_samples; t++)   /* each is what the farthest one is, moved, but for the lowest bit */
        for (size_t i = N1_MAX_DISTANCE; i < s.n_channels; i++)
            samples[t * s.n_channels + i] = (int16_t)(samples[t * s.n_channels + i - N1_MAX_DISTANCE] + 90 + (int)((t * 7 + i) % 5 == 0));
    expect(n1_forward_encode(samples, &s, &far, &k, n1_arena_of(workspace, space), block, bound, &size) == N1_OK, "the forward mode", 0, 0);
    expect(size < bytes / 4, "the farthest neighbour is used", (long)size, (long)bytes);   /* without: no less than a third */
    const size_t need = n1_block_decode_workspace(block, size, &s);
    expect(need < bytes, "a decoder takes less than the samples", (long)need, (long)bytes);
    uint8_t *second = aligned(need);
    expect(n1_decode_block(block, size, &s, N1_KERNEL_PORTABLE, second, need, back) == N1_OK && !memcmp(samples, back, bytes), "the farthest neighbour is there", 0, 0);
    free(samples);
    free(back);
    free(workspace);
    free(block);
    free(second);
}

/* A mode whose memory is short of what it measured says so: it must not look like samples that do not shrink. */
static void faults(void)
{
    const n1_shape s = {2000, 9, N1_INT16};
    const n1_level level = n1_level_of(5, 1);
    const uint64_t forward = n1_forward_encode_measure(&s, level.rest), adaptive = n1_adaptive_encode_measure(&s, level.adaptive, level.rest);
    const size_t most = (size_t)(forward > adaptive ? forward : adaptive), bound = n1_block_bound(&s);
    int16_t *samples = aligned(s.n_samples * s.n_channels * 2);
    uint8_t *workspace = aligned(most), *block = aligned(bound);
    size_t size;
    n1_encode_kernels k;
    expect(n1_encode_kernels_fill(&k, N1_KERNEL_PORTABLE) == N1_OK, "the portable kernels", 0, 0);
    make_signal(samples, &s, 15);
    for (size_t share = 0; share < 8; share++) {
        n1_arena a = n1_arena_of(workspace, (size_t)(forward * share / 8));
        expect(n1_forward_or_stored(samples, &s, level.rest, &k, a, block, bound, &size) == N1_ERROR_INTERNAL, "a forward fault reaches the caller", (long)share, 0);
        a = n1_arena_of(workspace, (size_t)(adaptive * share / 8));
        const n1_status status = n1_adaptive_encode(samples, &s, level.adaptive, level.rest, &k, a, block, bound, &size, NULL);
        expect(status == N1_ERROR_INTERNAL || status == N1_OK, "an adaptive fault reaches the caller", (long)share, (long)status);
        expect(share > 4 || status == N1_ERROR_INTERNAL, "an adaptive fault reaches the caller", (long)share, (long)status);
    }
    expect(n1_forward_encode(samples, &s, level.rest, &k, n1_arena_of(workspace, most), block, 100, &size) >= (n1_status)64, "bytes that do not fit are no error of a mode", 0, 0);
    free(samples);
    free(workspace);
    free(block);
}

/* The piecewise mode by itself: what is measured is enough, little less is refused, and nothing beyond it is touched. */
static void pieces(void)
{
    static const size_t shapes[][2] = {{32, 1}, {33, 5}, {512, 4}, {1024, 1}, {1500, 12}, {9000, 2}};
    static const n1_piece_effort efforts[] = {
        {.own = 8, .others = 2, .lags = 2, .rounds = 1, .finest = 4},
        {.own = 32, .others = 8, .lags = 4, .rounds = 3, .widths = 1},
    };
    n1_encode_kernels k;
    expect(n1_encode_kernels_fill(&k, N1_KERNEL_PORTABLE) == N1_OK, "the portable kernels", 0, 0);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (size_t j = 0; j < sizeof efforts / sizeof *efforts; j++) {
            const n1_shape s = {shapes[i][0], shapes[i][1], N1_INT16};
            const size_t bytes = s.n_samples * s.n_channels * 2, bound = n1_block_bound(&s), space = (size_t)n1_piecewise_encode_measure(&s, &efforts[j]);
            int16_t *samples = aligned(bytes), *back = aligned(bytes);
            uint8_t *workspace = aligned(space + 64), *block = aligned(bound);
            size_t size = 0;
            rng_state = i;
            make_signal(samples, &s, 15);
            memset(workspace, 0xA5, space + 64);
            n1_status status = n1_piecewise_encode(samples, &s, &efforts[j], &k, n1_arena_of(workspace, space - 1), block, bound, &size, NULL);
            expect(status == N1_ERROR_INTERNAL, "a fault reaches the caller", (long)i, (long)status);
            status = n1_piecewise_encode(samples, &s, &efforts[j], &k, n1_arena_of(workspace, space), block, bound, &size, NULL);
            expect(status == N1_OK && size <= bound, "what is measured is enough", (long)i, (long)status);
            expect(n1_piecewise_encode(samples, &s, &efforts[j], &k, n1_arena_of(workspace, space), block, size / 2, &size, NULL) >= (n1_status)64, "bytes that do not fit are no error of a mode", (long)i, 0);
            status = n1_piecewise_encode(samples, &s, &efforts[j], &k, n1_arena_of(workspace, space), block, bound, &size, NULL);
            for (size_t at = 0; at < 64; at++)
                expect(workspace[space + at] == 0xA5, "nothing beyond the workspace is touched", (long)i, (long)at);
            const size_t need = n1_block_decode_workspace(block, size, &s);
            uint8_t *second = aligned(need + 64);
            memset(second, 0xA5, need + 64);
            expect(need && need <= n1_block_decode_most(&s), "no block takes more than the most", (long)i, (long)need);
            expect(n1_decode_block(block, size, &s, N1_KERNEL_PORTABLE, second, need - 1, back) == N1_ERROR_WORKSPACE, "a small workspace is refused", (long)i, 0);
            expect(n1_decode_block(block, size, &s, N1_KERNEL_PORTABLE, second, need, back) == N1_OK && !memcmp(samples, back, bytes), "what is measured is enough", (long)i, 0);
            for (size_t at = 0; at < 64; at++)
                expect(second[need + at] == 0xA5, "nothing beyond the workspace is touched", (long)i, (long)at);
            free(samples);
            free(back);
            free(workspace);
            free(block);
            free(second);
        }
}

/* What memory held before says nothing of the bytes: blocks that end shortly behind a stretch of which weights are made. */
static void held_memory(void)
{
    static const n1_piece_effort effort = {.own = 4, .others = 0, .lags = 1, .rounds = 2, .finest = 4};
    n1_encode_kernels k;
    expect(n1_encode_kernels_fill(&k, N1_KERNEL_PORTABLE) == N1_OK, "the portable kernels", 0, 0);
    for (size_t i = 0; i < 64; i++) {
        const n1_shape s = {1025 + i / 2, 1, N1_INT16};
        const size_t bytes = s.n_samples * 2, bound = n1_block_bound(&s), space = (size_t)n1_piecewise_encode_measure(&s, &effort);
        int16_t *samples = aligned(bytes);
        uint8_t *workspace = aligned(space), *block[2] = {aligned(bound), aligned(bound)};
        size_t size[2] = {0, 0};
        rng_state = i;
        make_signal(samples, &s, 7);
        for (int j = 0; j < 2; j++) {
            memset(workspace, j ? 0x47 : 0, space); /* large doubles, or none */
            expect(n1_piecewise_encode(samples, &s, &effort, &k, n1_arena_of(workspace, space), block[j], bound, &size[j], NULL) == N1_OK, "a block", (long)i, j);
        }
        expect(size[0] == size[1] && !memcmp(block[0], block[1], size[0]), "what memory held before says nothing", (long)i, (long)size[0]);
        free(samples);
        free(workspace);
        free(block[0]);
        free(block[1]);
    }
}

/* The second and third byte of a piecewise block ask for tables; what they get does not grow with them beyond a limit. */
static void tables(void)
{
    const n1_shape s = {300, 3, N1_INT16};
    uint8_t block[32] = {N1_MODE_PIECEWISE};
    uint8_t samples[1800];
    const size_t least = n1_block_decode_workspace(block, sizeof block, &s);
    expect(least && least < 40 << 10, "no tables, little memory", (long)least, 0);
    for (unsigned wide = 0; wide < 256; wide++)
        for (unsigned listed = 0; listed < 256; listed += wide ? 85 : 1) {
            block[1] = (uint8_t)wide;
            block[2] = (uint8_t)listed;
            const size_t need = n1_block_decode_workspace(block, sizeof block, &s);
            expect(!need == ((wide & ~32u) > 16 || listed > 12), "tables have a limit", (long)wide, (long)listed);
            expect(need <= least + (1500 << 10) && need <= n1_block_decode_most(&s), "tables are bounded", (long)wide, (long)need);
            if (!need)
                expect(n1_decode_block(block, sizeof block, &s, N1_KERNEL_PORTABLE, NULL, 0, samples) == N1_ERROR_CORRUPT, "tables have a limit", (long)wide, (long)listed);
        }
    for (size_t size = 1; size < 3; size++)
        expect(n1_block_decode_workspace(block, size, &s) == 0 && n1_decode_block(block, size, &s, N1_KERNEL_PORTABLE, NULL, 0, samples) == N1_ERROR_TRUNCATED, "a block has its three bytes", (long)size, 0);
}

/* A small block of what electrodes give takes little, whatever a large one takes or what else might be tried. */
static void sizes(void)
{
    static const struct {
        size_t n_samples, n_channels, most; /* KiB */
        int level;
    } want[] = {{64, 1, 96, 9}, {512, 1, 112, 1}, {512, 1, 112, 3}, {512, 1, 800, 9}, {2048, 1, 384, 1}, {4096, 32, 3000, 1}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        const n1_shape s = {want[i].n_samples, want[i].n_channels, N1_INT16};
        int16_t *samples = aligned(s.n_samples * s.n_channels * 2);
        rng_state = i;
        make_signal(samples, &s, 15);
        const size_t space = n1_block_encode_needs(samples, &s, want[i].level);
        free(samples);
        printf("%zu x %zu at level %d: %zu bytes\n", s.n_samples, s.n_channels, want[i].level, space);
        expect(space <= want[i].most << 10, "a small block takes little", (long)i, (long)space);
    }
}

int main(void)
{
    kernels();
    workspaces();
    starts();
    many_channels();
    faults();
    pieces();
    held_memory();
    tables();
    sizes();
    return broken;
}
