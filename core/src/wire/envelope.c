/* envelope.c - writing and reading envelopes. */
#include "wire/envelope.h"

#include <string.h>

#include "wire/shape.h"

static const uint8_t MAGIC[2] = {'N', '1'};

uint8_t n1_dtype_code(n1_type type, int big_endian, int flat)
{
    const unsigned width = (unsigned)type >> 1, is_signed = !((unsigned)type & 1);

    return (uint8_t)(width | is_signed << 2 | (big_endian && width ? N1_DTYPE_BIG_ENDIAN : 0) |
                     (flat ? 0 : N1_DTYPE_FRAMES));
}

int n1_dtype_valid(uint8_t code)
{
    const unsigned width = code & 3, kind = code >> 2 & 3; /* of kind: unsigned, signed, floating point, truth value */

    return !(code & 0xC0) && !(kind == 2 && !width) && !(kind == 3 && width) && !(code & N1_DTYPE_BIG_ENDIAN && !width);
}

n1_status n1_dtype_read(uint8_t code, uint64_t at, n1_type *type, int *big_endian, int *flat, n1_fault *fault)
{
    const unsigned width = code & 3, kind = code >> 2 & 3;

    *big_endian = (code & N1_DTYPE_BIG_ENDIAN) != 0;
    *flat = !(code & N1_DTYPE_FRAMES);
    if (!n1_dtype_valid(code))
        return n1_blame_value(fault, N1_ERROR_CORRUPT, "unknown dtype code", code, at);
    if (kind > 1 || width == 3)
        return n1_blame_value(fault, N1_ERROR_UNSUPPORTED,
                              "samples that are no integers of 1, 2 or 4 bytes are not read here: dtype code", code, at);
    *type = (n1_type)(2 * width + !kind);
    return N1_OK;
}

int n1_array_shape_ok(const n1_shape *shape)
{
    return (unsigned)shape->dtype <= N1_UINT32 && shape->n_channels <= N1_MAX_CHANNELS &&
           shape->n_samples <= N1_MAX_VALUES &&
           (!shape->n_channels || shape->n_samples <= N1_MAX_VALUES / shape->n_channels);
}

size_t n1_envelope_head_size(const n1_envelope *e)
{
    const size_t sides = n1_sides_size(&e->content);

    if (sides == N1_TOO_LARGE || !n1_array_shape_ok(&e->shape) || (e->flat && e->shape.n_channels != 1) ||
        e->spec.size > N1_MAX_SPEC)
        return 0;
    return sizeof MAGIC + 2 + n1_varint_size(e->shape.n_samples) + (e->flat ? 0 : n1_varint_size(e->shape.n_channels)) +
           n1_varint_size(e->spec.size) + e->spec.size + 1 + sides + n1_varint_size(e->content.payload.size);
}

size_t n1_envelope_size(const n1_envelope *e)
{
    const size_t head = n1_envelope_head_size(e);

    return head ? head + e->content.payload.size + N1_TRAILER_BYTES : 0;
}

void n1_envelope_write(const n1_envelope *e, uint8_t *dst)
{
    uint8_t *p = n1_envelope_write_head(e, n1_dtype_code(e->shape.dtype, e->big_endian, e->flat), dst);

    if (e->content.payload.size && e->content.payload.data != p)
        memcpy(p, e->content.payload.data, e->content.payload.size);
    (void)n1_seal(dst, p + e->content.payload.size, e->content.samples_hash, 0);
}

uint8_t *n1_envelope_write_head(const n1_envelope *e, uint8_t code, uint8_t *dst)
{
    uint8_t *p = dst;

    memcpy(p, MAGIC, sizeof MAGIC);
    p[2] = N1_ENVELOPE_VERSION;
    p[3] = code;
    p = n1_put_varint(p + 4, e->shape.n_samples);
    if (!e->flat)
        p = n1_put_varint(p, e->shape.n_channels);
    p = n1_put_varint(p, e->spec.size);
    memcpy(p, e->spec.data, e->spec.size);
    p += e->spec.size;
    *p++ = (uint8_t)e->content.n_sides;
    p = n1_put_sides(p, &e->content);
    return n1_put_varint(p, e->content.payload.size);
}

/* Magic and version; the byte of the dtype is the last one passed. */
static n1_status read_start(n1_cursor *c)
{
    const size_t size = (size_t)(c->end - c->p);

    if (memcmp(c->p, MAGIC, size < sizeof MAGIC ? size : sizeof MAGIC) != 0)
        return n1_blame(c->fault, N1_ERROR_CORRUPT, "not an n1codec frame: wrong magic", 0);
    if (size < 4)
        return n1_blame(c->fault, N1_ERROR_TRUNCATED, "frame header is cut short", size);
    if (c->p[2] != N1_ENVELOPE_VERSION)
        return n1_blame_value(c->fault, N1_ERROR_UNSUPPORTED, "this build does not read frames of version", c->p[2], 2);
    c->p += 4;
    return N1_OK;
}

static n1_status read_shape(n1_cursor *c, n1_envelope *e)
{
    static const char beyond[] = "impossible shape: an axis beyond its limit, or a number not in its shortest form";
    uint64_t n_samples, n_channels = 1;
    n1_status status = n1_cursor_number(c, N1_MAX_VALUES, "the shape is cut short", beyond, &n_samples);

    if (status == N1_OK && !e->flat)
        status = n1_cursor_number(c, N1_MAX_VALUES, "the shape is cut short", beyond, &n_channels);
    if (status != N1_OK)
        return status;
    e->shape.n_samples = (size_t)n_samples;
    e->shape.n_channels = (size_t)n_channels;
    if (!n1_array_shape_ok(&e->shape))
        return n1_blame(c->fault, N1_ERROR_CORRUPT, "impossible shape: more values or channels than an array may have", 4);
    return N1_OK;
}

static n1_status read_spec(n1_cursor *c, n1_envelope *e)
{
    static const char shorter[] = "frame header is cut short";
    uint64_t size;
    n1_status status = n1_cursor_number(c, N1_MAX_SPEC, shorter,
                                        "specification: a length beyond its limit, or not in its shortest form", &size);

    if (status != N1_OK || (status = n1_cursor_take(c, size, shorter, &e->spec)) != N1_OK)
        return status;
    for (size_t i = 0; i < e->spec.size; i++)
        if (e->spec.data[i] > 0x7F)
            return n1_blame(c->fault, N1_ERROR_CORRUPT, "specification is not ASCII", n1_cursor_at(c) - size);
    return N1_OK;
}

static n1_status read_content(n1_cursor *c, n1_content *content)
{
    n1_span count;
    uint64_t size;
    n1_status status = n1_cursor_take(c, 1, "frame header is cut short", &count);

    if (status != N1_OK)
        return status;
    if (*count.data > N1_MAX_TRANSFORMS)
        return n1_blame_value(c->fault, N1_ERROR_CORRUPT, "more transforms than a codec may have:", *count.data,
                              n1_cursor_at(c) - 1);
    content->n_sides = *count.data;
    if ((status = n1_get_sides(c, content)) != N1_OK)
        return status;
    status = n1_cursor_number(c, N1_MAX_PAYLOAD, "frame header is cut short",
                              "payload: a length beyond its limit, or not in its shortest form", &size);
    if (status != N1_OK)
        return status;
    const uint64_t rest = (uint64_t)(c->end - c->p), length = n1_cursor_at(c) + rest;
    if (rest < size + N1_TRAILER_BYTES)
        return n1_blame_value(c->fault, N1_ERROR_TRUNCATED, "the frame is cut short: bytes missing:",
                              size + N1_TRAILER_BYTES - rest, length);
    if (rest > size + N1_TRAILER_BYTES)
        return n1_blame_value(c->fault, N1_ERROR_CORRUPT, "bytes that follow the end of the frame:",
                              rest - size - N1_TRAILER_BYTES, length - (rest - size - N1_TRAILER_BYTES));
    return n1_cursor_take(c, size, "", &content->payload);
}

/* The dtype: `any` leaves those that the core does not know to the caller, as samples of N1_INT8. */
static n1_status read_dtype(n1_cursor *c, n1_envelope *e, int any)
{
    const uint8_t code = c->p[-1];
    const n1_status status = n1_dtype_read(code, 3, &e->shape.dtype, &e->big_endian, &e->flat, c->fault);

    return any && status == N1_ERROR_UNSUPPORTED ? N1_OK : status;
}

/* Samples of any type where the caller knows the CRC. */
static n1_status read_envelope(const uint8_t *src, size_t len, const uint32_t *known, n1_envelope *e, n1_fault *fault)
{
    n1_cursor c = {src, src, src + len, fault};
    n1_status status;

    if (!src || !e)
        return n1_blame(fault, N1_ERROR_ARGUMENT, "no bytes, or nowhere to say what is in them", N1_NOWHERE);
    memset(e, 0, sizeof *e);
    if ((status = read_start(&c)) != N1_OK || (status = read_dtype(&c, e, known != NULL)) != N1_OK ||
        (status = read_shape(&c, e)) != N1_OK || (status = read_spec(&c, e)) != N1_OK ||
        (status = read_content(&c, &e->content)) != N1_OK)
        return status;
    if (n1_check_seal_known(src, len, known ? *known : n1_crc32c(0, src, len - 4), &e->content.samples_hash) != N1_OK)
        return n1_blame(fault, N1_ERROR_CORRUPT, "CRC mismatch: the frame is damaged", N1_NOWHERE);
    if (n1_shape_empty(&e->shape) && (e->content.n_sides || e->content.payload.size))
        return n1_blame(fault, N1_ERROR_CORRUPT, "a frame without samples has a payload", N1_NOWHERE);
    return N1_OK;
}

n1_status n1_envelope_read(const uint8_t *src, size_t len, n1_envelope *e, n1_fault *fault)
{
    return read_envelope(src, len, NULL, e, fault);
}

n1_status n1_envelope_read_any(const uint8_t *src, size_t len, uint32_t crc, n1_envelope *e, n1_fault *fault)
{
    return read_envelope(src, len, &crc, e, fault);
}
