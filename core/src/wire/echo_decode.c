/* Frames that are those of a period before but for an offset: decoder. */
#include "wire/echo.h"
#include "base/varint.h"

/* Bytes of the bits that say which channels are echoes. */
static size_t which_bytes(const n1_shape *s, int all) { return all ? 1 : (s->n_channels + 8) / 8; }

n1_status n1_echo_read(const uint8_t *src, size_t size, const n1_shape *s, n1_echo_head *head)
{
    const uint8_t *p = src + 1, *const end = src + size; /* behind the mode */
    uint64_t distance, first;
    n1_status status = n1_get_varint(&p, end, s->n_samples - 1, &distance);
    if (status != N1_OK || !distance)
        return status == N1_OK ? N1_ERROR_CORRUPT : status;
    if (p == end || (size_t)(end - p) < which_bytes(s, p[0] & 1))
        return N1_ERROR_TRUNCATED;
    *head = (n1_echo_head){(size_t)distance, p, {0, 0}, {0, 0}};
    p += which_bytes(s, p[0] & 1);
    status = n1_get_varint(&p, end, UINT64_MAX, &first);
    if (status != N1_OK)
        return status;
    if (!first)
        return N1_ERROR_CORRUPT;
    if ((uint64_t)(end - p) <= first)
        return N1_ERROR_TRUNCATED;
    head->first = (n1_span){p, (size_t)first};
    head->others = (n1_span){p + first, (size_t)(end - p) - (size_t)first};
    return N1_OK;
}

/* What no echo is of has its zero in the middle of the type. */
#define ADD(T)                                                                                                        \
    {                                                                                                                 \
        T *const x = samples;                                                                                         \
        for (size_t t = head->distance; t < s->n_samples; t++)                                                        \
            for (size_t c = 0; c < n; c++) {                                                                          \
                const size_t i = t * n + c;                                                                           \
                x[i] = (T)(x[i] + (n1_echo_is_one(head->which, c) ? x[i - back] : (T)bias));                          \
            }                                                                                                         \
    }

void n1_echo_add(const n1_echo_head *head, const n1_shape *s, void *samples)
{
    const size_t n = s->n_channels, back = head->distance * n;
    const uint32_t bias = n1_type_bias(s->dtype);
    switch (n1_type_size(s->dtype)) {
    case 1: ADD(uint8_t) break;
    case 2: ADD(uint16_t) break;
    default: ADD(uint32_t)
    }
}
