/* array.c - encode an array of samples, and decode it again.
 *
 *   cc array.c $(pkg-config --cflags --libs n1) -o array
 *   ./array samples.raw 4 5 samples.n1        int16 samples of 4 interleaved channels, level 5
 *
 * samples.n1 is what n1codec.get("n1:level=5").encode gives in Python, and n1codec.decode reads it.
 */
#include <n1/codec.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *room(size_t size) /* aligned, a whole number of alignments; of no bytes, still something */
{
    return aligned_alloc(N1_WORKSPACE_ALIGNMENT, (size / N1_WORKSPACE_ALIGNMENT + 1) * N1_WORKSPACE_ALIGNMENT);
}

static int fail(const char *what)
{
    fprintf(stderr, "array: %s\n", what);
    return 1;
}

int main(int argc, char **argv)
{
    FILE *in = argc == 5 ? fopen(argv[1], "rb") : NULL;
    if (!in || fseek(in, 0, SEEK_END) != 0)
        return fail("usage: array RAW CHANNELS LEVEL OUT");
    const size_t bytes = (size_t)ftell(in), channels = strtoul(argv[2], NULL, 10);
    const n1_shape shape = {channels ? bytes / 2 / channels : 0, channels, N1_INT16};
    n1_options options = n1_default_options();
    options.level = atoi(argv[3]);
    const size_t bound = n1_encode_bound(&shape), space = n1_encode_workspace(&shape, &options);

    int16_t *samples = room(bytes), *back = room(bytes);
    uint8_t *coded = room(bound);
    void *workspace = room(space);
    size_t size;
    rewind(in);
    if (!bound || !samples || !back || !coded || !workspace || fread(samples, 1, bytes, in) != bytes)
        return fail("too large, or cannot be read");
    if (n1_encode(samples, &shape, &options, workspace, space, coded, bound, &size) != N1_OK)
        return fail("cannot be encoded");

    n1_envelope envelope;
    n1_fault fault;
    if (n1_envelope_read(coded, size, &envelope, &fault) != N1_OK)
        return fail(fault.what);
    const size_t need = n1_decode_workspace(&envelope);
    void *second = room(need);
    if (n1_decode(&envelope, options.kernel, second, need, back, bytes) != N1_OK || memcmp(samples, back, bytes))
        return fail("cannot be decoded");
    FILE *out = fopen(argv[4], "wb");
    if (!out || fwrite(coded, 1, size, out) != size || fclose(out) != 0)
        return fail("cannot be written");
    printf("%zu -> %zu bytes\n", bytes, size);
    free(samples), free(back), free(coded), free(workspace), free(second), fclose(in);
    return 0;
}
