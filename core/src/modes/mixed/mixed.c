/*
 * The mixed mode. A bank of predictors and their combination give one mean; several normal laws around it, each with the
 * scale and bias of one context, are mixed bit by bit while the code's interval is halved.
 */
#include "modes/mixed/mixed.h"
#include <string.h>

enum { INTERVALS_MOST = 1 << 30 }; /* then the count steps back by half: it only sets rhythms by now */

static size_t round16(size_t n) { return (n + 15U) & ~(size_t)15U; }

static size_t layout(const n1_params *p, n1_bank_plan *plan)
{
    size_t c = p->channels;
    n1_bank_layout(plan, p);
    return round16(sizeof(n1_mixed)) + round16(c * sizeof(n1_mixed_channel)) + round16(c * sizeof(n1_series)) +
           round16(n1_width_tables(p->sets) * sizeof(n1_edges)) + round16(p->sets * sizeof(n1_tally)) +
           round16(c * plan->sums * sizeof(int64_t)) + round16(c * plan->coefs * sizeof(int16_t));
}

size_t n1_mixed_need(const n1_params *p)
{
    n1_bank_plan plan;
    return layout(p, &plan);
}

size_t n1_mixed_size(const n1_params *p)
{
    return n1_params_check(p) ? n1_mixed_need(p) : 0;
}

n1_mixed *n1_mixed_init(void *memory, size_t size, const n1_params *p, int vector)
{
    size_t need = n1_mixed_size(p);
    if (!need || size < need || !memory) return NULL;
    memset(memory, 0, need);
    n1_mixed *s = memory;
    (void)layout(p, &s->plan);
    s->channels = p->channels;
    s->codes = p->codes;
    s->vector = s->work.ls.vector = vector;
    s->contexts = p->contexts;
    s->floor = 16384U / s->codes + 1U;
    uint8_t *at = (uint8_t *)memory + round16(sizeof *s);
    s->channel = (n1_mixed_channel *)(void *)at;
    at += round16(s->channels * sizeof *s->channel);
    s->series = (n1_series *)(void *)at;
    at += round16(s->channels * sizeof *s->series);
    s->edges = (n1_edges *)(void *)at;
    at += round16(n1_width_tables(p->sets) * sizeof *s->edges);
    s->tally = (n1_tally *)(void *)at;
    at += round16(p->sets * sizeof *s->tally);
    s->sums = (int64_t *)(void *)at;
    at += round16(s->channels * s->plan.sums * sizeof *s->sums);
    s->coefs = (int16_t *)(void *)at;

    n1_context_rates_init(&s->rates);
    n1_code_widths_init(&s->width, s->edges, s->tally, p);
    for (uint32_t c = 0; c < s->channels; c++) {
        n1_mixed_channel *h = &s->channel[c];
        n1_series_init(&s->series[c], (int32_t)((s->codes << s->width.shift) / 2), s->width.shift);
        n1_bank_init(&h->bank, &s->plan, p, c, s->sums + c * s->plan.sums, s->coefs + c * s->plan.coefs);
        n1_scales_init(&h->scales, ((uint64_t)1 << p->sigma) << (2 * N1_MEAN_Q));
        h->edges = h->tally = p->sets > 1 ? p->set[c] : 0;
    }
    for (uint32_t i = 0; i < N1_MAX_CONTEXTS; i++)
        for (uint32_t j = 0; j < N1_CONTEXT_SIZE; j++) s->context[i][j].square = 65536;
    for (uint32_t i = 0; i < N1_MIXED_NODES + N1_MIXED_DEPTHS; i++)
        for (uint32_t j = 0; j <= s->contexts; j++) s->weight[i][j] = (1 << 20) / (int32_t)(s->contexts + 1);
    for (uint32_t d = 0, i = 1; d < 5; d++) /* node j of depth d splits at the law's quantile (2j + 1) / 2^(d+1) */
        for (uint32_t j = 0; j < 1U << d; j++, i++) s->split[i] = N1_NORMAL_INV[((2 * j + 1) << 9) >> d];
    return s;
}

static void prepare(n1_mixed *s, uint32_t c, n1_mixture *l)
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

/* The compiler unrolls the usual numbers of laws. */
N1_INLINE uint32_t code_sample(n1_mixed *s, n1_mixture *l, n1_binary *b, int decoding, uint32_t k)
{
    if (s->vector) return n1_mixed_code_avx2(s, l, b, decoding, k, s->contexts + 1);
    if (s->contexts == N1_MAX_CONTEXTS) return n1_mixed_code(s, l, b, decoding, k, N1_MIXED_LAWS);
    if (s->contexts == 1) return n1_mixed_code(s, l, b, decoding, k, 2);
    return n1_mixed_code(s, l, b, decoding, k, s->contexts + 1);
}

static void learn(n1_mixed *s, uint32_t c, const n1_mixture *l, uint32_t k)
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
    n1_bank_learn(&h->bank, &s->plan, y);
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
                      s->coefs + c * s->plan.coefs);
    }
    const int renewed = n1_code_widths_renew(&s->width, s->edges, s->tally);
    for (uint32_t c = 0; c < s->channels; c++)
        n1_series_turn(&s->series[c], &s->edges[s->channel[c].edges], renewed, b);
    s->t = 0;
}

static void end_frame(n1_mixed *s)
{
    s->started = 1;
    s->width.n += s->channels;
    if (++s->t == N1_INTERVAL) turn(s);
}

size_t n1_mixed_bound(size_t n_samples) { return 16 + 8 * n_samples; }

int64_t n1_mixed_encode(n1_mixed *s, const uint16_t *codes, size_t n_frames, uint8_t *out, size_t capacity)
{
    n1_binary b;
    n1_mixture l;
    n1_binary_start(&b, NULL, out, capacity);
    for (size_t f = 0; f < n_frames; f++) {
        for (uint32_t c = 0; c < s->channels; c++, codes++) {
            if (*codes >= s->codes) return N1_PACKET_DATA;
            prepare(s, c, &l);
            (void)code_sample(s, &l, &b, 0, *codes);
            learn(s, c, &l, *codes);
        }
        end_frame(s);
    }
    n1_binary_flush(&b);
    return b.at <= capacity ? (int64_t)b.at : N1_PACKET_NO_ROOM;
}

int n1_mixed_decode(n1_mixed *s, const uint8_t *in, size_t size, uint16_t *codes, size_t n_frames)
{
    n1_binary b;
    n1_mixture l;
    n1_binary_start(&b, in, NULL, size);
    for (size_t f = 0; f < n_frames; f++) {
        for (uint32_t c = 0; c < s->channels; c++) {
            prepare(s, c, &l);
            uint32_t k = code_sample(s, &l, &b, 1, 0);
            *codes++ = (uint16_t)k;
            learn(s, c, &l, k);
        }
        end_frame(s);
        if (b.at > size + 8) return N1_PACKET_DATA; /* reading zeros past the end: cut or damaged */
    }
    return b.at >= size ? N1_PACKET_OK : N1_PACKET_DATA; /* a flush ends within the bytes that the decoder looks ahead */
}
