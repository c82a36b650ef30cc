/*
 * The mixed mode. A bank of predictors and their combination give one mean; several normal laws around it, each with the
 * scale and bias of one context, are mixed bit by bit while the code's interval is halved.
 */
#include "modes/mixed/mixed.h"
#include <string.h>

enum { INTERVALS_MOST = 1 << 30 }; /* then the count steps back by half: it only sets rhythms by now */

n1_mixed *n1_mixed_take(n1_arena *a, const n1_params *p)
{
    const size_t c = p->channels;
    n1_mixed *s = n1_arena_take(a, 1, sizeof *s);
    n1_bank_plan plan;
    n1_bank_layout(&plan, p);
    n1_mixed_channel *channel = n1_arena_take(a, c, sizeof *channel);
    n1_series *series = n1_arena_take(a, c, sizeof *series);
    n1_edges *edges = n1_arena_take(a, n1_width_table_count(p->widths.sets), sizeof *edges);
    n1_tally *tally = n1_arena_take(a, p->widths.sets, sizeof *tally);
    int64_t *sums = n1_arena_take(a, c * plan.sums, sizeof *sums);
    int16_t *coefs = n1_arena_take(a, c * plan.coefs, sizeof *coefs);
    if (!n1_arena_holds(a)) return NULL;
    memset(s, 0, (size_t)(a->base + (size_t)a->used - (uint8_t *)s));
    s->channel = channel;
    s->series = series;
    s->edges = edges;
    s->tally = tally;
    s->sums = sums;
    s->coefs = coefs;
    return s;
}

void n1_mixed_init(n1_mixed *s, const n1_params *p, const n1_kernels *k)
{
    n1_bank_layout(&s->plan, p);
    s->k = k;
    s->channels = p->channels;
    s->codes = p->widths.codes;
    s->contexts = p->contexts;
    s->floor = 16384U / s->codes + 1U;
    n1_context_rates_init(&s->rates);
    n1_code_widths_init(&s->width, s->edges, s->tally, &p->widths);
    for (uint32_t c = 0; c < s->channels; c++) {
        n1_mixed_channel *h = &s->channel[c];
        n1_series_init(&s->series[c], (int32_t)((s->codes << s->width.shift) / 2), s->width.shift);
        n1_bank_init(&h->bank, &s->plan, p, c, s->sums + c * s->plan.sums, s->coefs + c * s->plan.coefs);
        n1_scales_init(&h->scales, ((uint64_t)1 << p->sigma) << (2 * N1_MEAN_Q));
        h->edges = h->tally = p->widths.sets > 1 ? p->set[c] : 0;
    }
    for (uint32_t i = 0; i < N1_MAX_CONTEXTS; i++)
        for (uint32_t j = 0; j < N1_CONTEXT_SIZE; j++) s->context[i][j].square = 65536;
    for (uint32_t i = 0; i < N1_MIXED_NODES + N1_MIXED_DEPTHS; i++)
        for (uint32_t j = 0; j <= s->contexts; j++) s->weight[i][j] = (1 << 20) / (int32_t)(s->contexts + 1);
    for (uint32_t d = 0, i = 1; d < 5; d++) /* node j of depth d splits at the law's quantile (2j + 1) / 2^(d+1) */
        for (uint32_t j = 0; j < 1U << d; j++, i++) s->split[i] = N1_NORMAL_INV[((2 * j + 1) << 9) >> d];
}

void n1_mixed_prepare(n1_mixed *s, uint32_t c, n1_mixture *l)
{
    n1_mixed_channel *h = &s->channel[c];
    const n1_series *r = &s->series[c];
    int32_t joint = n1_bank_predict(&h->bank, &s->plan, s->series, c, s->t, s->coefs + c * s->plan.coefs);
    int32_t base = r->centre * (1 << N1_MEAN_Q);
    l->edges = &s->edges[h->edges];
    n1_context_find(&h->scales, joint, r->volt[N1_HISTORY + s->t - 1] * (1 << N1_MEAN_Q), l->where);
    for (uint32_t i = 0; i < s->contexts; i++) {
        const n1_context *x = &s->context[i][l->where[i]];
        l->mean[i] = base + joint + n1_context_mean(x, &h->scales, &s->rates);
        l->inv[i] = (int32_t)n1_inv_sigma(n1_context_variance(x, &h->scales, &s->rates));
    }
    l->mean[s->contexts] = base + joint;
    l->inv[s->contexts] = (int32_t)n1_inv_sigma(h->scales.middle);
    l->mu = base + joint;
    l->scale = h->scales.scale;
    for (uint32_t i = 0; i <= s->contexts; i++) {
        l->reach[i] = (1 << 27) / l->inv[i];
        l->low[i] = 0;
        l->high[i] = ((uint32_t)1 << 28) + s->codes * s->floor;
    }
}

void n1_mixed_learn(n1_mixed *s, uint32_t c, const n1_mixture *l, uint32_t k)
{
    n1_mixed_channel *h = &s->channel[c];
    n1_series *r = &s->series[c];
    int32_t v = n1_edges_middle(l->edges, k);
    if (!s->started) r->centre = v;
    (void)n1_series_put(r, s->t, k, v);
    if (h->scales.slow >= s->width.least << (2 * N1_MEAN_Q))
        n1_tally_add(&s->tally[h->tally], &s->width, k, (int32_t)n1_asr(l->mu, N1_MEAN_Q));
    if (!s->started) return;
    int32_t y = v - r->centre, e = n1_clamp(v * (1 << N1_MEAN_Q) - l->mu, -(1 << 20), 1 << 20);
    for (uint32_t i = 0; i < s->contexts; i++) n1_context_learn(&s->context[i][l->where[i]], &h->scales, &s->rates, e);
    n1_scales_learn(&h->scales, e, y * (1 << N1_MEAN_Q));
    n1_bank_learn(&h->bank, y);
}

static void turn(n1_mixed *s)
{
    uint32_t b = ++s->intervals;
    if (b == INTERVALS_MOST) s->intervals = b = INTERVALS_MOST / 2;
    for (uint32_t c = 0; c < s->channels; c++) n1_series_close(&s->series[c]);
    for (uint32_t c = 0; c < s->channels; c++) {
        n1_mixed_channel *h = &s->channel[c];
        if (h->scales.slow >= s->width.least << (2 * N1_MEAN_Q)) {
            s->tally[h->tally].variance += h->scales.slow >> (2 * N1_MEAN_Q);
            s->tally[h->tally].n++;
        }
        n1_bank_turn(&h->bank, &s->plan, &s->work, s->series, c, b, s->sums + c * s->plan.sums,
                      s->coefs + c * s->plan.coefs, s->k);
    }
    const int renewed = n1_code_widths_renew(&s->width, s->edges, s->tally);
    for (uint32_t c = 0; c < s->channels; c++)
        n1_series_turn(&s->series[c], &s->edges[s->channel[c].edges], renewed, b);
    s->t = 0;
}

void n1_mixed_end_frame(n1_mixed *s)
{
    s->started = 1;
    s->width.n += s->channels;
    if (++s->t == N1_INTERVAL) turn(s);
}
