/* bits.h - reading and writing single bits, in either order: most significant first, or least significant first ("low").
 *
 * Both ends are small structs over memory of the caller. The writer notes an overrun and writes nothing from then on;
 * the reader gives zeros beyond the end and notes it. So inner loops need no checks: ask once at the end (or now and
 * then). A stream is of one order from its beginning to its end: the functions of the two are not mixed.
 */
#ifndef N1_BITS_H
#define N1_BITS_H

#include "n1/n1.h"

#include "base/bytes.h"
#include "base/log2.h"

/* Bytes first to last make a number from its most significant end. */
static inline uint64_t n1_load64_be(const uint8_t *p)
{
    return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 | (uint64_t)p[3] << 32 |
           (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 | (uint64_t)p[6] << 8 | (uint64_t)p[7];
}

static inline void n1_store32_be(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

/* Position of the highest set bit; v is not 0. */
static inline unsigned n1_log2(uint32_t v) { return (unsigned)n1_top_bit(v); }

typedef struct n1_bitwriter {
    uint8_t *p, *end;
    uint64_t bits;  /* the lowest `count` bits wait to be written */
    unsigned count; /* below 32 between calls                     */
    int overrun;
} n1_bitwriter;

static inline void n1_bitwriter_init(n1_bitwriter *w, uint8_t *dst, size_t capacity)
{
    w->p = dst;
    w->end = dst + capacity;
    w->bits = 0;
    w->count = 0;
    w->overrun = 0;
}

/* Append the `count` (0 to 32) low bits of `value`; higher bits of it must be 0. */
static inline void n1_put_bits(n1_bitwriter *w, uint32_t value, unsigned count)
{
    w->bits = w->bits << count | value;
    w->count += count;
    if (w->count >= 32) {
        w->count -= 32;
        if (w->end - w->p >= 4) {
            n1_store32_be(w->p, (uint32_t)(w->bits >> w->count));
            w->p += 4;
        } else {
            w->overrun = 1;
            w->end = w->p; /* nothing fits from now on */
        }
    }
}

/* The same with the least significant bit first. */
static inline void n1_put_low_bits(n1_bitwriter *w, uint32_t value, unsigned count)
{
    w->bits |= (uint64_t)value << w->count;
    w->count += count;
    if (w->count >= 32) {
        if (w->end - w->p >= 4) {
            n1_store32(w->p, (uint32_t)w->bits);
            w->p += 4;
        } else {
            w->overrun = 1;
            w->end = w->p;
        }
        w->bits >>= 32;
        w->count -= 32;
    }
}

/* Fill up the last byte with zeros. */
static inline n1_status n1_bitwriter_finish(n1_bitwriter *w)
{
    uint32_t left = w->count ? (uint32_t)(w->bits << (32 - w->count)) : 0;
    size_t bytes = (w->count + 7) / 8;

    if (w->overrun || (size_t)(w->end - w->p) < bytes)
        return N1_ERROR_DST_TOO_SMALL;
    for (; bytes; bytes--, left <<= 8)
        *w->p++ = (uint8_t)(left >> 24);
    w->count = 0;
    return N1_OK;
}

/* The same with the least significant bit first. */
static inline n1_status n1_bitwriter_finish_low(n1_bitwriter *w)
{
    size_t bytes = (w->count + 7) / 8;

    if (w->overrun || (size_t)(w->end - w->p) < bytes)
        return N1_ERROR_DST_TOO_SMALL;
    for (; bytes; bytes--, w->bits >>= 8)
        *w->p++ = (uint8_t)w->bits;
    w->count = 0;
    return N1_OK;
}

typedef struct n1_bitreader {
    const uint8_t *p, *end;
    uint64_t bits;     /* from the top (low: from the bottom), the next `count` bits */
    unsigned count;    /* at least 56 after a refill                                 */
    unsigned invented; /* how many of the last of them lie beyond the end            */
    int overrun;
} n1_bitreader;

static inline void n1_bitreader_init(n1_bitreader *r, const uint8_t *src, size_t len)
{
    r->p = src;
    r->end = src + len;
    r->bits = 0;
    r->count = 0;
    r->invented = 0;
    r->overrun = 0;
}

/* Near the end: zeros in the place of what is missing. */
static inline void n1_invent_bits(n1_bitreader *r)
{
    if (r->count < 56) {
        unsigned real = r->count > r->invented ? r->count - r->invented : 0;
        r->count = 64;
        r->invented = 64 - real;
    }
}

/* Near the end: byte by byte, then zeros. */
static inline void n1_refill_slowly(n1_bitreader *r)
{
    if (r->count < r->invented)
        r->overrun = 1;
    for (; r->count <= 56 && r->p < r->end; r->count += 8)
        r->bits |= (uint64_t)*r->p++ << (56 - r->count);
    n1_invent_bits(r);
}

/* Make at least 56 bits ready. */
static inline void n1_refill(n1_bitreader *r)
{
    if (r->end - r->p >= 8) {
        r->bits |= n1_load64_be(r->p) >> r->count;
        r->p += (63 - r->count) >> 3;
        r->count |= 56;
    } else {
        n1_refill_slowly(r);
    }
}

/* The next 1 to 32 bits, left in place. */
static inline uint32_t n1_peek_bits(const n1_bitreader *r, unsigned count)
{
    return (uint32_t)(r->bits >> (64 - count));
}

/* Drop 0 to 56 bits that were ready. */
static inline void n1_skip_bits(n1_bitreader *r, unsigned count)
{
    r->bits <<= count;
    r->count -= count;
}

/* The next 0 to 32 bits of those that are ready. */
static inline uint32_t n1_take_bits(n1_bitreader *r, unsigned count)
{
    uint32_t value = (uint32_t)(r->bits >> 32 >> (32 - count));

    n1_skip_bits(r, count);
    return value;
}

/* The same three with the least significant bit first. */
static inline void n1_refill_low(n1_bitreader *r)
{
    if (r->end - r->p >= 8) {
        r->bits |= n1_load64(r->p) << r->count;
        r->p += (63 - r->count) >> 3;
        r->count |= 56;
        return;
    }
    if (r->count < r->invented)
        r->overrun = 1;
    for (; r->count <= 56 && r->p < r->end; r->count += 8)
        r->bits |= (uint64_t)*r->p++ << r->count;
    n1_invent_bits(r);
}

static inline uint32_t n1_take_low_bits(n1_bitreader *r, unsigned count)
{
    uint32_t value = (uint32_t)(r->bits & (((uint64_t)1 << count) - 1));

    r->bits >>= count;
    r->count -= count;
    return value;
}

/* Bytes from `start`, where reading began, that hold what was read, the last one whole; meaningless after an overrun. */
static inline size_t n1_bitreader_used(const n1_bitreader *r, const uint8_t *start)
{
    return (size_t)(r->p - start) - (r->count - r->invented) / 8;
}

static inline int n1_bitreader_overran(const n1_bitreader *r)
{
    return r->overrun || r->count < r->invented;
}

/* Whether everything was read, up to zeros that fill the last byte, and nothing beyond. */
static inline n1_status n1_bitreader_finish(const n1_bitreader *r)
{
    if (n1_bitreader_overran(r))
        return N1_ERROR_TRUNCATED;
    if (r->end != r->p || r->count - r->invented >= 8)
        return N1_ERROR_CORRUPT;
    return r->bits == 0 ? N1_OK : N1_ERROR_CORRUPT;
}

#endif
