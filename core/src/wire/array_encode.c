/* array_encode.c - arrays of the n1 coder in envelopes, encoder: what a program in C calls. */
#include "base/inline.h"
#include "wire/envelope.h"
#include "wire/payload.h"
#include "wire/shape.h"

#include <string.h>

n1_options n1_default_options(void)
{
    return (n1_options){5, n1_best_kernel(), 0, 0};
}

/* The largest envelope of an array without its payload. */
#define MOST_HEAD (4 + 4 * N1_MAX_VARINT_BYTES + 2 + 1)

size_t n1_encode_bound(const n1_shape *shape)
{
    if (!shape || !n1_array_shape_ok(shape))
        return 0;
    return MOST_HEAD + (n1_shape_empty(shape) ? 0 : n1_coded_bound(shape)) + N1_TRAILER_BYTES;
}

size_t n1_encode_workspace(const n1_shape *shape, const n1_options *options)
{
    return shape && options && n1_array_shape_ok(shape) && !n1_shape_empty(shape) ? n1_payload_encode_workspace(shape, options->level)
                                                                            : 0;
}

/* The envelope around a payload that is where the largest head would end: its size. */
N1_APART static size_t wrap(const void *samples, const n1_shape *shape, const n1_options *options, uint8_t *dst, size_t size)
{
    n1_envelope e = {.shape = *shape, .flat = options->flat != 0, .big_endian = options->big_endian != 0,
                     .spec = {(const uint8_t *)N1_PLAIN_SPEC, sizeof N1_PLAIN_SPEC - 1}};
    e.content.payload = (n1_span){dst + MOST_HEAD, size};
    e.content.samples_hash = n1_hash_samples(samples, shape->n_samples * shape->n_channels, shape->dtype);
    const size_t head = n1_envelope_head_size(&e);
    memmove(dst + head, dst + MOST_HEAD, size);
    e.content.payload.data = dst + head;
    n1_envelope_write(&e, dst);
    return head + size + N1_TRAILER_BYTES;
}

n1_status n1_encode(const void *samples, const n1_shape *shape, const n1_options *options, void *workspace,
                    size_t workspace_size, uint8_t *dst, size_t capacity, size_t *written)
{
    if (!shape || !options || !dst || !written || !n1_array_shape_ok(shape) || options->level < 1 ||
        options->level > N1_MAX_LEVEL || (options->flat && shape->n_channels != 1))
        return N1_ERROR_ARGUMENT;
    size_t size = 0;
    *written = 0;
    if (capacity < MOST_HEAD + N1_TRAILER_BYTES)
        return N1_ERROR_DST_TOO_SMALL;
    if (!n1_shape_empty(shape)) {
        if (!samples)
            return N1_ERROR_ARGUMENT;
        const n1_status status = n1_payload_encode(samples, shape, options, workspace, workspace_size, dst + MOST_HEAD,
                                                   capacity - MOST_HEAD - N1_TRAILER_BYTES, &size);
        if (status != N1_OK)
            return status;
    }
    *written = wrap(samples, shape, options, dst, size);
    return N1_OK;
}
