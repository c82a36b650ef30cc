/* hash_stream.c - hashes of packets of many formats, to be compared between machines, compilers and kernels.
 *
 * A line for each format; each is written and read with every kernel that there is, and "broken" is said where one gives other
 * packets or samples.
 */
#include "n1/stream.h"
#include "signals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PACKETS = 60 };
static uint8_t widths[600];

static n1_stream_format format_of(int kind, n1_stream_profile profile)
{
    n1_stream_format f = {.session = 77, .channels = 1 + (uint32_t)(kind * 7) % 23, .frames = 1 + (uint32_t)(kind * 5) % 20,
        .substreams = 1 + (uint32_t)kind % 2, .millihertz = 20000000, .profile = profile, .dtype = N1_INT16, .stride = 1,
        .shift = 12, .centre = 32700, .spread = 41, .usual = 28, .converter = N1_STREAM_NLINK, .codes = 1024};
    if (kind % 3 == 0)
        return f;
    f.first = -32768;
    f.codes = 65536;
    f.converter = N1_STREAM_EVEN;
    f.centre = 32768 * 64;
    f.spread = 60;
    if (kind % 3 == 2) {
        f.converter = N1_STREAM_WIDTHS;
        f.first = -300;
        f.codes = sizeof widths;
        for (size_t k = 0; k < sizeof widths; k++)
            widths[k] = (uint8_t)(30 + k * k % 61);
        f.table = n1_stream_widths_id(widths, sizeof widths);
        f.centre = 18000;
    }
    return f;
}

static void *memory_of(size_t size)
{
    void *p = aligned_alloc(N1_STREAM_WORKSPACE_ALIGNMENT, (size + 63) / 64 * 64);
    if (!p)
        abort();
    return p;
}

/* The digest of all packets; 0: a kernel reads other samples than were written. */
static uint64_t run(const n1_stream_format *f, n1_kernel kernel, const int16_t *samples)
{
    const uint8_t *table = f->converter == N1_STREAM_WIDTHS ? widths : NULL;
    const size_t room = n1_stream_bound(f), n = (size_t)f->channels * f->frames;
    const size_t one = n1_stream_encoder_size(f), other = n1_stream_decoder_size(f);
    void *a = memory_of(one), *b = memory_of(other);
    uint8_t *packet = memory_of(room);
    int16_t *back = memory_of(n * 2);
    n1_stream_encoder *e;
    n1_stream_decoder *d;
    uint64_t hash = 1;
    int fine = n1_stream_encoder_init(a, one, f, table, 65000, kernel, &e) == N1_OK
               && n1_stream_decoder_init(b, other, f, table, kernel, &d) == N1_OK;
    for (uint64_t at = 0; fine && at < PACKETS; at++) {
        n1_stream_info info;
        size_t size, frames;
        const int16_t *from = samples + at * n;
        fine = n1_stream_encode(e, from, f->frames, at % 17 == 9 ? N1_STREAM_KEY : 0, packet, room, &size) == N1_OK
               && n1_stream_check(packet, size, f->session, 65000 + at, &info) == N1_OK
               && n1_stream_decode(d, packet, size, &info, back, &frames) == N1_OK && frames == f->frames
               && !memcmp(back, from, n * 2);
        hash = fine ? n1_xxh64(packet, size, hash) : 0;
    }
    free(a);
    free(b);
    free(packet);
    free(back);
    return hash;
}

int main(void)
{
    for (int kind = 0; kind < 18; kind++)
        for (int profile = 0; profile < 2; profile++) {
            const n1_stream_format f = format_of(kind, (n1_stream_profile)profile);
            const size_t n = (size_t)f.channels * f.frames * PACKETS;
            int16_t *samples = memory_of(n * 2);
            int32_t last = 0;
            rng_state = (uint64_t)kind;
            for (size_t i = 0; i < n; i++) {
                last = rng(400) ? last * 7 / 8 + noise(30) : noise(9000);
                last = last < -32768 ? -32768 : last > 32767 ? 32767 : last;
                samples[i] = (int16_t)(f.converter == N1_STREAM_NLINK ? ((last + 32768) / 64 * 65535 - 32768 * 1023) / 1023 : last);
            }
            const uint64_t hash = run(&f, N1_KERNEL_PORTABLE, samples);
            for (int k = 1; k < N1_KERNELS; k++)
                if (n1_kernel_available((n1_kernel)k) && run(&f, (n1_kernel)k, samples) != hash)
                    printf("broken: %s\n", n1_kernel_name((n1_kernel)k));
            printf("stream %d profile %d %016llx%s\n", kind, profile, (unsigned long long)hash, hash ? "" : " broken");
            free(samples);
        }
    return 0;
}
