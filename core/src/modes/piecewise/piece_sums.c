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

/* In four lanes, as the products. */
static double sum(const double *a, size_t n)
{
    double lane[4] = {0.0, 0.0, 0.0, 0.0};
    size_t t = 0;
    for (; t + 4 <= n; t += 4)
        for (unsigned i = 0; i < 4; i++)
            lane[i] += a[t + i];
    for (; t < n; t++)
        lane[0] += a[t];
    return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

/* Where the sums of a kind of terms are. */
typedef struct {
    const n1_piece_series *s;
    size_t from, to;
    double *sums;
} place;

static double *entry(const place *p, unsigned i, unsigned j)
{
    return p->sums + (i > j ? n1_piece_sums_size(i) + j : n1_piece_sums_size(j) + i);
}

static unsigned own_term(const n1_piece_series *s, unsigned lag)
{
    return lag ? s->others * s->lags + lag : n1_piece_terms(s) - 1;
}

static unsigned other_term(const n1_piece_series *s, unsigned i, unsigned lag) { return 1 + i * s->lags + lag; }

/* A sum of products of a and b, d frames before it; the same of both i frames earlier, for each i. */
typedef struct {
    const double *a, *b;
    unsigned d;
    double value;
} shifted;

static void products(const place *p, const double *a, const double *b, unsigned lags, double *sums)
{
    p->s->k->lag_products(a + p->from, b + p->from, p->to - p->from, lags, sums);
}

static void earlier(const place *p, shifted *v, unsigned i)
{
    const double *in_a = v->a + p->from - i, *in_b = v->b + p->from - i - v->d;
    const double *out_a = v->a + p->to - i, *out_b = v->b + p->to - i - v->d;
    v->value += *in_a * *in_b - *out_a * *out_b;
}

static void own_sums(const place *p)
{
    const n1_piece_series *s = p->s;
    double first[N1_PIECE_OWN + 1];
    products(p, s->x, s->x, s->own + 1, first);
    for (unsigned d = 0; d <= s->own; d++) {
        shifted v = {s->x, s->x, d, first[d]};
        for (unsigned i = 0; i + d <= s->own; i++) {
            if (i)
                earlier(p, &v, i);
            *entry(p, own_term(s, i), own_term(s, i + d)) = v.value;
        }
    }
}

/* Of a channel and another one. */
static void mixed_sums(const place *p, unsigned k)
{
    const n1_piece_series *s = p->s;
    double first[N1_PIECE_OWN + 1];
    products(p, s->x, s->y[k], s->lags, first);
    for (unsigned d = 0; d < s->lags; d++) { /* the channel's own sample later */
        shifted v = {s->x, s->y[k], d, first[d]};
        for (unsigned i = 0; i + d < s->lags && i <= s->own; i++) {
            if (i)
                earlier(p, &v, i);
            *entry(p, own_term(s, i), other_term(s, k, i + d)) = v.value;
        }
    }
    products(p, s->y[k], s->x, s->own + 1, first);
    for (unsigned d = 1; d <= s->own; d++) { /* the other's later */
        shifted v = {s->y[k], s->x, d, first[d]};
        for (unsigned i = 0; i + d <= s->own && i < s->lags; i++) {
            if (i)
                earlier(p, &v, i);
            *entry(p, own_term(s, i + d), other_term(s, k, i)) = v.value;
        }
    }
}

/* Of two other channels, the first one's later or, for each pair once, at the same time. */
static void other_sums(const place *p, unsigned k, unsigned m)
{
    const n1_piece_series *s = p->s;
    const unsigned least = m > k;
    double first[N1_PIECE_LAGS];
    products(p, s->y[k], s->y[m] - least, s->lags - least, first);
    for (unsigned d = least; d < s->lags; d++) {
        shifted v = {s->y[k], s->y[m], d, first[d - least]};
        for (unsigned i = 0; i + d < s->lags; i++) {
            if (i)
                earlier(p, &v, i);
            *entry(p, other_term(s, k, i), other_term(s, m, i + d)) = v.value;
        }
    }
}

/* Of single terms. */
static void single_sums(const place *p)
{
    const n1_piece_series *s = p->s;
    *entry(p, 0, 0) = (double)(p->to - p->from);
    double v = sum(s->x + p->from, p->to - p->from);
    for (unsigned i = 0; i <= s->own; i++) {
        if (i)
            v += s->x[(ptrdiff_t)p->from - (ptrdiff_t)i] - s->x[p->to - i];
        *entry(p, 0, own_term(s, i)) = v;
    }
    for (unsigned k = 0; k < s->others; k++) {
        v = sum(s->y[k] + p->from, p->to - p->from);
        for (unsigned i = 0; i < s->lags; i++) {
            if (i)
                v += s->y[k][(ptrdiff_t)p->from - (ptrdiff_t)i] - s->y[k][p->to - i];
            *entry(p, 0, other_term(s, k, i)) = v;
        }
    }
}

void n1_piece_sums_clear(const n1_piece_series *s, double *sums)
{
    const size_t size = n1_piece_sums_size(n1_piece_terms(s));
    for (size_t i = 0; i < size; i++)
        sums[i] = 0.0;
}

void n1_piece_sums(const n1_piece_series *s, size_t from, size_t to, double *sums, double *part)
{
    const size_t size = n1_piece_sums_size(n1_piece_terms(s));
    for (size_t at = from, end; at < to; at = end) {
        const double weight = s->weight[at / N1_PIECE_WEIGHED];
        for (end = at + N1_PIECE_WEIGHED; end < to && s->weight[end / N1_PIECE_WEIGHED] == weight; end += N1_PIECE_WEIGHED)
            ;
        end = end < to ? end : to;
        const place p = {s, at, end, part};
        single_sums(&p);
        own_sums(&p);
        for (unsigned k = 0; k < s->others; k++) {
            mixed_sums(&p, k);
            for (unsigned m = 0; m < s->others; m++)
                other_sums(&p, k, m);
        }
        for (size_t i = 0; i < size; i++)
            sums[i] += weight * part[i];
    }
}
