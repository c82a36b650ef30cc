/* Encoder: choose the integers of a channel's predictor. Sums are exact integers; the solver works in double with a
   fixed order of operations (ISO C without contraction), so each IEEE machine picks the same integers. */
#include "modes/forward/fit.h"

#include <string.h>

#define RIDGE (1.0 + 3e-5)       /* a little white noise: the sums of a sample are not exactly consistent */
#define LARGE_RIDGE (1.0 + 1e-7) /* where the signal dwarfs its residuals RIDGE would be more than these */
#define SHORT 8192u           /* samples: below, not each coefficient earns its bits */
#define SHORT_TAPS 3u         /* of a neighbour, at most: in a short channel a further one does not earn them */
#define SMALL_RANGE 1024u     /* codes: up to here what rounding adds is little beside a code */
#define ORDERS 8u             /* taps from an order that is tried to the next */
#define ENOUGH 4096u          /* samples that a fit of a part of the channel sees at least */

/* The rows that are analysed: first .. first + count - 1 of every lane, so lanes spread them over the whole block. */
typedef struct {
    size_t lanes, first, count;
    unsigned down;
    const n1_encode_kernels *k;
} sampling;

/* Row `row` of a plane, i rows earlier. */
static const int16_t *row_of(const sampling *s, const int16_t *plane, size_t row, size_t i)
{
    return plane + ((ptrdiff_t)row - (ptrdiff_t)i) * (ptrdiff_t)s->lanes;
}

#define MOST_DELAYS (N1_MAX_ORDER + 1)

/* Sums over `rows` rows from `row` on of a, i rows earlier, times b, j .. j + n - 1 rows earlier. */
static void products(const sampling *s, size_t row, size_t rows, const int16_t *a, size_t i, const int16_t *b, size_t j, size_t n,
                     int64_t *sum)
{
    const int16_t *other[MOST_DELAYS];
    for (size_t k = 0; k < n; k++)
        other[k] = row_of(s, b, row, j + k);
    s->k->dots(row_of(s, a, row, i), other, n, rows * s->lanes, s->down, sum);
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

/* Signals of a regression, each at so many delays; features number them in this order. */
typedef struct {
    const int16_t *plane;
    size_t delays;
    size_t at;      /* first feature */
} signal;

/* Exact sums of products of the features of a with those of b: where one has no delay directly, the others from these, since
   a sum loses a row and gains another when both delays grow by one. */
static void pair_products(const sampling *s, const signal *a, const signal *b, n1_fit *work)
{
    int64_t *const sum = work->sum, v[MOST_DELAYS], gained[MOST_DELAYS], lost[MOST_DELAYS];
    const size_t w = work->most + 1, before = s->first - 1, last = s->first + s->count - 1;
    products(s, s->first, s->count, a->plane, 0, b->plane, 0, b->delays, v);
    for (size_t j = 0; j < b->delays; j++)
        sum[a->at * w + b->at + j] = sum[(b->at + j) * w + a->at] = v[j];
    if (a != b && a->delays > 1) {
        products(s, s->first, s->count, b->plane, 0, a->plane, 1, a->delays - 1, v);
        for (size_t i = 1; i < a->delays; i++)
            sum[(a->at + i) * w + b->at] = sum[b->at * w + a->at + i] = v[i - 1];
    }
    for (size_t i = 1; i < a->delays && b->delays > 1; i++) {
        const size_t n = a == b ? i : b->delays - 1;
        products(s, before, 1, a->plane, i - 1, b->plane, 0, n, gained);
        products(s, last, 1, a->plane, i - 1, b->plane, 0, n, lost);
        for (size_t j = 1; j <= n; j++)
            sum[(a->at + i) * w + b->at + j] = sum[(b->at + j) * w + a->at + i]
                = sum[(a->at + i - 1) * w + b->at + j - 1] + gained[j - 1] - lost[j - 1];
    }
}

/* Means of a signal at its delays. */
static void means(const sampling *s, const signal *g, double count, double *mean)
{
    int64_t sum = total(row_of(s, g->plane, s->first, 0), s->count * s->lanes, s->down);
    for (size_t i = 0; i < g->delays; i++) {
        if (i)
            sum += total(row_of(s, g->plane, s->first, i), s->lanes, s->down)
                   - total(row_of(s, g->plane, s->first + s->count, i), s->lanes, s->down);
        mean[g->at + i] = (double)sum / count;
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

/* Of a channel's sampled rows; kept, as channels above ask, too. */
static n1_moments moments_of(const n1_forward *f, size_t channel, const sampling *s, n1_fit *work)
{
    n1_known *const known = &work->known[channel % work->n_known];
    if (known->channel != channel + 1 || known->down != s->down) {
        const int16_t *const rows = row_of(s, plane(f, channel), s->first, 0);
        const size_t n = s->count * s->lanes;
        const double mean = (double)total(rows, n, s->down) / (double)n;
        *known = (n1_known){channel + 1, s->down, {mean, (double)s->k->dot(rows, rows, n, s->down) / (double)n - mean * mean}};
    }
    return known->of;
}

/* The square of the correlation of two channels, from the sum of their products. */
static double likeness(const n1_moments *a, const n1_moments *b, int64_t product, double count)
{
    const double x = (double)product / count - b->mean * a->mean;
    return b->variance > 0 && a->variance > 0 ? x * x / (b->variance * a->variance) : 0.0;
}

/* Greedy choice: the channels with the largest squared correlation. */
static void choose_neighbours(n1_forward *f, size_t channel, const n1_effort *effort, const sampling *s, n1_fit *work)
{
    n1_channel *p = &f->channel[channel];
    const double count = (double)(s->count * s->lanes);
    int64_t product[N1_MAX_DISTANCE];
    const int16_t *other[N1_MAX_DISTANCE];
    uint8_t distance[N1_MAX_DISTANCE]; /* 0: chosen */
    unsigned n = 0;
    for (unsigned d = 1; d <= effort->reach; d++) {
        if (d > channel || p[-(ptrdiff_t)d].kind != N1_CHANNEL_MODEL || !products_fit(f, p - d, p, s->down))
            continue;
        distance[n] = (uint8_t)d;
        other[n++] = row_of(s, plane(f, channel - d), s->first, 0);
    }
    s->k->dots(row_of(s, plane(f, channel), s->first, 0), other, n, s->count * s->lanes, s->down, product);
    const n1_moments mine = moments_of(f, channel, s, work);
    while (p->n_neighbours < effort->neighbours) {
        unsigned best = n;
        double most = 0.02;
        for (unsigned i = 0; i < n; i++) {
            if (!distance[i])
                continue;
            const n1_moments theirs = moments_of(f, channel - distance[i], s, work);
            const double alike = likeness(&mine, &theirs, product[i], count);
            if (alike > most) {
                most = alike;
                best = i;
            }
        }
        if (best == n)
            break;
        p->distance[p->n_neighbours++] = distance[best];
        distance[best] = 0;
    }
    const unsigned taps = effort->neighbour_taps;
    p->neighbour_taps = (uint8_t)(!p->n_neighbours ? 0 : f->g.n_samples < SHORT && taps > SHORT_TAPS ? SHORT_TAPS : taps);
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
    work->most = effort->order + (size_t)effort->neighbours * effort->neighbour_taps;
    work->sum = n1_arena_take(a, (work->most + 1) * (work->most + 1), sizeof *work->sum);
    work->mean = n1_arena_take(a, work->most + 1, sizeof *work->mean);
    work->n_known = effort->neighbours ? effort->reach + 1u : 0;
    work->known = n1_arena_take(a, work->n_known, sizeof *work->known);
    n1_equations_take(&work->q, a, work->most);
    work->tally = effort->search ? n1_arena_take(a, 1, sizeof *work->tally) : NULL;
}

/* The order that a block can afford where an effort asks for this one: a coefficient costs a byte and must earn it. */
static unsigned affordable(const n1_geometry *g, unsigned order)
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
    for (unsigned a = 0; a < p->n_neighbours; a++) {
        part[1 + a].plane = plane(f, channel - p->distance[a]);
        part[1 + a].delays = taps;
        part[1 + a].at = order + 1 + a * taps;
    }
    for (unsigned a = 0; a <= p->n_neighbours; a++) {
        for (unsigned b = 0; b <= a; b++)
            pair_products(s, &part[a], &part[b], work);
        means(s, &part[a], count, work->mean);
    }
}

/* How many features are worth their bits: the factors of so many are in work->q. */
static unsigned factor(n1_channel *p, size_t n_samples, unsigned order, unsigned least, double count, double ridge, double square, n1_fit *work)
{
    const unsigned taps = p->neighbour_taps;
    unsigned n = order + p->n_neighbours * taps;
    if (n_samples >= SHORT) {
        equations(work, count, ridge, order, order, n);
        n1_factor(&work->q, n);
        if (least < order)
            p->order = (uint8_t)(n = (unsigned)n1_earned(&work->q, n, least, ORDERS, square, (double)n_samples));
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
    double added = n1_round_taps(q, n, (double)(1 << shift), 1);
    if (large) {
        /* one more bit for each tap against half of 3/4 of what is added, in bits */
        while (shift < N1_SHIFT_MAX && 2 * all * (double)(1 << shift) + 8 * n <= N1_COEF_BUDGET
               && 0.54 * (double)n_samples * added > n * square)
            added = n1_round_taps(q, n, (double)(1 << ++shift), large);
    }
    int64_t sum_of_taps = 0;
    for (unsigned i = 0; i < n; i++)
        sum_of_taps += q->tap[i] < 0 ? -q->tap[i] : q->tap[i];
    if (sum_of_taps > N1_COEF_BUDGET)   /* taps that make up for others' rounding have gone astray */
        n1_round_taps(q, n, (double)(1 << shift), 0);
    return shift;
}

/* What is left of the mean beside the first n taps, in 2^-shift units of the axis; total: see quantise(). */
static double bias_of(const n1_fit *work, const sampling *s, size_t order, size_t own, unsigned n, unsigned shift, double total, double centre)
{
    const double one = (double)(1 << shift);
    double rest = work->mean[0];
    for (unsigned i = 0; i < n; i++)
        rest -= work->mean[feature(i, order, own)] * work->q.tap[i] / one;
    /* >> floors: the mean of a shifted midpoint is half a step low */
    rest = (rest + (s->down ? 0.5 * (1.0 - total) : 0.0)) * (double)(1 << s->down);
    return (rest + centre) * one;
}

void n1_fit_channel(n1_forward *f, size_t channel, const n1_effort *effort, const n1_encode_kernels *k, n1_fit *work)
{
    n1_channel *p = &f->channel[channel];
    const n1_geometry *g = &f->g;
    const n1_alphabet *al = &f->alphabet[p->alphabet];
    const sampling s = sampling_of(f, effort, k);
    const unsigned order = affordable(g, effort->order);
    memset(p->distance, 0, sizeof p->distance);
    p->n_neighbours = 0;
    p->order = (uint8_t)order;
    if (effort->neighbours)
        choose_neighbours(f, channel, effort, &s, work);
    const unsigned taps = p->neighbour_taps;
    const double count = s.count ? (double)(s.count * s.lanes) : 1.0, *const mean = work->mean;
    gather(f, channel, order, &s, count, work);

    const double width = (double)(1u << al->unit_bits) / (double)(1 << s.down);
    const double noise = width * width / 12.0;   /* of a code's rounding: a sample tells no more */
    const int large = al->n_codes > SMALL_RANGE;
    double square = (double)work->sum[0] / count - mean[0] * mean[0] + noise, total;
    const unsigned n = factor(p, g->n_samples, order, effort->least, count, large ? LARGE_RIDGE : RIDGE, square, work);
    square = n1_left(&work->q, n, square);
    square = square > noise ? square : noise;
    n1_substitute(&work->q, n);
    const unsigned shift = quantise(&work->q, n, g->n_samples, large, square, &total);

    int32_t *const tap = work->q.tap;
    const double half = (double)(1 << shift) / 2, most = N1_BIAS_LIMIT - half - 1;
    double bias = bias_of(work, &s, order, p->order, n, shift, total, f->axis->centre);
    if (!(bias < most && bias > -most)) { /* a header has no room for it: predict the mean */
        memset(tap, 0, n * sizeof *tap);
        bias = bias_of(work, &s, order, p->order, n, shift, 0.0, f->axis->centre);
    }
    p->shift = (uint8_t)shift;
    for (unsigned i = 0; i < p->order; i++)
        p->own[i] = (int16_t)tap[i];
    for (unsigned a = 0; a < p->n_neighbours; a++)
        for (unsigned j = 0; j < taps; j++)
            p->neighbour[a][j] = (int16_t)tap[p->order + a * taps + j];
    p->bias = n1_nearest(bias) + (1 << shift) / 2;
}
