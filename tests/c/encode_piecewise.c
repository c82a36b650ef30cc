/* encode_piecewise.c - one block of the piecewise mode, whatever the levels would choose: to make fixtures and to try decoders.
 *
 *   encode_piecewise DTYPE CHANNELS OWN OTHERS LAGS ROUNDS FINEST WIDTHS < samples > block
 *
 * DTYPE is a number of n1_type, the next six an effort (modes/piecewise/piece_effort.h). Samples are in C order, in the
 * machine's byte order. Exit code 2: the mode does not take them. The block is decoded again before it is written.
 */
#include "modes/piecewise/piecewise_encode.h"
#include "n1/codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *aligned(size_t size)
{
    void *p = aligned_alloc(N1_WORKSPACE_ALIGNMENT, (size / N1_WORKSPACE_ALIGNMENT + 1) * N1_WORKSPACE_ALIGNMENT);
    if (!p)
        abort();
    return p;
}

int main(int argc, char **argv)
{
    static uint8_t samples[1 << 26], back[1 << 26];
    if (argc != 9)
        return 1;
    int number[8];
    for (int i = 0; i < 8; i++)
        number[i] = atoi(argv[i + 1]);
    const size_t size = fread(samples, 1, sizeof samples, stdin), item = (size_t)1 << (number[0] >> 1);
    const n1_shape s = {size / item / (size_t)number[1], (size_t)number[1], (n1_type)number[0]};
    const n1_piece_effort effort = {.own = (uint8_t)number[2], .others = (uint8_t)number[3], .lags = (uint8_t)number[4],
                                    .rounds = (uint8_t)number[5], .finest = (uint8_t)number[6], .widths = (uint8_t)number[7]};
    const size_t space = (size_t)n1_piecewise_encode_measure(&s, &effort), bound = n1_block_bound(&s);
    uint8_t *const workspace = aligned(space), *const block = aligned(bound);
    n1_encode_kernels k;
    size_t written = 0;
    if (n1_encode_kernels_fill(&k, n1_best_kernel()) != N1_OK ||
        n1_piecewise_encode(samples, &s, &effort, &k, n1_arena_of(workspace, space), block, bound, &written, NULL) != N1_OK)
        return 2;
    const size_t need = n1_block_decode_workspace(block, written, &s);
    uint8_t *const second = aligned(need);
    if (n1_decode_block(block, written, &s, n1_best_kernel(), second, need, back) != N1_OK || memcmp(samples, back, size))
        return 3;
    fwrite(block, 1, written, stdout);
    return 0;
}
