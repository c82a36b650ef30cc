/* array_decode.c - arrays of the n1 coder in envelopes, decoder: what a program in C calls. */
#include "wire/envelope.h"
#include "wire/payload.h"
#include "wire/shape.h"

#include <string.h>

int n1_is_plain(n1_span spec)
{
    return spec.size == sizeof N1_PLAIN_SPEC - 1 && memcmp(spec.data, N1_PLAIN_SPEC, sizeof N1_PLAIN_SPEC - 1) == 0;
}

static int is_ours(const n1_envelope *e)
{
    return n1_is_plain(e->spec) && !e->content.n_sides;
}

size_t n1_decode_workspace(const n1_envelope *e)
{
    if (!e || !n1_array_shape_ok(&e->shape) || n1_shape_empty(&e->shape) || !is_ours(e))
        return 0;
    return n1_payload_decode_workspace(e->content.payload, &e->shape);
}

n1_status n1_decode(const n1_envelope *e, n1_kernel kernel, void *workspace, size_t workspace_size, void *samples,
                    size_t size)
{
    if (!e || !n1_array_shape_ok(&e->shape))
        return N1_ERROR_ARGUMENT;
    const size_t count = e->shape.n_samples * e->shape.n_channels;
    if (!n1_shape_empty(&e->shape)) {
        if (!is_ours(e))
            return N1_ERROR_UNSUPPORTED;
        if (!samples)
            return N1_ERROR_ARGUMENT;
        if (size < count * n1_type_size(e->shape.dtype))
            return N1_ERROR_DST_TOO_SMALL;
        const n1_status status =
            n1_payload_decode(e->content.payload, &e->shape, NULL, kernel, workspace, workspace_size, samples, NULL);
        if (status != N1_OK)
            return status;
    }
    return n1_hash_samples(samples, count, e->shape.dtype) == e->content.samples_hash ? N1_OK : N1_ERROR_CORRUPT;
}
