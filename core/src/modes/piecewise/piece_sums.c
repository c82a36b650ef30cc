/* Encoder of the piecewise mode: weighted sums of products. */
#include "modes/piecewise/piece_sums.h"

#include <string.h>

static double *take(n1_arena *a, size_t n)
{
    double *p = n1_arena_take(a, N1_PIECE_BEFORE + n, sizeof *p);
    if (!p)
        return NULL;
    memset(p, 0, N1_PIECE_BEFORE * sizeof *p);
    return p + N1_PIECE_BEFORE;
}

void n1_piece_series_take(n1_piece_series *s, n1_arena *a, size_t n, unsigned others)
{
    s->n = n;
    s->weight = n1_arena_take(a, n / N1_PIECE_WEIGHED + 1, sizeof *s->weight);
    s->x = take(a, n);
    for (unsigned i = 0; i < others; i++)
        s->y[i] = take(a, n);
}

#define TURNS    32u /* at a time */
#define PRODUCTS (N1_PIECE_OTHERS * N1_PIECE_LAGS + N1_PIECE_OWN + 1) /* with one series */

/* Terms from lag 1 on; rows of a matrix of them. */
static unsigned earlier_terms(unsigned own, unsigned others, unsigned lags) { return own + others * (lags ? lags - 1 : 0); }
static unsigned rows_of(unsigned own, unsigned others, unsigned lags) { return (earlier_terms(own, others, lags) + 3) & ~3u; }
static unsigned rows(const n1_piece_series *s) { return rows_of(s->own, s->others, s->lags); }

void n1_piece_sums_take(n1_piece_sums *w, n1_arena *a, unsigned own, unsigned others, unsigned lags)
{
    const size_t size = rows_of(own, others, lags);
    w->own = n1_arena_take(a, own + 1, sizeof *w->own);
    w->others = n1_arena_take(a, others * (lags + own), sizeof *w->others);
    w->pairs = n1_arena_take(a, others * others * lags, sizeof *w->pairs);
    w->single = n1_arena_take(a, 1 + others, sizeof *w->single);
    w->turn = n1_arena_take(a, size * size, sizeof *w->turn);
    w->turns = n1_arena_take(a, size, sizeof *w->turns);
    w->at = n1_arena_take(a, TURNS * size, sizeof *w->at);
    w->by = n1_arena_take(a, TURNS * size, sizeof *w->by);
}

static void clear(double *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        v[i] = 0.0;
}

void n1_piece_sums_begin(const n1_piece_series *s, n1_piece_sums *w)
{
    const size_t size = rows(s);
    clear(w->own, s->own + 1);
    clear(w->others, (size_t)s->others * (s->lags + s->own));
    clear(w->pairs, (size_t)s->others * s->others * s->lags);
    clear(w->single, 1 + s->others);
    clear(w->turn, size * size);
    clear(w->turns, size);
    w->weight = 0.0;
}

/* Products that are summed side by side, and where to. */
typedef struct {
    const double *of[PRODUCTS];
    double *sum[PRODUCTS];
    unsigned n;
} products;

/* With x, `least` to `last` frames before. */
static void want(products *p, const double *x, unsigned least, unsigned last, double *sum)
{
    for (unsigned d = least; d <= last; d++) {
        p->of[p->n] = x - d;
        p->sum[p->n++] = sum++;
    }
}

static void add_products(const n1_piece_series *s, const products *p, const double *x, size_t from, size_t to, double *single)
{
    double more[PRODUCTS + 1];
    s->k->weighted_products(s->weight + from / N1_PIECE_WEIGHED, x + from, p->of, p->n, to - from, more);
    for (unsigned i = 0; i < p->n; i++)
        *p->sum[i] += more[i];
    *single += more[p->n];
}

/* Of the frames with all terms of lag 0. */
static void add_latest(const n1_piece_series *s, n1_piece_sums *w, size_t from, size_t to)
{
    products p = {.n = 0};
    want(&p, s->x + from, 0, s->own, w->own);
    for (unsigned k = 0; k < s->others; k++)
        want(&p, s->y[k] + from, 0, s->lags - 1, w->others + k * (s->lags + s->own));
    add_products(s, &p, s->x, from, to, &w->single[0]);
    for (unsigned k = 0; k < s->others; k++) {
        p.n = 0;
        if (s->own)
            want(&p, s->x + from, 1, s->own, w->others + k * (s->lags + s->own) + s->lags);
        for (unsigned m = 0; m < s->others; m++) /* two at the same time: once */
            if (s->lags > (m > k))
                want(&p, s->y[m] + from, m > k, s->lags - 1, w->pairs + (k * s->others + m) * s->lags + (m > k));
        add_products(s, &p, s->y[k], from, to, &w->single[1 + k]);
    }
}

/* What is before a frame where weights differ by so much. */
static void put_turn(const n1_piece_series *s, n1_piece_sums *w, unsigned i, size_t frame, double change)
{
    const size_t size = rows(s);
    double *const at = w->at + i * size, *const by = w->by + i * size;
    unsigned n = 0;
    for (unsigned j = 1; j <= s->own; j++)
        at[n++] = *(s->x + frame - j);
    for (unsigned k = 0; k < s->others; k++)
        for (unsigned j = 1; j < s->lags; j++)
            at[n++] = *(s->y[k] + frame - j);
    for (; n < size; n++)
        at[n] = 0.0;
    for (unsigned j = 0; j < size; j++) {
        by[j] = change * at[j];
        w->turns[j] += by[j];
    }
}

/* What changes of weight, and both ends, add: before frames from .. to. */
static void add_turns(const n1_piece_series *s, n1_piece_sums *w, size_t from, size_t to)
{
    double before = 0.0;
    unsigned n = 0;
    for (size_t t = from; t < to; t += N1_PIECE_WEIGHED) {
        const double weight = s->weight[t / N1_PIECE_WEIGHED];
        w->weight += weight * (double)(to - t < N1_PIECE_WEIGHED ? to - t : N1_PIECE_WEIGHED);
        if (weight == before)
            continue;
        if (n + 1 == TURNS) {
            s->k->add_squares(w->turn, w->by, w->at, rows(s), n);
            n = 0;
        }
        put_turn(s, w, n++, t, weight - before);
        before = weight;
    }
    put_turn(s, w, n++, to, -before);
    s->k->add_squares(w->turn, w->by, w->at, rows(s), n);
}

void n1_piece_sums_add(const n1_piece_series *s, n1_piece_sums *w, size_t from, size_t to)
{
    add_latest(s, w, from, to);
    add_turns(s, w, from, to);
}

/* A kind of terms: where those of lag 0 and 1 are among all, and from lag 1 on; lags 0 .. last. */
typedef struct {
    unsigned zero, first, turn, last;
} kind;

static kind own_kind(const n1_piece_series *s)
{
    return (kind){n1_piece_terms(s) - 1, s->others * s->lags + 1, 0, s->own};
}

static kind other_kind(const n1_piece_series *s, unsigned k)
{
    const unsigned first = 1 + k * s->lags;
    return (kind){first, first + 1, s->own + k * (s->lags - 1), s->lags - 1};
}

static double *entry(double *sums, unsigned i, unsigned j)
{
    return sums + (i > j ? n1_piece_sums_size(i) + j : n1_piece_sums_size(j) + i);
}

static void put_single(const n1_piece_sums *w, const kind *a, double value, double *sums)
{
    *entry(sums, 0, a->zero) = value;
    for (unsigned i = 0; i < a->last; i++)
        *entry(sums, 0, a->first + i) = value += w->turns[a->turn + i];
}

/* From the product of a's latest term with the one of b that is d frames before it, on: of both i frames earlier. */
static void put_pair(const n1_piece_sums *w, const kind *a, const kind *b, size_t size, unsigned d, double value, double *sums)
{
    *entry(sums, a->zero, d ? b->first + d - 1 : b->zero) = value;
    for (unsigned i = 0; i < a->last && i + d < b->last; i++) {
        const unsigned row = a->turn + i, column = b->turn + i + d;
        value += row > column ? w->turn[row * size + column] : w->turn[column * size + row];
        *entry(sums, a->first + i, b->first + i + d) = value;
    }
}

void n1_piece_sums_end(const n1_piece_series *s, const n1_piece_sums *w, double *sums)
{
    const size_t size = rows(s);
    const kind own = own_kind(s);
    sums[0] = w->weight;
    put_single(w, &own, w->single[0], sums);
    for (unsigned d = 0; d <= s->own; d++)
        put_pair(w, &own, &own, size, d, w->own[d], sums);
    for (unsigned k = 0; k < s->others; k++) {
        const kind other = other_kind(s, k);
        const double *const mixed = w->others + k * (s->lags + s->own);
        put_single(w, &other, w->single[1 + k], sums);
        for (unsigned d = 0; d < s->lags; d++)
            put_pair(w, &own, &other, size, d, mixed[d], sums);
        for (unsigned d = 1; d <= s->own; d++)
            put_pair(w, &other, &own, size, d, mixed[s->lags + d - 1], sums);
        for (unsigned m = 0; m < s->others; m++) {
            const kind second = other_kind(s, m);
            for (unsigned d = m > k; d < s->lags; d++)
                put_pair(w, &other, &second, size, d, w->pairs[(k * s->others + m) * s->lags + d], sums);
        }
    }
}
