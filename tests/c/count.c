/* count.c - one thing done so many times, for an emulator to count its instructions: see scripts/count_instructions.py.
 *
 *   count KERNEL LEVEL CHANNELS encode|decode TIMES
 *
 * Channels are like a probe's: 16384 frames of noise with a past, of which contacts of a long probe share what is near, and a
 * field that all of them see.
 */
#include "signals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES 16384u

static void *allocate(size_t size)
{
    void *p = aligned_alloc(N1_WORKSPACE_ALIGNMENT, (size / N1_WORKSPACE_ALIGNMENT + 1) * N1_WORKSPACE_ALIGNMENT);
    if (!p)
        abort();
    return p;
}

#define NEAR 6u   /* sources that a contact of a probe sees */

/* Converters of a probe have codes that are never given, each its own. */
static int16_t converted(int32_t v, size_t c)
{
    const uint32_t which = (uint32_t)(c / 32 * 2 + c % 2), k = ((uint32_t)v * 16 + which + 1) * 2654435761u;
    return (int16_t)(v + (int32_t)(k >> 31));
}

static int16_t *recorded(const n1_shape *s)
{
    const size_t n = s->n_channels, near = n < 64 ? 1 : NEAR;
    int16_t *const v = allocate(s->n_samples * n * sizeof *v);
    memset(v, 0, s->n_samples * n * sizeof *v);
    for (size_t c = 0; c < n; c++) {
        int32_t past = 0;
        for (size_t t = 0; t < s->n_samples; t++) {
            past = past * 7 / 8 + noise(12);
            v[t * n + c] = (int16_t)(v[t * n + c] + common(t) / 8);
            for (size_t i = 0; i < near; i++)
                v[t * n + (c + i) % n] = (int16_t)(v[t * n + (c + i) % n] + past);
        }
    }
    for (size_t i = 0; near > 1 && i < s->n_samples * n; i++)
        v[i] = converted(v[i], i % n);
    return v;
}

int main(int argc, char **argv)
{
    n1_kernel kernel = N1_KERNEL_PORTABLE;
    static char *usual[] = {"count", "portable", "1", "2", "encode", "1", NULL};
    if (argc != 6)
        argv = usual;
    while (kernel < N1_KERNELS && strcmp(n1_kernel_name(kernel), argv[1]))
        kernel = (n1_kernel)(kernel + 1);
    const int level = atoi(argv[2]), times = atoi(argv[5]), encoding = !strcmp(argv[4], "encode");
    const n1_shape s = {FRAMES, (size_t)atoi(argv[3]), N1_INT16};
    const size_t bytes = s.n_samples * s.n_channels * sizeof(int16_t), size = n1_block_encode_workspace(&s, level);
    int16_t *const samples = recorded(&s), *const back = allocate(bytes);
    uint8_t *const block = allocate(n1_block_bound(&s)), *const workspace = allocate(size);
    size_t written = 0;
    n1_status status = N1_OK;
    for (int i = 0; i < (encoding ? times : 1) && status == N1_OK; i++)
        status = n1_encode_block(samples, &s, level, kernel, workspace, size, block, n1_block_bound(&s), &written);
    const size_t space = n1_block_decode_workspace(block, written, &s);
    uint8_t *const room = allocate(space);
    for (int i = 0; i < (encoding ? 1 : times) && status == N1_OK; i++)
        status = n1_decode_block(block, written, &s, kernel, room, space, back);
    printf("status %d, %zu bytes of %zu, %s\n", (int)status, written, bytes, memcmp(samples, back, bytes) ? "WRONG" : "right");
    return status != N1_OK || memcmp(samples, back, bytes) != 0;
}
