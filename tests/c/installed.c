/* installed.c - a program against the installed library: each of its headers, alone in being included from outside. */
#include <n1/classic.h>
#include <n1/codec.h>
#include <n1/n1.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    static const int16_t samples[8] = {5, 5, 5, 5, 5, 5, 5, -7};
    const n1_layout layout = {8, 1, 2, 1};
    const n1_shape shape = {8, 1, N1_INT16};
    uint8_t coded[64];
    int16_t back[8];
    size_t size = 0;

    if (n1_version() != N1_VERSION || n1_crc32c(0, "123456789", 9) != 0xE3069283u || shape.n_channels != 1)
        return 1;
    if (n1_rle_encode(samples, &layout, coded, sizeof coded, &size) != N1_OK)
        return 2;
    if (n1_rle_decode(coded, size, back, &layout) != N1_OK || memcmp(samples, back, sizeof samples) != 0)
        return 3;
    printf("%u.%u.%u %u\n", N1_VERSION_MAJOR, N1_VERSION_MINOR, N1_VERSION_PATCH, (unsigned)size);
    return 0;
}
