/* Streams that read: packets in, samples out, and which packets can be read at all. */
#include "base/arena.h"
#include "base/bits.h"
#include "base/load.h"
#include "kernels/table.h"
#include "modes/packet/packet_absorb.h"
#include "modes/packet/packet_decode.h"
#include "wire/stream.h"
#include <string.h>

struct n1_stream_decoder {
    n1_kernels k;
    n1_packet_kernels packets;
    n1_stream_format format;
    n1_packet_axis axis;
    uint64_t next;  /* the packet that the state is ready for */
    uint32_t since; /* frames since the key                   */
    int ready;
    n1_packet_lookup *lookup;
    void *state;
    uint16_t *edge, *codes;
    uint8_t *scales, *body; /* room before and behind the body for what a reader looks ahead */
};

static n1_stream_decoder *take(n1_arena *a, const n1_stream_format *f)
{
    const size_t samples = (size_t)f->channels * f->frames;
    n1_stream_decoder *d = n1_arena_take(a, 1, sizeof *d), none, *s = d ? d : &none;
    s->state = n1_arena_take(a, f->channels, f->profile == N1_STREAM_FULL ? sizeof(n1_packet_full) : sizeof(n1_packet_lite));
    s->lookup = n1_arena_take(a, 1, sizeof *s->lookup);
    s->edge = n1_arena_take(a, f->converter == N1_STREAM_WIDTHS ? f->codes + 1 : 0, sizeof *s->edge);
    s->codes = n1_arena_take(a, samples, sizeof *s->codes);
    s->scales = n1_arena_take(a, f->channels, 1);
    s->body = n1_arena_take(a, n1_stream_bound(f) + 2 * N1_PACKET_AHEAD(f->channels), 1);
    return d;
}

size_t n1_stream_decoder_size(const n1_stream_format *format)
{
    n1_arena a = n1_arena_measure();
    if (!n1_stream_format_check(format))
        return 0;
    (void)take(&a, format);
    return (size_t)a.most;
}

n1_status n1_stream_decoder_init(void *memory, size_t size, const n1_stream_format *format, const uint8_t *widths,
                                 n1_kernel kernel, n1_stream_decoder **decoder)
{
    if (!n1_stream_format_check(format))
        return N1_ERROR_ARGUMENT;
    if (!memory || size < n1_stream_decoder_size(format) || (uintptr_t)memory % N1_STREAM_WORKSPACE_ALIGNMENT)
        return N1_ERROR_WORKSPACE;
    memset(memory, 0, size);
    n1_arena a = n1_arena_of(memory, size);
    n1_stream_decoder *d = take(&a, format);
    d->format = *format;
    *decoder = d;
    n1_status status = n1_kernels_fill(&d->k, kernel);
    if (status != N1_OK)
        return status;
    n1_packet_kernels_fill(&d->packets, kernel);
    status = n1_stream_axis(format, widths, d->edge, &d->axis);
    if (status == N1_OK)
        n1_packet_lookup_build(d->lookup, &d->axis);
    return status;
}

/* The body between bytes that a reader may look at. */
static n1_status coded(n1_stream_decoder *d, const uint8_t *body, size_t size, size_t frames, int key)
{
    const size_t ahead = N1_PACKET_AHEAD(d->format.channels);
    if (size > n1_stream_bound(&d->format))
        return N1_ERROR_CORRUPT;
    memset(d->body, 0, ahead);
    memcpy(d->body + ahead, body, size);
    memset(d->body + ahead + size, 0, ahead);
    const n1_packet_unjob job = {.axis = &d->axis, .lookup = d->lookup, .codes = d->codes, .channels = d->format.channels,
        .frames = (uint32_t)frames, .since = d->since, .key = key, .substreams = (int)d->format.substreams,
        .begin = d->body + ahead, .end = d->body + ahead + size};
    return d->format.profile == N1_STREAM_LITE ? d->packets.lite_decode(d->state, &job) : d->packets.full_decode(d->state, &job);
}

static void to_samples(const n1_stream_decoder *d, const uint16_t *codes, size_t n, void *samples)
{
    const n1_stream_format *f = &d->format;
    if (f->converter == N1_STREAM_NLINK) {
        d->k.nlink_values(codes, 0, samples, n);
        return;
    }
    for (size_t i = 0; i < n; i++)
        n1_store_sample(samples, f->dtype, i, f->first + (int64_t)codes[i] * f->stride);
}

static n1_status stored(n1_stream_decoder *d, const uint8_t *body, size_t size, size_t frames, const n1_stream_info *info,
                        void *samples)
{
    const n1_stream_format *f = &d->format;
    const int key = info->flags & N1_STREAM_KEY ? 1 : 0;
    const size_t n = frames * f->channels;
    const unsigned bits = info->wide ? n1_type_bits(f->dtype) : d->axis.bits;
    if (size != n1_stream_stored_size(f, d->axis.bits, frames, key, info->wide))
        return N1_ERROR_CORRUPT;
    n1_bitreader r;
    n1_bitreader_init(&r, body, size);
    int damaged = 0;
    for (size_t i = 0; i < n; i++) {
        n1_refill(&r);
        const uint32_t v = n1_take_bits(&r, bits);
        if (info->wide) {
            const int32_t value = (unsigned)f->dtype & 1 ? (int32_t)v : n1_wrap(v, bits);
            n1_store_sample(samples, f->dtype, i, value);
            d->codes[i] = n1_stream_near(f, value);
        } else {
            damaged |= v >= f->codes;
            d->codes[i] = (uint16_t)v;
        }
    }
    for (uint32_t c = 0; key && c < f->channels; c++) {
        n1_refill(&r);
        d->scales[c] = (uint8_t)n1_take_bits(&r, N1_PACKET_SCALE_BITS);
    }
    if (!info->wide && !damaged)
        to_samples(d, d->codes, n, samples);
    return damaged ? N1_ERROR_CORRUPT : N1_OK;
}

static void absorb(n1_stream_decoder *d, size_t frames, int key)
{
    const n1_packet_stored p = {&d->axis, d->codes, d->format.channels, (uint32_t)frames, d->since,
                                (int)d->format.substreams, key ? d->scales : NULL};
    if (d->format.profile == N1_STREAM_LITE)
        n1_packet_lite_absorb(d->state, &p);
    else
        n1_packet_full_absorb(d->state, &p);
}

n1_status n1_stream_decode(n1_stream_decoder *d, const uint8_t *packet, size_t len, const n1_stream_info *info, void *samples,
                           size_t *frames)
{
    const size_t n = info->frames ? info->frames : d->format.frames;
    const int key = info->flags & N1_STREAM_KEY ? 1 : 0, follows = key || (d->ready && info->sequence == d->next);
    *frames = 0;
    if (n > d->format.frames || info->body > len)
        return N1_ERROR_CORRUPT;
    if (!follows && !(info->flags & N1_STREAM_STORED))
        return N1_OK;
    d->ready = d->ready && (follows || info->sequence != d->next);
    n1_status status;
    if (info->flags & N1_STREAM_STORED) {
        status = stored(d, packet + info->body, len - info->body, n, info, samples);
        if (status == N1_OK && follows)
            absorb(d, n, key);
    } else {
        status = coded(d, packet + info->body, len - info->body, n, key);
        if (status == N1_OK)
            to_samples(d, d->codes, n * d->format.channels, samples);
    }
    if (status == N1_OK)
        *frames = n;
    if (follows) {
        d->ready = status == N1_OK;
        d->next = info->sequence + 1;
        d->since = (key ? 0 : d->since) + (uint32_t)n;
    }
    return status;
}
