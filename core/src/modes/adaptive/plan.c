/* Encoder: parameters of the adaptive modes. Sums are integers; what is decided in double is sent as integers. */
#include "modes/adaptive/plan.h"
#include "base/fixed.h"

#include <string.h>

void n1_adaptive_counts(const n1_adaptive_effort *effort, size_t n_channels, n1_params *p)
{
    const unsigned kind = n_channels == 1 ? 0 : n_channels < N1_MANY_CHANNELS ? 1 : 2;
    memset(p, 0, sizeof *p);
    p->channels = (uint16_t)n_channels;
    p->own = effort->own[kind];
    p->neighbours = effort->neighbours[kind];
    if (p->neighbours > n_channels - 1)
        p->neighbours = (uint8_t)(n_channels - 1);
    p->past = effort->past[kind];
    p->contexts = effort->contexts[kind];
    p->widths.sets = 1;
}

#define COUNTED (1u << 20)  /* samples that are counted, about, */
#define EACH    (1u << 12)  /* or of each of very many channels, if that is less, */
#define RUN     32u          /* in runs of so many frames */
#define ANALYSED 3072u      /* samples of a channel that the choice of neighbours looks at */
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
static void choose(uint16_t *out, size_t c, unsigned wanted, const int64_t (*r)[N1_REACH + 1], double (*v)[N1_REACH + 1])
{
    double g[N1_REACH + 1], q[N1_REACH + 1], d[N1_MAX_NEIGHBOURS];
    const unsigned reach = c < N1_REACH ? (unsigned)c : N1_REACH;
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

/* 2^v, the same on every machine: a polynomial, good to 0.0002. */
static double exp2_of(double v)
{
    double scale = 1;
    for (; v >= 1; v -= 1) scale *= 2;
    for (; v < 0; v += 1) scale /= 2;
    return scale * (1 + v * (0.6951786 + v * (0.2276402 + v * 0.0771812)));
}

/* A histogram, with what is asked of each of its counts again and again: a weight, and that times the logarithm. */
typedef struct {
    const uint32_t *h;
    const double *weight, *log;
    double *mean, *doubt;
    uint32_t codes;
} histogram;

static histogram histogram_of(const uint32_t *h, uint32_t codes, n1_adaptive_work *w)
{
    for (uint32_t k = 0; k < codes; k++) {
        w->weight[k] = (double)h[k] + 0.05;
        w->log[k] = w->weight[k] * ((double)n1_log2_q12(2U * h[k] + 1) / 4096 - 1);
    }
    return (histogram){h, w->weight, w->log, w->mean, w->doubt, codes};
}

/* Sums over the 8 codes on either side of some codes from k on, so many that a compiler's vectors are full. */
#define BESIDE 8
typedef struct {
    double s[5][BESIDE], y[3][BESIDE];
} sides;

N1_INLINE void sum_sides(const histogram *h, uint32_t k, uint32_t n, sides *v)
{
    memset(v, 0, sizeof *v);
    for (uint32_t j = 1; j <= 8; j++) {
        const double *const left = h->weight + k - j, *const right = h->weight + k + j;
        const double *const below = h->log + k - j, *const above = h->log + k + j;
        const double one = j, two = one * one;
        for (uint32_t i = 0; i < n; i++) {
            const double sum = left[i] + right[i], lean = right[i] - left[i];
            v->s[0][i] += sum;
            v->s[1][i] += one * lean;
            v->s[2][i] += two * sum;
            v->s[3][i] += one * two * lean;
            v->s[4][i] += two * two * sum;
            v->y[0][i] += below[i] + above[i];
            v->y[1][i] += one * (above[i] - below[i]);
            v->y[2][i] += two * (below[i] + above[i]);
        }
    }
}

/* What they foretell of the count between them, by a parabola through the logarithms of theirs: however coarse the codes
   are, a histogram's own curvature is none of a converter's. *doubt: the part of it that chance may make, squared. */
static double foretold(const sides *v, uint32_t i, double *doubt)
{
    const double s[5] = {v->s[0][i], v->s[1][i], v->s[2][i], v->s[3][i], v->s[4][i]};
    const double a = s[2] * s[4] - s[3] * s[3], b = s[2] * s[3] - s[1] * s[4], c = s[1] * s[3] - s[2] * s[2];
    const double whole = s[0] * a + s[1] * b + s[2] * c;
    if (!(whole > 1e-9 * s[0] * s[2] * s[4])) return 0;
    *doubt = a / whole;
    const double log = (a * v->y[0][i] + b * v->y[1][i] + c * v->y[2][i]) / whole;
    return log > 31 ? 0 : log < -31 ? 0 : exp2_of(log);
}

/* Of all codes around which the mean of 17 counts is `least`, and which make up a fifth of n at most; else 0. */
static void foretell(const histogram *of, double least, uint64_t n)
{
    uint64_t around = 0;
    for (uint32_t k = 0; k < of->codes; k++) of->mean[k] = 0;
    for (uint32_t k = 0; k < 16 && k < of->codes; k++) around += of->h[k];
    for (uint32_t from = 8; from + 8 < of->codes; from += BESIDE) {
        const uint32_t left = of->codes - 8 - from, some = left < BESIDE ? left : BESIDE;
        unsigned known = 0;
        for (uint32_t i = 0; i < some; i++) {
            const uint32_t k = from + i;
            around += of->h[k + 8];
            if (!((double)around / 17.0 < least || (double)of->h[k] > 0.2 * (double)n)) known |= 1U << i;
            around -= of->h[k - 8];
        }
        if (!known) continue;
        sides v;
        if (some == BESIDE)
            sum_sides(of, from, BESIDE, &v);
        else
            sum_sides(of, from, some, &v);
        for (uint32_t i = 0; i < some; i++)
            if (known >> i & 1) of->mean[from + i] = foretold(&v, i, &of->doubt[from + i]);
    }
}

/* log2 of the counts that the prior "all codes are equally wide" is worth: the inverse of the variance of the codes'
   counts around what their neighbours foretell, what chance alone explains taken off. */
static uint8_t stiffness(const histogram *of, uint64_t n)
{
    const uint32_t *const h = of->h;
    double excess = 0, weight = 0;
    foretell(of, 64, n); /* not what is too rare, or an idle input's resting code */
    for (uint32_t k = 8; k + 8 < of->codes; k++) {
        const double m = of->mean[k];
        if (m < 16 || of->doubt[k] > 0.1)
            continue;
        excess += (h[k] / m - 1) * (h[k] / m - 1) - 1 / m - of->doubt[k];
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
    if (b > 6)   /* what is left may be more than a parabola of the histogram */
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

/* How much more often each code was met than its neighbours foretell, by all channels; 0: nothing is known of it. */
static void common_ratios(const histogram *of, uint64_t n, double *ratio)
{
    const uint32_t *const all = of->h;
    foretell(of, 1, n);
    for (uint32_t k = 0; k < of->codes; k++) ratio[k] = of->mean[k] >= 1 ? ((double)all[k] + 1) / of->mean[k] : 0;
}

/* Chi squared beyond chance between a set's counts and what its own smooth distribution times the common ratios foretells. */
static double excess_of(const histogram *of, const double *ratio, double excess)
{
    const uint32_t *const h = of->h;
    foretell(of, 32, UINT64_MAX / 2);
    for (uint32_t k = 8; k + 8 < of->codes; k++) {
        const double expected = ratio[k] > 0 ? of->mean[k] * ratio[k] : 0;
        if (expected < 8 || of->doubt[k] > 0.1)
            continue;
        excess += (h[k] - expected) * (h[k] - expected) / expected - 1 - of->doubt[k] * expected;
    }
    return excess;
}

/* What every wiring's converters are made of, counted once: single channels, or where these are too many for a table
   each, the even or the odd of 8. Where even so no wiring has few enough converters, one part of all.
   parts_most() knows how many there may be. */
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

/* Counts of every part and of all; how many parts there are. Of many frames a part is counted, runs all over the block;
   *n: how many samples that were: fewer of very many channels, which are coded in little time. */
static size_t count(n1_adaptive_work *w, const n1_params *p, const uint16_t *codes, size_t n_samples, const uint16_t *channel, uint64_t *n)
{
    const size_t c = p->channels, k = p->widths.codes, parts = (part_of(channel, c, c - 1) | 1) + 1;
    const size_t most = c < N1_WIDE_CHANNELS || c * EACH > COUNTED ? COUNTED : c * EACH;
    const size_t part = n_samples * c / most, apart = part < 2 ? RUN : part * RUN;
    memset(w->all, 0, k * sizeof *w->all);
    memset(w->part, 0, parts * k * sizeof *w->part);
    memset(w->one, 0, parts * sizeof *w->one);   /* a part without channels counts nothing */
    for (size_t i = 0; i < c; i++) {
        const size_t j = part_of(channel, c, i);
        w->row[i] = (uint32_t)(j * k);
        w->one[j] = (uint16_t)i;
    }
    *n = 0;
    for (size_t from = 0; from < n_samples; from += apart) {
        const size_t run = n_samples - from < RUN ? n_samples - from : RUN;
        const uint16_t *code = codes + from * c;
        *n += run * c;
        for (size_t t = 0; t < run; t++, code += c)
            for (size_t i = 0; i < c; i++)
                w->part[w->row[i] + code[i]]++;
    }
    for (size_t j = 0; j < parts; j++)
        add(w->all, w->part + j * k, k);
    return parts;
}

/* Bits a sample that separate tables of code widths promise. */
static double promise(n1_adaptive_work *w, unsigned sets, const uint8_t *set, size_t parts, uint32_t codes, uint64_t n)
{
    double excess = 0;
    for (unsigned s = 0; s < sets; s++) {
        memset(w->one_set, 0, codes * sizeof *w->one_set);
        for (size_t j = 0; j < parts; j++)
            if (set[w->one[j]] == s)
                add(w->one_set, w->part + j * codes, codes);
        const histogram of = histogram_of(w->one_set, codes, w);
        excess = excess_of(&of, w->ratio, excess);
    }
    return excess * 0.5 * 1.4427 / (double)n;
}

static void plan_widths(n1_params *p, const uint16_t *codes, size_t n_samples, const uint16_t *channel, uint8_t *set,
                        n1_adaptive_work *w)
{
    const size_t c = p->channels;
    uint64_t n;
    const size_t parts = count(w, p, codes, n_samples, channel, &n);
    const histogram all = histogram_of(w->all, p->widths.codes, w);
    p->widths.stiff_common = p->widths.prior ? 8 : stiffness(&all, n);
    p->widths.stiff_set = (uint8_t)(p->widths.stiff_common + 1);
    common_ratios(&all, n, w->ratio);
    unsigned best = 0;
    double most = 0.01;   /* a division at random promises a little less */
    for (unsigned way = 1; way < WIRINGS && c > 1; way++) {
        const unsigned sets = wiring(way, channel, c, set);
        if (sets < 2)
            continue;
        const double bits = promise(w, sets, set, parts, p->widths.codes, n);
        if (bits > most) {
            most = bits;
            best = way;
        }
    }
    p->widths.sets = (uint8_t)wiring(best, channel, c, set);
}

uint8_t n1_adaptive_sets(size_t n_channels)
{
    return (uint8_t)(n_channels < N1_MAX_WIDTH_SETS ? n_channels : N1_MAX_WIDTH_SETS);
}

/* For members among so many channels: see part_of(). */
static size_t parts_most(size_t n_channels)
{
    const size_t single = n_channels < N1_MAX_WIDTH_SETS ? n_channels : N1_MAX_WIDTH_SETS;
    const size_t last = (n_channels < N1_MAX_WIDTH_SETS * 16 ? n_channels : N1_MAX_WIDTH_SETS * 16) - 1;
    const size_t divided = n_channels > N1_MAX_WIDTH_SETS ? last / 8 * 2 + 2 : 0;
    return single + 1 > divided ? single + 1 : divided;
}

void n1_adaptive_work_take(n1_adaptive_work *w, n1_arena *a, const n1_shape *s)
{
    const size_t c = s->n_channels, parts = parts_most(c), several = c > 1 ? c : 0;
    w->all = n1_arena_take(a, N1_MAX_CODES, sizeof *w->all);
    w->part = n1_arena_take(a, parts * N1_MAX_CODES, sizeof *w->part);
    w->one_set = n1_arena_take(a, N1_MAX_CODES, sizeof *w->one_set);
    w->ratio = n1_arena_take(a, N1_MAX_CODES, sizeof *w->ratio);
    w->weight = n1_arena_take(a, N1_MAX_CODES, sizeof *w->weight);
    w->log = n1_arena_take(a, N1_MAX_CODES, sizeof *w->log);
    w->mean = n1_arena_take(a, N1_MAX_CODES, sizeof *w->mean);
    w->doubt = n1_arena_take(a, N1_MAX_CODES, sizeof *w->doubt);
    w->row = n1_arena_take(a, c, sizeof *w->row);
    w->one = n1_arena_take(a, parts, sizeof *w->one);
    w->white = n1_arena_take(a, several * (s->n_samples < ANALYSED ? s->n_samples : ANALYSED), sizeof *w->white);
    w->r = n1_arena_take(a, several, sizeof *w->r);
    w->selected = n1_arena_take(a, several ? N1_MAX_NEIGHBOURS : 0, sizeof *w->selected);
}

/* First scale: 0.7 of the mean squared step, in voltage units. */
static uint8_t first_scale(const n1_params *p, const uint16_t *codes, size_t n_samples)
{
    const size_t c = p->channels, n = n_samples < 1000 ? n_samples : 1000;
    double square = 0;
    for (size_t i = c; i < n * c; i++)
        square += ((double)codes[i] - codes[i - c]) * ((double)codes[i] - codes[i - c]);
    double variance = 0.7 * square / (double)((n - 1) * c) * (double)(1 << (2 * n1_unit_shift(p->widths.codes))) + 4;
    uint8_t sigma = 0;
    while (variance >= 1.41421356 && sigma < 30) {
        variance /= 2;
        sigma++;
    }
    return sigma < 2 ? 2 : sigma;
}

void n1_adaptive_plan(n1_params *p, const uint16_t *codes, size_t n_samples, const uint16_t *channel,
                      uint16_t *neighbour, uint8_t *set, const n1_encode_kernels *k, n1_adaptive_work *w)
{
    const size_t c = p->channels;
    p->neighbour = neighbour;
    p->set = set;
    if (!p->widths.known)
        plan_widths(p, codes, n_samples, channel, set, w);
    p->sigma = first_scale(p, codes, n_samples);
    if (!p->neighbours)
        return;
    const size_t some = (n_samples - 1 < ANALYSED ? n_samples - 1 : ANALYSED) & ~(size_t)7;
    for (size_t i = 0; i < c; i++) {
        whiten(codes + i, c, some, w->white + i * some);
        for (size_t d = 0; d <= N1_REACH; d++)
            w->r[i][d] = d <= i ? k->dot(w->white + i * some, w->white + (i - d) * some, some, 0) : 0;
        choose(neighbour + i * p->neighbours, i, p->neighbours, (const int64_t(*)[N1_REACH + 1])w->r, w->selected);
    }
}
