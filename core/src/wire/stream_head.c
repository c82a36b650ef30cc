/* Heads of packets, descriptions of streams, and what follows from them. */
#include "base/bytes.h"
#include "base/types.h"
#include "converter/nlink.h"
#include "wire/stream.h"
#include <string.h>

int n1_stream_format_check(const n1_stream_format *f)
{
    if (f->channels < 1 || f->channels > N1_STREAM_MAX_CHANNELS || f->frames < 1 || f->frames > N1_STREAM_MAX_FRAMES)
        return 0;
    if (f->substreams < 1 || f->substreams > 2 || (f->profile != N1_STREAM_LITE && f->profile != N1_STREAM_FULL))
        return 0;
    if ((unsigned)f->dtype > N1_UINT16 || f->shift < 9 || f->shift > 24 || f->spread > 63 || f->usual > 63)
        return 0;
    if (f->first < -32768 || f->first > 65535 || f->stride < 1 || f->stride > 65535 || f->codes < 2)
        return 0;
    if (f->converter != N1_STREAM_WIDTHS && f->table)
        return 0;
    switch (f->converter) {
    case N1_STREAM_EVEN: return f->codes <= 65536 && f->centre <= f->codes << N1_PACKET_UNITS;
    case N1_STREAM_WIDTHS: return f->codes <= N1_STREAM_MAX_WIDTHS && f->centre <= 65535;
    case N1_STREAM_NLINK:
        return f->codes == N1_PACKET_NLINK_CODES && f->dtype == N1_INT16 && f->first == 0 && f->stride == 1 && f->centre <= 65535;
    default: return 0;
    }
}

uint32_t n1_stream_widths_id(const uint8_t *widths, size_t codes) { return n1_crc32c(0, widths, codes); }

n1_status n1_stream_axis(const n1_stream_format *f, const uint8_t *widths, uint16_t *edge, n1_packet_axis *axis)
{
    *axis = (n1_packet_axis){NULL, f->codes, n1_stream_bits(f->codes), f->shift, (int32_t)f->centre, f->spread, f->usual,
                             n1_packet_law + N1_PACKET_REACH};
    if (f->converter == N1_STREAM_NLINK)
        axis->edge = n1_packet_nlink;
    if (f->converter != N1_STREAM_WIDTHS)
        return widths ? N1_ERROR_ARGUMENT : N1_OK;
    if (!widths || n1_stream_widths_id(widths, f->codes) != f->table)
        return N1_ERROR_ARGUMENT;
    uint32_t at = 0;
    for (uint32_t k = 0; k < f->codes; k++) {
        edge[k] = (uint16_t)at;
        at += widths[k];
        if (!widths[k] || at > 65535)
            return N1_ERROR_ARGUMENT;
    }
    edge[f->codes] = (uint16_t)at;
    axis->edge = edge;
    return N1_OK;
}

uint16_t n1_stream_near(const n1_stream_format *f, int32_t value)
{
    if (f->converter == N1_STREAM_NLINK)
        return (uint16_t)n1_nlink_code(value);
    const int32_t code = value < f->first ? 0 : (value - f->first) / (int32_t)f->stride;
    return (uint16_t)(code < (int32_t)f->codes ? code : (int32_t)f->codes - 1);
}

size_t n1_stream_stored_size(const n1_stream_format *f, uint32_t bits, size_t frames, int key, int wide)
{
    const size_t samples = frames * f->channels;
    return (samples * (wide ? n1_type_bits(f->dtype) : bits) + (key ? f->channels * N1_PACKET_SCALE_BITS : 0) + 7) / 8;
}

size_t n1_stream_bound(const n1_stream_format *f)
{
    if (!n1_stream_format_check(f))
        return 0;
    const uint32_t bits = n1_stream_bits(f->codes);
    const size_t codes = n1_stream_stored_size(f, bits, f->frames, 1, 0), wide = n1_stream_stored_size(f, bits, f->frames, 1, 1);
    return N1_STREAM_HEAD + 1 + N1_STREAM_DESCRIPTION + (codes > wide ? codes : wide);
}

/* ---- bytes ---- */

uint32_t n1_stream_seal(const uint8_t *packet, size_t len, uint32_t session, uint64_t sequence)
{
    uint8_t of[11];
    n1_store32(of, session);
    n1_store32(of + 4, (uint32_t)(sequence >> 16));
    for (int i = 0; i < 3; i++)
        of[8 + i] = packet[i];
    return n1_crc32c(n1_crc32c(0, of, sizeof of), packet + N1_STREAM_HEAD, len - N1_STREAM_HEAD);
}

void n1_stream_describe(const n1_stream_format *f, uint64_t sequence, uint8_t *p)
{
    n1_store32(p, f->session);
    n1_store32(p + 4, (uint32_t)sequence);
    n1_store16(p + 8, (uint16_t)(sequence >> 32));
    n1_store16(p + 10, (uint16_t)(f->channels - 1));
    p[12] = (uint8_t)f->frames;
    p[13] = (uint8_t)((unsigned)f->profile | f->substreams << 4);
    n1_store32(p + 14, f->millihertz);
    p[18] = (uint8_t)f->dtype;
    p[19] = (uint8_t)f->converter;
    n1_store32(p + 20, (uint32_t)f->first);
    n1_store16(p + 24, (uint16_t)f->stride);
    n1_store16(p + 26, (uint16_t)(f->codes - 1));
    p[28] = (uint8_t)f->shift;
    n1_store32(p + 29, f->centre);
    p[33] = (uint8_t)f->spread;
    p[34] = (uint8_t)f->usual;
    n1_store32(p + 35, f->table);
}

int n1_stream_read_description(const uint8_t *p, n1_stream_format *f, uint64_t *sequence)
{
    *sequence = n1_load32(p + 4) | (uint64_t)n1_load16(p + 8) << 32;
    *f = (n1_stream_format){
        .session = n1_load32(p), .channels = n1_load16(p + 10) + 1, .frames = p[12], .substreams = p[13] >> 4,
        .millihertz = n1_load32(p + 14), .profile = (n1_stream_profile)(p[13] & 15), .dtype = (n1_type)p[18],
        .converter = (n1_stream_converter)p[19], .first = n1_wrap(n1_load32(p + 20), 32), .stride = n1_load16(p + 24),
        .codes = n1_load16(p + 26) + 1, .shift = p[28], .centre = n1_load32(p + 29), .spread = p[33], .usual = p[34],
        .table = n1_load32(p + 35)};
    return n1_stream_format_check(f);
}

n1_status n1_stream_check(const uint8_t *packet, size_t len, uint32_t session, uint64_t near, n1_stream_info *info)
{
    memset(info, 0, sizeof *info);
    if (len < N1_STREAM_HEAD)
        return N1_ERROR_TRUNCATED;
    if ((packet[0] & 0xF0U) != N1_STREAM_MAGIC)
        return N1_ERROR_UNSUPPORTED;
    info->flags = packet[0] & (N1_STREAM_KEY | N1_STREAM_DESCRIBED | N1_STREAM_STORED);
    info->body = N1_STREAM_HEAD;
    const uint32_t low = n1_load16(packet + 1);
    info->sequence = near + (uint64_t)(int64_t)n1_wrap(low - (uint32_t)(near & 0xFFFFU), 16);
    if (info->sequence > N1_STREAM_MAX_SEQUENCE)
        info->sequence += near >> 32 ? UINT64_C(0) - 65536 : 65536;
    if (packet[0] & N1_STREAM_EXTRA) {
        if (len < info->body + 1)
            return N1_ERROR_TRUNCATED;
        const uint8_t extra = packet[info->body++];
        info->frames = extra & 31U;
        info->wide = extra & N1_STREAM_WIDE ? 1 : 0;
        if (extra & 0xC0U || (info->wide && !(info->flags & N1_STREAM_STORED)) || !extra)
            return N1_ERROR_CORRUPT;
    }
    if (info->flags & N1_STREAM_DESCRIBED) {
        if (len < info->body + N1_STREAM_DESCRIPTION)
            return N1_ERROR_TRUNCATED;
        if (!n1_stream_read_description(packet + info->body, &info->format, &info->sequence))
            return N1_ERROR_CORRUPT;
        if ((info->sequence & 0xFFFFU) != low || !(info->flags & N1_STREAM_KEY))
            return N1_ERROR_CORRUPT;
        session = info->format.session;
        info->body += N1_STREAM_DESCRIPTION;
    }
    return n1_stream_seal(packet, len, session, info->sequence) == n1_load32(packet + 3) ? N1_OK : N1_ERROR_CORRUPT;
}

/* ---- widths ---- */

n1_status n1_stream_widths_read(const uint8_t *packet, size_t len, const uint8_t **widths, size_t *codes)
{
    if (len < N1_STREAM_WIDTHS_HEAD)
        return N1_ERROR_TRUNCATED;
    if (packet[0] != N1_STREAM_MAGIC_WIDTHS)
        return N1_ERROR_UNSUPPORTED;
    *codes = len - N1_STREAM_WIDTHS_HEAD;
    *widths = packet + N1_STREAM_WIDTHS_HEAD;
    const int fits = *codes >= 2 && *codes <= N1_STREAM_MAX_WIDTHS && *codes == n1_load16(packet + 1) + 1u;
    const uint32_t id = fits ? n1_stream_widths_id(*widths, *codes) : 0;
    return fits && id == n1_load32(packet + 3) && n1_load16(packet + 7) == (uint16_t)~(id >> 16 ^ id) ? N1_OK : N1_ERROR_CORRUPT;
}
