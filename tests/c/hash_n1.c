/* hash_n1.c - what the n1 coder writes, in one number a level: to compare machines, compilers and kernels.
 *
 * From the root of the repository:
 *   cc -std=c11 -O2 -ffp-contract=off -Icore/include -Icore/src -o hash_n1 tests/c/hash_n1.c $(find core/src -name '*.c')
 *   ./hash_n1
 * For every kernel that the machine has it prints a line for each level: the chained XXH64 of all blocks, and a digest
 * of what damaged blocks decode to (status and samples). Each block is decoded by the kernel that made it and compared with
 * the samples. Lines of two machines must differ in nothing but the kernels there are.
 */
#include "digest.h"
#include "signals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    size_t n_samples, n_channels;
    int kind;
    n1_type dtype;
} recordings[] = {
    {1, 1, 1, N1_INT32},     {3, 5, 9, N1_UINT32},    {300, 1, 3, N1_INT16},   {520, 3, 2, N1_INT16},
    {512, 2, 15, N1_UINT16}, {513, 9, 15, N1_INT16},  {600, 20, 15, N1_INT16}, {1023, 2, 6, N1_INT32},
    {1024, 1, 12, N1_INT8},  {520, 9, 2, N1_INT16},   {1100, 2, 16, N1_INT16}, {2500, 1, 2, N1_INT32},
    {9001, 1, 3, N1_INT16},  {16500, 1, 2, N1_INT16}, {4000, 2, 14, N1_INT16}, {600, 12, 10, N1_INT16},
    {1100, 1, 0, N1_INT16},  {1500, 2, 4, N1_INT16},  {700, 2, 5, N1_UINT8},   {1300, 2, 7, N1_INT16},
    {1125, 1, 8, N1_INT16},  {520, 6, 13, N1_INT16},  {1030, 2, 11, N1_INT32}, {1100, 3, 1, N1_UINT16},
    {1100, 2, 12, N1_UINT8}, {1024, 8, 3, N1_INT16},  {520, 3, 16, N1_UINT16}, {4500, 3, 15, N1_INT16},
    {520, 67, 15, N1_INT16}, {5000, 1, 18, N1_INT16}, {2000, 6, 18, N1_INT32},
    {3000, 1, 22, N1_UINT16}, {1500, 9, 22, N1_INT16},
};

static void *allocate(size_t size)
{
    void *p = aligned_alloc(N1_WORKSPACE_ALIGNMENT, (size / N1_WORKSPACE_ALIGNMENT + 1) * N1_WORKSPACE_ALIGNMENT);
    if (!p)
        abort();
    return p;
}

typedef struct {
    uint64_t blocks, mutants, bytes;
} sums;

static n1_status decode(const uint8_t *block, size_t size, const n1_shape *s, n1_kernel kernel, void *samples)
{
    const size_t space = n1_block_decode_workspace(block, size, s);
    void *workspace = allocate(space);
    const n1_status status = n1_decode_block(block, size, s, kernel, workspace, space, samples);
    free(workspace);
    return status;
}

static void one(size_t at, int level, n1_kernel kernel, sums *out)
{
    const n1_shape s = {recordings[at].n_samples, recordings[at].n_channels, recordings[at].dtype};
    const size_t n = s.n_samples * s.n_channels, bytes = n * itemsize(s.dtype);
    const size_t space = n1_block_encode_workspace(&s, level), bound = n1_block_bound(&s);
    uint8_t *samples = allocate(bytes), *decoded = allocate(bytes);
    uint8_t *workspace = allocate(space), *block = allocate(bound);
    size_t written = 0;

    rng_state = at;
    make_signal(samples, &s, recordings[at].kind);
    if (n1_encode_block(samples, &s, level, kernel, workspace, space, block, bound, &written) ||
        decode(block, written, &s, kernel, decoded) || memcmp(samples, decoded, bytes)) {
        fprintf(stderr, "recording %zu, level %d, kernel %d does not come back\n", at, level, (int)kernel);
        exit(1);
    }
    out->blocks = n1_xxh64(block, written, out->blocks);
    out->bytes += written;
    if (n < 6000) { /* a damaged block: near its head at odd levels */
        block[rng((uint32_t)(level % 2 && written > 60 ? 60 : written))] = (uint8_t)rng(256);
        const uint8_t status = (uint8_t)decode(block, written, &s, kernel, decoded);
        out->mutants = digest(out->mutants, &status, 1, 1);
        if (status == N1_OK)
            out->mutants = digest(out->mutants, decoded, n, itemsize(s.dtype));
    }
    free(samples);
    free(decoded);
    free(workspace);
    free(block);
}

/* Code widths, learned from a recording, and a block of another one that is made with them. */
static void known(n1_kernel kernel)
{
    const n1_shape whole = {6000, 80, N1_INT16}, s = {700, 80, N1_INT16};
    const size_t n = whole.n_samples * whole.n_channels, space = n1_learn_tables_workspace(&whole), bound = n1_block_bound(&s);
    int16_t *samples = allocate(2 * n), *decoded = allocate(2 * n);
    uint8_t *workspace = allocate(space), *block = allocate(bound), *tables = allocate(N1_MAX_TABLES);
    n1_span span = {tables, 0};
    size_t plain = 0, written = 0, frames = SIZE_MAX;
    rng_state = 1;
    make_signal(samples, &whole, 19);
    n1_status status = n1_learn_tables(samples, &whole, kernel, workspace, space, tables, N1_MAX_TABLES, &span.size);
    rng_state = 2;
    make_signal(samples, &s, 19);
    if (status == N1_OK) status = n1_encode_block(samples, &s, 5, kernel, workspace, space, block, bound, &plain);
    if (status == N1_OK) status = n1_encode_known_block(samples, &s, &span, 5, kernel, workspace, space, block, bound, &written);
    const size_t room = n1_block_decode_workspace(block, written, &s);
    void *work = allocate(room);
    if (status == N1_OK && n1_decode_known_block(block, written, &s, NULL, &frames, kernel, work, room, decoded) != N1_ERROR_TABLES)
        status = N1_ERROR_INTERNAL;
    frames = SIZE_MAX;
    if (status == N1_OK) status = n1_decode_known_block(block, written, &s, &span, &frames, kernel, work, room, decoded);
    if (status != N1_OK || written >= plain || memcmp(samples, decoded, 2 * s.n_samples * s.n_channels)) {
        fprintf(stderr, "with known code widths, kernel %d: status %d, %zu bytes for %zu\n", (int)kernel, (int)status, written, plain);
        exit(1);
    }
    printf("kernel %s known %016llx blocks %016llx bytes %zu\n", n1_kernel_name(kernel),
           (unsigned long long)n1_xxh64(tables, span.size, 0), (unsigned long long)n1_xxh64(block, written, 0), written);
    free(samples);
    free(decoded);
    free(workspace);
    free(block);
    free(tables);
    free(work);
}

int main(void)
{
    for (int kernel = 0; kernel < N1_KERNELS; kernel++) {
        if (n1_kernel_available((n1_kernel)kernel))
            known((n1_kernel)kernel);
        for (int level = 1; n1_kernel_available((n1_kernel)kernel) && level <= N1_MAX_LEVEL; level++) {
            sums total = {0, 0, 0};
            for (size_t at = 0; at < sizeof recordings / sizeof *recordings; at++)
                one(at, level, (n1_kernel)kernel, &total);
            printf("kernel %s level %d blocks %016llx mutants %016llx bytes %llu\n", n1_kernel_name((n1_kernel)kernel), level,
                   (unsigned long long)total.blocks, (unsigned long long)total.mutants, (unsigned long long)total.bytes);
        }
    }
    return 0;
}
