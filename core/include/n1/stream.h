/* n1/stream.h - the packet mode: a few frames of all channels at a time, for links that must not wait.
 *
 * docs/format/stream.md says what the bytes are. A stream is a session: packets numbered from 0, each of the same number of
 * frames (the last one may have fewer), each coded by what was before it. A key starts anew; a described key says all that a
 * receiver has to know. A packet that does not shrink is stored, so that the largest is known (n1_stream_bound).
 *
 * Integers only, nothing is allocated, any bytes are accepted. Packets do not depend on the machine.
 *
 *     n1_stream_encoder_init(memory, n1_stream_encoder_size(&format), &format, NULL, 0, kernel, &encoder);
 *     n1_stream_encode(encoder, samples, format.frames, N1_STREAM_KEY | N1_STREAM_DESCRIBED, packet, capacity, &size);
 *
 *     n1_stream_check(packet, size, session, expected, &info);          // of which session, which number, whole?
 *     n1_stream_decode(decoder, packet, size, &info, samples);
 */
#ifndef N1_STREAM_H
#define N1_STREAM_H

#include "n1/codec.h"

#ifdef __cplusplus
extern "C" {
#endif

#define N1_STREAM_MAX_CHANNELS 4096u
#define N1_STREAM_MAX_FRAMES   20u                   /* of a packet                           */
#define N1_STREAM_MAX_WIDTHS   4096u                 /* codes whose widths are told           */
#define N1_STREAM_MAX_SEQUENCE (((uint64_t)1 << 48) - 1) /* packets are numbered 0 .. this    */
#define N1_STREAM_LITE_SINCE   32000u                /* frames after which a lite encoder makes a key by itself */
#define N1_STREAM_WORKSPACE_ALIGNMENT 64u            /* bytes */

/* lite: prediction by shifts, scales sent in keys: for what has little. full: weights and scales follow from the past. */
typedef enum n1_stream_profile { N1_STREAM_LITE = 0, N1_STREAM_FULL = 1 } n1_stream_profile;

/* How samples are numbered (codes), and how wide codes are. A sample is first + stride * code, or the N1's value of it. */
typedef enum n1_stream_converter {
    N1_STREAM_EVEN = 0,  /* codes of one width                       */
    N1_STREAM_NLINK = 1, /* the N1's: 1024 codes of known widths     */
    N1_STREAM_WIDTHS = 2 /* codes whose widths the sender has learned */
} n1_stream_converter;

/* All that a stream is described by. */
typedef struct n1_stream_format {
    uint32_t session;     /* at random, for each start of a sender  */
    uint32_t channels;    /* 1 .. N1_STREAM_MAX_CHANNELS            */
    uint32_t frames;      /* of a packet: 1 .. N1_STREAM_MAX_FRAMES */
    uint32_t substreams;  /* 1 or 2                                 */
    uint32_t millihertz;  /* frames in 1000 seconds; 0: not known   */
    n1_stream_profile profile;
    n1_type dtype;        /* of 1 or 2 bytes; NLINK: N1_INT16       */
    n1_stream_converter converter;
    int32_t first;        /* NLINK: 0                               */
    uint32_t stride;      /* 1 .. 65535; NLINK: 1                   */
    uint32_t codes;       /* 2 .. 65536; NLINK: 1024; WIDTHS: up to N1_STREAM_MAX_WIDTHS */
    uint32_t shift;       /* 9 .. 24: scale 0 stands for a deviation of 2^(shift - 7) axis units */
    uint32_t centre;      /* axis units: where a key expects first samples */
    uint32_t spread;      /* the scale of that, 0 .. 63             */
    uint32_t usual;       /* the scale that most channels have, 0 .. 63 */
    uint32_t table;       /* WIDTHS: CRC32C of the widths; else 0   */
} n1_stream_format;

/* Whether all numbers are within their limits. */
N1_API int n1_stream_format_check(const n1_stream_format *format);
/* Most bytes of a packet; 0: the format is outside its limits. */
N1_API size_t n1_stream_bound(const n1_stream_format *format);

/* What a packet may be. */
#define N1_STREAM_KEY       1u /* starts anew                                         */
#define N1_STREAM_DESCRIBED 2u /* holds the format and its whole number; keys alone   */
#define N1_STREAM_STORED    4u /* its samples are as they are: needs no packet before */

typedef struct n1_stream_info {
    uint64_t sequence;
    uint32_t flags;
    uint32_t frames;         /* 0: as many as the format says     */
    int wide;                /* STORED: samples are no codes      */
    size_t body;             /* where what is coded begins        */
    n1_stream_format format; /* of a DESCRIBED packet             */
} n1_stream_info;

typedef struct n1_stream_encoder n1_stream_encoder;
typedef struct n1_stream_decoder n1_stream_decoder;

/* Bytes of memory, all that an encoder has; 0: the format is outside its limits. */
N1_API size_t n1_stream_encoder_size(const n1_stream_format *format);
/* widths: WIDTHS: of each code, in axis units, at least 1 each and 65535 together; else NULL. The next packet has the number
 * `sequence`. memory is aligned to N1_STREAM_WORKSPACE_ALIGNMENT. */
N1_API n1_status n1_stream_encoder_init(void *memory, size_t size, const n1_stream_format *format, const uint8_t *widths,
                                        uint64_t sequence, n1_kernel kernel, n1_stream_encoder **encoder);
/* One packet of 1 .. format.frames frames of samples; fewer only at the stream's end. flags: N1_STREAM_KEY, DESCRIBED with it.
 * The first packet is a key whatever the flags. A capacity of n1_stream_bound is always enough; with less, the samples are
 * coded and lost, and the next packet is a key. */
N1_API n1_status n1_stream_encode(n1_stream_encoder *encoder, const void *samples, size_t frames, unsigned flags, uint8_t *dst,
                                  size_t capacity, size_t *written);

/* See whether a packet is whole, of this session, and which number it has: the one nearest to `near` that fits. A described
 * packet says session and number itself. N1_ERROR_UNSUPPORTED: no packet of samples. */
N1_API n1_status n1_stream_check(const uint8_t *packet, size_t len, uint32_t session, uint64_t near, n1_stream_info *info);

N1_API size_t n1_stream_decoder_size(const n1_stream_format *format);
N1_API n1_status n1_stream_decoder_init(void *memory, size_t size, const n1_stream_format *format, const uint8_t *widths,
                                        n1_kernel kernel, n1_stream_decoder **decoder);
/* Samples of a packet that n1_stream_check saw. *frames: how many; 0: they follow from a packet that is missing. A key, or the
 * packet after the last one, is needed then; stored packets are always given. After an error a key is needed, too. */
N1_API n1_status n1_stream_decode(n1_stream_decoder *decoder, const uint8_t *packet, size_t len, const n1_stream_info *info,
                                  void *samples, size_t *frames);

/* Widths travel in a packet of their own. */
#define N1_STREAM_WIDTHS_HEAD 9u /* bytes before them */
N1_API uint32_t n1_stream_widths_id(const uint8_t *widths, size_t codes);
N1_API n1_status n1_stream_widths_write(const uint8_t *widths, size_t codes, uint8_t *dst, size_t capacity, size_t *written);
/* *widths points into the packet. N1_ERROR_UNSUPPORTED: no packet of widths. */
N1_API n1_status n1_stream_widths_read(const uint8_t *packet, size_t len, const uint8_t **widths, size_t *codes);

#ifdef __cplusplus
}
#endif
#endif
