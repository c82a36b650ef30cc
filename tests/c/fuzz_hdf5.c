/* fuzz_hdf5.c - hostile chunks and headers for the HDF5 filter, under sanitizers: make fuzz.
 *
 * The filter is called as HDF5 calls it. Every chunk comes back; a damaged one is refused, or gives the samples of before;
 * parameters that lie are refused, or are the truth. There is no HDF5 library here to look functions up in.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

const void *H5PLget_plugin_info(void);

enum { N_VALUES = 5 };

static uint64_t state;

static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % below);
}

static void *copy_of(const void *data, size_t size)
{
    void *copy = malloc(size ? size : 1);

    memcpy(copy, data, size);
    return copy;
}

static void fail(const char *what, unsigned long at)
{
    fprintf(stderr, "fuzz_hdf5: %s, case %lu\n", what, at);
    exit(1);
}

/* Samples that wander, repeat at the end, or are noise. */
static void make(uint8_t *stored, size_t size, size_t frame)
{
    const unsigned kind = draw(3);

    for (size_t i = 0; i < size; i++)
        stored[i] = (uint8_t)(kind == 0 ? draw(256) : kind == 1 ? draw(4) : i < size / 2 ? i / 7 : 0);
    if (draw(2))
        for (size_t i = size / 3 / frame * frame; i + frame < size; i++)
            stored[i + frame] = stored[i];
}

static size_t run(const h5z_class *filter, unsigned flags, const unsigned *values, size_t n, const void *data, size_t size, void **out)
{
    size_t capacity = size;

    *out = copy_of(data, size);
    return filter->filter(flags, n, values, size, &capacity, out);
}

static void one_case(const h5z_class *filter, unsigned long at)
{
    static const unsigned widths[] = {1, 2, 3, 4};
    unsigned values[N_VALUES] = {1 + draw(9), 0, widths[draw(4)], 1 + draw(at % 8 ? 60 : 3000), 1 + draw(at % 16 ? 5 : 70)};
    const size_t frame = (size_t)values[2] * values[4], size = frame * values[3];
    uint8_t *stored = malloc(size);
    void *coded, *back;

    if (values[0] > 5 && size > 4000)
        values[0] = 1;
    make(stored, size, frame);
    values[2] |= (draw(2) ? 0x10u : 0) | (draw(2) ? 0x20u : 0);
    const size_t n = run(filter, 0, values, N_VALUES, stored, size, &coded);
    if (!n || run(filter, H5Z_FLAG_REVERSE, values, N_VALUES, coded, n, &back) != size || memcmp(back, stored, size) != 0)
        fail("a chunk does not come back", at);
    free(back);
    for (int i = 0; i < 8; i++) { /* damage; now and then cut short */
        uint8_t *mutant = copy_of(coded, n);
        const size_t length = i == 7 ? draw((uint32_t)n) : n;
        mutant[draw((uint32_t)n)] ^= (uint8_t)(1 + draw(255));
        const size_t got = run(filter, H5Z_FLAG_REVERSE, values, N_VALUES, mutant, length, &back);
        if (got && (got != size || memcmp(back, stored, size) != 0))
            fail("damage passes", at);
        free(back), free(mutant);
    }
    for (int i = 0; i < 8; i++) { /* parameters that lie: the size may be another one, no byte may lie beyond it */
        unsigned lie[N_VALUES];
        memcpy(lie, values, sizeof lie);
        lie[draw(N_VALUES)] = draw(2) ? draw(1u << 12) : draw(300) - 20u;
        const size_t got = run(filter, H5Z_FLAG_REVERSE, lie, draw(8) ? N_VALUES : draw(N_VALUES), coded, n, &back);
        const unsigned char *bytes = back;
        for (size_t k = 0; k < got; k += 97)
            state += bytes[k];
        free(back);
        (void)run(filter, 0, lie, N_VALUES, stored, size, &back);
        free(back);
    }
    free(coded), free(stored);
}

int main(int argc, char **argv)
{
    const unsigned long cases = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    const h5z_class *filter = H5PLget_plugin_info();

    state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    for (unsigned long at = 0; at < cases; at++)
        one_case(filter, at);
    printf("fuzz_hdf5: %lu chunks and %lu mutants\n", cases, 16 * cases);
    return 0;
}
