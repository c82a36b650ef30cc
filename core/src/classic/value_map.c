/* value_map.c - which values occur in samples, and exchanging values by a table. */
#include "n1/classic.h"

#include "base/types.h"

n1_status n1_mark_values(const void *src, n1_type type, size_t n, int64_t base, uint8_t *seen, size_t span)
{
    /* Modulo 2^32, the distance of a value to the base is exact for values inside the span and at least span for all
     * others, as long as the span is no more than 2^32 values. */
    const uint32_t origin = (uint32_t)base;
    size_t outside = 0;
#define LOOP(T)                                                                                                       \
    for (size_t i = 0; i < n; i++) {                                                                                  \
        const size_t at = (uint32_t)((const T *)src)[i] - origin;                                                     \
        if (at < span)                                                                                                \
            seen[at] = 1;                                                                                             \
        else                                                                                                          \
            outside = 1;                                                                                              \
    }
    N1_FOR_TYPE(type, LOOP)
#undef LOOP
    return outside ? N1_ERROR_ARGUMENT : N1_OK;
}

#define MAP(S, D)                                                                                                     \
    for (size_t i = 0; i < n; i++) {                                                                                  \
        const size_t at = (uint32_t)((const S *)src)[i] - origin;                                                     \
        if (at >= span)                                                                                               \
            return N1_ERROR_CORRUPT;                                                                                  \
        ((D *)dst)[i] = (D)(uint32_t)table[at];                                                                       \
    }

n1_status n1_map_values(const void *src, n1_type src_type, size_t n, int64_t base, const int32_t *table, size_t span,
                        void *dst, n1_type dst_type)
{
    const uint32_t origin = (uint32_t)base;
#define TO_8(S) MAP(S, uint8_t)
#define TO_16(S) MAP(S, uint16_t)
#define TO_32(S) MAP(S, uint32_t)
    switch (n1_type_bits(dst_type)) {
    case 8: N1_FOR_TYPE(src_type, TO_8) break;
    case 16: N1_FOR_TYPE(src_type, TO_16) break;
    default: N1_FOR_TYPE(src_type, TO_32) break;
    }
    return N1_OK;
}
