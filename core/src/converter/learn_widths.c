/* Encoder: learn relative code widths from a histogram. */
#include "converter/learn_widths.h"
#include "base/log2.h"
#include "converter/nlink.h"
#include "converter/survey.h"

#define SMOOTH 8   /* half width of each of the two box filters, codes */

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
int n1_learn_widths(const uint32_t *hist, n1_alphabet *a, uint64_t *work, size_t counted, size_t all)
{
    const size_t n = a->n_codes;
    uint64_t total = 0, deviation = 0, mean = 0;
    for (size_t k = 0; k < n; k++) {
        total += hist[k];
        mean += (uint64_t)hist[k] * k;
    }
    if (total < N1_LEARNABLE)
        return 0;
    uint64_t *const count = work, *const width = work + n, *const tmp = work + 2 * n;
    uint64_t *const num = work + 3 * n, *const den = work + 4 * n;
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
        int32_t log = n1_log2_q8(width[k]) - 8 * 256;
        int32_t q = (log + (128 >> step)) >> (8 - step);
        a->log_width[k] = (int8_t)q;
        gain += (int64_t)hist[k] * (q * (256 >> step));
        cost += 3 + (uint64_t)(n1_fold_sign(q) >> 2);
    }
    return gain / 256 * (int64_t)all > (int64_t)(cost + cost / 2) * (int64_t)counted;
}

/* Bits, in 256ths, that the codes of a histogram take under a smooth density on an axis of such widths (Q8). */
static int64_t bits_under(const uint32_t *hist, const uint64_t *width, size_t n, size_t half, uint64_t *buffer)
{
    uint64_t *count = buffer, *tmp = buffer + n, *num = buffer + 2 * n, *den = buffer + 3 * n, sum = 0;
    int64_t bits = 0;
    for (size_t k = 0; k < n; k++)
        count[k] = (uint64_t)hist[k] << 8;
    smooth(count, tmp, num, n, half);
    smooth(width, tmp, den, n, half);
    for (size_t k = 0; k < n; k++) {
        num[k] = num[k] ? num[k] * width[k] / den[k] + 1 : 1;
        sum += num[k];
    }
    const int32_t whole = n1_log2_q8(sum);
    for (size_t k = 0; k < n; k++)
        if (hist[k])
            bits += (int64_t)hist[k] * (whole - n1_log2_q8(num[k]));
    return bits;
}

/* What the codes gain over even widths if the widths are right: those of the N1 bring 25 256ths of a bit there. */
#define CERTAIN 12

void n1_choose_widths(const uint32_t *hist, n1_alphabet *a, uint64_t *work)
{
    const size_t n = a->n_codes, half = 4;
    uint64_t *const width = work, *const buffer = work + n;
    a->widths = N1_WIDTHS_PRIOR;
    int64_t total = 0;
    for (size_t k = 0; k < n; k++) {
        total += hist[k];
        width[k] = (uint64_t)n1_nlink_sixteenths[(uint32_t)a->first + k] << 4;
    }
    const int64_t prior = bits_under(hist, width, n, half, buffer);
    for (size_t k = 0; k < n; k++)
        width[k] = 256;
    const int64_t even = bits_under(hist, width, n, half, buffer);
    if (even - prior > CERTAIN * total)
        return;
    const int learnt = n1_learn_widths(hist, a, work, 1, 1); /* in the same memory: what it leaves is in a->log_width */
    int64_t sent = INT64_MAX;
    if (learnt) {
        sent = 0;
        for (size_t k = 0; k < n; k++) {
            static const uint16_t power[8] = {256, 279, 304, 332, 362, 395, 431, 470};   /* 2^(i/8) */
            const int32_t whole = a->log_width[k] >> a->step_bits;
            const uint32_t part = (uint32_t)a->log_width[k] & ((1u << a->step_bits) - 1);
            width[k] = whole >= 0 ? (uint64_t)power[part] << whole : (uint64_t)power[part] >> -whole;
            width[k] += width[k] == 0;
            sent += 256 * (4 + (a->log_width[k] < 0 ? -a->log_width[k] : a->log_width[k]) / 2);
        }
        sent += bits_under(hist, width, n, half, buffer);
    }
    if (prior > even || prior > sent)
        a->widths = sent < even ? N1_WIDTHS_SENT : N1_WIDTHS_EVEN;
}
