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
#include "base/varint.h"
#include "classic/coded_payload.h"

typedef struct output {
    uint8_t *p, *end;
    int overrun;
} output;

/* Room for so many bytes, or NULL, and none from then on. */
static uint8_t *room(output *out, size_t size)
{
    uint8_t *p = out->p;

    if (out->overrun || (size_t)(out->end - p) < size) {
        out->overrun = 1;
        return NULL;
    }
    out->p += size;
    return p;
}

static void put_number(output *out, uint32_t t)
{
    uint8_t *p = room(out, n1_varint_size(t));
    if (p)
        (void)n1_put_varint(p, t);
}

static void put_samples(output *out, const void *samples, const n1_layout *layout, size_t first, size_t count)
{
    uint32_t bits[N1_BATCH];
    uint8_t *p = room(out, count * layout->itemsize);

    while (p && count) {
        size_t block = count < N1_BATCH ? count : N1_BATCH;
        n1_load_samples(samples, first, block, layout->itemsize, 0, bits);
        for (size_t i = 0; i < block; i++)
            p = n1_put_sample(p, bits[i], layout->itemsize);
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

    uint8_t *form = room(&out, 1);
    if (form)
        *form = N1_CODED_PAYLOAD;
    while (i < layout->size && !out.overrun) {
        size_t run = run_length(samples, layout, i);
        if (run < shortest) {
            literals += run;
            i += run;
        }
        if (literals && (run >= shortest || i == layout->size)) {
            put_number(&out, (uint32_t)(2 * (literals - 1)));
            put_samples(&out, samples, layout, i - literals, literals);
            literals = 0;
        }
        if (run >= shortest) {
            put_number(&out, (uint32_t)(2 * (run - 2) + 1));
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

n1_status n1_rle_decode(const uint8_t *src, size_t len, void *samples, const n1_layout *layout)
{
    const uint8_t *p, *end = src + len;
    unsigned itemsize = layout->itemsize;
    uint32_t bits[N1_BATCH];
    n1_status status;
    uint8_t form;

    if ((status = n1_open_payload(src, len, samples, layout, &form)) != N1_OK || form == N1_STORED_PAYLOAD)
        return status;
    if (form != N1_CODED_PAYLOAD)
        return N1_ERROR_CORRUPT;
    p = src + 1;
    for (size_t i = 0; i < layout->size;) {
        uint64_t t;
        if ((status = n1_get_varint(&p, end, UINT32_MAX, &t)) != N1_OK)
            return status;
        int is_run = (int)(t & 1);
        size_t count = (size_t)(t >> 1) + (is_run ? 2 : 1), wanted = is_run ? 1 : count;
        if (count > layout->size - i)
            return N1_ERROR_CORRUPT;
        if (wanted > (size_t)(end - p) / itemsize)
            return N1_ERROR_TRUNCATED;
        if (is_run) {
            uint32_t value = n1_get_sample(p, itemsize);
            p += itemsize;
            for (size_t k = 0; k < N1_BATCH && k < count; k++)
                bits[k] = value;
        }
        while (count) {
            size_t block = count < N1_BATCH ? count : N1_BATCH;
            for (size_t k = 0; !is_run && k < block; k++, p += itemsize)
                bits[k] = n1_get_sample(p, itemsize);
            n1_store_samples(samples, i, block, itemsize, 0, bits);
            i += block;
            count -= block;
        }
    }
    return p == end ? N1_OK : N1_ERROR_CORRUPT;
}
