/* decode.c - the program `decode IN OUT`: gives back the file that `encode` read. See format.h. */
#include "format.h"

#include "base/varint.h"

typedef struct {
    const char *path;
    const uint8_t *data;
    size_t size, at;
} input;

static _Noreturn void damaged(const input *in) { fail(in->path, "damaged, or not made by encode"); }

static uint64_t number(input *in)
{
    const uint8_t *p = in->data + in->at;
    uint64_t v;
    if (n1_get_varint(&p, in->data + in->size, UINT64_MAX, &v) != N1_OK)
        damaged(in);
    in->at = (size_t)(p - in->data);
    return v;
}

/* The next bytes, whose length is given. */
static bytes take(input *in, uint64_t size)
{
    if (size > in->size - in->at)
        damaged(in);
    bytes part = {(uint8_t *)(uintptr_t)(in->data + in->at), (size_t)size};
    in->at += (size_t)size;
    return part;
}

static void decode_chunks(input *in, uint64_t frames, unsigned channels, unsigned width, uint8_t *samples)
{
    const uint64_t count = chunk_count(frames, channels);
    const size_t frame = (size_t)channels * width;
    size_t room = 0;
    void *work = NULL;
    uint8_t *piece = allocate((size_t)((frames + count - 1) / count) * frame);
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t start = chunk_start(frames, count, i), stop = chunk_start(frames, count, i + 1);
        const n1_shape shape = {(size_t)(stop - start), channels, type_of_width(width)};
        const bytes coded = take(in, i + 1 < count ? number(in) : in->size - in->at);
        const size_t need = n1_block_decode_workspace(coded.data, coded.size, &shape);
        if (need > room) {
            room = need;
            work = allocate(room); /* whole pages: aligned */
        }
        if (n1_decode_block(coded.data, coded.size, &shape, N1_KERNEL_PORTABLE, work, room, piece) != N1_OK)
            damaged(in);
        copy_samples(samples + start * frame, piece, shape.n_samples * frame, width);
    }
}

static bytes decoded(input *in)
{
    const uint64_t first = number(in), frames = first >> 2;
    const unsigned kind = first & 3;
    uint8_t plain[PLAIN_HEAD_SIZE];
    bytes head = {plain, PLAIN_HEAD_SIZE}, tail = {NULL, 0};
    uint64_t channels = 1, width = 2;
    if (kind == STORED && !frames)
        return take(in, in->size - in->at);
    if ((kind != PLAIN && kind != WAV) || !frames || frames >> 40)
        damaged(in);
    if (kind == WAV) {
        channels = number(in);
        width = number(in);
        if (channels < 1 || channels > CHANNELS_MOST || (width != 1 && width != 2 && width != 4))
            damaged(in);
        head = take(in, number(in));
        tail = take(in, number(in));
    } else if (frames > 0x7fffffd0u)
        damaged(in);
    else
        plain_head(plain, (uint32_t)frames * 2);
    const size_t size = (size_t)(frames * channels * width);
    bytes out = {allocate(head.size + size + tail.size), head.size + size + tail.size};
    memcpy(out.data, head.data, head.size);
    decode_chunks(in, frames, (unsigned)channels, (unsigned)width, out.data + head.size);
    if (tail.size)
        memcpy(out.data + head.size + size, tail.data, tail.size);
    return out;
}

void program(int argc, char **argv)
{
    if (argc != 3)
        usage("usage: decode IN OUT.wav\n");
    const bytes file = read_file(argv[1]);
    input in = {argv[1], file.data, file.size, 0};
    if (in.size <= CHECKSUM_SIZE)
        damaged(&in);
    in.size -= CHECKSUM_SIZE;
    const bytes out = decoded(&in);
    if (in.at != in.size || checksum(out) != get32(file.data + in.size))
        damaged(&in);
    write_file(argv[2], out);
}
