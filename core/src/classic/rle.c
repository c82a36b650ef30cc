/* rle.c - run lengths of equal samples: PackBits (Apple, 1984), for samples of 1, 2 or 4 bytes and runs of any length.
 *
 * Payload:
 *   0x00, then the samples, little-endian: stored, or
 *   0x01, then, until all samples are there in memory order, packets that begin with a number t (7 bits a byte, the
 *         lowest first, the high bit set in all but the last byte; at most 5 bytes, no superfluous ones):
 *     t even: t / 2 + 1 literal samples follow
 *     t odd:  one sample follows that stands for (t - 1) / 2 + 2 equal ones
 * Samples are little-endian. The encoder makes a run of 3 equal samples or more, of 2 if they have 4 bytes: fewer save
 * nothing. Where runs do not make up for the packet headers the samples are stored, so that a payload never takes more
 * than one byte above them.
 */
#include "classic/samples.h"

#define MAX_VARINT_BYTES 5u

typedef struct output {
    uint8_t *p, *end;
    int overrun;
} output;

static void put_byte(output *out, uint8_t byte)
{
    if (out->p < out->end)
        *out->p++ = byte;
    else
        out->overrun = 1;
}

static void put_varint(output *out, uint32_t t)
{
    for (; t >= 0x80; t >>= 7)
        put_byte(out, (uint8_t)(t | 0x80));
    put_byte(out, (uint8_t)t);
}

static void put_samples(output *out, const void *samples, const n1_layout *layout, size_t first, size_t count)
{
    uint32_t bits[N1_BLOCK];

    while (count && !out->overrun) {
        size_t block = count < N1_BLOCK ? count : N1_BLOCK;
        n1_load_samples(samples, first, block, layout->itemsize, 0, bits);
        for (size_t i = 0; i < block; i++)
            for (unsigned b = 0; b < layout->itemsize; b++)
                put_byte(out, (uint8_t)(bits[i] >> (8 * b)));
        first += block;
        count -= block;
    }
}

/* How many samples from `first` on equal the one there. */
static size_t run_length(const uint8_t *samples, const n1_layout *layout, size_t first)
{
    size_t itemsize = layout->itemsize, i = first * itemsize, end = layout->size * itemsize - itemsize;

    /* equal bytes one sample apart; a difference within a sample ends the run before that sample */
    while (i < end && samples[i] == samples[i + itemsize])
        i++;
    return i / itemsize - first + 1;
}

static n1_status encode(const uint8_t *samples, const n1_layout *layout, uint8_t *dst, size_t capacity, size_t *written)
{
    output out = {dst, dst + capacity, 0};
    size_t shortest = layout->itemsize == 4 ? 2 : 3, literals = 0, i = 0;

    put_byte(&out, N1_CODED_PAYLOAD);
    while (i < layout->size && !out.overrun) {
        size_t run = run_length(samples, layout, i);
        if (run < shortest) {
            literals += run;
            i += run;
        }
        if (literals && (run >= shortest || i == layout->size)) {
            put_varint(&out, (uint32_t)(2 * (literals - 1)));
            put_samples(&out, samples, layout, i - literals, literals);
            literals = 0;
        }
        if (run >= shortest) {
            put_varint(&out, (uint32_t)(2 * (run - 2) + 1));
            put_samples(&out, samples, layout, i, 1);
            i += run;
        }
    }
    *written = (size_t)(out.p - dst);
    return out.overrun ? N1_ERROR_DST_TOO_SMALL : N1_OK;
}

n1_status n1_rle_encode(const void *samples, const n1_layout *layout, uint8_t *dst, size_t capacity, size_t *written)
{
    if (!n1_payload_bound(layout))
        return N1_ERROR_ARGUMENT;
    n1_status status = encode(samples, layout, dst, n1_coded_capacity(layout, capacity), written);
    return n1_finish_payload(status, samples, layout, dst, capacity, written);
}

static n1_status get_varint(const uint8_t **p, const uint8_t *end, uint32_t *t)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < MAX_VARINT_BYTES; i++) {
        if (*p == end)
            return N1_ERROR_TRUNCATED;
        uint8_t byte = *(*p)++;
        value |= (uint64_t)(byte & 0x7F) << (7 * i);
        if (byte < 0x80) {
            *t = (uint32_t)value;
            return value > UINT32_MAX || (i && !byte) ? N1_ERROR_CORRUPT : N1_OK;
        }
    }
    return N1_ERROR_CORRUPT;
}

static uint32_t get_sample(const uint8_t *p, unsigned itemsize)
{
    uint32_t bits = 0;

    for (unsigned b = 0; b < itemsize; b++)
        bits |= (uint32_t)p[b] << (8 * b);
    return bits;
}

n1_status n1_rle_decode(const uint8_t *src, size_t len, void *samples, const n1_layout *layout)
{
    const uint8_t *p, *end = src + len;
    unsigned itemsize = layout->itemsize;
    uint32_t bits[N1_BLOCK];
    n1_status status;
    uint8_t form;

    if ((status = n1_open_payload(src, len, samples, layout, &form)) != N1_OK || form == N1_STORED_PAYLOAD)
        return status;
    if (form != N1_CODED_PAYLOAD)
        return N1_ERROR_CORRUPT;
    p = src + 1;
    for (size_t i = 0; i < layout->size;) {
        uint32_t t;
        if ((status = get_varint(&p, end, &t)) != N1_OK)
            return status;
        int is_run = t & 1;
        size_t count = (size_t)(t >> 1) + (is_run ? 2 : 1), wanted = is_run ? 1 : count;
        if (count > layout->size - i)
            return N1_ERROR_CORRUPT;
        if (wanted > (size_t)(end - p) / itemsize)
            return N1_ERROR_TRUNCATED;
        if (is_run) {
            uint32_t value = get_sample(p, itemsize);
            p += itemsize;
            for (size_t k = 0; k < N1_BLOCK && k < count; k++)
                bits[k] = value;
        }
        while (count) {
            size_t block = count < N1_BLOCK ? count : N1_BLOCK;
            for (size_t k = 0; !is_run && k < block; k++, p += itemsize)
                bits[k] = get_sample(p, itemsize);
            n1_store_samples(samples, i, block, itemsize, 0, bits);
            i += block;
            count -= block;
        }
    }
    return p == end ? N1_OK : N1_ERROR_CORRUPT;
}
