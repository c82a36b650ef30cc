/* crc32c.c - the checksum of frames: hardware instruction where the machine has it, slicing by eight elsewhere. */
#include "n1/n1.h"

#include "base/bytes.h"
#include "base/crc32c_table.h"
#include "base/parts.h"

static uint32_t crc32c_portable(uint32_t crc, const uint8_t *p, size_t len)
{
    while (len >= 8) {
        uint64_t word = n1_load64(p) ^ crc;
        crc = n1_crc32c_table[7][word & 0xFF] ^ n1_crc32c_table[6][(word >> 8) & 0xFF] ^
              n1_crc32c_table[5][(word >> 16) & 0xFF] ^ n1_crc32c_table[4][(word >> 24) & 0xFF] ^
              n1_crc32c_table[3][(word >> 32) & 0xFF] ^ n1_crc32c_table[2][(word >> 40) & 0xFF] ^
              n1_crc32c_table[1][(word >> 48) & 0xFF] ^ n1_crc32c_table[0][word >> 56];
        p += 8;
        len -= 8;
    }
    while (len--)
        crc = n1_crc32c_table[0][(crc ^ *p++) & 0xFF] ^ (crc >> 8);
    return crc;
}

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#include <nmmintrin.h>

/* The instruction takes three cycles, and one may begin in each: so three thirds of long bytes are done side by side. */
#define LONG ((size_t)1 << 16)

__attribute__((target("sse4.2"))) static uint32_t crc32c_thirds(uint32_t crc, const uint8_t *p, size_t third)
{
    uint64_t a = crc, b = 0, c = 0;
    for (size_t i = 0; i < third; i += 8, p += 8) {
        a = _mm_crc32_u64(a, n1_load64(p));
        b = _mm_crc32_u64(b, n1_load64(p + third));
        c = _mm_crc32_u64(c, n1_load64(p + 2 * third));
    }
    return n1_crc32c_join(n1_crc32c_join((uint32_t)a, (uint32_t)b, third), (uint32_t)c, third);
}

__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(uint32_t crc, const uint8_t *p, size_t len)
{
    if (len >= LONG) {
        const size_t third = len / 24 * 8;
        crc = crc32c_thirds(crc, p, third);
        p += 3 * third;
        len -= 3 * third;
    }
    uint64_t wide = crc;
    while (len >= 8) {
        wide = _mm_crc32_u64(wide, n1_load64(p));
        p += 8;
        len -= 8;
    }
    crc = (uint32_t)wide;
    while (len--)
        crc = _mm_crc32_u8(crc, *p++);
    return crc;
}

static uint32_t crc32c_best(uint32_t crc, const uint8_t *p, size_t len)
{
    return __builtin_cpu_supports("sse4.2") ? crc32c_sse42(crc, p, len) : crc32c_portable(crc, p, len);
}
#else
#define crc32c_best crc32c_portable
#endif

uint32_t n1_crc32c(uint32_t crc, const void *data, size_t len)
{
    return ~crc32c_best(~crc, data, len);
}

/* The product of two polynomials, modulo that of the CRC; the highest bit is that of x^0. */
static uint32_t product(uint32_t a, uint32_t b)
{
    uint32_t sum = 0;

    for (; a; a <<= 1) {
        if (a >> 31)
            sum ^= b;
        b = (b >> 1) ^ (b & 1 ? 0x82F63B78u : 0);
    }
    return sum;
}

/* Bytes that follow multiply what is before by x^8 each: M. Adler's way, of zlib's crc32_combine, by powers. */
uint32_t n1_crc32c_join(uint32_t first, uint32_t last, size_t len)
{
    uint32_t power = 0x00800000u; /* x^8 */

    for (; len; len >>= 1) {
        if (len & 1)
            first = product(first, power);
        power = product(power, power);
    }
    return first ^ last;
}

uint32_t n1_crc32c_reference(uint32_t crc, const void *data, size_t len)
{
    return ~crc32c_portable(~crc, data, len);
}
