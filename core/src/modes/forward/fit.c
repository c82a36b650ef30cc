/* Encoder: choose the integers of a channel's predictor. Sums are exact integers; the solver works in double with a
   fixed order of operations (ISO C without contraction), so each IEEE machine picks the same integers. */
#include "modes/forward/fit.h"

#include <string.h>

#define RIDGE (1.0 + 3e-5)       /* a little white noise: the sums of a sample are not exactly consistent */
#define LARGE_RIDGE (1.0 + 1e-7) /* where the signal dwarfs its residuals RIDGE would be more than these */
#define SHORT 8192u           /* samples: below, not each coefficient earns its bits */
#define SMALL_RANGE 1024u     /* codes: up to here what rounding adds is little beside a code */
#define ENOUGH 4096u          /* samples that a fit of a part of the channel sees at least */

/* The rows that are analysed: first .. first + count - 1 of every lane, so lanes spread them over the whole block. */
typedef struct {
    size_t lanes, first, count;
    unsigned down;
    const n1_encode_kernels *k;
} sampling;

/* Sum over the sampled rows of a, i rows earlier, times b, j rows earlier. */
static int64_t product(const sampling *s, const int16_t *a, size_t i, const int16_t *b, size_t j)
{
    return s->k->dot(a + ((ptrdiff_t)s->first - (ptrdiff_t)i) * (ptrdiff_t)s->lanes,
                   b + ((ptrdiff_t)s->first - (ptrdiff_t)j) * (ptrdiff_t)s->lanes, s->count * s->lanes, s->down);
}

/* The products of one row, which a sum gains or loses when both its delays grow by one. */
static int64_t edge_product(const sampling *s, const int16_t *a, size_t i, const int16_t *b, size_t j, size_t row)
{
    const int16_t *pa = a + ((ptrdiff_t)row - (ptrdiff_t)i) * (ptrdiff_t)s->lanes;
    const int16_t *pb = b + ((ptrdiff_t)row - (ptrdiff_t)j) * (ptrdiff_t)s->lanes;
    return s->k->dot(pa, pb, s->lanes, s->down);
}

/* Sum of a[i] >> down over n elements: 64 at a time in 32 bits. */
static int64_t total(const int16_t *a, size_t n, unsigned down)
{
    int64_t all = 0;
    for (size_t i = 0; i < n; i += 64) {
        const size_t m = n - i < 64 ? n - i : 64;
        int32_t part = 0;
        for (size_t j = 0; j < m; j++)
            part += a[i + j] >> down;
        all += part;
    }
    return all;
}

static int64_t total_of(const sampling *s, const int16_t *a, size_t i)
{
    return total(a + ((ptrdiff_t)s->first - (ptrdiff_t)i) * (ptrdiff_t)s->lanes, s->count * s->lanes, s->down);
}

/* Signals of a regression, each at delays from..to-1; features number them in this order. */
typedef struct {
    const int16_t *plane;
    size_t delays;
    size_t at;      /* first feature */
} signal;

/* Exact sums of products of all pairs of features: the first delay of two signals directly, the others from it. */
static void all_products(const sampling *s, const signal *g, size_t n, n1_fit *work)
{
    int64_t *const sum = work->sum;
    const size_t w = work->most + 1;
    const size_t before = s->first - 1, last = s->first + s->count - 1;
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b <= a; b++)
            for (size_t i = 0; i < g[a].delays; i++)
                for (size_t j = 0; j < g[b].delays; j++) {
                    int64_t v;
                    if (a == b && j > i)
                        continue;
                    if (i && j)
                        v = sum[(g[a].at + i - 1) * w + g[b].at + j - 1]
                            + edge_product(s, g[a].plane, i - 1, g[b].plane, j - 1, before)
                            - edge_product(s, g[a].plane, i - 1, g[b].plane, j - 1, last);
                    else
                        v = product(s, g[a].plane, i, g[b].plane, j);
                    sum[(g[a].at + i) * w + g[b].at + j] = sum[(g[b].at + j) * w + g[a].at + i] = v;
                }
}

/* The plane of a channel: lanes, or the tail in time order where there are no lanes. */
static const int16_t *plane(const n1_forward *f, size_t channel)
{
    if (f->g.lanes)
        return n1_mid_of(f, channel) + N1_PLANE_HISTORY * f->g.lanes;
    return f->tail_mid + channel * (N1_PLANE_HISTORY + f->g.tail) + N1_PLANE_HISTORY;
}

/* Whether the sums hold products with the midpoints of another channel. */
static int products_fit(const n1_forward *f, const n1_channel *other, const n1_channel *own, unsigned down)
{
    const n1_alphabet *a = &f->alphabet[other->alphabet];
    return other->alphabet == own->alphabet
           || (a->widths == N1_WIDTHS_EVEN && ((a->n_codes << a->unit_bits) / 2) >> down <= 4096);
}

/* Greedy choice: the channels with the largest squared correlation. */
static void choose_neighbours(n1_forward *f, size_t channel, const n1_effort *effort, const sampling *s)
{
    n1_channel *p = &f->channel[channel];
    sampling coarse = *s;
    coarse.count = s->count >= 64 ? s->count / 4 : s->count;
    const double count = (double)(coarse.count * coarse.lanes);
    const int16_t *own = plane(f, channel);
    const double m0 = (double)total_of(&coarse, own, 0) / count;
    const double r0 = (double)product(&coarse, own, 0, own, 0) / count - m0 * m0;
    double score[N1_MAX_DISTANCE + 1];
    for (unsigned d = 1; d <= effort->reach; d++) {
        score[d] = 0.0;
        if (d > channel)
            continue;
        const n1_channel *q = p - d;
        if (q->kind != N1_CHANNEL_MODEL || !products_fit(f, q, p, s->down))
            continue;
        const int16_t *other = plane(f, channel - d);
        const double m = (double)total_of(&coarse, other, 0) / count;
        const double r = (double)product(&coarse, other, 0, other, 0) / count - m * m;
        const double x = (double)product(&coarse, own, 0, other, 0) / count - m * m0;
        score[d] = r > 0 && r0 > 0 ? x * x / (r * r0) : 0.0;
    }
    while (p->n_neighbours < effort->neighbours) {
        unsigned best = 0;
        for (unsigned d = 1; d <= effort->reach; d++)
            if (score[d] > 0.02 && (!best || score[d] > score[best]))
                best = d;
        if (!best)
            break;
        score[best] = 0.0;
        p->distance[p->n_neighbours++] = (uint8_t)best;
    }
    p->neighbour_taps = (uint8_t)(p->n_neighbours ? effort->neighbour_taps : 0);
}

/* Where the sums have the i-th of the features in use: `own` of `order` own delays, then the neighbours'. */
static size_t feature(size_t i, size_t order, size_t own) { return i < own ? 1 + i : 1 + order + i - own; }

/* The normal equations of the first n features, from the sums. */
static void equations(n1_fit *work, double count, double ridge, size_t order, size_t own, size_t n)
{
    const size_t w = work->most + 1, v = work->q.most;
    for (size_t i = 0; i < n; i++) {
        const size_t a = feature(i, order, own);
        work->q.y[i] = (double)work->sum[a * w] / count - work->mean[a] * work->mean[0];
        for (size_t j = 0; j < n; j++) {
            const size_t b = feature(j, order, own);
            work->q.m[i * v + j] = (double)work->sum[a * w + b] / count - work->mean[a] * work->mean[b];
        }
        work->q.m[i * v + i] = work->q.m[i * v + i] * ridge + 1e-3;
    }
}

void n1_fit_take(n1_fit *work, n1_arena *a, const n1_effort *effort)
{
    work->most = effort->order[0] + (size_t)effort->neighbours * effort->neighbour_taps;
    work->sum = n1_arena_take(a, (work->most + 1) * (work->most + 1), sizeof *work->sum);
    work->mean = n1_arena_take(a, work->most + 1, sizeof *work->mean);
    n1_equations_take(&work->q, a, work->most);
    work->tally = effort->search ? n1_arena_take(a, 1, sizeof *work->tally) : NULL;
}

unsigned n1_fit_order(const n1_geometry *g, unsigned order)
{
    while (order > 8 && g->n_samples < 2000 * order)
        order -= 2;
    while (order > 2 && g->n_samples < 32 * order)
        order -= 2;
    return order;
}

/* Rows beyond the history of the seeds if there is room; a part of the rows if they are many. */
static sampling sampling_of(const n1_forward *f, const n1_effort *effort, const n1_encode_kernels *k)
{
    const n1_geometry *g = &f->g;
    sampling s = {g->lanes ? g->lanes : 1, 0, 0, 0, k};
    s.first = g->rows >= 4 * N1_PLANE_HISTORY ? N1_PLANE_HISTORY : 1;
    s.count = g->rows > s.first ? g->rows - s.first : 0;
    const size_t part = s.count / effort->every, least = ENOUGH / s.lanes;
    if (effort->every > 1 && s.count > least)
        s.count = part > least ? part : least;
    while (((f->axis->axis_len / 2) >> s.down) > 4096)
        s.down++;
    return s;
}

/* Sums and means of the sample itself and its past, then of neighbour after neighbour, now and past. */
static void gather(n1_forward *f, size_t channel, unsigned order, const sampling *s, double count, n1_fit *work)
{
    const n1_channel *p = &f->channel[channel];
    const unsigned taps = p->neighbour_taps;
    signal part[1 + N1_FORWARD_NEIGHBOURS] = {{plane(f, channel), order + 1, 0}};
    if (!p->n_neighbours && order <= work->held)   /* a lower order's sums are part of a higher one's */
        return;
    for (unsigned a = 0; a < p->n_neighbours; a++) {
        part[1 + a].plane = plane(f, channel - p->distance[a]);
        part[1 + a].delays = taps;
        part[1 + a].at = order + 1 + a * taps;
    }
    all_products(s, part, 1u + p->n_neighbours, work);
    for (unsigned a = 0; a <= p->n_neighbours; a++)
        for (size_t j = 0; j < part[a].delays; j++)
            work->mean[part[a].at + j] = (double)total_of(s, part[a].plane, j) / count;
    work->held = p->n_neighbours ? 0 : order;
}

/* How many features are worth their bits: the factors of so many are in work->q. */
static unsigned factor(n1_channel *p, size_t n_samples, unsigned order, double count, double ridge, double square, n1_fit *work)
{
    const unsigned taps = p->neighbour_taps;
    unsigned n = order + p->n_neighbours * taps;
    if (n_samples >= SHORT) {
        equations(work, count, ridge, order, order, n);
        n1_factor(&work->q, n);
        return n;
    }
    equations(work, count, ridge, order, order, order);   /* first own delays alone, then with neighbours */
    n1_factor(&work->q, order);
    p->order = (uint8_t)n1_earned(&work->q, order, 2, 2, square, (double)n_samples);
    n = p->order + p->n_neighbours * taps;
    equations(work, count, ridge, order, p->order, n);
    n1_factor(&work->q, n);
    if (taps) {
        n = (unsigned)n1_earned(&work->q, n, p->order, taps, square, (double)n_samples);
        p->n_neighbours = (uint8_t)((n - p->order) / taps);
        p->neighbour_taps = (uint8_t)(p->n_neighbours ? taps : 0);
    }
    return n;
}

/* Taps as integers: fewer fraction bits if the coefficients are large or the channel short. Returns these bits.
   *total: of the coefficients without their signs. */
static unsigned quantise(n1_equations *q, unsigned n, size_t n_samples, int large, double square, double *total)
{
    double all = 0.0;
    for (unsigned i = 0; i < n; i++)
        all += q->y[i] < 0 ? -q->y[i] : q->y[i];
    *total = all;
    unsigned shift = n_samples >= 32768 ? 9 : 8;
    while (shift > N1_SHIFT_MIN && all * (double)(1 << shift) + n > N1_COEF_BUDGET)
        shift--;
    if (all * (double)(1 << shift) + n > N1_COEF_BUDGET) {
        for (unsigned i = 0; i < n; i++)
            q->y[i] = 0.0;   /* a hopeless fit: predict the mean */
    }
    double added = n1_round_taps(q, n, (double)(1 << shift), large);
    if (large) {
        /* one more bit for each tap against half of 3/4 of what is added, in bits */
        while (shift < N1_SHIFT_MAX && 2 * all * (double)(1 << shift) + 8 * n <= N1_COEF_BUDGET
               && 0.54 * (double)n_samples * added > n * square)
            added = n1_round_taps(q, n, (double)(1 << ++shift), large);
        int64_t sum_of_taps = 0;
        for (unsigned i = 0; i < n; i++)
            sum_of_taps += q->tap[i] < 0 ? -q->tap[i] : q->tap[i];
        if ((double)sum_of_taps > N1_COEF_BUDGET)   /* it has gone astray */
            n1_round_taps(q, n, (double)(1 << shift), 0);
    }
    return shift;
}

void n1_fit_channel(n1_forward *f, size_t channel, const n1_effort *effort, unsigned order, const n1_encode_kernels *k,
                    n1_fit *work)
{
    n1_channel *p = &f->channel[channel];
    const n1_geometry *g = &f->g;
    const n1_alphabet *al = &f->alphabet[p->alphabet];
    const sampling s = sampling_of(f, effort, k);
    memset(p->distance, 0, sizeof p->distance);
    p->n_neighbours = 0;
    p->order = (uint8_t)order;
    if (effort->neighbours)
        choose_neighbours(f, channel, effort, &s);
    const unsigned taps = p->neighbour_taps;
    const double count = s.count ? (double)(s.count * s.lanes) : 1.0, *const mean = work->mean;
    gather(f, channel, order, &s, count, work);

    const double width = (double)(1u << al->unit_bits) / (double)(1 << s.down);
    const double noise = width * width / 12.0;   /* of a code's rounding: a sample tells no more */
    const int large = al->n_codes > SMALL_RANGE;
    double square = (double)work->sum[0] / count - mean[0] * mean[0] + noise, total;
    const unsigned n = factor(p, g->n_samples, order, count, large ? LARGE_RIDGE : RIDGE, square, work);
    square = n1_left(&work->q, n, square);
    square = square > noise ? square : noise;
    n1_substitute(&work->q, n);
    const unsigned shift = quantise(&work->q, n, g->n_samples, large, square, &total);

    const int32_t *const tap = work->q.tap;
    p->shift = (uint8_t)shift;
    const double one = (double)(1 << shift);
    double rest = mean[0];
    for (unsigned i = 0; i < n; i++)
        rest -= mean[feature(i, order, p->order)] * tap[i] / one;
    for (unsigned i = 0; i < p->order; i++)
        p->own[i] = (int16_t)tap[i];
    for (unsigned a = 0; a < p->n_neighbours; a++)
        for (unsigned j = 0; j < taps; j++)
            p->neighbour[a][j] = (int16_t)tap[p->order + a * taps + j];
    /* >> floors: the mean of a shifted midpoint is half a step low */
    rest = (rest + (s.down ? 0.5 * (1.0 - total) : 0.0)) * (double)(1 << s.down);
    p->bias = n1_nearest((rest + f->axis->centre) * one) + (1 << shift) / 2;
}
