/* array.c - arrays of the n1 coder in envelopes: what a program in C calls. */
#include "wire/envelope.h"
#include "wire/payload.h"

#include <string.h>

#include "base/types.h"

/* The pipeline that is nothing but the n1 coder. */
static const uint8_t SPEC[2] = {'n', '1'};

n1_options n1_default_options(void)
{
    return (n1_options){5, n1_best_kernel(), 0};
}

static int is_empty(const n1_shape *shape) { return !shape->n_samples || !shape->n_channels; }

/* The largest envelope of an array without its payload. */
#define MOST_HEAD (4 + 4 * N1_MAX_VARINT_BYTES + 2 + 1)

size_t n1_encode_bound(const n1_shape *shape)
{
    if (!shape || !n1_array_shape_ok(shape))
        return 0;
    return MOST_HEAD + (is_empty(shape) ? 0 : n1_coded_bound(shape)) + N1_TRAILER_BYTES;
}

static size_t workspace_of(const n1_shape *shape, size_t n_blocks)
{
    const n1_shape largest = n1_payload_largest(shape, n_blocks);

    return n1_block_workspace(&largest);
}

size_t n1_array_workspace(const n1_shape *shape)
{
    return shape && n1_array_shape_ok(shape) && !is_empty(shape) ? workspace_of(shape, n1_payload_blocks(shape)) : 0;
}

n1_status n1_encode(const void *samples, const n1_shape *shape, const n1_options *options, void *workspace,
                    size_t workspace_size, uint8_t *dst, size_t capacity, size_t *written)
{
    if (!shape || !options || !dst || !written || !n1_array_shape_ok(shape) || options->level < 1 ||
        options->level > N1_MAX_LEVEL || (options->flat && shape->n_channels != 1))
        return N1_ERROR_ARGUMENT;
    n1_envelope e = {.shape = *shape, .flat = options->flat != 0, .spec = {SPEC, sizeof SPEC}};
    size_t size = 0;
    *written = 0;
    if (capacity < MOST_HEAD + N1_TRAILER_BYTES)
        return N1_ERROR_DST_TOO_SMALL;
    if (!is_empty(shape)) {
        if (!samples)
            return N1_ERROR_ARGUMENT;
        const n1_status status = n1_payload_encode(samples, shape, options, workspace, workspace_size, dst + MOST_HEAD,
                                                   capacity - MOST_HEAD - N1_TRAILER_BYTES, &size);
        if (status != N1_OK)
            return status;
    }
    e.content.payload = (n1_span){dst + MOST_HEAD, size};
    e.content.samples_hash = n1_hash_samples(samples, shape->n_samples * shape->n_channels, shape->dtype);
    const size_t head = n1_envelope_head_size(&e);
    memmove(dst + head, dst + MOST_HEAD, size);
    e.content.payload.data = dst + head;
    n1_envelope_write(&e, dst);
    *written = head + size + N1_TRAILER_BYTES;
    return N1_OK;
}

int n1_is_plain(n1_span spec)
{
    return spec.size == sizeof SPEC && memcmp(spec.data, SPEC, sizeof SPEC) == 0;
}

static int is_ours(const n1_envelope *e)
{
    return n1_is_plain(e->spec) && !e->content.n_sides;
}

size_t n1_decode_workspace(const n1_envelope *e)
{
    n1_payload p;

    if (!e || !n1_array_shape_ok(&e->shape) || is_empty(&e->shape) || !is_ours(e) ||
        n1_payload_open(&p, e->content.payload, &e->shape, NULL) != N1_OK)
        return 0;
    return workspace_of(&e->shape, p.n_blocks);
}

n1_status n1_decode(const n1_envelope *e, n1_kernel kernel, void *workspace, size_t workspace_size, void *samples,
                    size_t size)
{
    if (!e || !n1_array_shape_ok(&e->shape))
        return N1_ERROR_ARGUMENT;
    const size_t count = e->shape.n_samples * e->shape.n_channels;
    if (!is_empty(&e->shape)) {
        if (!is_ours(e))
            return N1_ERROR_UNSUPPORTED;
        if (!samples)
            return N1_ERROR_ARGUMENT;
        if (size < count * n1_type_bits(e->shape.dtype) / 8)
            return N1_ERROR_DST_TOO_SMALL;
        const n1_status status =
            n1_payload_decode(e->content.payload, &e->shape, kernel, workspace, workspace_size, samples, NULL);
        if (status != N1_OK)
            return status;
    }
    return n1_hash_samples(samples, count, e->shape.dtype) == e->content.samples_hash ? N1_OK : N1_ERROR_CORRUPT;
}
