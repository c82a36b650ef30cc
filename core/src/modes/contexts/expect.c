/* The contexts mode with predictions: what is expected of a sample, and what is learned from it. */
#include "modes/contexts/contexts.h"

enum { RATE_MIX = 17, MOST_SEEN = 60000 };

void n1_predicted_init(n1_contexts *s, const uint32_t *most, const uint8_t *references, const uint16_t *reference)
{
    const uint32_t n = s->contexts, rest = N1_CONTEXTS_REST - (uint32_t)n1_contexts_lean(s), laws = n1_contexts_lean(s) ? N1_LEAN_LAWS : N1_LAWS;
    int32_t first[N1_CONTEXTS_WEIGHTS] = {0};
    s->rate_mix = RATE_MIX;
    s->beside = n1_contexts_lean(s) ? n : s->beside;
    s->inputs = s->beside + rest + laws;
    s->laws.n = laws;
    s->width = 0;
    for (uint32_t i = 0; i < n; i++)
        first[i] = (1 << 20) / (10 * (int32_t)n);
    for (uint32_t i = 0; i < n1_contexts_histories(s); i++)
        first[s->by_history + i] = first[0];
    for (uint32_t i = 0; i < rest; i++)
        first[s->beside + i] = i + 2 == rest ? 0 : 1 << 18;
    for (uint32_t i = 0; i < laws; i++)
        first[s->beside + rest + i] = (8 << 20) / (10 * (int32_t)laws);
    for (uint32_t kind = 0; kind < N1_CONTEXTS_KINDS; kind++)
        for (uint32_t l = 0; l < N1_CONTEXTS_LENGTHS; l++) {
            memcpy(s->by_match[kind][l], first, sizeof first);
            memcpy(s->by_run[kind][l], first, sizeof first);
        }
    n1_law_scales_init(&s->scales);
    for (uint32_t c = 0; c < s->channels; c++) {
        n1_forecast_init(&s->forecast[c], reference, references[c], n1_contexts_lean(s));
        reference += references[c];
        if (most[c] < N1_CONTEXTS_COUNTED) {
            memset(s->all_seen + s->channel[c].seen, 0, (most[c] + 1) * sizeof *s->all_seen);
            s->channel[c].counted = 1;
        }
        if (c + 1 < s->channels)
            s->channel[c + 1].seen = s->channel[c].seen + (size_t)n1_contexts_counts(most[c]);
    }
}

/* A residual in half mean ones, 6 at most. */
static uint32_t standing(int64_t distance, uint64_t scale)
{
    const int64_t unit = (int64_t)(scale >> 8) | 1;
    return (uint32_t)n1_clamp64(distance * 2 * (1 << N1_FORECAST_Q) / unit, -6, 6);
}

static uint32_t octaves(uint64_t v, int shift) { return (uint32_t)n1_log2_q12(v | 1U) >> shift; }

/* What contexts are made of: the code expected, from the last one; the last code, and the two last; half octaves of the mean distance, and
 * quarters of what the laws expect; the last distances. */
typedef struct {
    uint32_t far, one, two, half, own, last, before;
} signs;

#define J n1_contexts_join
static signs signs_of(const n1_contexts *s, uint32_t c, const uint32_t *x)
{
    const n1_forecast *f = &s->forecast[c];
    const size_t n = s->channels;
    const uint32_t x1 = *(x - n), one = J(c, x1);
    const uint64_t scale = f->scale[0][1];
    return (signs){s->anchor - x1, one, J(one, *(x - 2 * n)), octaves(scale, 11), octaves(s->laws.scale, 10), standing(f->last[0], scale),
                   standing(f->last[1], scale)};
}

/* Those that bring nearly all, of all. */
static void find_few(n1_contexts *s, uint32_t c, const signs *g)
{
    uint32_t *const b = s->base;
    b[0] = J(g->two, g->far);
    b[1] = J(J(0x40000000U, g->own), g->last);
    b[2] = J(J(g->one, g->far), 0x45000000U);
    b[3] = J(J(J(c + 0x50000000U, g->half), g->last), g->before);
    b[4] = J(J(c + 0x70000000U, s->anchor), g->half >> 1);
    s->scale_class = n1_least(g->half >> 1, N1_CONTEXTS_LENGTHS - 1);
}

static void find_all(n1_contexts *s, uint32_t c, const uint32_t *x, const signs *g)
{
    const n1_contexts_channel *h = &s->channel[c];
    const n1_forecast *f = &s->forecast[c];
    const size_t n = s->channels;
    const uint32_t y0 = n > 1 ? x[-1] : 0, part = (uint32_t)(f->mean[0] >> (N1_FORECAST_Q - 2)) & 3U;
    const uint32_t beside = c ? f->references ? f->reference[0] : c - 1 : 0;
    const uint32_t near = standing(c ? s->forecast[beside].now : 0, f->scale[0][1]), o1 = g->one, o2 = g->two, far = g->far;
    uint32_t *const b = s->base;
    b[0] = J(J(J(o1, n1_least(h->since, 400)), far), 0x10000000U);
    b[1] = J(o2, far);
    b[2] = J(J(J(o2, y0), far), 0x20000000U);
    b[3] = J(J(c + 0x30000000U, g->own), part);
    b[4] = J(J(0x40000000U, g->own), g->last);
    b[5] = J(J(o1, far), 0x45000000U);
    b[6] = J(J(J(J(o2, *(x - 3 * n)), *(x - 4 * n)), far), 3);
    b[7] = J(J(J(c + 0x50000000U, g->half), g->last), g->before);
    b[8] = J(J(J(c + 0x60000000U, g->half), near), part);
    b[9] = J(J(c + 0x70000000U, s->anchor), g->half >> 1);
    b[10] = J(J(J(J(o1, n1_least(h->run, 255)), h->before), far), 9);
}

static void find_contexts(n1_contexts *s, uint32_t c, const uint32_t *x)
{
    const signs g = signs_of(s, c, x);
    if (n1_contexts_lean(s))
        find_few(s, c, &g);
    else
        find_all(s, c, x, &g);
    s->k->contexts_turn(s, 0);
    s->pair = J(J(c, g.half), g.far != 0);
}
#undef J

void n1_predicted_prepare(n1_contexts *s, uint32_t c, size_t t, const uint32_t *x, uint32_t most)
{
    const n1_contexts_channel *h = &s->channel[c];
    n1_forecast *f = &s->forecast[c];
    s->k->forecast_prepare(f, c, s->channels, x, most);
    s->k->laws_prepare(&s->laws, &s->scales, f, most);
    s->anchor = (uint32_t)n1_clamp64(n1_asr(f->mean[0] + (1 << (N1_FORECAST_Q - 1)), N1_FORECAST_Q), 0, most);
    s->usual = f->scale[0][1];
    s->seen = h->counted ? s->all_seen + h->seen : NULL;
    find_contexts(s, c, x);
    n1_contexts_find_match(s);
    s->run_class = s->laws.row >> 5 << 2 | (s->laws.row >> 2 & 3U);
    s->match_class = n1_length_class(h->length);
    s->matching = h->length != 0;
    s->foretold = s->matching ? (int64_t)*(x - (t - h->place) * s->channels) - s->anchor : 0;
}

void n1_predicted_learn(n1_contexts *s, uint32_t c, size_t t, const uint32_t *x)
{
    n1_forecast *f = &s->forecast[c];
    if (s->seen && s->seen[*x] < MOST_SEEN)
        s->seen[*x]++;
    f->now = (int64_t)*x - s->anchor;
    f->last[1] = f->last[0];
    f->last[0] = f->now;
    n1_contexts_learn(s, c, t, x);
    n1_law_scales_learn(&s->scales, &s->laws, f, *x);
    s->k->forecast_learn(f, &s->work, c, t, s->channels, x);
}
