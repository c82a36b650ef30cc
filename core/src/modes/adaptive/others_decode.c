/* Others, decoder: of the forward or the stored mode. Nesting ends here. */
#include "base/bytes.h"
#include "base/types.h"
#include "modes/adaptive/adaptive.h"
#include "modes/adaptive/others.h"
#include "modes/forward/forward_decode.h"
#include "modes/stored/stored.h"

n1_status n1_others_find(n1_others *o, const uint8_t *src, size_t size, size_t *at, const n1_shape *s, size_t n)
{
    *o = (n1_others){NULL, 0, {s->n_samples, n, s->dtype}};
    if (!n)
        return N1_OK;
    if (size - *at < sizeof(uint32_t))
        return N1_ERROR_TRUNCATED;
    o->size = n1_load32(src + *at);
    *at += sizeof(uint32_t);
    o->block = src + *at;
    if (o->size > size - *at || o->size == 0)
        return N1_ERROR_TRUNCATED;
    *at += o->size;
    return N1_OK;
}

n1_status n1_others_take(const n1_others *o, n1_arena *a, void **gathered)
{
    *gathered = n1_arena_take(a, (uint64_t)o->shape.n_samples * o->shape.n_channels, n1_type_size(o->shape.dtype));
    if (o->size && o->block[0] == N1_MODE_FORWARD)
        return n1_forward_decode_measure(o->block, o->size, &o->shape, a);
    return N1_OK;
}

void n1_others_most(const n1_shape *s, size_t n, n1_arena *a)
{
    const n1_shape shape = {s->n_samples, n, s->dtype};
    (void)n1_arena_take(a, (uint64_t)shape.n_samples * n, n1_type_size(shape.dtype));
    n1_forward_decode_most(&shape, a);
}

n1_status n1_others_decode(const n1_others *o, const uint16_t *channel, const n1_kernels *k, n1_arena a, size_t first, const n1_shape *s,
                           void *samples)
{
    uint8_t *gathered = n1_arena_take(&a, (uint64_t)o->shape.n_samples * o->shape.n_channels, n1_type_size(o->shape.dtype));
    n1_status status = N1_ERROR_CORRUPT;
    if (o->block[0] == N1_MODE_STORED)
        status = n1_stored_decode(o->block, o->size, &o->shape, gathered);
    else if (o->block[0] == N1_MODE_FORWARD)
        status = n1_forward_decode(o->block, o->size, &o->shape, k, &a, gathered, o->shape.n_channels);
    if (status == N1_OK)
        n1_scatter_channels(gathered + first * o->shape.n_channels * n1_type_size(o->shape.dtype), channel, o->shape.n_channels, s, samples);
    return status;
}
