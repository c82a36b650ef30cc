/* Encoder: parameters of the adaptive modes. Sums are integers; what is decided in double is sent as integers. */
#include "modes/adaptive/adaptive.h"
#include "predict/sums.h"

n1_mode n1_adaptive_counts(int level, size_t n_channels, n1_params *p)
{
    /* own taps, neighbours and past of them, contexts: for one channel, for 2 .. 7, for more */
    static const struct {
        n1_mode mode;
        uint8_t own[3], neighbours[3], past[3], contexts[3];
    } levels[] = {
        {N1_MODE_BACKWARD, {16, 16, 4}, {0, 1, 1}, {0, 1, 1}, {1, 1, 1}},
        {N1_MODE_BACKWARD, {16, 16, 4}, {0, 3, 2}, {0, 1, 1}, {1, 1, 1}},
        {N1_MODE_BACKWARD, {16, 16, 4}, {0, 4, 4}, {0, 1, 1}, {1, 1, 1}},
        {N1_MODE_MIXED, {16, 32, 4}, {0, 4, 4}, {0, 1, 1}, {1, 1, 1}},
        {N1_MODE_MIXED, {32, 32, 8}, {0, 4, 6}, {0, 1, 1}, {2, 2, 1}},
        {N1_MODE_MIXED, {32, 32, 8}, {0, 4, 8}, {0, 2, 1}, {4, 2, 2}},
    };
    const unsigned row = (unsigned)level - N1_FORWARD_LEVELS - 1;
    const unsigned kind = n_channels == 1 ? 0 : n_channels < N1_MANY_CHANNELS ? 1 : 2;
    memset(p, 0, sizeof *p);
    p->channels = (uint16_t)n_channels;
    p->own = levels[row].own[kind];
    p->neighbours = levels[row].neighbours[kind];
    if (p->neighbours > n_channels - 1)
        p->neighbours = (uint8_t)(n_channels - 1);
    p->past = levels[row].past[kind];
    p->contexts = levels[row].contexts[kind];
    p->sets = 1;
    return levels[row].mode;
}

#define ANALYSED 3072u      /* samples of a channel that the choice of neighbours looks at */
#define REACH 63u
#define LIMIT 511

/* Nearly white residuals of the first samples, x - 4/5 of the one before, centred and brought to 10 bits. */
static void whiten(const uint16_t *codes, size_t stride, size_t n, int16_t *out)
{
    int64_t sum = 0, square = 0;
    for (size_t t = 0; t < n; t++)
        sum += 5 * codes[(t + 1) * stride] - 4 * codes[t * stride];
    const int32_t mean = (int32_t)(sum / (int64_t)n);
    for (size_t t = 0; t < n; t++) {
        const int64_t d = 5 * codes[(t + 1) * stride] - 4 * codes[t * stride] - mean;
        square += d * d;
    }
    unsigned down = 0;   /* so that 4 sigma are within the limit */
    while ((square >> (2 * down)) > (int64_t)n * (LIMIT / 4) * (LIMIT / 4))
        down++;
    for (size_t t = 0; t < n; t++) {
        const int32_t d = (5 * codes[(t + 1) * stride] - 4 * codes[t * stride] - mean) >> down;
        out[t] = (int16_t)(d < -LIMIT ? -LIMIT : d > LIMIT ? LIMIT : d);
    }
}

/* Forward selection (orthogonal least squares) among the channels within reach below. r[i][d]: product of i and i - d.
 * v: work, a row for each neighbour. */
static void choose(uint16_t *out, size_t c, unsigned wanted, const int64_t (*r)[REACH + 1], double (*v)[REACH + 1])
{
    double g[REACH + 1], q[REACH + 1], d[N1_MAX_NEIGHBOURS];
    const unsigned reach = c < REACH ? (unsigned)c : REACH;
    const double own = (double)r[c][0];
    for (unsigned o = 1; o <= reach; o++) {
        g[o] = (double)r[c][o];
        q[o] = (double)r[c - o][0];
    }
    for (unsigned k = 0; k < wanted; k++) {
        unsigned b = 0;
        double best = 0.001 * own;
        for (unsigned o = 1; o <= reach; o++)
            if (q[o] > 0.02 * (double)r[c - o][0] && g[o] * g[o] > best * q[o]) {
                best = g[o] * g[o] / q[o];
                b = o;
            }
        out[k] = b ? (uint16_t)(c - b) : (uint16_t)N1_NO_NEIGHBOUR;
        if (!b) {
            d[k] = 0;
            continue;
        }
        d[k] = q[b];
        const double gb = g[b];
        for (unsigned o = 1; o <= reach; o++) {
            const size_t high = o < b ? c - o : c - b;
            double s = (double)r[high][o < b ? b - o : o - b];
            for (unsigned u = 0; u < k; u++)
                if (d[u] > 0)
                    s -= v[u][b] * v[u][o] / d[u];
            v[k][o] = s;
            g[o] -= gb * s / d[k];
            q[o] -= s * s / d[k];
        }
        q[b] = 0;
    }
}

/* Mean of the 17 counts around code k. */
static double around(const uint32_t *h, uint32_t k)
{
    uint64_t sum = 0;
    for (uint32_t j = k - 8; j <= k + 8; j++)
        sum += h[j];
    return (double)sum / 17.0;
}

/* log2 of the counts that the prior "all codes are equally wide" is worth: the inverse of the variance of the codes'
   counts around their neighbourhood's mean, what chance alone explains taken off. */
static uint8_t stiffness(const uint32_t *h, uint32_t codes, uint64_t n)
{
    double excess = 0, weight = 0;
    for (uint32_t k = 8; k + 8 < codes; k++) {
        const double m = around(h, k);
        if (m < 64 || (double)h[k] > 0.2 * (double)n) /* too rare, or an idle input's resting code */
            continue;
        excess += (h[k] / m - 1) * (h[k] / m - 1) - 1 / m;
        weight++;
    }
    double v = weight > 0 ? excess / weight : 0;
    unsigned b = 0;
    if (v <= 0.0005)
        b = 11;
    else
        while (v < 0.70710678 && b < 12) {
            v *= 2;
            b++;
        }
    if (b > 6)   /* what is left may be the histogram's own curvature */
        b += 3;
    return (uint8_t)(b < 12 ? b : 12);
}

/* Converters that channels may share, from their number: none (one table), those of Neuropixels 2.0 (16 channels, even
   or odd of 32), of 1.0 (12, even or odd of 24), one for each channel. 0 .. N1_MAX_WIDTH_SETS sets; too many: 0. */
#define WIRINGS 4
static unsigned wiring(unsigned which, const uint16_t *channel, size_t n, uint8_t *set)
{
    static const unsigned period[WIRINGS] = {0, 32, 24, 1};
    unsigned sets = 1;
    for (size_t i = 0; i < n; i++) {
        const unsigned c = channel[i], p = period[which], g = p == 0 ? 0 : p == 1 ? (unsigned)i : c / p * 2 + c % 2;
        if (g >= N1_MAX_WIDTH_SETS)
            return 0;
        set[i] = (uint8_t)g;
        sets = g + 1 > sets ? g + 1 : sets;
    }
    return sets;
}

/* Bits a sample that separate tables of code widths promise: half of chi squared beyond chance between each set's
   counts and what its own smooth distribution times the common ratios foretells. */
static double promise(const uint32_t *h, unsigned sets, uint32_t codes, const uint32_t *all, uint64_t n)
{
    double excess = 0;
    for (unsigned g = 0; g < sets; g++, h += codes)
        for (uint32_t k = 8; k + 8 < codes; k++) {
            const double mean = around(all, k), m = around(h, k);
            if (m < 32 || mean < 1 || (double)all[k] > 0.2 * (double)n)
                continue;
            const double expected = m * ((double)all[k] + 1) / mean;
            excess += (h[k] - expected) * (h[k] - expected) / expected - 1;
        }
    return excess * 0.5 * 1.4427 / (double)n;
}

/* What every wiring's converters are made of, counted once: single channels, or where these are too many for a table
   each, the even or the odd of 8. Where even so no wiring has few enough converters, one part of all.
   n1_adaptive_plan_size() knows how many there may be. */
static size_t part_of(const uint16_t *channel, size_t n, size_t i)
{
    if (n <= N1_MAX_WIDTH_SETS)
        return i;
    return channel[n - 1] < N1_MAX_WIDTH_SETS * 16 ? channel[i] / 8u * 2 + channel[i] % 2u : 0;
}

static void add(uint32_t *sum, const uint32_t *h, size_t n)
{
    for (size_t k = 0; k < n; k++)
        sum[k] += h[k];
}

static int plan_widths(n1_params *p, const uint16_t *codes, size_t n_samples, const uint16_t *channel, uint8_t *set,
                       n1_arena scratch)
{
    const size_t c = p->channels, k = p->codes, parts = (part_of(channel, c, c - 1) | 1) + 1;
    uint32_t *all = n1_arena_take(&scratch, k * sizeof *all);
    uint32_t *part = n1_arena_take(&scratch, parts * k * sizeof *part);
    uint32_t *h = n1_arena_take(&scratch, N1_MAX_WIDTH_SETS * k * sizeof *h);
    uint32_t *row = n1_arena_take(&scratch, c * sizeof *row);            /* where a channel's part begins */
    uint16_t *one = n1_arena_take(&scratch, parts * sizeof *one);        /* a channel of each part */
    if (!all || !part || !h || !row || !one)
        return 0;
    memset(all, 0, k * sizeof *all);
    memset(part, 0, parts * k * sizeof *part);
    memset(one, 0, parts * sizeof *one);   /* a part without channels counts nothing */
    for (size_t i = 0; i < c; i++) {
        const size_t j = part_of(channel, c, i);
        row[i] = (uint32_t)(j * k);
        one[j] = (uint16_t)i;
    }
    for (size_t t = 0; t < n_samples; t++, codes += c)
        for (size_t i = 0; i < c; i++)
            part[row[i] + codes[i]]++;
    for (size_t j = 0; j < parts; j++)
        add(all, part + j * k, k);

    const uint64_t n = (uint64_t)n_samples * c;
    p->stiff_common = p->prior ? 8 : stiffness(all, p->codes, n);
    p->stiff_set = (uint8_t)(p->stiff_common + 1);
    unsigned best = 0;
    double most = 0.01;   /* a grouping at random promises a little less */
    for (unsigned w = 1; w < WIRINGS && c > 1; w++) {
        const unsigned sets = wiring(w, channel, c, set);
        if (sets < 2)
            continue;
        memset(h, 0, sets * k * sizeof *h);
        for (size_t j = 0; j < parts; j++)
            add(h + set[one[j]] * k, part + j * k, k);
        const double bits = promise(h, sets, p->codes, all, n);
        if (bits > most) {
            most = bits;
            best = w;
        }
    }
    p->sets = (uint8_t)wiring(best, channel, c, set);
    return 1;
}

int n1_adaptive_plan(n1_params *p, const uint16_t *codes, size_t n_samples, const uint16_t *channel,
                      uint16_t *neighbour, uint8_t *set, n1_kernel kernel, n1_arena scratch)
{
    const size_t c = p->channels;
    p->neighbour = neighbour;
    p->set = set;
    if (!plan_widths(p, codes, n_samples, channel, set, scratch))
        return 0;
    /* First scale: 0.7 of the mean squared step, in voltage units. */
    const size_t n = n_samples < 1000 ? n_samples : 1000;
    double square = 0;
    for (size_t i = c; i < n * c; i++)
        square += ((double)codes[i] - codes[i - c]) * ((double)codes[i] - codes[i - c]);
    double variance = 0.7 * square / (double)((n - 1) * c) * (double)(1 << (2 * n1_unit_shift(p->codes))) + 4;
    p->sigma = 0;
    while (variance >= 1.41421356 && p->sigma < 30) {
        variance /= 2;
        p->sigma++;
    }
    p->sigma = p->sigma < 2 ? 2 : p->sigma;
    if (!p->neighbours)
        return 1;
    const size_t some = (n_samples - 1 < ANALYSED ? n_samples - 1 : ANALYSED) & ~(size_t)7;
    int16_t *white = n1_arena_take(&scratch, c * some * sizeof *white);
    int64_t(*r)[REACH + 1] = n1_arena_take(&scratch, c * sizeof *r);
    double(*work)[REACH + 1] = n1_arena_take(&scratch, N1_MAX_NEIGHBOURS * sizeof *work);
    if (!white || !r || !work)
        return 0;
    for (size_t i = 0; i < c; i++) {
        whiten(codes + i, c, some, white + i * some);
        for (size_t d = 0; d <= REACH; d++)
            r[i][d] = d <= i ? n1_dot_down(white + i * some, white + (i - d) * some, some, 0, kernel) : 0;
        choose(neighbour + i * p->neighbours, i, p->neighbours,
               (const int64_t(*)[REACH + 1])r, work);
    }
    return 1;
}
