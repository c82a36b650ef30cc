/* fuzz_n1.c - hostile blocks, tight buffers and awkward signals for the n1 coder.
 *
 * `make fuzz` builds it under the address and undefined-behaviour sanitizers and runs it.
 * The arguments are the number of mutants and the seed. It checks, for signals, shapes and levels at random, that
 *   - all kernels write the same block, within its bound, and read back what was encoded, and any other number of a kernel
 *     is refused;
 *   - a workspace of the bytes that were asked for is enough, and one byte less is refused;
 *   - a mutant gives a status, reads and writes nothing else (exact-size heap blocks), and gives the same status and
 *     samples with every kernel and whatever the workspace held before.
 */
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
    const size_t space = n1_block_encode_workspace(s, level), bytes = s->n_samples * s->n_channels * itemsize(s->dtype);
    uint8_t *workspace = aligned(space), *again = malloc(bound);
    void *decoded = malloc(bytes);
    size_t written = 0;
    if (!again || !decoded)
        abort();
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

static void check(const n1_shape *s, int kind, int level, int n_mutants)
{
    const size_t bytes = s->n_samples * s->n_channels * itemsize(s->dtype), bound = n1_block_bound(s);
    void *samples = aligned(bytes), *decoded = malloc(bytes), *other = malloc(bytes);
    uint8_t *first = malloc(bound);
    size_t len = 0;
    if (!decoded || !other || !first)
        abort();
    make_signal(samples, s, kind);
    check_kernels(samples, s, kind, level, first, bound, &len);
    blocks++;
    for (int m = 0; m < n_mutants; m++, mutants++) {
        uint8_t *whole = copy(first, len);
        size_t left = mutate(whole, len);
        uint8_t *block = copy(whole, left);
        n1_status status = decode(block, left, s, N1_KERNEL_PORTABLE, decoded);
        if (status == N1_ERROR_INTERNAL || status == N1_ERROR_WORKSPACE || status > N1_ERROR_INTERNAL)
            fail("a mutant meets a fault of the decoder", s, kind, level, (int)status);
        for (int k = 0; k < N1_KERNELS; k++) {
            if (!there(k))
                continue;
            n1_status same = decode(block, left, s, k, other);
            if (same != status || (status == N1_OK && memcmp(decoded, other, bytes)))
                fail("kernels or workspaces differ on a mutant", s, kind, level, k);
        }
        refused += status != N1_OK;
        free(block);
        free(whole);
    }
    free(samples);
    free(decoded);
    free(other);
    free(first);
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
        check(&s, kind, level, MUTANTS_OF_A_BLOCK);
    }
    printf("%ld blocks, %ld mutants (%ld refused), best kernel %s\n", blocks, mutants, refused, n1_kernel_name(n1_best_kernel()));
    return 0;
}
