/* channels.c - print samples out of a .n1c file: a line for each frame, a column for each channel.
 *
 *   cc channels.c $(pkg-config --cflags --libs n1) -o channels
 *   ./channels recording.n1c 30000 30100 8 4    frames 30000 .. 30099 of channels 8 .. 11
 */
#include <inttypes.h>
#include <n1/file.h>
#include <stdio.h>
#include <stdlib.h>

static n1_status read_file(void *context, uint64_t offset, void *dst, size_t size)
{
    FILE *in = context;
    return fseek(in, (long)offset, SEEK_SET) == 0 && fread(dst, 1, size, in) == size ? N1_OK : N1_ERROR_READ;
}

static void *room(size_t size)
{
    return aligned_alloc(N1_WORKSPACE_ALIGNMENT, (size / N1_WORKSPACE_ALIGNMENT + 1) * N1_WORKSPACE_ALIGNMENT);
}

static long long value(const void *samples, n1_type dtype, size_t i)
{
    switch (dtype) {
    case N1_INT8: return ((const int8_t *)samples)[i];
    case N1_UINT8: return ((const uint8_t *)samples)[i];
    case N1_INT16: return ((const int16_t *)samples)[i];
    case N1_UINT16: return ((const uint16_t *)samples)[i];
    case N1_INT32: return ((const int32_t *)samples)[i];
    default: return ((const uint32_t *)samples)[i];
    }
}

static int complain(const char *path, const n1_fault *fault)
{
    fprintf(stderr, "%s: %s", path, fault->what);
    if (fault->has_value)
        fprintf(stderr, " %" PRIu64, fault->value);
    fputc('\n', stderr);
    return 1;
}

int main(int argc, char **argv)
{
    FILE *in = argc == 6 ? fopen(argv[1], "rb") : NULL;
    if (!in || fseek(in, 0, SEEK_END) != 0) {
        fprintf(stderr, "usage: channels FILE START STOP CHANNEL COUNT\n");
        return 2;
    }
    n1_file file;
    n1_fault fault;
    if (n1_file_open(&file, read_file, in, (uint64_t)ftell(in), &fault) != N1_OK)
        return complain(argv[1], &fault);
    const uint64_t start = strtoull(argv[2], NULL, 10), stop = strtoull(argv[3], NULL, 10);
    const size_t channel = strtoul(argv[4], NULL, 10), count = strtoul(argv[5], NULL, 10);
    if (stop > file.n_samples || start > stop || count > file.n_channels || channel > file.n_channels - count) {
        fprintf(stderr, "%s: holds %" PRIu64 " frames of %zu channels\n", argv[1], file.n_samples, file.n_channels);
        return 1;
    }
    const size_t space = n1_file_workspace(&file), size = (size_t)(stop - start) * count * 4;
    void *workspace = room(space), *samples = room(size);
    if (!workspace || !samples) {
        fprintf(stderr, "%s: no memory for so many samples\n", argv[1]);
        return 1;
    }
    if (n1_file_read(&file, start, stop, channel, count, n1_best_kernel(), workspace, space, samples, size, &fault))
        return complain(argv[1], &fault);
    for (size_t i = 0; i < (size_t)(stop - start) * count; i++)
        printf("%lld%c", value(samples, file.dtype, i), (i + 1) % count ? ' ' : '\n');
    free(workspace), free(samples), fclose(in);
    return 0;
}
