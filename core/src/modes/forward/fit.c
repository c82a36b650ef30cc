/* Encoder: choose the integers of a channel's predictor. Sums are exact integers; the solver works in double with a
   fixed order of operations (ISO C without contraction), so each IEEE machine picks the same integers. */
#include "predict/equations.h"
#include "predict/sums.h"

#define RIDGE (1.0 + 3e-5)       /* a little white noise: the sums of a sample are not exactly consistent */
#define LARGE_RIDGE (1.0 + 1e-7) /* where the signal dwarfs its residuals RIDGE would be more than these */

n1_effort n1_effort_of(int level, size_t n_channels)
{
    static const n1_effort levels[N1_FORWARD_EFFORTS] = {
        {{8}, 2, 3, 6, 4, 0},       {{16}, 4, 3, 12, 4, 1},        {{24}, 6, 3, 16, 2, 1},
        {{24, 16}, 6, 4, 32, 2, 1}, {{32, 24, 16}, 6, 4, 32, 2, 1}, {{32, 28, 24, 20}, 6, 4, 32, 1, 1},
    };
    n1_effort l = levels[level - 1];
    if (n_channels == 1)
        l.neighbours = 0;
    else
        l.order[1] = 0;   /* with neighbours each order would need sums of its own */
    return l;
}

#define SHORT 8192u           /* samples: below, not each coefficient earns its bits */
#define SMALL_RANGE 1024u     /* codes: up to here what rounding adds is little beside a code */
#define ENOUGH 4096u          /* samples that a fit of a part of the channel sees at least */

/* The rows that are analysed: first .. first + count - 1 of every lane, so lanes spread them over the whole block. */
typedef struct {
    size_t lanes, first, count;
    unsigned down;
    n1_kernel kernel;
} sampling;

/* Sum over the sampled rows of a, i rows earlier, times b, j rows earlier. */
static int64_t product(const sampling *s, const int16_t *a, size_t i, const int16_t *b, size_t j)
{
    return n1_dot_down(a + ((ptrdiff_t)s->first - (ptrdiff_t)i) * (ptrdiff_t)s->lanes,
                   b + ((ptrdiff_t)s->first - (ptrdiff_t)j) * (ptrdiff_t)s->lanes, s->count * s->lanes, s->down,
                   s->kernel);
}

/* The products of one row, which a sum gains or loses when both its delays grow by one. */
static int64_t edge_product(const sampling *s, const int16_t *a, size_t i, const int16_t *b, size_t j, size_t row)
{
    const int16_t *pa = a + ((ptrdiff_t)row - (ptrdiff_t)i) * (ptrdiff_t)s->lanes;
    const int16_t *pb = b + ((ptrdiff_t)row - (ptrdiff_t)j) * (ptrdiff_t)s->lanes;
    return n1_dot_down(pa, pb, s->lanes, s->down, s->kernel);
}

static int64_t total_of(const sampling *s, const int16_t *a, size_t i)
{
    return n1_total_down(a + ((ptrdiff_t)s->first - (ptrdiff_t)i) * (ptrdiff_t)s->lanes, s->count * s->lanes, s->down);
}

/* Signals of a regression, each at delays from..to-1; features number them in this order. */
typedef struct {
    const int16_t *plane;
    size_t delays;
    size_t at;      /* first feature */
} signal;

/* Exact sums of products of all pairs of features: the first delay of two signals directly, the others from it. */
static void all_products(const sampling *s, const signal *g, size_t n,
                         int64_t sum[N1_FIT_FEATURES + 1][N1_FIT_FEATURES + 1])
{
    const size_t before = s->first - 1, last = s->first + s->count - 1;
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b <= a; b++)
            for (size_t i = 0; i < g[a].delays; i++)
                for (size_t j = 0; j < g[b].delays; j++) {
                    int64_t v;
                    if (a == b && j > i)
                        continue;
                    if (i && j)
                        v = sum[g[a].at + i - 1][g[b].at + j - 1]
                            + edge_product(s, g[a].plane, i - 1, g[b].plane, j - 1, before)
                            - edge_product(s, g[a].plane, i - 1, g[b].plane, j - 1, last);
                    else
                        v = product(s, g[a].plane, i, g[b].plane, j);
                    sum[g[a].at + i][g[b].at + j] = sum[g[b].at + j][g[a].at + i] = v;
                }
}

/* The plane of a channel: lanes, or the tail in time order where there are no lanes. */
static const int16_t *plane(const n1_forward *c, size_t channel)
{
    if (c->g.lanes)
        return c->mid + channel * n1_mid_size(&c->g) + N1_PLANE_HISTORY * c->g.lanes;
    return c->tail_mid + channel * (N1_PLANE_HISTORY + c->g.tail) + N1_PLANE_HISTORY;
}

/* Whether the sums hold products with the midpoints of another channel. */
static int products_fit(const n1_forward *c, const n1_channel *other, const n1_channel *own, unsigned down)
{
    const n1_alphabet *a = &c->alphabet[other->alphabet];
    return other->alphabet == own->alphabet
           || (a->widths == N1_WIDTHS_EVEN && ((a->n_codes << a->unit_bits) / 2) >> down <= 4096);
}

/* Greedy choice: the channels with the largest squared correlation. */
static void choose_neighbours(n1_forward *c, size_t channel, const n1_effort *level, const sampling *s)
{
    n1_channel *p = &c->channel[channel];
    sampling coarse = *s;
    coarse.count = s->count >= 64 ? s->count / 4 : s->count;
    const double count = (double)(coarse.count * coarse.lanes);
    const int16_t *own = plane(c, channel);
    const double m0 = (double)total_of(&coarse, own, 0) / count;
    const double r0 = (double)product(&coarse, own, 0, own, 0) / count - m0 * m0;
    double score[N1_MAX_DISTANCE + 1];
    for (unsigned d = 1; d <= level->reach; d++) {
        score[d] = 0.0;
        if (d > channel)
            continue;
        const n1_channel *q = p - d;
        if (q->kind != N1_CHANNEL_MODEL || !products_fit(c, q, p, s->down))
            continue;
        const int16_t *other = plane(c, channel - d);
        const double m = (double)total_of(&coarse, other, 0) / count;
        const double r = (double)product(&coarse, other, 0, other, 0) / count - m * m;
        const double x = (double)product(&coarse, own, 0, other, 0) / count - m * m0;
        score[d] = r > 0 && r0 > 0 ? x * x / (r * r0) : 0.0;
    }
    while (p->n_neighbours < level->neighbours) {
        unsigned best = 0;
        for (unsigned d = 1; d <= level->reach; d++)
            if (score[d] > 0.02 && (!best || score[d] > score[best]))
                best = d;
        if (!best)
            break;
        score[best] = 0.0;
        p->distance[p->n_neighbours++] = (uint8_t)best;
    }
    p->neighbour_taps = (uint8_t)(p->n_neighbours ? level->neighbour_taps : 0);
}

/* Where the sums have the i-th of the features in use: `own` of `order` own delays, then the neighbours'. */
static size_t feature(size_t i, size_t order, size_t own) { return i < own ? 1 + i : 1 + order + i - own; }

/* The normal equations of the first n features, from the sums. */
static void equations(n1_fit *work, double count, double ridge, size_t order, size_t own, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const size_t a = feature(i, order, own);
        work->y[i] = (double)work->sum[a][0] / count - work->mean[a] * work->mean[0];
        for (size_t j = 0; j < n; j++) {
            const size_t b = feature(j, order, own);
            work->m[i][j] = (double)work->sum[a][b] / count - work->mean[a] * work->mean[b];
        }
        work->m[i][i] = work->m[i][i] * ridge + 1e-3;
    }
}

unsigned n1_fit_order(const n1_geometry *g, unsigned order)
{
    while (order > 8 && g->n_samples < 2000 * order)
        order -= 2;
    while (order > 2 && g->n_samples < 32 * order)
        order -= 2;
    return order;
}

void n1_fit_channel(n1_forward *c, size_t channel, const n1_effort *level, unsigned order, n1_kernel kernel,
                     n1_fit *work)
{
    n1_channel *p = &c->channel[channel];
    const n1_geometry *g = &c->g;
    sampling s = {g->lanes ? g->lanes : 1, 0, 0, 0, kernel};
    memset(p->distance, 0, sizeof p->distance);
    p->n_neighbours = 0;
    /* Beyond the history of the seeds if there is room; a part of the rows if they are many. */
    s.first = g->rows >= 4 * N1_PLANE_HISTORY ? N1_PLANE_HISTORY : 1;
    s.count = g->rows > s.first ? g->rows - s.first : 0;
    const size_t part = s.count / level->every, least = ENOUGH / s.lanes;
    if (level->every > 1 && s.count > least)
        s.count = part > least ? part : least;
    while (((c->axis->axis_len / 2) >> s.down) > 4096)
        s.down++;
    p->order = (uint8_t)order;
    if (level->neighbours)
        choose_neighbours(c, channel, level, &s);

    /* Features: the sample itself and its past, then neighbour after neighbour, now and past. */
    const unsigned taps = p->neighbour_taps;
    unsigned n = order + p->n_neighbours * taps;
    signal group[1 + N1_FORWARD_NEIGHBOURS] = {{plane(c, channel), order + 1, 0}};
    for (unsigned a = 0; a < p->n_neighbours; a++) {
        group[1 + a].plane = plane(c, channel - p->distance[a]);
        group[1 + a].delays = taps;
        group[1 + a].at = order + 1 + a * taps;
    }
    int64_t(*const sum)[N1_FIT_FEATURES + 1] = work->sum;
    double(*const m)[N1_FIT_FEATURES] = work->m, *const y = work->y, *const mean = work->mean;
    const double count = s.count ? (double)(s.count * s.lanes) : 1.0;
    if (p->n_neighbours || order > work->held) {   /* a lower order's sums are part of a higher one's */
        all_products(&s, group, 1u + p->n_neighbours, sum);
        for (unsigned a = 0; a <= p->n_neighbours; a++)
            for (size_t j = 0; j < group[a].delays; j++)
                mean[group[a].at + j] = (double)total_of(&s, group[a].plane, j) / count;
        work->held = p->n_neighbours ? 0 : order;
    }
    const double width = (double)(1u << c->alphabet[p->alphabet].unit_bits) / (double)(1 << s.down);
    const double noise = width * width / 12.0;   /* of a code's rounding: a sample tells no more */
    double square = (double)sum[0][0] / count - mean[0] * mean[0] + noise;
    const int large = c->alphabet[p->alphabet].n_codes > SMALL_RANGE;
    const double ridge = large ? LARGE_RIDGE : RIDGE;
    if (g->n_samples < SHORT) {   /* first own delays alone, then with neighbours */
        equations(work, count, ridge, order, order, order);
        n1_factor(m, y, order);
        p->order = (uint8_t)n1_earned(m, y, order, 2, 2, square, (double)g->n_samples);
        n = p->order + p->n_neighbours * taps;
        equations(work, count, ridge, order, p->order, n);
        n1_factor(m, y, n);
        if (taps) {
            n = (unsigned)n1_earned(m, y, n, p->order, taps, square, (double)g->n_samples);
            p->n_neighbours = (uint8_t)((n - p->order) / taps);
            p->neighbour_taps = (uint8_t)(p->n_neighbours ? taps : 0);
        }
    } else {
        equations(work, count, ridge, order, order, n);
        n1_factor(m, y, n);
    }
    for (unsigned i = 0; i < n; i++)   /* what the predictor leaves of it */
        square -= m[i][i] > 0 ? y[i] * y[i] / m[i][i] : 0.0;
    square = square > noise ? square : noise;
    n1_substitute(m, y, n);

    /* Quantise: fewer fraction bits if the coefficients are large or the channel short. */
    double total = 0.0;
    for (unsigned i = 0; i < n; i++)
        total += y[i] < 0 ? -y[i] : y[i];
    unsigned shift = g->n_samples >= 32768 ? 9 : 8;
    while (shift > N1_SHIFT_MIN && total * (double)(1 << shift) + n > N1_COEF_BUDGET)
        shift--;
    if (total * (double)(1 << shift) + n > N1_COEF_BUDGET) {
        for (unsigned i = 0; i < n; i++)
            y[i] = 0.0;   /* a hopeless fit: predict the mean */
    }
    const int32_t *const tap = work->tap;
    double added = n1_round_taps(work, n, (double)(1 << shift), large);
    if (large) {
        /* one more bit for each tap against half of 3/4 of what is added, in bits */
        while (shift < N1_SHIFT_MAX && 2 * total * (double)(1 << shift) + 8 * n <= N1_COEF_BUDGET
               && 0.54 * (double)g->n_samples * added > n * square)
            added = n1_round_taps(work, n, (double)(1 << ++shift), large);
        int64_t sum_of_taps = 0;
        for (unsigned i = 0; i < n; i++)
            sum_of_taps += tap[i] < 0 ? -tap[i] : tap[i];
        if ((double)sum_of_taps > N1_COEF_BUDGET)   /* it has gone astray */
            n1_round_taps(work, n, (double)(1 << shift), 0);
    }
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
    p->bias = n1_nearest((rest + c->axis->centre) * one) + (1 << shift) / 2;
}
