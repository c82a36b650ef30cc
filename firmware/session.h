/* session.h - the encoder of one profile, alone: for what has no operating system, no library and little memory.
 *
 * scripts/make_firmware.py makes one C file of this, the core's sources and a profile (lite.c, full.c), and gives its names
 * the profile's: n1_stream_encode becomes n1_lite_encode. The packets are those of n1/stream.h, bit for bit. Unlike there the
 * samples are codes, as converters give them, and always fit; a packet is written where it is to lie.
 *
 * Whoever includes this says N1_FIRMWARE_PROFILE, n1_firmware_state, n1_firmware_body and n1_firmware_scale.
 */
#ifndef N1_FIRMWARE_SESSION_H
#define N1_FIRMWARE_SESSION_H
#include "encoder.h"
#include "modes/packet/packet_encode.h"
#include "wire/stream.h"

struct n1_stream_encoder {
    const n1_stream_format *format; /* the caller's */
    n1_packet_axis axis;
    uint64_t sequence;
    uint32_t since; /* frames since the key */
    uint32_t first; /* whether no packet was made yet */
    uint16_t *edge; /* of WIDTHS, else NULL */
    n1_firmware_state state[]; /* a channel each */
};

static int n1_firmware_format_check(const n1_stream_format *f)
{
    return n1_stream_format_check(f) && f->profile == N1_FIRMWARE_PROFILE;
}

size_t n1_stream_encoder_size(const n1_stream_format *format)
{
    if (!n1_firmware_format_check(format))
        return 0;
    return sizeof(n1_stream_encoder) + format->channels * sizeof(n1_firmware_state)
         + (format->converter == N1_STREAM_WIDTHS ? (format->codes + 1) * sizeof(uint16_t) : 0);
}

size_t n1_stream_room(const n1_stream_format *format)
{
    if (!n1_firmware_format_check(format))
        return 0;
    return n1_stream_bound(format) + N1_PACKET_ROOM(format->channels) + format->channels;
}

n1_status n1_stream_encoder_init(void *memory, size_t size, const n1_stream_format *format, const uint8_t *widths,
                                 uint64_t sequence, n1_stream_encoder **encoder)
{
    n1_stream_encoder *e = memory;
    if (!n1_firmware_format_check(format) || sequence > N1_STREAM_MAX_SEQUENCE)
        return N1_ERROR_ARGUMENT;
    if (!memory || size < n1_stream_encoder_size(format) || (uintptr_t)memory & 7U)
        return N1_ERROR_WORKSPACE;
    e->format = format;
    e->sequence = sequence;
    e->since = 0;
    e->first = 1;
    e->edge = (uint16_t *)(void *)(e->state + format->channels);
    *encoder = e;
    return n1_stream_axis(format, widths, e->edge, &e->axis);
}

static void n1_firmware_scales(const n1_stream_encoder *e, uint8_t *scales)
{
    for (uint32_t c = 0; c < e->format->channels; c++)
        scales[c] = (uint8_t)(e->first ? e->format->spread : n1_firmware_scale(&e->state[c], e->since));
}

typedef struct n1_firmware_bits {
    uint8_t *p;
    uint32_t waiting, count; /* bits from the top; how many */
} n1_firmware_bits;

/* v < 2^count, count <= 16; most significant bit first. */
N1_INLINE void n1_firmware_put(n1_firmware_bits *w, uint32_t v, uint32_t count)
{
    w->waiting |= v << (32 - count) >> w->count;
    for (w->count += count; w->count >= 8; w->count -= 8, w->waiting <<= 8)
        *w->p++ = (uint8_t)(w->waiting >> 24);
}

/* Codes as they are, then a key's scales. */
static size_t n1_firmware_stored(const n1_stream_encoder *e, const uint16_t *codes, size_t n, const uint8_t *scales, uint8_t *body)
{
    n1_firmware_bits w = {body, 0, 0};
    for (size_t i = 0; i < n; i++)
        n1_firmware_put(&w, codes[i], e->axis.bits);
    for (uint32_t c = 0; scales && c < e->format->channels; c++)
        n1_firmware_put(&w, scales[c], N1_PACKET_SCALE_BITS);
    if (w.count)
        *w.p++ = (uint8_t)(w.waiting >> 24);
    return (size_t)(w.p - body);
}

/* The bytes before the body, but for the CRC. */
static size_t n1_firmware_head(const n1_stream_encoder *e, unsigned flags, size_t frames, uint8_t *p)
{
    size_t at = N1_STREAM_HEAD;
    const int fewer = frames != e->format->frames;
    p[0] = (uint8_t)(N1_STREAM_MAGIC | flags | (fewer ? N1_STREAM_EXTRA : 0));
    n1_store16(p + 1, (uint16_t)e->sequence);
    if (fewer)
        p[at++] = (uint8_t)frames;
    if (flags & N1_STREAM_DESCRIBED) {
        n1_stream_describe(e->format, e->sequence, p + at);
        at += N1_STREAM_DESCRIPTION;
    }
    return at;
}

n1_status n1_stream_encode(n1_stream_encoder *e, const uint16_t *codes, size_t frames, unsigned flags, uint8_t *dst,
                           size_t capacity, size_t *written)
{
    const n1_stream_format *f = e->format;
    if (frames < 1 || frames > f->frames || flags > (N1_STREAM_KEY | N1_STREAM_DESCRIBED) || e->sequence > N1_STREAM_MAX_SEQUENCE)
        return N1_ERROR_ARGUMENT;
    if (capacity < n1_stream_room(f))
        return N1_ERROR_DST_TOO_SMALL;
    if (e->first)
        flags |= N1_STREAM_DESCRIBED;
    if (flags & N1_STREAM_DESCRIBED || (N1_FIRMWARE_PROFILE == N1_STREAM_LITE && e->since >= N1_STREAM_LITE_SINCE))
        flags |= N1_STREAM_KEY;
    const int key = flags & N1_STREAM_KEY ? 1 : 0;
    uint8_t *scales = dst + capacity - f->channels;
    if (key)
        n1_firmware_scales(e, scales);
    const size_t begin = n1_firmware_head(e, flags, frames, dst);
    const n1_packet_job job = {.axis = &e->axis, .codes = codes, .channels = f->channels, .frames = (uint32_t)frames,
        .since = e->since, .key = key, .scales = scales, .substreams = (int)f->substreams, .begin = dst + begin,
        .limit = n1_stream_stored_size(f, e->axis.bits, frames, key, 0)};
    size_t size = n1_firmware_body(e->state, &job);
    if (!size) {
        dst[0] |= N1_STREAM_STORED;
        size = n1_firmware_stored(e, codes, frames * f->channels, key ? scales : NULL, dst + begin);
    }
    e->since = (key ? 0 : e->since) + (uint32_t)frames;
    e->first = 0;
    n1_store32(dst + 3, n1_stream_seal(dst, begin + size, f->session, e->sequence));
    e->sequence++;
    *written = begin + size;
    return N1_OK;
}

#endif
