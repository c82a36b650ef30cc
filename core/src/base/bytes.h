/* bytes.h - little-endian loads and stores that work at any address on any machine. */
#ifndef N1_BYTES_H
#define N1_BYTES_H

#include <stdint.h>

static inline uint32_t n1_load16(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static inline uint32_t n1_load32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t n1_load64(const uint8_t *p)
{
    return (uint64_t)n1_load32(p) | (uint64_t)n1_load32(p + 4) << 32;
}

/* The same of samples whose bytes may stand the other way round: byte i is at i ^ flip. */
static inline uint64_t n1_load64_flipped(const uint8_t *p, unsigned flip)
{
    uint64_t v = 0;

    if (!flip)
        return n1_load64(p);
    for (unsigned b = 0; b < 8; b++)
        v |= (uint64_t)p[b ^ flip] << (8 * b);
    return v;
}

static inline void n1_store16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static inline void n1_store32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
    p[2] = (uint8_t)(v >> 16);
    p[3] = (uint8_t)(v >> 24);
}

static inline void n1_store64(uint8_t *p, uint64_t v)
{
    n1_store32(p, (uint32_t)v);
    n1_store32(p + 4, (uint32_t)(v >> 32));
}

#endif
