/* The encoder of one profile of n1's packets, in one C file that needs nothing: no library, no division, no floating point, no
 * memory but the caller's. docs/format/stream.md says what the bytes are, docs/budget.md what it costs.
 *
 *     n1_stream_encoder_init(memory, n1_stream_encoder_size(&format), &format, NULL, 0, &encoder);
 *     n1_stream_encode(encoder, codes, format.frames, flags, packet, n1_stream_room(&format), &size);
 *
 * memory is aligned to 8 bytes. codes are what the converter gives, frame after frame, each below format.codes. flags:
 * N1_STREAM_KEY where a receiver begins anew, with N1_STREAM_DESCRIBED; the lite profile wants both after 40 and 160 frames and
 * then every 640. The packet is the first `size` bytes of its room; what lies behind them is the encoder's to use.
 */
#ifndef N1_FIRMWARE_ENCODER_H
#define N1_FIRMWARE_ENCODER_H
#include "n1/stream.h"

/* Bytes of memory, all that an encoder keeps; 0: the format is outside its limits, or of the other profile. */
size_t n1_stream_encoder_size(const n1_stream_format *format);
/* Bytes that a packet is made in. */
size_t n1_stream_room(const n1_stream_format *format);
/* widths: WIDTHS: of each code; else NULL. The first packet has the number `sequence`. The format stays where it is, and as it is,
 * while the encoder is used. */
n1_status n1_stream_encoder_init(void *memory, size_t size, const n1_stream_format *format, const uint8_t *widths,
                                 uint64_t sequence, n1_stream_encoder **encoder);
/* One packet of 1 .. format.frames frames; fewer only at the stream's end. capacity: at least n1_stream_room. */
n1_status n1_stream_encode(n1_stream_encoder *encoder, const uint16_t *codes, size_t frames, unsigned flags, uint8_t *dst,
                           size_t capacity, size_t *written);
#endif
