/* encode.c - the program `encode [-1..-9] IN OUT`: see format.h for what it writes. */
#include "format.h"

#include "base/varint.h"

#ifndef LEVEL
#define LEVEL 9
#endif

typedef struct {
    uint8_t *data;
    size_t size;
} output;

static void put(output *out, const void *from, size_t size)
{
    memcpy(out->data + out->size, from, size);
    out->size += size;
}

static void put_number(output *out, uint64_t v)
{
    out->size = (size_t)(n1_put_varint(out->data + out->size, v) - out->data);
}

/* Where the samples of a WAV lie. */
typedef struct {
    size_t head;     /* bytes before the samples */
    uint64_t frames; /* 0: nothing to be coded   */
    unsigned channels, width;
} layout;

static int is(const uint8_t *p, const char *name) { return memcmp(p, name, 4) == 0; }

/* Read a fmt chunk; leave `width` 0 if samples are not whole numbers of a width that can be coded. */
static void read_format(const uint8_t *p, size_t size, layout *found)
{
    found->width = 0;
    if (size < 16)
        return;
    const unsigned tag = p[0] | (unsigned)p[1] << 8, channels = p[2] | (unsigned)p[3] << 8;
    const unsigned align = p[12] | (unsigned)p[13] << 8, width = (p[14] | (unsigned)p[15] << 8) / 8;
    const int extensible = tag == 0xfffe && size >= 26 && p[24] == 1 && p[25] == 0;
    if ((tag != 1 && !extensible) || p[14] % 8 || (width != 1 && width != 2 && width != 4))
        return;
    if (channels < 1 || channels > CHANNELS_MOST || align != channels * width)
        return;
    found->channels = channels;
    found->width = width;
}

/* What cannot be understood gives no frames and is stored. Sizes in the file are not believed beyond its end. */
static layout find_samples(bytes in)
{
    layout found = {0, 0, 1, 0};
    if (in.size < 12 || !(is(in.data, "RIFF") || is(in.data, "RF64")) || !is(in.data + 8, "WAVE"))
        return found;
    size_t at = 12;
    while (in.size - at >= 8) {
        const uint8_t *chunk = in.data + at;
        uint64_t size = get32(chunk + 4);
        at += 8;
        if (is(chunk, "data")) {
            if (size > in.size - at)
                size = in.size - at;
            found.head = at;
            found.frames = found.width ? size / (found.channels * found.width) : 0;
            return found;
        }
        if (size > in.size - at)
            return found;
        if (is(chunk, "fmt "))
            read_format(chunk + 8, (size_t)size, &found);
        at += (size_t)size;
        if (size % 2 && at < in.size)
            at++;
    }
    return found;
}

static int is_plain(bytes in, const layout *l)
{
    uint8_t head[PLAIN_HEAD_SIZE];
    if (l->head != PLAIN_HEAD_SIZE || l->width != 2 || l->channels != 1 || in.size > 0xfffffff0u)
        return 0;
    plain_head(head, (uint32_t)(in.size - PLAIN_HEAD_SIZE));
    return in.size % 2 == 0 && memcmp(in.data, head, PLAIN_HEAD_SIZE) == 0;
}

/* Append the chunks. Returns 0 if they grow beyond `most` bytes. */
static int put_chunks(output *out, const uint8_t *samples, const layout *l, int level, size_t most)
{
    const uint64_t count = chunk_count(l->frames, l->channels);
    const size_t frame = (size_t)l->channels * l->width;
    n1_shape shape = {(size_t)(l->frames / count), l->channels, type_of_width(l->width)};
    size_t room = n1_block_encode_workspace(&shape, level);
    shape.n_samples = (size_t)((l->frames + count - 1) / count); /* chunks are as long, or one frame longer */
    room = n1_block_encode_workspace(&shape, level) > room ? n1_block_encode_workspace(&shape, level) : room;
    void *work = allocate(room); /* whole pages: aligned */
    const size_t capacity = n1_block_bound(&shape);
    uint8_t *piece = allocate(shape.n_samples * frame), *coded = allocate(capacity);
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t start = chunk_start(l->frames, count, i);
        shape.n_samples = (size_t)(chunk_start(l->frames, count, i + 1) - start);
        copy_samples(piece, samples + start * frame, shape.n_samples * frame, l->width);
        size_t size;
        if (n1_encode_block(piece, &shape, level, N1_KERNEL_PORTABLE, work, room, coded, capacity, &size) != N1_OK)
            return 0;
        if (size + 10 > most - out->size)
            return 0;
        if (i + 1 < count)
            put_number(out, size);
        put(out, coded, size);
    }
    return 1;
}

/* The file without its checksum. */
static output encoded(bytes in, int level)
{
    const layout l = find_samples(in);
    const size_t most = in.size + 128;
    output out = {allocate(most + CHECKSUM_SIZE), 0};
    if (l.frames) {
        const size_t after = l.head + (size_t)l.frames * l.channels * l.width;
        const int plain = is_plain(in, &l);
        put_number(&out, l.frames << 2 | (plain ? PLAIN : WAV));
        if (!plain) {
            put_number(&out, l.channels);
            put_number(&out, l.width);
            put_number(&out, l.head);
            put(&out, in.data, l.head);
            put_number(&out, in.size - after);
            put(&out, in.data + after, in.size - after);
        }
        if (put_chunks(&out, in.data + l.head, &l, level, most) && out.size <= in.size)
            return out;
    }
    out.size = 0;
    put_number(&out, STORED);
    put(&out, in.data, in.size);
    return out;
}

void program(int argc, char **argv)
{
    int level = LEVEL, at = 1;
    if (argc == 4 && argv[1][0] == '-' && argv[1][1] >= '1' && argv[1][1] <= '9' && !argv[1][2])
        level = argv[at++][1] - '0';
    if (argc - at != 2)
        usage("usage: encode [-1..-9] IN.wav OUT\n");
    const bytes in = read_file(argv[at]);
    output out = encoded(in, level);
    put32(out.data + out.size, checksum(in));
    write_file(argv[at + 1], (bytes){out.data, out.size + CHECKSUM_SIZE});
}
