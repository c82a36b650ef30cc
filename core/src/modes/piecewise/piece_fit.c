/* Encoder of the piecewise mode: weights, pieces, coefficients. */
#include "modes/piecewise/piece_fit.h"
#include "base/log2.h"
#include "base/fixed.h"

#include <string.h>

#define TAP_BITS    8.0   /* that a coefficient takes, and a piece without any */
#define PIECE_BITS  60.0
#define SMALLEST    0.05  /* mean square, of one that is as weights expect */
#define FIRST_OWN   8u    /* taps of the fits that weights are made of, */
#define FIRST_OTHERS 4u   /* other channels, the first of which say the most, */
#define FIRST_LAGS  2u    /* and taps of each, but in short blocks, */
#define MANY_LAGS   3u    /* unless there are more: of very many channels */
#define SOME        256u  /* frames in a row of which weights are made, twice as many in very long blocks: */
#define FEW_FRAMES  8192u /* all such parts of shorter blocks, every fourth of others, */
#define LONG        32768u /* every eighth of blocks that are as long, */
#define VERY_LONG   65536u /* every sixteenth */
#define WIDE        1048576.0 /* codes: of so large ones, noise is told from what drifts by four times as many frames */
#define ALIKE       1.35  /* weights that differ by less stay one: each needs sums of its own */
#define HALF        (N1_PIECE_WEIGHED / 2)
#define UNLIKE      4.0   /* parts of one piece: what is left of one and of the other differs by less, */
#define ALMOST      3.0   /* and by less than one part of so many for the other one's taps */
#define SHORT       1u    /* log2 of the units of a part */
#define TAKEN       192u  /* frames that taps are taken from at a time */
#define ALONE       0.3   /* codes: what is as small has no weight of its own */

static const uint8_t orders[] = {0, 1, 2, 4, 8, 12, 16, 24, 32};

static size_t part_frames(const n1_piece_effort *e) { return (size_t)N1_PIECE_UNIT << e->finest; }

static size_t parts_of(size_t n, const n1_piece_effort *e) { return (n + part_frames(e) - 1) / part_frames(e); }

void n1_piece_fit_take(n1_piece_fit *f, n1_arena *a, size_t n, unsigned others, const n1_piece_effort *effort)
{
    const unsigned taps = others * effort->lags + effort->own;
    f->effort = effort;
    f->parts = parts_of(n, effort);
    n1_piece_series_take(&f->series, a, n, others);
    f->sums = n1_arena_take(a, f->parts * n1_piece_sums_size(taps + 2), sizeof *f->sums);
    n1_piece_sums_take(&f->work, a, effort->own, others, effort->lags);
    f->cost = n1_arena_take(a, f->parts, sizeof *f->cost);
    f->length = n1_arena_take(a, f->parts, sizeof *f->length);
    f->left = n1_arena_take(a, n / HALF + 1, sizeof *f->left);
    n1_equations_take(&f->q, a, taps);
    f->q.weak = 1e-12;
}

static double bits_of(double v) { return n1_log2_q12((uint64_t)(v * 1048576.0)) / 4096.0 - 20.0; }

/* Equations of a sample from other channels (if `with`) and its own past. Returns its mean square. */
static double load(n1_piece_fit *f, const double *sums, int with)
{
    const n1_piece_series *s = &f->series;
    const unsigned others = s->others * s->lags, first = with ? 1 : 1 + others, target = n1_piece_terms(s) - 1;
    const double inverse = 1.0 / sums[0], *const last = sums + n1_piece_sums_size(target);
    for (unsigned i = first; i < target; i++) {
        const double *const row = sums + n1_piece_sums_size(i);
        const double mean = row[0] * inverse;
        for (unsigned j = first; j <= i; j++)
            f->q.m[(i - first) * f->q.most + j - first] = row[j] - mean * sums[n1_piece_sums_size(j)];
        f->q.y[i - first] = last[i] - mean * last[0];
    }
    return last[target] - last[0] * last[0] * inverse;
}

/* The best number of own taps with the others and without. Leaves the factors of the better one. */
typedef struct {
    double bits, square;
    unsigned own;
    int with;
} choice;

static choice choose(n1_piece_fit *f, const double *sums, double n)
{
    const n1_piece_series *s = &f->series;
    const unsigned others = s->others * s->lags;
    choice best = {1e300, 0, 0, 0};
    for (int more = 0; more <= (others > 0); more++) {
        const unsigned from = more ? others : 0, all = from + s->own;
        double square = load(f, sums, more);
        n1_factor(&f->q, all);
        unsigned i = 0;
        for (unsigned o = 0; o < sizeof orders && orders[o] <= s->own; o++) {
            for (; i < from + orders[o]; i++) {
                const double d = f->q.m[i * f->q.most + i];
                square -= d > 0 ? f->q.y[i] * f->q.y[i] / d : 0.0;
            }
            const double mean = (square > 0 ? square : 0.0) / n;
            const double bits = 0.5 * n * bits_of((mean < 1e12 ? mean : 1e12) + SMALLEST) + TAP_BITS * i + PIECE_BITS;
            if (bits < best.bits)
                best = (choice){bits, mean, orders[o], more};
        }
    }
    if (others && !best.with) {
        load(f, sums, 0);
        n1_factor(&f->q, best.own);
    }
    return best;
}

/* Coefficients as integers, as fine as their number of frames is worth. 0: a hopeless fit. */
static int quantise(n1_piece_fit *f, unsigned n, double square, double gain, n1_piece *p)
{
    double added = 0.0, all = 0.0;
    int64_t total = 0;
    n1_substitute(&f->q, n);
    for (unsigned i = 0; i < n; i++) {
        added += f->q.m[i * f->q.most + i] / 12.0;
        all += f->q.y[i] < 0 ? -f->q.y[i] : f->q.y[i];
    }
    p->shift = 0;
    added /= gain * gain;
    while (p->shift < N1_PIECE_SHIFT && 2 * all * gain * (double)(1 << p->shift) + n < 1e9 &&
           0.54 * added > n * (square + SMALLEST)) {
        added /= 4.0;
        p->shift++;
    }
    n1_round_taps(&f->q, n, gain * (double)(1 << p->shift), 1);
    for (unsigned i = 0; i < n; i++)
        total += f->q.tap[i] < 0 ? -(int64_t)f->q.tap[i] : f->q.tap[i];
    return total <= N1_PIECE_BUDGET;
}

static double bias_of(const n1_piece_fit *f, const double *sums, unsigned first, unsigned taps, double one)
{
    double bias = sums[n1_piece_sums_size(n1_piece_terms(&f->series) - 1)];
    for (unsigned i = 0; i < taps; i++)
        bias -= sums[n1_piece_sums_size(first + i)] * f->q.tap[i] / one;
    return bias / sums[0] * one;
}

/* Whether a header has room for it: 40 bits hold its quarters of a position. */
static int has_room(double bias, const n1_piece *p)
{
    const double room = 1099511627776.0 * (double)((int64_t)1 << n1_piece_bias_shift(p)) - 2.0 * (double)(1 << p->shift), most = (double)(N1_PIECE_BIAS / 2);
    return (bias < 0 ? -bias : bias) < (room < most ? room : most);
}

/* A piece of what the equations say, or the mean where they say nothing that can be used. */
static void settle(n1_piece_fit *f, const double *sums, const choice *c, n1_piece *p)
{
    const n1_piece_series *s = &f->series;
    const unsigned others = s->others * s->lags;
    const double gain = (double)(1 << N1_PIECE_Q);
    unsigned taps = (c->with ? others : 0) + c->own, first = c->with ? 1 : 1 + others;
    memset(p, 0, sizeof *p);
    int usable = quantise(f, taps, c->square, gain, p);
    double bias;
    for (;; usable = 1, taps = 0, p->shift = 0) { /* without taps, at last */
        bias = bias_of(f, sums, first, taps, (double)(1 << p->shift) * gain);
        if (usable && (!taps || has_room(bias, p)))
            break;
    }
    if (taps) {
        p->own = c->own;
        p->others = (unsigned)c->with;
    }
    for (unsigned i = 0; i < taps; i++)
        p->coefficient[!p->others ? i : i < others ? p->own + i : i - others] = f->q.tap[i];
    const int64_t step = (int64_t)1 << n1_piece_bias_shift(p), half = (int64_t)1 << p->shift >> 1;
    p->bias = ((int64_t)bias + half) / step * step;
}

static double frames_of(const n1_piece_fit *f, size_t part, size_t parts)
{
    const size_t from = part * part_frames(f->effort), to = from + parts * part_frames(f->effort);
    return (double)((to < f->series.n ? to : f->series.n) - from);
}

static void fit_piece(n1_piece_fit *f, const double *sums, size_t part, size_t parts, const choice *c, n1_piece *p)
{
    settle(f, sums, c, p);
    p->units = (uint32_t)(parts << f->effort->finest);
    f->cost[part] = c->bits;
    f->length[part] = (uint32_t)parts;
}

/* What the taps leave of some frames, whole halves but for the last of all. */
static void leave(n1_piece_fit *f, double bias, size_t from, size_t to)
{
    const n1_piece_series *const s = &f->series;
    const double *of[N1_PIECE_INPUTS];
    double e[TAKEN];
    for (; from < to; from += TAKEN) {
        const size_t n = to - from < TAKEN ? to - from : TAKEN;
        unsigned taps = 0;
        for (size_t t = 0; t < n; t++)
            e[t] = s->x[from + t] - bias;
        for (unsigned k = 0; k < s->others; k++)
            for (unsigned j = 0; j < s->lags; j++)
                of[taps++] = s->y[k] + from - j;
        for (unsigned j = 1; j <= s->own; j++)
            of[taps++] = s->x + from - j;
        s->k->take_away(e, of, f->q.y, taps, n);
        for (size_t t = n; t % HALF; t++)
            e[t] = 0.0;
        s->k->magnitudes(e, (n + HALF - 1) / HALF, f->left + from / HALF);
    }
}

/* Weights of some frames from what is left of them and of those nearby, which is there. */
static void weigh_frames(n1_piece_fit *f, size_t begin, size_t end)
{
    const n1_piece_series *const s = &f->series;
    double weight = 0.0;
    for (size_t from = begin; from < end; from += N1_PIECE_WEIGHED) {
        const size_t low = from > HALF ? from - HALF : 0, most = from + N1_PIECE_WEIGHED + HALF;
        const size_t high = most < s->n ? most : s->n;
        double sum = 0.0;
        for (size_t t = low; t < high; t += HALF)
            sum += f->left[t / HALF];
        sum = sum / (double)(high - low) + ALONE;
        const double now = 1.0 / (sum * sum);
        weight = now < ALIKE * weight && weight < ALIKE * now ? weight : now;
        s->weight[from / N1_PIECE_WEIGHED] = weight;
    }
}

/* What the fit of a part of the whole block leaves says how much a frame weighs: where the signal is large or wild, little. The
 * last time, all frames are weighed. */
static void weigh(n1_piece_fit *f, double *sums, int last)
{
    n1_piece_series *s = &f->series;
    const unsigned own = s->own, all = s->others, lags = s->lags;
    const size_t usual = s->n >= VERY_LONG ? 16 : s->n >= LONG ? 8 : s->n >= FEW_FRAMES ? 4 : 1, some = s->n >= VERY_LONG ? 2 * SOME : SOME;
    const size_t every = s->largest >= WIDE && usual > 1 ? usual / 4 : usual;
    s->own = own < FIRST_OWN ? own : FIRST_OWN;
    const int fewer = s->n >= FEW_FRAMES || lags > MANY_LAGS;
    s->others = fewer && all > FIRST_OTHERS ? FIRST_OTHERS : all;
    s->lags = fewer && lags > FIRST_LAGS ? FIRST_LAGS : lags;
    n1_piece_sums_begin(s, &f->work);
    for (size_t from = 0; from < s->n; from += every * some)
        n1_piece_sums_add(s, &f->work, from, from + some < s->n ? from + some : s->n);
    n1_piece_sums_end(s, &f->work, sums);
    load(f, sums, 1);
    const unsigned taps = s->others * s->lags + s->own;
    n1_factor(&f->q, taps);
    n1_substitute(&f->q, taps);
    double bias = sums[n1_piece_sums_size(taps + 1)];
    for (unsigned i = 0; i < taps; i++)
        bias -= sums[n1_piece_sums_size(i + 1)] * f->q.y[i];
    bias /= sums[0];
    const size_t step = last ? some : every * some;
    for (size_t from = 0; from < s->n; from += step) {
        const size_t low = last || from < N1_PIECE_WEIGHED ? from : from - N1_PIECE_WEIGHED, end = from + some < s->n ? from + some : s->n;
        leave(f, bias, low, last ? end : end + N1_PIECE_WEIGHED < s->n ? end + N1_PIECE_WEIGHED : s->n);
        if (!last)
            weigh_frames(f, from, end);
    }
    if (last)
        weigh_frames(f, 0, s->n);
    s->own = own;
    s->others = all;
    s->lags = lags;
}

/* What two own taps say of a part, its mean aside: the taps, and what they leave. */
typedef struct {
    double mean, now, with[2], both[3]; /* products of the sample with itself, with its past; and of that */
    double tap[2];
} glance;

static glance glance_at(const n1_piece_fit *f, const double *sums)
{
    const unsigned target = n1_piece_terms(&f->series) - 1, one = 1 + f->series.others * f->series.lags, two = one + 1;
    const double *const last = sums + n1_piece_sums_size(target), *const a = sums + n1_piece_sums_size(one), *const b = sums + n1_piece_sums_size(two);
    const double inverse = 1.0 / sums[0], m = last[0] * inverse, u = a[0] * inverse, v = b[0] * inverse;
    glance g = {m, last[target] * inverse - m * m, {last[one] * inverse - m * u, last[two] * inverse - m * v},
                {a[one] * inverse - u * u, b[one] * inverse - u * v, b[two] * inverse - v * v}, {0.0, 0.0}};
    const double d = g.both[0] * g.both[2] - g.both[1] * g.both[1];
    if (d > 1e-9 * g.both[0] * g.both[2]) {
        g.tap[0] = (g.with[0] * g.both[2] - g.with[1] * g.both[1]) / d;
        g.tap[1] = (g.with[1] * g.both[0] - g.with[0] * g.both[1]) / d;
    }
    return g;
}

/* Mean square that taps leave of a part. */
static double left_by(const glance *g, const double *tap)
{
    return g->now - 2.0 * (tap[0] * g->with[0] + tap[1] * g->with[1]) + tap[0] * tap[0] * g->both[0] + tap[1] * tap[1] * g->both[2] +
           2.0 * tap[0] * tap[1] * g->both[1];
}

/* Whether two parts next to each other seem to be of one piece: what is fitted to one does for the other, and their means. Of long parts,
 * and channels that are fitted to others, it is not known; small programs do without. */
static int are_alike(const n1_piece_fit *f, const double *sums, const double *next)
{
    if (!N1_PIECE_FORMS || f->series.others || f->series.own < 2 || f->effort->finest > SHORT)
        return 0;
    const glance a = glance_at(f, sums), b = glance_at(f, next);
    const double mine = left_by(&a, a.tap), other = left_by(&b, b.tap), far = (a.mean - b.mean) * (1.0 - a.tap[0] - a.tap[1]);
    const double most = mine < other * UNLIKE && other < mine * UNLIKE ? (mine < other ? mine : other) / ALMOST : -1.0;
    return left_by(&a, b.tap) - mine < most && left_by(&b, a.tap) - other < most && far * far < most;
}

static void add_sums(double *sums, const double *more, size_t size)
{
    for (size_t j = 0; j < size; j++)
        sums[j] += more[j];
}

/* Parts from one on that seem to be of one piece: 1, 2 or 4, whose sums are added up. */
static size_t parts_alike(n1_piece_fit *f, size_t part, size_t size)
{
    double *const sums = f->sums + part * size;
    size_t n = 1;
    for (; n < 4 && part + 2 * n <= f->parts && part % (2 * n) == 0 && f->length[part + n] == n && are_alike(f, sums, sums + n * size); n *= 2)
        add_sums(sums, sums + n * size, size);
    return n;
}

size_t n1_piece_fit_all(n1_piece_fit *f, n1_piece *piece)
{
    n1_piece_series *s = &f->series;
    f->parts = parts_of(s->n, f->effort);
    const size_t size = n1_piece_sums_size(n1_piece_terms(s)), frames = part_frames(f->effort);
    for (size_t i = 0; i <= s->n / N1_PIECE_WEIGHED; i++)
        s->weight[i] = 1.0;
    for (unsigned i = 0; i < f->effort->rounds; i++)
        weigh(f, f->sums, i + 1 == f->effort->rounds);
    for (size_t i = 0; i < f->parts; i++) {
        n1_piece_sums_begin(s, &f->work);
        n1_piece_sums_add(s, &f->work, i * frames, (i + 1) * frames < s->n ? (i + 1) * frames : s->n);
        n1_piece_sums_end(s, &f->work, f->sums + i * size);
    }
    for (size_t i = f->parts; i-- > 0;)
        f->length[i] = (uint32_t)parts_alike(f, i, size);
    for (size_t i = 0; i < f->parts; i += f->length[i]) {
        const size_t parts = f->length[i];
        const choice c = choose(f, f->sums + i * size, frames_of(f, i, parts));
        fit_piece(f, f->sums + i * size, i, parts, &c, &piece[i]);
    }
    for (size_t step = 1; step < f->parts; step *= 2)
        for (size_t i = 0; i + step < f->parts; i += 2 * step) {
            double *const sums = f->sums + i * size;
            const size_t parts = 2 * step < f->parts - i ? 2 * step : f->parts - i;
            if (f->length[i] > step) /* of one piece from the first on */
                continue;
            add_sums(sums, sums + step * size, size);
            const choice c = choose(f, sums, frames_of(f, i, parts));
            if (c.bits <= f->cost[i] + f->cost[i + step])
                fit_piece(f, sums, i, parts, &c, &piece[i]);
            else
                f->cost[i] += f->cost[i + step];
        }
    size_t n = 0;
    for (size_t i = 0; i < f->parts; i += f->length[i])
        piece[n++] = piece[i];
    return n;
}
