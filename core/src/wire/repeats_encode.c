/* Frames that come again: what an encoder writes of those that it has found. */
#include "wire/repeats_encode.h"
#include "base/types.h"
#include "base/varint.h"
#include "modes/mode.h"
#include "modes/stored/stored.h"

#include <string.h>

n1_status n1_repeats_write(const void *samples, const n1_shape *s, const n1_repeats_list *found, uint8_t *dst, size_t capacity,
                           size_t *written)
{
    const n1_shape one = {1, s->n_channels, s->dtype};
    const uint8_t *const end = dst + capacity;
    size_t at = 0, distance = 1, blank_bytes = 0;
    uint8_t *p = dst;
    int blanks = 0;
    if (capacity < 1 + N1_MAX_VARINT_BYTES)
        return N1_ERROR_DST_TOO_SMALL;
    *p++ = N1_MODE_REPEATS;
    p = n1_put_varint(p, found->n_runs);
    for (size_t i = 0; i < found->n_runs; i++) {
        const n1_run *r = &found->runs[i];
        if ((size_t)(end - p) < 3 * N1_MAX_VARINT_BYTES)
            return N1_ERROR_DST_TOO_SMALL;
        p = n1_put_varint(p, r->first - at);
        p = n1_put_varint(p, 2 * (uint64_t)(r->end - r->first - 1) + (r->distance != distance));
        if (r->distance != distance)
            p = n1_put_varint(p, r->distance);
        distance = r->distance;
        at = r->end;
        blanks |= !r->distance;
    }
    if (blanks) {
        const uint8_t *const frame = (const uint8_t *)samples + found->blank * s->n_channels * n1_type_size(s->dtype);
        const n1_status status = n1_stored_encode(frame, &one, p, (size_t)(end - p), &blank_bytes);
        if (status != N1_OK)
            return status;
    }
    *written = (size_t)(p - dst) + blank_bytes;
    return N1_OK;
}

void n1_repeats_cut(const void *samples, const n1_shape *s, const n1_repeats_list *found, void *kept)
{
    const size_t frame = s->n_channels * n1_type_size(s->dtype);
    const uint8_t *const from = samples;
    uint8_t *to = kept;
    size_t at = 0;
    for (size_t i = 0; i <= found->n_runs; i++) {
        const size_t until = i < found->n_runs ? found->runs[i].first : s->n_samples;
        memcpy(to, from + at * frame, (until - at) * frame);
        to += (until - at) * frame;
        at = i < found->n_runs ? found->runs[i].end : at;
    }
}
