/* Encoder of the piecewise mode: widths of codes. */
#include "modes/piecewise/piece_widths.h"
#include "modes/piecewise/piece_law.h"

#include <string.h>

#define LEAST_FRAMES 1024u /* fewer say nothing */
#define BOX          8u    /* codes to either side over which counts are averaged, three times */
#define WHOLE        (2u * BOX + 1u)
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
    w->next = n1_arena_take(a, size, sizeof *w->next);
}

/* Sums over WHOLE codes, what would be as many of fewer at the ends, in place. */
static void add_up(uint64_t *v, uint64_t *sum, uint32_t n)
{
    const uint32_t begin = n > 2 * BOX ? BOX : n, end = n > 2 * BOX ? n - BOX : n;
    sum[0] = 0;
    for (uint32_t i = 0; i < n; i++)
        sum[i + 1] = sum[i] + v[i];
    for (uint32_t i = begin; i < end; i++)
        v[i] = sum[i + BOX + 1] - sum[i - BOX];
    for (uint32_t i = 0; i < n; i = i + 1 == begin ? end : i + 1) {
        const uint32_t low = i > BOX ? i - BOX : 0, high = n - i > BOX + 1 ? i + BOX + 1 : n;
        v[i] = (sum[high] - sum[low]) * WHOLE / (high - low);
    }
}

/* Quarters of octaves by which a code is wider than those nearby: whole halves, 0 where chance explains it. */
static int8_t log_width(double count, double smooth)
{
    const double here = count + 1.0, nearby = smooth + 1.0, least = here < nearby ? here : nearby;
    if ((here - nearby) * (here - nearby) * here < least * least)
        return 0;
    const int32_t log = n1_log2_q12((uint64_t)(here / nearby * 1048576.0) + 1) - (20 << 12);
    return (int8_t)(2 * n1_clamp((log + 1024) >> 11, -N1_PIECE_WIDTH / 2, N1_PIECE_WIDTH / 2));
}

int n1_piece_has_holes(const double *count, uint32_t n_codes, size_t n)
{
    double beside = 0.0;
    for (uint32_t i = 1; i + 1 < n_codes; i++)
        beside += count[i] >= OFTEN && (count[i - 1] == 0.0 || count[i + 1] == 0.0) ? count[i] : 0.0;
    return beside * BESIDE > (double)n;
}

/* Widths of codes that have been counted; returns the bits that they promise. */
static double find_widths(n1_piece_widths *w, n1_piece_channel *c, size_t n)
{
    int8_t *const log = c->most->log_width;
    int64_t gain = 0;
    uint64_t total = 0;
    for (uint32_t i = 0; i < c->n_codes; i++)
        w->smooth[i] = (uint64_t)w->count[i];
    for (unsigned i = 0; i < 3; i++)
        add_up(w->smooth, w->sum, c->n_codes);
    for (uint32_t i = 0; i < c->n_codes; i++) {
        log[i] = w->count[i] > 0 ? log_width(w->count[i], (double)w->smooth[i] * (1.0 / (WHOLE * WHOLE * WHOLE))) : N1_PIECE_ABSENT;
        if (log[i] == N1_PIECE_ABSENT)
            continue;
        gain += (int64_t)w->count[i] * log[i];
        total += n1_piece_power(8 * log[i] + (10 << 5));
    }
    const double wide = (double)total / 1024.0;
    return (double)gain / 4.0 + (double)n * (n1_log2_q12((uint64_t)((double)c->n_codes / wide * 1048576.0) + 1) / 4096.0 - 20.0);
}

/* Of two frames by turns: one count does not wait for the one before. */
static void count(n1_piece_widths *w, const n1_piece_channel *c, const int32_t *code, size_t n)
{
    uint32_t *const even = (uint32_t *)w->sum, *const odd = even + c->n_codes; /* in the same memory */
    memset(even, 0, 2 * c->n_codes * sizeof *even);
    for (size_t t = 1; t < n; t += 2) {
        even[code[t - 1] + (int64_t)c->origin]++;
        odd[code[t] + (int64_t)c->origin]++;
    }
    if (n % 2)
        even[code[n - 1] + (int64_t)c->origin]++;
    for (uint32_t i = 0; i < c->n_codes; i++)
        w->count[i] = even[i] + odd[i];
}

static void find_next(n1_piece_widths *w, uint32_t n_codes)
{
    for (uint32_t i = n_codes, next = n_codes - 1; i-- > 0;)
        w->next[i] = next = w->count[i] > 0 ? i : next;
}

int n1_piece_widths_learn(n1_piece_widths *w, n1_piece_channel *c, const int32_t *code, size_t n, n1_piece_look look)
{
    if (look == N1_PIECE_NO_WIDTHS || c->n_codes > c->most->wide || c->n_codes < 8)
        return 0;
    count(w, c, code, n);
    if ((look == N1_PIECE_HOLES || c->n_codes > n) && !n1_piece_has_holes(w->count, c->n_codes, n))
        return 0; /* of few samples to a code, counts say nothing else */
    c->widths = find_widths(w, c, n) > LEAST_GAIN && n1_piece_edges(c);
    if (N1_PIECE_FORMS && c->widths)
        find_next(w, c->n_codes);
    return c->widths;
}
