/* Streams that write: samples to codes, a packet's head, and what does not shrink. */
#include "base/arena.h"
#include "base/bits.h"
#include "base/bytes.h"
#include "base/load.h"
#include "converter/nlink.h"
#include "kernels/table.h"
#include "modes/packet/packet_absorb.h"
#include "modes/packet/packet_encode.h"
#include "wire/stream.h"
#include <string.h>

struct n1_stream_encoder {
    n1_encode_kernels k;
    n1_packet_encode_kernels packets;
    n1_stream_format format;
    n1_packet_axis axis;
    uint64_t sequence;
    uint32_t since; /* frames since the key */
    int first, lost;
    void *state;     /* n1_packet_lite or n1_packet_full, a channel each */
    uint16_t *edge, *codes;
    uint8_t *scales, *body;
};

static n1_stream_encoder *take(n1_arena *a, const n1_stream_format *f)
{
    const size_t samples = (size_t)f->channels * f->frames;
    n1_stream_encoder *e = n1_arena_take(a, 1, sizeof *e), none, *s = e ? e : &none;
    s->state = n1_arena_take(a, f->channels, f->profile == N1_STREAM_FULL ? sizeof(n1_packet_full) : sizeof(n1_packet_lite));
    s->edge = n1_arena_take(a, f->converter == N1_STREAM_WIDTHS ? f->codes + 1 : 0, sizeof *s->edge);
    s->codes = n1_arena_take(a, samples, sizeof *s->codes);
    s->scales = n1_arena_take(a, f->channels, 1);
    s->body = n1_arena_take(a, n1_stream_bound(f) + N1_PACKET_ROOM(f->channels), 1);
    return e;
}

size_t n1_stream_encoder_size(const n1_stream_format *format)
{
    n1_arena a = n1_arena_measure();
    if (!n1_stream_format_check(format))
        return 0;
    (void)take(&a, format);
    return (size_t)a.most;
}

n1_status n1_stream_encoder_init(void *memory, size_t size, const n1_stream_format *format, const uint8_t *widths,
                                 uint64_t sequence, n1_kernel kernel, n1_stream_encoder **encoder)
{
    if (!n1_stream_format_check(format) || sequence > N1_STREAM_MAX_SEQUENCE)
        return N1_ERROR_ARGUMENT;
    if (!memory || size < n1_stream_encoder_size(format) || (uintptr_t)memory % N1_STREAM_WORKSPACE_ALIGNMENT)
        return N1_ERROR_WORKSPACE;
    memset(memory, 0, size);
    n1_arena a = n1_arena_of(memory, size);
    n1_stream_encoder *e = take(&a, format);
    e->format = *format;
    e->sequence = sequence;
    e->first = 1;
    *encoder = e;
    const n1_status status = n1_encode_kernels_fill(&e->k, kernel);
    if (status != N1_OK)
        return status;
    n1_packet_encode_kernels_fill(&e->packets, kernel);
    return n1_stream_axis(format, widths, e->edge, &e->axis);
}

/* Samples to codes; whether each is one. */
static int to_codes(const n1_stream_encoder *e, const void *samples, size_t n, uint16_t *codes)
{
    const n1_stream_format *f = &e->format;
    int exact = 1;
    if (f->converter == N1_STREAM_NLINK) {
        const int16_t *s = samples;
        uint32_t low = UINT32_MAX, high = 0;
        if (e->k.nlink_codes(s, n, codes, &low, &high))
            return 1;
        for (size_t i = 0; i < n; i++) {
            const uint32_t code = n1_nlink_code(s[i]);
            codes[i] = (uint16_t)code;
            exact &= n1_nlink_value(code) == s[i];
        }
        return exact;
    }
    const uint32_t stride = f->stride, codes_there = f->codes;
    for (size_t i = 0; i < n; i++) {
        const int32_t v = (int32_t)n1_load_sample(samples, f->dtype, i);
        const uint32_t off = (uint32_t)(v - f->first), code = stride == 1 ? off : off / stride;
        exact &= v >= f->first && code < codes_there && code * stride == off;
        codes[i] = (uint16_t)code;
    }
    if (!exact)
        for (size_t i = 0; i < n; i++)
            codes[i] = n1_stream_near(f, (int32_t)n1_load_sample(samples, f->dtype, i));
    return exact;
}

static void scales_of_key(n1_stream_encoder *e)
{
    for (uint32_t c = 0; c < e->format.channels; c++) {
        if (e->first)
            e->scales[c] = (uint8_t)e->format.spread;
        else if (e->format.profile == N1_STREAM_LITE)
            e->scales[c] = (uint8_t)n1_packet_lite_measured((const n1_packet_lite *)e->state + c, e->since);
        else
            e->scales[c] = (uint8_t)n1_packet_full_scale((const n1_packet_full *)e->state + c);
    }
}

static size_t coded(n1_stream_encoder *e, size_t frames, int key)
{
    const n1_packet_job job = {.axis = &e->axis, .codes = e->codes, .channels = e->format.channels,
        .frames = (uint32_t)frames, .since = e->since, .key = key, .scales = e->scales,
        .substreams = (int)e->format.substreams, .begin = e->body,
        .limit = n1_stream_stored_size(&e->format, e->axis.bits, frames, key, 0)};
    return e->format.profile == N1_STREAM_LITE ? e->packets.lite_encode(e->state, &job) : e->packets.full_encode(e->state, &job);
}

/* Samples as they are, or their codes, most significant bit first; then a key's scales. */
static size_t stored(n1_stream_encoder *e, const void *samples, size_t frames, int key, int wide)
{
    const n1_stream_format *f = &e->format;
    const size_t size = n1_stream_stored_size(f, e->axis.bits, frames, key, wide), n = frames * f->channels;
    n1_bitwriter w;
    n1_bitwriter_init(&w, e->body, size);
    for (size_t i = 0; i < n; i++) {
        const uint32_t v = wide ? (uint32_t)n1_load_sample(samples, f->dtype, i) : e->codes[i];
        n1_put_bits(&w, wide ? v & (0xFFFFU >> (16 - n1_type_bits(f->dtype))) : v, wide ? n1_type_bits(f->dtype) : e->axis.bits);
    }
    for (uint32_t c = 0; key && c < f->channels; c++)
        n1_put_bits(&w, e->scales[c], N1_PACKET_SCALE_BITS);
    (void)n1_bitwriter_finish(&w);
    return size;
}

static void absorb(n1_stream_encoder *e, size_t frames, int key)
{
    const n1_packet_stored p = {&e->axis, e->codes, e->format.channels, (uint32_t)frames, e->since,
                                (int)e->format.substreams, key ? e->scales : NULL};
    if (e->format.profile == N1_STREAM_LITE)
        n1_packet_lite_absorb(e->state, &p);
    else
        n1_packet_full_absorb(e->state, &p);
}

/* The bytes before the body. */
static size_t head(const n1_stream_encoder *e, unsigned flags, size_t frames, int wide, uint8_t *p)
{
    const int extra = wide || frames != e->format.frames;
    size_t at = N1_STREAM_HEAD;
    p[0] = (uint8_t)(N1_STREAM_MAGIC | flags | (extra ? N1_STREAM_EXTRA : 0));
    n1_store16(p + 1, (uint16_t)e->sequence);
    if (extra)
        p[at++] = (uint8_t)((frames != e->format.frames ? frames : 0) | (wide ? N1_STREAM_WIDE : 0));
    if (flags & N1_STREAM_DESCRIBED) {
        n1_stream_describe(&e->format, e->sequence, p + at);
        at += N1_STREAM_DESCRIPTION;
    }
    return at;
}

n1_status n1_stream_encode(n1_stream_encoder *e, const void *samples, size_t frames, unsigned flags, uint8_t *dst,
                           size_t capacity, size_t *written)
{
    uint8_t start[N1_STREAM_HEAD + 1 + N1_STREAM_DESCRIPTION];
    if (frames < 1 || frames > e->format.frames || flags > (N1_STREAM_KEY | N1_STREAM_DESCRIBED)
        || e->sequence > N1_STREAM_MAX_SEQUENCE)
        return N1_ERROR_ARGUMENT;
    if (e->first)
        flags |= N1_STREAM_KEY | N1_STREAM_DESCRIBED;
    if (e->lost || flags & N1_STREAM_DESCRIBED || (e->format.profile == N1_STREAM_LITE && e->since >= N1_STREAM_LITE_SINCE))
        flags |= N1_STREAM_KEY;
    const int key = flags & N1_STREAM_KEY ? 1 : 0;
    const int exact = to_codes(e, samples, frames * e->format.channels, e->codes);
    if (key)
        scales_of_key(e);
    size_t size = exact ? coded(e, frames, key) : 0;
    if (!size) {
        flags |= N1_STREAM_STORED;
        if (!exact)
            absorb(e, frames, key);
        size = stored(e, samples, frames, key, !exact);
    }
    e->since = (key ? 0 : e->since) + (uint32_t)frames;
    e->first = 0;
    const size_t begin = head(e, flags, frames, !exact, start);
    e->lost = capacity < begin + size;
    if (!e->lost) {
        memcpy(dst, start, begin);
        memcpy(dst + begin, e->body, size);
        n1_store32(dst + 3, n1_stream_seal(dst, begin + size, e->format.session, e->sequence));
        *written = begin + size;
    }
    e->sequence++;
    return e->lost ? N1_ERROR_DST_TOO_SMALL : N1_OK;
}

n1_status n1_stream_widths_write(const uint8_t *widths, size_t codes, uint8_t *dst, size_t capacity, size_t *written)
{
    if (codes < 2 || codes > N1_STREAM_MAX_WIDTHS)
        return N1_ERROR_ARGUMENT;
    if (capacity < N1_STREAM_WIDTHS_HEAD + codes)
        return N1_ERROR_DST_TOO_SMALL;
    const uint32_t id = n1_stream_widths_id(widths, codes);
    dst[0] = N1_STREAM_MAGIC_WIDTHS;
    n1_store16(dst + 1, (uint16_t)(codes - 1));
    n1_store32(dst + 3, id);
    n1_store16(dst + 7, (uint16_t)~(id >> 16 ^ id));
    memcpy(dst + N1_STREAM_WIDTHS_HEAD, widths, codes);
    *written = N1_STREAM_WIDTHS_HEAD + codes;
    return N1_OK;
}
