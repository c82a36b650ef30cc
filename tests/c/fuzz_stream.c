/* fuzz_stream.c - hostile packets, lost and repeated ones, and awkward signals for streams.
 *
 * `make fuzz` builds it under the address and undefined-behaviour sanitizers and runs it. The arguments are the number of
 * mutants and the seed. It checks, for signals, formats and losses at random, that
 *   - every kernel writes the same packets, within their bound, and reads back what was coded;
 *   - after losses, a packet gives the samples that were sent, or none;
 *   - a mutant, with a check sum that fits it as often as not, gives a status and touches nothing else (packets and samples
 *     are blocks of their exact size), whatever the state, and all kernels agree on it;
 *   - widths at random are read back or refused.
 */
#include "base/bytes.h"
#include "signals.h"
#include "wire/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PACKETS = 24, MUTANTS_OF_A_STREAM = 100 };

static long streams, mutants, refused, lost;

static void fail(const char *what, const n1_stream_format *f, int at)
{
    fprintf(stderr, "%s: %u channels, %u frames, profile %d, type %d, converter %d, packet %d\n", what, f->channels, f->frames,
            (int)f->profile, (int)f->dtype, (int)f->converter, at);
    abort();
}

static void *block(size_t size, const void *from)
{
    uint8_t *p = malloc(size ? size : 1);
    if (!p)
        abort();
    if (from)
        memcpy(p, from, size);
    return p;
}

static void *workspace(size_t size)
{
    void *p = aligned_alloc(N1_STREAM_WORKSPACE_ALIGNMENT, (size + N1_STREAM_WORKSPACE_ALIGNMENT) & ~(size_t)(N1_STREAM_WORKSPACE_ALIGNMENT - 1));
    if (!p)
        abort();
    memset(p, (int)rng(256), size);
    return p;
}

static uint8_t widths[N1_STREAM_MAX_WIDTHS];

static n1_stream_format any_format(void)
{
    n1_stream_format f = {.session = rng(0xFFFFFFFFU), .channels = 1 + rng(rng(8) ? 9 : 200), .frames = 1 + rng(N1_STREAM_MAX_FRAMES),
        .substreams = 1 + rng(2), .millihertz = rng(30000000), .profile = (n1_stream_profile)rng(2), .dtype = (n1_type)rng(4),
        .converter = (n1_stream_converter)rng(3), .stride = 1, .shift = 9 + rng(16), .spread = rng(64), .usual = rng(64)};
    if (f.converter == N1_STREAM_NLINK) {
        f.dtype = N1_INT16;
        f.codes = 1024;
        f.centre = rng(65536);
        f.shift = 9 + rng(6);
        return f;
    }
    f.first = (unsigned)f.dtype & 1 ? 0 : f.dtype == N1_INT8 ? -128 : -32768;
    if (f.converter == N1_STREAM_WIDTHS) {
        f.codes = 2 + rng(rng(2) ? 300 : N1_STREAM_MAX_WIDTHS - 1);
        for (uint32_t k = 0; k < f.codes; k++)
            widths[k] = (uint8_t)(1 + rng(f.codes < 256 ? 255 : 65535 / f.codes));
        f.table = n1_stream_widths_id(widths, f.codes);
        f.centre = rng(65536);
    } else {
        f.codes = f.dtype <= N1_UINT8 ? 256 : 65536;
        if (!rng(4)) {
            f.stride = 1 + rng(9);
            f.codes = 2 + rng(f.codes / f.stride - 1);
        }
        f.centre = rng(64 * f.codes + 1);
    }
    return f;
}

static int32_t any_sample(const n1_stream_format *f, int kind, int32_t last)
{
    const int small = f->dtype <= N1_UINT8, unsigned_ = (int)f->dtype & 1;
    const int32_t low = unsigned_ ? 0 : small ? -128 : -32768, high = low + (small ? 255 : 65535);
    int32_t v = last;
    if (f->converter == N1_STREAM_NLINK && kind < 3) {
        int32_t code = ((last + 32768) * 1023 + 32768) >> 16;
        code += (int32_t)rng(kind ? 40 : 4) - (kind ? 20 : 2);
        code = code < 0 ? 0 : code > 1023 ? 1023 : code;
        return (code * 65535 - 32768 * 1023) / 1023;
    }
    switch (kind) {
    case 0: v += (int32_t)rng(3) - 1; break;
    case 1: v += (int32_t)rng(41) - 20; break;
    case 2: v = rng(50) ? v + (int32_t)rng(9) - 4 : low + (int32_t)rng((uint32_t)(high - low) + 1U); break;
    case 3: v = low + (int32_t)rng((uint32_t)(high - low) + 1U); break;
    default: v = rng(30) ? last : last < (low + high) / 2 ? high : low; break;
    }
    return v < low ? low : v > high ? high : v;
}

typedef struct pair {
    void *memory[N1_KERNELS];
    n1_stream_decoder *decoder[N1_KERNELS];
} pair;

static void open_decoders(pair *d, const n1_stream_format *f)
{
    const uint8_t *table = f->converter == N1_STREAM_WIDTHS ? widths : NULL;
    const size_t size = n1_stream_decoder_size(f);
    for (int k = 0; k < N1_KERNELS; k++) {
        d->memory[k] = NULL;
        if (!n1_kernel_available((n1_kernel)k))
            continue;
        d->memory[k] = workspace(size);
        if (n1_stream_decoder_init(d->memory[k], size, f, table, (n1_kernel)k, &d->decoder[k]) != N1_OK)
            fail("no decoder", f, -1);
    }
}

static void close_decoders(pair *d)
{
    for (int k = 0; k < N1_KERNELS; k++)
        free(d->memory[k]);
}

/* With every kernel; returns what they all say, and the samples of the last. */
static n1_status decode(pair *d, const n1_stream_format *f, const uint8_t *packet, size_t len, const n1_stream_info *info,
                        void *samples, size_t bytes, size_t *frames)
{
    n1_status first = N1_OK;
    void *before = NULL;
    for (int k = 0; k < N1_KERNELS; k++) {
        if (!d->memory[k])
            continue;
        size_t n;
        memset(samples, 0, bytes);
        const n1_status status = n1_stream_decode(d->decoder[k], packet, len, info, samples, &n);
        if (before && (status != first || n != *frames || (n && memcmp(before, samples, bytes))))
            fail("kernels differ", f, k);
        first = status;
        *frames = n;
        free(before);
        before = block(bytes, samples);
    }
    free(before);
    return first;
}

/* Change some of a packet, and more often than not make it look whole. */
static size_t mutate(uint8_t *p, size_t len, const n1_stream_format *f, uint64_t sequence)
{
    size_t left = rng(4) ? len : rng((uint32_t)len + 1);
    for (uint32_t i = 1 + rng(4); left && i > 0; i--) {
        const size_t at = rng(2) ? rng((uint32_t)(left < 60 ? left : 60)) : rng((uint32_t)left);
        p[at] = (uint8_t)(rng(2) ? rng(256) : p[at] ^ 1u << rng(8));
    }
    if (left >= N1_STREAM_HEAD && rng(4)) {
        if (rng(8))
            p[0] = (uint8_t)((p[0] & 15) | N1_STREAM_MAGIC);
        uint32_t session = f->session;
        const size_t at = N1_STREAM_HEAD + (p[0] & N1_STREAM_EXTRA ? 1 : 0);
        if (p[0] & N1_STREAM_DESCRIBED && left >= at + N1_STREAM_DESCRIPTION) {
            session = n1_load32(p + at);
            sequence = n1_load32(p + at + 4) | (uint64_t)n1_load16(p + at + 8) << 32;
        }
        n1_store32(p + 3, n1_stream_seal(p, left, session, sequence));
    }
    return left;
}

static void attack(pair *d, const n1_stream_format *f, const uint8_t *packet, size_t len, uint64_t sequence, void *samples, size_t bytes)
{
    uint8_t *bad = block(len, packet);
    const size_t left = mutate(bad, len, f, sequence);
    uint8_t *exact = block(left, bad);
    n1_stream_info info;
    size_t frames;
    mutants++;
    if (n1_stream_check(exact, left, f->session, sequence, &info) != N1_OK
        || decode(d, f, exact, left, &info, samples, bytes, &frames) != N1_OK)
        refused++;
    free(exact);
    free(bad);
}

typedef struct sent {
    uint8_t *packet;
    size_t len;
    void *samples;
} sent;

static void write_stream(const n1_stream_format *f, sent *out, size_t bytes)
{
    const uint8_t *table = f->converter == N1_STREAM_WIDTHS ? widths : NULL;
    const size_t size = n1_stream_encoder_size(f), bound = n1_stream_bound(f), n = (size_t)f->channels * f->frames;
    void *memory[N1_KERNELS] = {NULL};
    n1_stream_encoder *e[N1_KERNELS];
    for (int k = 0; k < N1_KERNELS; k++)
        if (n1_kernel_available((n1_kernel)k)) {
            memory[k] = workspace(size);
            if (n1_stream_encoder_init(memory[k], size, f, table, 0, (n1_kernel)k, &e[k]) != N1_OK)
                fail("no encoder", f, k);
        }
    int32_t last[256] = {0};
    int kind = (int)rng(5);
    for (int at = 0; at < PACKETS; at++) {
        kind = rng(6) ? kind : (int)rng(5);
        out[at].samples = block(bytes, NULL);
        for (size_t i = 0; i < n; i++) {
            const size_t c = i % f->channels;
            last[c] = any_sample(f, kind, last[c]);
            put(out[at].samples, f->dtype, i, last[c]);
        }
        const unsigned flags = rng(6) ? 0 : rng(2) ? N1_STREAM_KEY : N1_STREAM_KEY | N1_STREAM_DESCRIBED;
        uint8_t *dst = block(bound, NULL);
        out[at].packet = NULL;
        for (int k = 0; k < N1_KERNELS; k++) {
            size_t written;
            if (!memory[k])
                continue;
            if (n1_stream_encode(e[k], out[at].samples, f->frames, flags, dst, bound, &written) != N1_OK)
                fail("not encoded", f, at);
            if (out[at].packet && (written != out[at].len || memcmp(dst, out[at].packet, written)))
                fail("kernels write differently", f, at);
            free(out[at].packet);
            out[at].packet = block(written, dst);
            out[at].len = written;
        }
        free(dst);
    }
    for (int k = 0; k < N1_KERNELS; k++)
        free(memory[k]);
}

static void one_stream(void)
{
    const n1_stream_format f = any_format();
    const size_t bytes = (size_t)f.channels * f.frames * (f.dtype <= N1_UINT8 ? 1 : 2);
    if (!n1_stream_format_check(&f))
        fail("no format", &f, -1);
    sent out[PACKETS];
    write_stream(&f, out, bytes);
    const uint32_t losses = rng(3) ? 0 : 1 + rng(40);
    pair d;
    open_decoders(&d, &f);
    void *samples = block(bytes, NULL);
    int whole = 1;
    for (int at = 0; at < PACKETS; at++) {
        n1_stream_info info;
        size_t frames;
        if (losses && rng(100) < losses) {
            whole = 0;
            lost++;
            continue;
        }
        if (n1_stream_check(out[at].packet, out[at].len, f.session, (uint64_t)at, &info) != N1_OK || info.sequence != (uint64_t)at)
            fail("not whole", &f, at);
        const int key = info.flags & N1_STREAM_KEY ? 1 : 0;
        if (decode(&d, &f, out[at].packet, out[at].len, &info, samples, bytes, &frames) != N1_OK)
            fail("refused", &f, at);
        whole = whole || key;
        if (frames && memcmp(samples, out[at].samples, bytes))
            fail("wrong samples", &f, at);
        if (!frames && (whole || info.flags & N1_STREAM_STORED))
            fail("no samples", &f, at);
    }
    for (int i = 0; i < MUTANTS_OF_A_STREAM; i++) {
        const int at = (int)rng(PACKETS);
        attack(&d, &f, out[at].packet, out[at].len, (uint64_t)(rng(2) ? at : PACKETS + i), samples, bytes);
    }
    close_decoders(&d);
    free(samples);
    for (int at = 0; at < PACKETS; at++) {
        free(out[at].packet);
        free(out[at].samples);
    }
    streams++;
}

static void one_table(void)
{
    const size_t codes = 2 + rng(N1_STREAM_MAX_WIDTHS - 1), room = N1_STREAM_WIDTHS_HEAD + codes;
    uint8_t *packet = block(room, NULL);
    const uint8_t *found;
    size_t n;
    for (size_t k = 0; k < codes; k++)
        widths[k] = (uint8_t)rng(256);
    if (n1_stream_widths_write(widths, codes, packet, room, &n) != N1_OK || n != room
        || n1_stream_widths_read(packet, n, &found, &n) != N1_OK || n != codes || memcmp(found, widths, n))
        abort();
    packet[rng((uint32_t)room)] ^= (uint8_t)(1u << rng(8));
    if (n1_stream_widths_read(packet, room, &found, &n) == N1_OK)
        abort();
    free(packet);
}

int main(int argc, char **argv)
{
    const long wanted = argc > 1 ? atol(argv[1]) : 20000;
    rng_state = argc > 2 ? (uint64_t)atoll(argv[2]) : 1;
    while (mutants < wanted) {
        one_stream();
        if (!rng(20))
            one_table();
    }
    printf("streams: %ld of %d packets, %ld packets lost, %ld mutants, %ld refused\n", streams, PACKETS, lost, mutants, refused);
    return 0;
}
