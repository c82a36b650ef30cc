/*
 * The backward mode: its state, and what is slower than a sample. At the end of each interval the sums of products grow,
 * taps are solved now and then, scales and code widths follow. Samples are coded in code.h.
 */
#include "modes/backward/backward.h"
#include "entropy/mass.h"
#include <string.h>

enum {
    INTERVALS_DENSE = 64,  /* every interval feeds the sums until then, later one in ... */
    DENSE_EVERY = 4,
    SCALE_MEMORY = 12,  /* intervals: the variance's time constant once it has settled */
    FORGET = 16384,     /* intervals after which everything gathered counts half */
    INTERVALS_MOST = 1 << 30, /* then the count steps back by half: it only sets rhythms by now */
    SOLVE_MOST = 64     /* intervals between two solutions, at most */
};

/* Vector kernels are for what the encoder makes of many channels. */
static size_t ranks_of(const n1_params *p, uint32_t strands)
{
    if (strands < N1_STRANDS || p->own != 4 || p->past != 1 || p->neighbours > N1_LINKS) return 0;
    return (p->channels + N1_STRANDS - 1U) / N1_STRANDS;
}

static uint32_t strands_of(const n1_params *p, n1_sample_order order)
{
    return order == N1_ORDER_FRAMES || p->channels < N1_STRANDS_FROM ? 1 : N1_STRANDS;
}

n1_backward *n1_backward_take(n1_arena *a, const n1_params *p, n1_sample_order order)
{
    const size_t c = p->channels, f = (size_t)p->own + (size_t)p->neighbours * (1U + p->past), tables = n1_width_table_count(p->widths.sets);
    const size_t ranks = ranks_of(p, strands_of(p, order)), slots = N1_ROWS * ranks * N1_STRANDS;
    n1_backward *s = n1_arena_take(a, 1, sizeof *s);
    n1_rank *rank = n1_arena_take(a, ranks, sizeof *rank);
    int32_t *pair = n1_arena_take(a, slots, sizeof *pair);
    uint16_t *code = n1_arena_take(a, slots, sizeof *code), *bin = n1_arena_take(a, slots, sizeof *bin);
    n1_backward_channel *channel = n1_arena_take(a, c + 2, sizeof *channel); /* two to spare: see look_ahead() */
    int32_t *recent = n1_arena_take(a, N1_STRANDS * c, sizeof *recent);
    n1_series *series = n1_arena_take(a, c + 2, sizeof *series);
    n1_edges *edges = n1_arena_take(a, tables, sizeof *edges);
    n1_tally *tally = n1_arena_take(a, p->widths.sets, sizeof *tally);
    int64_t *sums = n1_arena_take(a, c * (f * (f + 1) / 2 + f), sizeof *sums);
    if (!n1_arena_holds(a)) return NULL;
    memset(s, 0, (size_t)(a->base + (size_t)a->used - (uint8_t *)s));
    s->rank = rank;
    s->pair = pair;
    s->code = code;
    s->bin = bin;
    s->channel = channel;
    s->recent = recent;
    s->series = series;
    s->edges = edges;
    s->tally = tally;
    s->sums = sums;
    s->ranks = (uint32_t)ranks;
    s->strands = strands_of(p, order);
    s->states = s->strands == 1 ? 2 : N1_STRANDS;
    return s;
}

/* The laws: their values, and the way back. */
static void init_law(n1_backward *s)
{
    for (uint32_t i = 0; i <= 4096; i++)
        s->law[i] = (uint32_t)(((uint64_t)N1_NORMAL[i] * (N1_PROB_ONE - s->codes)) >> 28);
    for (uint32_t i = 0, j = 0; i < N1_INVERSE; i++) {
        const uint32_t mass = ((i << 1 | 1U) << (N1_PROB_BITS - 1)) / N1_INVERSE;
        while (j < 4096 && s->law[j] <= mass) j++;
        s->inverse[i] = (int16_t)((int32_t)j - 2048);
    }
}

static void init_channel(n1_backward *s, uint32_t c, const n1_params *p)
{
    static const int16_t start[4] = {3362, 180, 82, 390}; /* a neural field's usual first taps, Q12 */
    const uint32_t n = s->features, tri = n * (n + 1) / 2;
    const uint64_t variance = (uint64_t)1 << p->sigma;
    n1_backward_channel *h = &s->channel[c];
    n1_series_init(&s->series[c], (int32_t)((s->codes << s->width.shift) / 2), s->width.shift);
    h->variance = variance;
    h->cap = 16 * variance;
    h->learns = variance >= s->width.least;
    h->inv = N1_INV_SIGMA[16U * p->sigma];
    h->sigma = (int32_t)(((uint32_t)1 << 28) / h->inv);
    h->edges = h->tally = p->widths.sets > 1 ? p->set[c] : 0;
    for (uint32_t i = 0; i < s->neighbours; i++) {
        h->source[i] = p->neighbour[c * s->neighbours + i];
        if (h->source[i] == N1_NO_NEIGHBOUR) h->source[i] = (uint16_t)c;
    }
    /* The sums begin as if they had met the usual taps a few times. */
    int64_t *a = s->sums + (size_t)c * (tri + n), *b = a + tri,
            r = (int64_t)((variance << 8) >> (2 * s->width.shift)) + 16;
    for (uint32_t j = 0; j < n; j++) a[j * (j + 1) / 2 + j] = r;
    for (uint32_t j = 0; j < 4 && j < s->own; j++) {
        h->young[j] = start[j];
        b[s->own - 1 - j] = (r * start[j]) >> N1_COEF_Q;
    }
}

void n1_backward_init(n1_backward *s, const n1_params *p, const n1_kernels *k)
{
    s->k = k;
    s->channels = p->channels;
    s->codes = p->widths.codes;
    s->own = p->own;
    s->olds = s->own > 4 ? (s->own - 4 + 7U) / 8 * 8 : 0;
    s->neighbours = p->neighbours;
    s->past = p->past;
    s->features = s->own + s->neighbours * (1 + s->past);
    s->next_solve = 1;
    s->first[0] = 1;
    for (uint32_t i = 0; i < s->neighbours; i++) s->first[s->own + 1 + i * (1 + s->past)] = 1;
    n1_code_widths_init(&s->width, s->edges, s->tally, &p->widths);
    init_law(s);
    for (uint32_t c = 0; c < s->channels; c++) init_channel(s, c, p);
}

/* Add the interval's products to the channel's sums. Views: own lags own .. 1, the target, each neighbour's lags. */
static void gather(n1_backward *s, uint32_t c)
{
    static const int16_t nothing[N1_INTERVAL] = {0};
    const int16_t *x[N1_MAX_FEATURES + 1];
    uint32_t n = 0, own = s->own, tri = s->features * (s->features + 1) / 2;
    int64_t *a = s->sums + (size_t)c * (tri + s->features), *b = a + tri, *from = a;
    const int32_t *row = s->interval;
    for (uint32_t j = 0; j <= own; j++) x[n++] = s->series[c].half + N1_HISTORY - own + j;
    for (uint32_t i = 0; i < s->neighbours; i++) {
        uint32_t o = s->channel[c].source[i];
        for (uint32_t j = 0; j <= s->past; j++)
            x[n++] = o == c ? nothing : s->series[o].half + N1_HISTORY - s->past + j;
    }
    s->k->products(x, s->first, n, s->interval);
    for (uint32_t j = 0; j < n; row += ++j) {
        if (j == own) {
            for (uint32_t k = 0; k < own; k++) *b++ += row[k];
            continue;
        }
        for (uint32_t k = 0; k < own && k <= j; k++) *a++ += row[k];
        if (j < own) continue;
        *b++ += row[own];
        for (uint32_t k = own + 1; k <= j; k++) *a++ += row[k];
    }
    if (s->intervals % FORGET == 0) /* a long stream stays able to change, and the sums inside 64 bits */
        for (uint32_t j = 0; j < tri + s->features; j++) from[j] = n1_asr(from[j], 1);
}

static void solve(n1_backward *s, uint32_t c)
{
    uint32_t n = s->features, tri = n * (n + 1) / 2;
    const int64_t *a = s->sums + (size_t)c * (tri + n);
    int32_t x[N1_MAX_FEATURES];
    int64_t sum = 0;
    if (!s->k->solve(&s->work, a, a + tri, n, x)) return;
    for (uint32_t j = 0; j < n; j++) {
        x[j] = (int32_t)n1_asr(x[j] + (1 << (N1_TAP_Q - N1_COEF_Q - 1)), N1_TAP_Q - N1_COEF_Q);
        sum += n1_abs64(x[j]);
    }
    if (sum > 32767) return; /* not a predictor worth having; keeps predict() within 32 bits */
    n1_backward_channel *h = &s->channel[c];
    for (uint32_t j = 0; j < n; j++) {
        if (j >= s->own) h->side[j - s->own] = (int16_t)x[j];
        else if (s->own - j <= 4) h->young[s->own - j - 1] = (int16_t)x[j];
        else h->old[s->olds + 4 - (s->own - j)] = (int16_t)x[j];
    }
}

/* The end of an interval: everything slower than a sample. */
void n1_backward_turn(n1_backward *s)
{
    uint32_t b = ++s->intervals;
    if (b == INTERVALS_MOST) s->intervals = b = s->next_solve = INTERVALS_MOST / 2;
    int fit = b >= s->next_solve, feed = b <= INTERVALS_DENSE || b % DENSE_EVERY == 0;
    for (uint32_t c = 0; c < s->channels; c++) n1_series_close(&s->series[c]);
    for (uint32_t c = 0; c < s->channels; c++) {
        n1_backward_channel *h = &s->channel[c];
        uint64_t mean = h->sum / N1_INTERVAL;
        int64_t memory = b < SCALE_MEMORY ? (int64_t)b : SCALE_MEMORY;
        h->variance = (uint64_t)((int64_t)h->variance + ((int64_t)mean - (int64_t)h->variance) / (memory + 1));
        if (h->variance < 4) h->variance = 4;
        h->cap = 16 * h->variance;
        h->sum = 0;
        h->inv = n1_inv_sigma(h->variance);
        h->sigma = (int32_t)(((uint32_t)1 << 28) / h->inv);
        h->learns = h->variance >= s->width.least;
        if (h->learns) {
            s->tally[h->tally].variance += h->variance;
            s->tally[h->tally].n++;
        }
        if (feed) gather(s, c);
        if (fit) solve(s, c);
    }
    if (fit) s->next_solve = b + (b < SOLVE_MOST ? b : SOLVE_MOST);
    const int renewed = n1_code_widths_renew(&s->width, s->edges, s->tally);
    for (uint32_t c = 0; c < s->channels; c++)
        n1_series_turn(&s->series[c], &s->edges[s->channel[c].edges], renewed, b);
    s->t = 0;
}

