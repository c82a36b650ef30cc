/* fuzz_wire.c - envelopes and .n1c files that were damaged must be refused or read, and nothing else: run under
 * sanitizers, by `make fuzz`.
 *
 *   fuzz_wire MUTANTS SEED
 *
 * Damage that a CRC would find at once is sealed again, so that what lies behind it is reached.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "n1/file.h"
#include "wire/envelope.h"
#include "wire/file_block.h"

enum { FRAMES = 300, CHANNELS = 5, BUNDLE = 2, CHUNKS = 3, LEVEL = 1, MOST = 1 << 16 };

static int16_t samples[FRAMES * CHANNELS], decoded[FRAMES * CHANNELS];
static uint64_t state;
static unsigned long read_whole, refused;

static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % below;
}

static void die(const char *what)
{
    fprintf(stderr, "fuzz_wire: %s\n", what);
    exit(1);
}

/* A workspace of exactly so many bytes: what is beyond it is noticed. */
static void *room(size_t size) { return aligned_alloc(64, (size / 64 + 1) * 64); }

static void check_fault(n1_status status, const n1_fault *fault)
{
    if (status != N1_OK && !fault->what)
        die("a failure that says nothing");
}

static void try_envelope(const uint8_t *bytes, size_t size)
{
    n1_fault fault = {0};
    n1_envelope e;
    uint8_t *exact = malloc(size ? size : 1); /* so that a read beyond the end is seen */
    memcpy(exact, bytes, size);
    n1_status status = n1_envelope_read(exact, size, &e, &fault);
    check_fault(status, &fault);
    if (status == N1_OK && e.shape.n_samples * e.shape.n_channels <= FRAMES * CHANNELS) {
        const size_t space = n1_decode_workspace(&e);
        void *workspace = room(space);
        status = n1_decode(&e, N1_KERNEL_PORTABLE, workspace, space, decoded, sizeof decoded);
        free(workspace);
    }
    status == N1_OK ? read_whole++ : refused++;
    free(exact);
}

static uint8_t *seal(uint8_t *start, uint8_t *p, uint32_t salt)
{
    n1_store32(p, n1_crc32c(salt, start, (size_t)(p - start)));
    return p + 4;
}

static size_t mutate(uint8_t *bytes, size_t size, size_t from, size_t to)
{
    for (uint32_t n = 1 + draw(3); n; n--)
        bytes[from + draw((uint32_t)(to - from))] = (uint8_t)draw(256);
    return draw(8) ? size : draw((uint32_t)size);
}

/* An envelope of few frames of many channels, in halves: what an encoder makes of very long ones alone. */
static size_t make_halves(uint8_t *envelope)
{
    enum { WIDE = 50, LOWER = 16 };
    const n1_shape shape = {FRAMES * CHANNELS / WIDE, WIDE, N1_INT16};
    static uint8_t payload[MOST], half[MOST];
    static int16_t part[FRAMES * CHANNELS];
    uint8_t *p = payload;
    n1_options options = n1_default_options();
    options.level = LEVEL;
    *p++ = 0;
    *p++ = 1;
    for (size_t first = 0; first < WIDE; first = first ? WIDE : LOWER) {
        const n1_shape its = {shape.n_samples, first ? WIDE - LOWER : LOWER, N1_INT16};
        size_t size;
        n1_envelope e;
        for (size_t i = 0; i < its.n_samples * its.n_channels; i++)
            part[i] = samples[i / its.n_channels * WIDE + first + i % its.n_channels];
        void *workspace = room(n1_encode_workspace(&its, &options));
        if (n1_encode(part, &its, &options, workspace, n1_encode_workspace(&its, &options), half, sizeof half, &size) ||
            n1_envelope_read(half, size, &e, NULL))
            die("a half cannot be encoded");
        free(workspace);
        p = n1_put_varint(p, e.content.payload.size - 1); /* less the number of blocks */
        memcpy(p, e.content.payload.data + 1, e.content.payload.size - 1);
        p += e.content.payload.size - 1;
    }
    n1_envelope e = {.shape = shape, .spec = {(const uint8_t *)"n1", 2}};
    e.content.payload = (n1_span){payload, (size_t)(p - payload)};
    e.content.samples_hash = n1_hash_samples(samples, FRAMES * CHANNELS, N1_INT16);
    n1_envelope_write(&e, envelope);
    return n1_envelope_size(&e);
}

/* Damaged envelopes, most of them sealed again. */
static void try_envelopes(const char *what, const uint8_t *coded, size_t size, unsigned long mutants)
{
    static uint8_t bad[MOST];
    read_whole = refused = 0;
    memset(decoded, 0, sizeof decoded);
    try_envelope(coded, size);
    if (!read_whole || memcmp(samples, decoded, sizeof samples))
        die("the samples do not come back");
    for (unsigned long i = 0; i < mutants; i++) {
        memcpy(bad, coded, size);
        size_t left = mutate(bad, size, 0, draw(2) ? 16 : size);
        if (left >= 4 && draw(4))
            seal(bad, bad + left - 4, 0);
        try_envelope(bad, left);
    }
    printf("%s: %lu mutants, %lu refused\n", what, mutants, refused);
}

static void try_file(const uint8_t *bytes, size_t size)
{
    n1_fault fault = {0};
    n1_file file;
    uint8_t *exact = malloc(size ? size : 1);
    memcpy(exact, bytes, size);
    n1_status status = n1_file_open(&file, n1_read_memory, exact, size, &fault);
    check_fault(status, &fault);
    if (status == N1_OK) {
        const size_t space = n1_file_workspace(&file), n = file.n_channels;
        if (space > ((size_t)1 << 31))
            die("a small file wants much memory");
        const uint64_t start = file.n_samples ? draw((uint32_t)(file.n_samples > 999 ? 999 : file.n_samples)) : 0;
        const size_t channel = draw((uint32_t)n), count = n - channel < 4 ? n - channel : 4;
        const uint64_t left = file.n_samples - start, stop = start + (left < 100 ? left : 100);
        void *workspace = space < ((size_t)1 << 27) ? room(space) : NULL;
        int32_t out[400];
        if (workspace) {
            status = n1_file_read(&file, start, stop, channel, count, N1_KERNEL_PORTABLE, workspace, space, out,
                                  sizeof out, &fault);
            check_fault(status, &fault);
        }
        free(workspace);
    }
    status == N1_OK ? read_whole++ : refused++;
    free(exact);
}

/* A file of three chunks and three bundles, the last chunk of another continuation; *marks are where its parts end. */
static size_t make_file(uint8_t *file, size_t marks[CHUNKS + 2], uint32_t *salt)
{
    static const uint8_t sync[4] = {0xB7, 'N', '1', 0xE5}, last[4] = {'C', '1', 'N', 0x89};
    uint8_t body[] = {1, 2, 3, 4, 5, 6, 7, 8, n1_dtype_code(N1_INT16, 0, 0), CHANNELS, BUNDLE, 100, 2, 'n', '1', 0, 200, 1, 9};
    const size_t step = FRAMES / CHUNKS;
    uint8_t *p = file, *index;
    n1_options options = n1_default_options();
    options.level = LEVEL;
    memcpy(p, "\x89N1C\0", 5);
    p[5] = sizeof body;
    memcpy(p + 6, body, sizeof body);
    p = seal(file, p + 6 + sizeof body, 0);
    const uint64_t continuation = (uint64_t)1 << 40, key = n1_file_key(n1_load64(body), 0);
    *salt = (uint32_t)key;
    marks[0] = (size_t)(p - file);
    for (size_t c = 0; c < CHUNKS; c++) {
        uint8_t blocks[3][4096], *head = p;
        size_t length[3];
        const int continued = c + 1 == CHUNKS;
        const uint64_t its = continued ? n1_file_key(n1_load64(body), continuation) : key;
        for (size_t b = 0; b < 3; b++) {
            const n1_shape shape = {step, b < 2 ? BUNDLE : 1, N1_INT16};
            int16_t part[FRAMES / CHUNKS * BUNDLE];
            for (size_t i = 0; i < shape.n_samples * shape.n_channels; i++)
                part[i] = samples[(c * step + i / shape.n_channels) * CHANNELS + b * BUNDLE + i % shape.n_channels];
            uint8_t envelope[4096];
            size_t size;
            void *workspace = room(n1_encode_workspace(&shape, &options));
            n1_envelope e;
            if (n1_encode(part, &shape, &options, workspace, n1_encode_workspace(&shape, &options), envelope, sizeof envelope, &size) ||
                n1_envelope_read(envelope, size, &e, NULL))
                die("a part cannot be encoded");
            free(workspace);
            length[b] = n1_file_block_size(&e.content, 1);
            n1_file_block_write(&e.content, NULL, 1, n1_block_salt((uint32_t)(its >> 32), c * step, (uint32_t)b), blocks[b]);
        }
        memcpy(p, sync, 4);
        p = n1_put_varint(n1_put_varint(p + 4, c * step), 2 * step + (unsigned)continued);
        if (continued) {
            n1_store64(p, continuation);
            p += 8;
        }
        for (size_t b = 0; b < 3; b++)
            p = n1_put_varint(p, length[b]);
        p = seal(head, p, (uint32_t)its);
        for (size_t b = 0; b < 3; b++, p += length[b - 1])
            memcpy(p, blocks[b], length[b]);
        marks[c + 1] = (size_t)(p - file);
    }
    index = p;
    *p++ = 0;
    *p++ = 0;
    *p++ = CHUNKS;
    for (size_t c = 0; c < CHUNKS; c++) {
        p = n1_put_varint(p, 4 * step + (c + 1 == CHUNKS ? 2 : 0));
        if (c + 1 == CHUNKS) {
            n1_store64(p, continuation);
            p += 8;
        }
        p = n1_put_varint(p, marks[c + 1] - marks[c]);
    }
    *p++ = 0;
    memset(p, 0, 8); /* the hash of the recording is not looked at */
    p = seal(index, p + 8, *salt);
    n1_store32(p, (uint32_t)(p - index));
    memcpy(p + 4, last, 4);
    marks[CHUNKS + 1] = (size_t)(p - file);
    return (size_t)(p + 8 - file);
}

int main(int argc, char **argv)
{
    const unsigned long mutants = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    const n1_shape shape = {FRAMES, CHANNELS, N1_INT16};
    static uint8_t coded[MOST], good[MOST], bad[MOST];
    size_t size, marks[CHUNKS + 2];
    uint32_t salt;
    n1_options options = n1_default_options();
    state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    for (size_t i = 0; i < FRAMES * CHANNELS; i++)
        samples[i] = (int16_t)(i < CHANNELS ? 0 : samples[i - CHANNELS] + (int)draw(41) - 20);

    void *workspace = room(n1_encode_workspace(&shape, &options));
    if (n1_encode(samples, &shape, &options, workspace, n1_encode_workspace(&shape, &options), coded, sizeof coded, &size))
        die("the samples cannot be encoded");
    free(workspace);
    try_envelopes("envelope", coded, size, mutants);
    try_envelopes("envelope in halves", coded, make_halves(coded), mutants);

    const size_t whole = make_file(good, marks, &salt);
    n1_file file;
    for (int finished = 1; finished >= 0; finished--) {
        const size_t length = finished ? whole : marks[CHUNKS];
        if (n1_file_open(&file, n1_read_memory, good, length, NULL) || file.n_samples != FRAMES || file.finished != finished)
            die("a sound file does not open");
        workspace = room(n1_file_workspace(&file));
        if (n1_file_read(&file, 0, FRAMES, 0, CHANNELS, N1_KERNEL_PORTABLE, workspace, n1_file_workspace(&file), decoded,
                         sizeof decoded, NULL) || memcmp(samples, decoded, sizeof samples))
            die("the samples of a file do not come back");
        free(workspace);
    }
    refused = 0;
    for (unsigned long i = 0; i < mutants; i++) {
        const size_t part = draw(CHUNKS + 2), from = part ? marks[part - 1] : 0;
        memcpy(bad, good, whole);
        size_t left = mutate(bad, whole, from, part && part <= CHUNKS && draw(2) ? from + 16 : marks[part]);
        if (draw(4) == 0)
            left = mutate(bad, whole, whole - 8, whole);
        if (draw(4)) { /* header and index again as if nothing had happened to them */
            seal(bad, bad + marks[0] - 4, 0);
            seal(bad + marks[CHUNKS], bad + marks[CHUNKS + 1] - 4, salt);
        }
        try_file(bad, left);
    }
    printf("file: %lu mutants, %lu refused\n", mutants, refused);
    return 0;
}
