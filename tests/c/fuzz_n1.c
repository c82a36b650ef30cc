/* fuzz_n1.c - hostile chunks, tight buffers and awkward signals for the n1 coder.
 *
 * From the root of the repository:
 *   cc -std=c11 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -ffp-contract=off -Icore/include \
 *      -Icore/src -o fuzz_n1 tests/c/fuzz_n1.c $(find core/src/n1 -name '*.c')
 *   ./fuzz_n1 3 1
 * The arguments are the number of mutants of each chunk and the seed. It checks, for every level, that
 *   - all kernels write the same chunk, within its bound, and read back what was encoded;
 *   - a mutant gives a status, reads and writes nothing else (exact-size heap blocks), and gives the same status and
 *     samples with every kernel and whatever the workspace held before.
 */
#include "n1.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t rng_state;

static uint32_t rng(uint32_t below)
{
    rng_state += 0x9E3779B97F4A7C15u; /* splitmix64 */
    uint64_t z = rng_state;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return (uint32_t)((z ^ z >> 31) >> 32) % below;
}

static int32_t noise(int32_t scale) /* near normal: a sum of uniforms */
{
    int32_t sum = 0;
    for (int i = 0; i < 6; i++)
        sum += (int32_t)rng(2001) - 1000;
    return sum * scale / 1414;
}

static void fail(const char *what, const n1_shape *s, int kind, int level, int kernel)
{
    fprintf(stderr, "%s: %zu x %zu, type %d, kind %d, level %d, kernel %d\n", what, s->n_samples, s->n_channels,
            (int)s->dtype, kind, level, kernel);
    abort();
}

static size_t itemsize(n1_type type) { return (size_t)1 << ((unsigned)type >> 1); }

static void put(void *samples, n1_type type, size_t i, int64_t v)
{
    static const int64_t low[] = {-128, 0, -32768, 0, -2147483647 - 1, 0};
    static const int64_t high[] = {127, 255, 32767, 65535, 2147483647, 4294967295};
    v = v < low[type] ? low[type] : v > high[type] ? high[type] : v;
    switch (itemsize(type)) {
    case 1: ((uint8_t *)samples)[i] = (uint8_t)v; break;
    case 2: ((uint16_t *)samples)[i] = (uint16_t)v; break;
    default: ((uint32_t *)samples)[i] = (uint32_t)v; break;
    }
}

enum { KINDS = 16 };

static int64_t sample(const n1_shape *s, int kind, size_t t, size_t c, int32_t field)
{
    static const int32_t far[5] = {-32768, -77, 5, 901, 32767};
    int64_t k;
    switch (kind) {
    case 0: return 7;
    case 1: return (int64_t)rng(65536) - 32768;
    case 2: return field;
    case 3: /* codes of the N1's converter */
        k = 512 + field / 12;
        k = k < 0 ? 0 : k > 1023 ? 1023 : k;
        return (k * 65535 - 32768 * 1023) / 1023;
    case 4: return t / 100 % 2 ? 30000 : -30000;
    case 5: return rng(50) == 0;
    case 6: return field * 3 + (int64_t)c * 1000;
    case 7: return rng(1000) ? field / 4 : (int64_t)rng(65536) - 32768;
    case 8: return (int64_t)(t * 7 % 65536) - 32768;
    case 9: return (int64_t)rng(UINT32_MAX) - 2147483648;
    case 10: return c + 1 == s->n_channels ? (t / 500 % 2 ? 1 << 14 : 0) : field;
    case 11: return (int64_t)field * 65536;
    case 12: return field > 20 ? 20 : field < -20 ? -20 : field;
    case 13: return far[rng(5)];
    case 14: return ((int64_t)((t * 37 + c) % 1024) * 65535 - 32768 * 1023) / 1023;
    default: return c % 3 == 1 ? 0 : field * (int64_t)(1 + c % 4); /* dead channels among live ones */
    }
}

static void fill(void *samples, const n1_shape *s, int kind)
{
    for (size_t c = 0; c < s->n_channels; c++) {
        int32_t field = 0;
        for (size_t t = 0; t < s->n_samples; t++) {
            field = field * 15 / 16 + noise(40);
            put(samples, s->dtype, t * s->n_channels + c, sample(s, kind, t, c, field));
        }
    }
}

static void *aligned(size_t size)
{
    void *p = aligned_alloc(N1_CHUNK_ALIGNMENT, (size / N1_CHUNK_ALIGNMENT + 1) * N1_CHUNK_ALIGNMENT);
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

static size_t mutate(uint8_t *chunk, size_t len)
{
    size_t left = rng(4) ? len : rng((uint32_t)len);
    for (uint32_t i = 1 + rng(4); left && i > 0; i--) {
        size_t at = rng(3) ? rng((uint32_t)(left < 80 ? left : 80)) : rng((uint32_t)left);
        chunk[at] = (uint8_t)(rng(2) ? rng(256) : chunk[at] ^ 1u << rng(8));
    }
    return left;
}

static long chunks, mutants, refused;

static void check(const n1_shape *s, int kind, int level, n1_kernel best, int n_mutants)
{
    const size_t bytes = s->n_samples * s->n_channels * itemsize(s->dtype);
    const size_t space = n1_chunk_workspace(s), bound = n1_chunk_bound(s);
    void *samples = aligned(bytes), *decoded = malloc(bytes), *other = malloc(bytes), *workspace = aligned(space);
    uint8_t *first = malloc(bound), *again = malloc(bound);
    size_t len = 0, written = 0;
    if (!decoded || !other || !first || !again)
        abort();
    fill(samples, s, kind);
    for (int k = 0; k <= (int)best; k++) {
        memset(workspace, (int)rng(256), space);
        if (n1_encode_chunk(samples, s, level, (n1_kernel)k, workspace, space, k ? again : first, bound, &written))
            fail("encoder fails", s, kind, level, k);
        if (written > bound || (k && (written != len || memcmp(first, again, len))))
            fail("encoder writes other bytes", s, kind, level, k);
        len = written;
    }
    if (n1_encode_chunk(samples, s, level, best, workspace, space, again, bound - 1, &written) != N1_ERROR_DST_TOO_SMALL)
        fail("a small buffer is not noticed", s, kind, level, (int)best);
    for (int k = 0; k <= (int)best; k++) {
        uint8_t *chunk = copy(first, len);
        memset(decoded, 0x5A, bytes);
        if (n1_decode_chunk(chunk, len, s, (n1_kernel)k, workspace, space, decoded) || memcmp(samples, decoded, bytes))
            fail("does not come back", s, kind, level, k);
        free(chunk);
    }
    chunks++;
    for (int m = 0; m < n_mutants; m++, mutants++) {
        uint8_t *whole = copy(first, len);
        size_t left = mutate(whole, len);
        uint8_t *chunk = copy(whole, left);
        n1_status status = n1_decode_chunk(chunk, left, s, N1_KERNEL_SCALAR, workspace, space, decoded);
        for (int k = 0; k <= (int)best; k++) {
            memset(workspace, (int)rng(256), space);
            n1_status same = n1_decode_chunk(chunk, left, s, (n1_kernel)k, workspace, space, other);
            if (same != status || (status == N1_OK && memcmp(decoded, other, bytes)))
                fail("kernels or workspaces differ on a mutant", s, kind, level, k);
        }
        refused += status != N1_OK;
        free(chunk);
        free(whole);
    }
    free(samples);
    free(decoded);
    free(other);
    free(workspace);
    free(first);
    free(again);
}

int main(int argc, char **argv)
{
    static const size_t shapes[][2] = {{1, 1},    {2, 1},    {3, 5},    {1, 300},  {17, 4},   {100, 3}, {1023, 1}, {1024, 1}, {1025, 2},
                                       {1500, 7}, {4096, 1}, {8191, 1}, {8192, 2}, {9001, 3}, {2048, 40}};
    const int n_mutants = argc > 1 ? atoi(argv[1]) : 3;
    const n1_kernel best = n1_detect_kernel();
    rng_state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int type = 0; type < 6; type++)
            for (int kind = 0; kind < KINDS; kind++) {
                n1_shape s = {shapes[i][0], shapes[i][1], (n1_type)type};
                if (s.n_samples * s.n_channels > 8000 && type != N1_INT16 && (kind + type) % 4)
                    continue;
                check(&s, kind, 1 + (int)rng(N1_MAX_LEVEL), best, n_mutants);
            }
    printf("%ld chunks, %ld mutants (%ld refused), kernels up to %d\n", chunks, mutants, refused, (int)best);
    return 0;
}
