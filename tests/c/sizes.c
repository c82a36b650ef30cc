/* What n1 says of the largest shapes: a line for each, of channels, frames, type, workspace, bound, and what encoding and
 * decoding answer where the workspace is none, or none of the size it takes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "n1/classic.h"
#include "n1/codec.h"

static _Alignas(64) unsigned char workspace[1 << 16];

int main(void)
{
    unsigned char *const samples = calloc(N1_MAX_BLOCK, 4);
    if (!samples)
        return 1;
    static const size_t channels[] = {1, 2, 3, 7, 8, 64, 385, 4096, 4097, 65536};
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
        for (int shift = 0; shift < 28; shift++)
            for (int type = 0; type <= N1_UINT32; type += N1_UINT32) {
                const size_t c = channels[i], frames = ((size_t)1 << shift) / c * (shift < 27);
                const size_t most = shift == 27 ? N1_MAX_BLOCK / c : frames;
                const n1_shape shape = {most, c, (n1_type)type};
                const size_t need = n1_block_encode_workspace(&shape, 5), bound = n1_block_bound(&shape);
                /* a block of the forward mode up to its alphabets' number: lanes, and what does not fill them */
                const unsigned head = most < 1024 ? 0 : 1 | (unsigned)(most % 16) << 2;
                unsigned char coded[64] = {1, (unsigned char)head};
                size_t written = 0;
                int encoded = -1, decoded = -1;
                /* what has a workspace is looked at to the last sample: of the shapes whose sizes come near to wrapping, a third is */
                const int looked_at = !need || shift < 18 || (shift >= 26 && i % 3 == (type != 0));
                if (most && looked_at && (!need || n1_block_encode_needs(samples, &shape, 5) > sizeof workspace)) {   /* must be refused before anything is touched */
                    const size_t have = need ? sizeof workspace : SIZE_MAX;
                    encoded = n1_encode_block(samples, &shape, 5, N1_KERNEL_PORTABLE, workspace, have, coded, SIZE_MAX, &written);
                    decoded = n1_decode_block(coded, sizeof coded, &shape, N1_KERNEL_PORTABLE, workspace, have, samples);
                }
                printf("%zu %zu %d %zu %zu %d %d\n", c, most, type, need, bound, encoded, decoded);
            }
    for (int shift = 20; shift <= 31; shift++) {
        const size_t n = (size_t)1 << shift;
        printf("expgolomb %d %zu bitpack %zu\n", shift, n1_expgolomb_bound(n, 31), n1_bitpack_bound(n, N1_INT32, 1));
    }
    free(samples);
    return 0;
}
