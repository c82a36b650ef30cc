/* Encoder: learn relative code widths from a histogram. */
#include "chunk.h"

#define SMOOTH 8   /* half width of each of the two box filters, codes */

int32_t n1c_log2_q8(uint64_t v)
{
    int32_t whole = 63;
    while (!(v >> whole))
        whole--;
    uint64_t m = whole >= 31 ? v >> (whole - 31) : v << (31 - whole);   /* [2^31, 2^32) */
    int32_t r = whole << 8;
    for (int32_t bit = 128; bit; bit >>= 1) {
        m = (m * m) >> 31;
        if (m >> 32) {
            r += bit;
            m >>= 1;
        }
    }
    return r;
}

/* Triangular smoothing: two passes of a box filter with zeros outside. in -> out, tmp of the same size. */
static void smooth(const uint64_t *in, uint64_t *tmp, uint64_t *out, size_t n, size_t half)
{
    const uint64_t *from = in;
    uint64_t *to = tmp;
    for (int pass = 0; pass < 2; pass++) {
        uint64_t sum = 0;
        for (size_t i = 0; i < half && i < n; i++)
            sum += from[i];
        for (size_t i = 0; i < n; i++) {
            if (i + half < n)
                sum += from[i + half];
            if (i > half)
                sum -= from[i - half - 1];
            to[i] = sum;
        }
        from = tmp;
        to = out;
    }
}

/* The amplitude histogram of a recording is smooth on the scale of a few codes, so count / smoothed count is the width.
   The second round divides by the smoothed widths too, which removes the unevenness of the neighbourhood itself. */
int n1c_learn_widths(const uint32_t *hist, n1c_alphabet *a, n1c_arena *scratch)
{
    const size_t n = a->n_codes;
    const n1c_arena saved = *scratch;
    uint64_t *count = n1c_arena_take(scratch, n * 8), *width = n1c_arena_take(scratch, n * 8);
    uint64_t *tmp = n1c_arena_take(scratch, n * 8), *num = n1c_arena_take(scratch, n * 8), *den = n1c_arena_take(scratch, n * 8);
    *scratch = saved;
    if (!den || !num || !tmp || !width || !count)
        return 0;
    uint64_t total = 0, deviation = 0, mean = 0;
    for (size_t k = 0; k < n; k++) {
        total += hist[k];
        mean += (uint64_t)hist[k] * k;
    }
    if (total < 1024)
        return 0;
    mean /= total;
    for (size_t k = 0; k < n; k++)
        deviation += (uint64_t)hist[k] * (k > mean ? k - mean : mean - k);
    size_t half = (size_t)(deviation / total / 4);   /* stay well below the width of the histogram */
    half = half > SMOOTH ? SMOOTH : half;
    if (half < 2)
        return 0;
    for (size_t k = 0; k < n; k++) {
        count[k] = (uint64_t)hist[k] << 8;
        width[k] = 256;
    }
    for (int round = 0; round < 3; round++) {
        smooth(count, tmp, num, n, half);
        smooth(width, tmp, den, n, half);
        for (size_t k = 0; k < n; k++) {
            uint64_t expected = num[k] * 256 / den[k];             /* counts at unit width, Q8 */
            width[k] = ((count[k] + (8 << 8)) << 8) / (expected + (8 << 8));
            width[k] = width[k] < 16 ? 16 : width[k] > 1023 ? 1023 : width[k];
        }
    }
    /* Quantise; gain in bits = sum of count * log2(width), after the density has been renormalised (the widths' mean,
       weighted by the expected counts, is 1 by construction). */
    const unsigned step = a->step_bits;
    int64_t gain = 0;
    uint64_t cost = 0;
    for (size_t k = 0; k < n; k++) {
        int32_t log = n1c_log2_q8(width[k]) - 8 * 256;
        int32_t q = (log + (128 >> step)) >> (8 - step);
        a->log_width[k] = (int8_t)q;
        gain += (int64_t)hist[k] * (q * (256 >> step));
        cost += 3 + (uint64_t)(n1c_zigzag(q) >> 2);
    }
    return gain / 256 > (int64_t)(cost + cost / 2);
}
