/* format.h - the format of an encoded file. All numbers are little-endian; LEB is an unsigned LEB128 number in its shortest form.
 *
 *   first     LEB    samples of each channel << 2 | kind
 *   kind 0           the file as it is, up to the checksum (samples: 0)
 *   kind 1           a WAV with the header of the Neuralink N1's recordings: mono, int16, 19,531 Hz, 44 bytes, samples to the end
 *   kind 2           any other WAV of whole 8, 16 or 32 bit samples:
 *     channels  LEB
 *     width     1 byte   bytes of a sample: 1 (unsigned), 2 or 4
 *     head      LEB      bytes before the samples, and these bytes
 *     tail      LEB      bytes after the samples, and these bytes
 *   kinds 1, 2       chunks of the n1 coder (the adaptive and static modes): as few of CHUNK_VALUES values as hold all samples, cut evenly; each but
 *                    the last follows its length as LEB
 *   checksum  4      CRC-32C of the original file
 */
#ifndef FORMAT_H
#define FORMAT_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "n1/codec.h"
#include "system.h"

#define CHUNK_VALUES    ((uint64_t)1 << 22) /* over all channels; bounds the workspace, about 100 MB */
#define CHANNELS_MOST   1024u               /* of kind 2: a workspace grows by 40 KiB for each; a file with more is stored */
#define CHECKSUM_SIZE   4u
#define PLAIN_HEAD_SIZE 44u

enum kind { STORED = 0, PLAIN = 1, WAV = 2 };

static inline uint32_t get32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline void put32(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

/* CRC-32C by half bytes: the table of a fast one would be a tenth of the programs. */
static inline uint32_t checksum(bytes content)
{
    static const uint32_t table[16] = {0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
                                       0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
                                       0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75};
    uint32_t crc = ~0u;
    for (size_t i = 0; i < content.size; i++) {
        crc ^= content.data[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

/* The header of an N1 recording, but for the sizes in it. */
static inline void plain_head(uint8_t head[PLAIN_HEAD_SIZE], uint32_t data_size)
{
    static const uint8_t common[PLAIN_HEAD_SIZE] = {'R', 'I', 'F', 'F', 0, 0, 0, 0, 'W', 'A', 'V', 'E', 'f', 'm', 't', ' ',
                                                    16, 0, 0, 0, 1, 0, 1, 0, 0x4b, 0x4c, 0, 0, 0x96, 0x98, 0, 0,
                                                    2, 0, 16, 0, 'd', 'a', 't', 'a', 0, 0, 0, 0};
    memcpy(head, common, PLAIN_HEAD_SIZE);
    put32(head + 4, data_size + PLAIN_HEAD_SIZE - 8);
    put32(head + 40, data_size);
}

static inline n1_type type_of_width(unsigned width) { return width == 1 ? N1_UINT8 : width == 2 ? N1_INT16 : N1_INT32; }

static inline uint64_t chunk_count(uint64_t frames, uint64_t channels)
{
    const uint64_t most = CHUNK_VALUES / channels;
    return (frames + most - 1) / most;
}

/* First frame of a chunk. */
static inline uint64_t chunk_start(uint64_t frames, uint64_t count, uint64_t at)
{
    return frames / count * at + (at < frames % count ? at : frames % count);
}

/* Samples between a file and memory of the machine's own byte order. */
static inline void copy_samples(uint8_t *to, const uint8_t *from, size_t size, unsigned width)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    for (size_t i = 0; i < size; i++)
        to[i / width * width + (width - 1 - i % width)] = from[i];
#else
    (void)width;
    memcpy(to, from, size);
#endif
}
#endif
