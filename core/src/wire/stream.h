/* stream.h - the documented bytes of packets: heads, descriptions, converters; docs/format/stream.md. */
#ifndef N1_WIRE_STREAM_H
#define N1_WIRE_STREAM_H
#include "modes/packet/packet.h"
#include "n1/codec.h"
#include "n1/stream.h"

#define N1_STREAM_HEAD        7u    /* kind, number, CRC             */
#define N1_STREAM_DESCRIPTION 39u   /* of a described packet         */
#define N1_STREAM_MAGIC       0x90u /* the upper half of a packet's first byte */
#define N1_STREAM_MAGIC_WIDTHS 0xA0u
#define N1_STREAM_EXTRA       8u    /* a byte follows the head: frames, and bit 5: samples are no codes */
#define N1_STREAM_WIDE        32u

/* The axis of a format; edge: room for the codes' edges and one. N1_ERROR_ARGUMENT: the widths are not those. */
n1_status n1_stream_axis(const n1_stream_format *f, const uint8_t *widths, uint16_t *edge, n1_packet_axis *axis);

uint32_t n1_stream_seal(const uint8_t *packet, size_t len, uint32_t session, uint64_t sequence);
void n1_stream_describe(const n1_stream_format *f, uint64_t sequence, uint8_t *out);
int n1_stream_read_description(const uint8_t *in, n1_stream_format *f, uint64_t *sequence);

/* Bytes of a stored body. */
size_t n1_stream_stored_size(const n1_stream_format *f, uint32_t bits, size_t frames, int key, int wide);
static inline uint32_t n1_stream_bits(uint32_t codes)
{
    uint32_t bits = 1;
    while ((codes - 1) >> bits)
        bits++;
    return bits;
}

/* The code nearest to a value, for what a state makes of samples that have none. */
uint16_t n1_stream_near(const n1_stream_format *f, int32_t value);
#endif
