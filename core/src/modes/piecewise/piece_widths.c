/* Encoder of the piecewise mode: widths of codes. */
#include "modes/piecewise/piece_widths.h"
#include "modes/piecewise/piece_law.h"

#include <string.h>

#define LEAST_FRAMES 1024u /* fewer say nothing */
#define BOX          8     /* codes to either side over which counts are averaged, three times */
#define LEAST_GAIN   200.0 /* bits that they must promise */
#define OFTEN        8.0   /* counts that chance does not leave beside none: */
#define BESIDE       4.0   /* one frame of so many has such a code, and some have holes beside theirs */

uint32_t n1_piece_most_wide(size_t n)
{
    uint32_t wide = LEAST_FRAMES;
    while (wide < 1u << N1_PIECE_WIDE_BITS && wide < 2 * n)
        wide *= 2;
    return n < LEAST_FRAMES ? 0 : wide;
}

void n1_piece_widths_take(n1_piece_widths *w, n1_arena *a, size_t n)
{
    const size_t size = n1_piece_most_wide(n);
    w->count = n1_arena_take(a, size, sizeof *w->count);
    w->smooth = n1_arena_take(a, size, sizeof *w->smooth);
    w->sum = n1_arena_take(a, size + (size > 0), sizeof *w->sum);
}

/* Means over 2 BOX + 1 codes, fewer at the ends, in place. */
static void average(double *v, double *sum, uint32_t n)
{
    sum[0] = 0.0;
    for (uint32_t i = 0; i < n; i++)
        sum[i + 1] = sum[i] + v[i];
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t low = i > BOX ? i - BOX : 0, high = n - i > BOX + 1 ? i + BOX + 1 : n;
        v[i] = (sum[high] - sum[low]) / (double)(high - low);
    }
}

/* Quarters of octaves by which a code is wider than those nearby: whole halves, 0 where chance explains it. */
static int8_t log_width(double count, double smooth)
{
    const double ratio = (count + 1.0) / (smooth + 1.0), away = ratio > 1 ? ratio - 1 : 1 / ratio - 1;
    if (away * away * (count + 1.0) < 1.0)
        return 0;
    const int32_t log = n1_log2_q12((uint64_t)(ratio * 1048576.0) + 1) - (20 << 12);
    return (int8_t)(2 * n1_clamp((log + 1024) >> 11, -N1_PIECE_WIDTH / 2, N1_PIECE_WIDTH / 2));
}

int n1_piece_has_holes(const double *count, uint32_t n_codes, size_t n)
{
    double beside = 0.0;
    for (uint32_t i = 1; i + 1 < n_codes; i++)
        beside += count[i] >= OFTEN && (count[i - 1] == 0.0 || count[i + 1] == 0.0) ? count[i] : 0.0;
    return beside * BESIDE > (double)n;
}

int n1_piece_widths_learn(n1_piece_widths *w, n1_piece_channel *c, const int32_t *code, size_t n, n1_piece_look look)
{
    int8_t *const log = c->most->log_width;
    double gain = 0.0, total = 0.0;
    if (look == N1_PIECE_NO_WIDTHS || c->n_codes > c->most->wide || c->n_codes < 8)
        return 0;
    uint32_t *const seen = (uint32_t *)w->sum; /* in the same memory */
    memset(seen, 0, c->n_codes * sizeof *seen);
    for (size_t t = 0; t < n; t++)
        seen[code[t] + (int64_t)c->origin]++;
    for (uint32_t i = 0; i < c->n_codes; i++)
        w->count[i] = seen[i];
    if ((look == N1_PIECE_HOLES || c->n_codes > n) && !n1_piece_has_holes(w->count, c->n_codes, n))
        return 0; /* of few samples to a code, counts say nothing else */
    memcpy(w->smooth, w->count, c->n_codes * sizeof *w->smooth);
    for (unsigned i = 0; i < 3; i++)
        average(w->smooth, w->sum, c->n_codes);
    for (uint32_t i = 0; i < c->n_codes; i++) {
        log[i] = w->count[i] > 0 ? log_width(w->count[i], w->smooth[i]) : N1_PIECE_ABSENT;
        if (log[i] == N1_PIECE_ABSENT)
            continue;
        gain += w->count[i] * log[i] / 4.0;
        total += (double)n1_piece_power(8 * log[i] + (10 << 5)) / 1024.0;
    }
    gain += (double)n * (n1_log2_q12((uint64_t)((double)c->n_codes / total * 1048576.0) + 1) / 4096.0 - 20.0);
    c->widths = 1;
    if (gain > LEAST_GAIN && n1_piece_edges(c))
        return 1;
    c->widths = 0;
    return 0;
}
