/* expgolomb.c - exponential Golomb codes of signed integers. */
#include "base/bits.h"
#include "n1/classic.h"

/* Bits of v, which is 1 .. 2^32. */
static inline unsigned bits_of(uint64_t v) { return v >> 32 ? 33 : n1_log2((uint32_t)v) + 1; }

static inline uint32_t fold(int32_t v) { return (uint32_t)v << 1 ^ (v < 0 ? UINT32_MAX : 0); }

unsigned n1_expgolomb_best_order(const int32_t *values, size_t n)
{
    unsigned best = 0;
    uint64_t best_size = UINT64_MAX;
    for (unsigned k = 0; k <= N1_EXPGOLOMB_MAX_ORDER; k++) {
        uint64_t size = 0;
        for (size_t i = 0; i < n; i++)
            size += 2 * bits_of(((uint64_t)fold(values[i]) >> k) + 1) - 1 + k;
        if (size < best_size) {
            best_size = size;
            best = k;
        }
    }
    return best;
}

size_t n1_expgolomb_bound(size_t n, unsigned k)
{
    const size_t most = (32 + 33 + k + 7) / 8;
    return n < SIZE_MAX / most ? n * most + 1 : SIZE_MAX;
}

size_t n1_expgolomb_encode(const int32_t *values, size_t n, unsigned k, uint8_t *dst)
{
    n1_bitwriter w;
    n1_bitwriter_init(&w, dst, n1_expgolomb_bound(n, k));
    for (size_t i = 0; i < n; i++) {
        const uint32_t z = fold(values[i]);
        const uint64_t u = ((uint64_t)z >> k) + 1;
        const unsigned low = bits_of(u) - 1;
        n1_put_bits(&w, 0, low);
        n1_put_bits(&w, 1, 1); /* the top bit of u, which may have 33 */
        n1_put_bits(&w, (uint32_t)(u ^ (uint64_t)1 << low), low);
        n1_put_bits(&w, z & (((uint32_t)1 << k) - 1), k);
    }
    (void)n1_bitwriter_finish(&w); /* there is room: the bound */
    return (size_t)(w.p - dst);
}

/* One value: up to 32 zeros, a one, as many bits, and k more. */
static inline n1_status decode_value(n1_bitreader *r, unsigned k, int32_t *value)
{
    n1_refill(r);
    const uint32_t head = n1_peek_bits(r, 32);
    const unsigned zeros = head ? 31 - n1_log2(head) : 32;
    n1_skip_bits(r, zeros);
    const uint32_t one = n1_take_bits(r, 1);
    n1_refill(r);
    const uint64_t u = (uint64_t)1 << zeros | n1_take_bits(r, zeros);
    n1_refill(r);
    const uint64_t z = (u << k | n1_take_bits(r, k)) - ((uint64_t)1 << k);
    if (n1_bitreader_overran(r))
        return N1_ERROR_TRUNCATED;
    if (!one || z > UINT32_MAX)
        return N1_ERROR_CORRUPT;
    *value = (int32_t)((uint32_t)(z >> 1) ^ (z & 1 ? UINT32_MAX : 0));
    return N1_OK;
}

n1_status n1_expgolomb_decode(const uint8_t *src, size_t len, unsigned k, int32_t *values, size_t n, size_t *used)
{
    n1_bitreader r;
    n1_status status;

    if (k > N1_EXPGOLOMB_MAX_ORDER)
        return N1_ERROR_ARGUMENT;
    n1_bitreader_init(&r, src, len);
    for (size_t i = 0; i < n; i++)
        if ((status = decode_value(&r, k, &values[i])) != N1_OK)
            return status;
    *used = n1_bitreader_used(&r, src);
    return n1_take_bits(&r, (r.count - r.invented) % 8) ? N1_ERROR_CORRUPT : N1_OK;
}
