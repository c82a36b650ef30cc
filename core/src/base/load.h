/* load.h - one sample of any type. */
#ifndef N1_BASE_LOAD_H
#define N1_BASE_LOAD_H
#include "base/types.h"

static inline int64_t n1_load_sample(const void *samples, n1_type t, size_t i)
{
    switch (t) {
    case N1_INT8: return ((const int8_t *)samples)[i];
    case N1_UINT8: return ((const uint8_t *)samples)[i];
    case N1_INT16: return ((const int16_t *)samples)[i];
    case N1_UINT16: return ((const uint16_t *)samples)[i];
    case N1_INT32: return ((const int32_t *)samples)[i];
    default: return ((const uint32_t *)samples)[i];
    }
}

static inline void n1_store_sample(void *samples, n1_type t, size_t i, int64_t v)
{
    switch (t) {
    case N1_INT8: ((int8_t *)samples)[i] = (int8_t)v; break;
    case N1_UINT8: ((uint8_t *)samples)[i] = (uint8_t)v; break;
    case N1_INT16: ((int16_t *)samples)[i] = (int16_t)v; break;
    case N1_UINT16: ((uint16_t *)samples)[i] = (uint16_t)v; break;
    case N1_INT32: ((int32_t *)samples)[i] = (int32_t)v; break;
    default: ((uint32_t *)samples)[i] = (uint32_t)v; break;
    }
}

#endif
