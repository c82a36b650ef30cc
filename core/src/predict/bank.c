/* A bank of predictors of one channel; see bank.h. */
#include "predict/bank.h"
#include "kernels/dot.h"
#include <string.h>

enum {
    STACK_PRIOR = 1024, /* codes^2: what the even shares are worth, in squared differences of predictions */
    FORGET = 16384      /* intervals after which a member that never forgets halves its sums */
};

/* Views: own lags own .. 1, the sample itself (the target), then for each neighbour lags past .. 0. */
static void member(n1_bank_plan *plan, uint32_t own, uint32_t neighbours, uint32_t past, uint32_t forget,
                   uint32_t every)
{
    n1_bank_member *m = &plan->member[plan->members++];
    if (own > plan->own) own = plan->own;
    if (neighbours > plan->neighbours) neighbours = plan->neighbours;
    if (past > plan->past) past = plan->past;
    m->n = 0;
    m->forget = forget;
    m->every = every;
    for (uint32_t j = 0; j < own; j++) m->feature[m->n++] = (uint8_t)(plan->own - own + j);
    for (uint32_t i = 0; i < neighbours; i++)
        for (uint32_t j = 0; j <= past; j++)
            m->feature[m->n++] = (uint8_t)(plan->own + 1 + i * (1 + plan->past) + plan->past - past + j);
    plan->sums += m->n * (m->n + 1) / 2 + m->n;
    plan->coefs += 2 * plan->views;
}

void n1_bank_layout(n1_bank_plan *plan, const n1_params *p)
{
    memset(plan, 0, sizeof *plan);
    plan->own = p->own;
    plan->neighbours = p->neighbours;
    plan->past = p->past;
    plan->features = plan->own + plan->neighbours * (1 + plan->past);
    plan->views = (plan->features + 1 + 7) / 8 * 8;
    plan->first[0] = 1;
    for (uint32_t i = 0; i < plan->neighbours; i++) plan->first[plan->own + 1 + i * (1 + plan->past)] = 1;
    if (p->neighbours == 0) {
        member(plan, 32, 0, 0, 0, 16);
        member(plan, 16, 0, 0, 7, 4);
        member(plan, 8, 0, 0, 5, 2);
        member(plan, 2, 0, 0, 4, 1);
    } else if (p->neighbours <= 4) { /* tetrodes and the like: a channel's own past is what there is most of */
        member(plan, 32, 4, 2, 0, 16);
        member(plan, 16, 4, 1, 7, 4);
        member(plan, 8, 3, 1, 5, 4);
        member(plan, 2, 2, 0, 4, 4);
    } else {
        member(plan, 8, 16, 2, 0, 16);
        member(plan, 4, 8, 1, 8, 16);
        member(plan, 4, 3, 1, 6, 4);
        member(plan, 2, 1, 0, 5, 4);
    }
}

/* Take over n solved coefficients, unless they are wild: the high parts must stay within the sums' 32 bits. */
static void set_coefs(int16_t *coefs, const n1_bank_plan *plan, const n1_bank_member *m, const int32_t *c)
{
    int64_t sum = 0;
    for (uint32_t j = 0; j < m->n; j++) sum += n1_abs64(n1_asr(c[j] + 512, 10));
    if (sum >= 32768) return;
    for (uint32_t j = 0; j < m->n; j++) {
        int32_t high = (int32_t)n1_asr(c[j] + 512, 10);
        coefs[m->feature[j]] = (int16_t)high;
        coefs[plan->views + m->feature[j]] = (int16_t)(c[j] - high * 1024);
    }
}

void n1_bank_init(n1_bank *b, const n1_bank_plan *plan, const n1_params *p, uint32_t c, int64_t *sums,
                  int16_t *coefs)
{
    static const int32_t start[4] = {53792, 2880, 1312, 6240}; /* (1681, 90, 41, 195) / 2048 in Q16 */
    /* 64 sigma^2, in half codes */
    int64_t r = (int64_t)((((uint64_t)1 << p->sigma) << 8) >> (2 * n1_unit_shift(p->widths.codes))) + 16;
    int64_t prior = (int64_t)STACK_PRIOR << (2 * (n1_unit_shift(p->widths.codes) + N1_MEAN_Q));
    memset(b, 0, sizeof *b);
    for (uint32_t i = 0; i < plan->neighbours; i++) {
        b->source[i] = p->neighbour[c * plan->neighbours + i];
        if (b->source[i] == N1_NO_NEIGHBOUR) b->source[i] = (uint16_t)c;
    }
    for (uint32_t q = 0; q < plan->members; q++) {
        const n1_bank_member *m = &plan->member[q];
        uint32_t tri = m->n * (m->n + 1) / 2;
        int32_t x[N1_MAX_FEATURES];
        for (uint32_t j = 0; j < m->n; j++) {
            uint32_t lag = m->feature[j] < plan->own ? plan->own - m->feature[j] : 0;
            sums[j * (j + 1) / 2 + j] = r;
            x[j] = lag >= 1 && lag <= 4 ? start[lag - 1] : 0;
            sums[tri + j] = (r * x[j]) >> N1_TAP_Q;
        }
        set_coefs(coefs, plan, m, x);
        sums += tri + m->n;
        coefs += 2 * plan->views;
    }
    for (uint32_t j = 0; j < N1_STACK; j++) {
        b->share[j] = (1 << N1_TAP_Q) / N1_BANK;
        b->stack[j * (j + 1) / 2 + j] = prior;
        b->stack[N1_STACK * (N1_STACK + 1) / 2 + j] = prior / N1_BANK;
    }
}

int32_t n1_bank_predict(n1_bank *b, const n1_bank_plan *plan, const n1_series *series, uint32_t c, uint32_t t,
                        const int16_t *coefs)
{
    int16_t x[N1_MAX_FEATURES + 8];
    uint32_t f;
    memcpy(x, series[c].volt + N1_HISTORY + t - plan->own, plan->own * sizeof x[0]);
    x[plan->own] = 0;
    f = plan->own + 1;
    for (uint32_t i = 0; i < plan->neighbours; i++) {
        const int16_t *y = series[b->source[i]].volt + N1_HISTORY + t - plan->past;
        for (uint32_t j = 0; j <= plan->past; j++) x[f++] = b->source[i] == c ? 0 : y[j];
    }
    while (f < plan->views) x[f++] = 0;
    for (uint32_t q = 0; q < plan->members; q++, coefs += 2 * plan->views) {
        int64_t s = (int64_t)n1_dot(x, coefs, plan->views) * 1024 + n1_dot(x, coefs + plan->views, plan->views);
        s = n1_asr(s + (1 << (N1_TAP_Q - N1_MEAN_Q - 1)), N1_TAP_Q - N1_MEAN_Q);
        b->mean[q] = (int32_t)n1_clamp64(s, -(1 << 21), 1 << 21);
    }
    int64_t s = (int64_t)b->mean[0] * (1 << N1_TAP_Q);
    for (uint32_t j = 0; j < N1_STACK; j++) s += (int64_t)b->share[j] * (b->mean[j + 1] - b->mean[0]);
    b->joint = (int32_t)n1_clamp64(n1_asr(s + (1 << (N1_TAP_Q - 1)), N1_TAP_Q), -(1 << 21), 1 << 21);
    return b->joint;
}

void n1_bank_learn(n1_bank *b, int32_t y)
{
    int32_t d[N1_STACK], e = n1_clamp(y * (1 << N1_MEAN_Q) - b->mean[0], -32767, 32767);
    int64_t *a = b->stack;
    for (uint32_t j = 0; j < N1_STACK; j++) {
        d[j] = n1_clamp(b->mean[j + 1] - b->mean[0], -32767, 32767);
        for (uint32_t k = 0; k <= j; k++) *a++ += (int64_t)d[j] * d[k];
    }
    for (uint32_t j = 0; j < N1_STACK; j++) *a++ += (int64_t)d[j] * e;
}

void n1_bank_turn(n1_bank *b, const n1_bank_plan *plan, n1_bank_work *work, const n1_series *series, uint32_t c,
                  uint32_t intervals, int64_t *sums, int16_t *coefs, const n1_kernels *kernels)
{
    static const int16_t nothing[N1_INTERVAL] = {0};
    const int16_t *view[N1_MAX_FEATURES + 1];
    int32_t x[N1_MAX_FEATURES];
    uint32_t n = 0;
    for (uint32_t j = 0; j <= plan->own; j++) view[n++] = series[c].half + N1_HISTORY - plan->own + j;
    for (uint32_t i = 0; i < plan->neighbours; i++)
        for (uint32_t j = 0; j <= plan->past; j++)
            view[n++] = b->source[i] == c ? nothing : series[b->source[i]].half + N1_HISTORY - plan->past + j;
    kernels->products(view, plan->first, n, work->interval);
    for (uint32_t q = 0; q < plan->members; q++) {
        const n1_bank_member *m = &plan->member[q];
        uint32_t t = m->n * (m->n + 1) / 2;
        /* no member forgets in its first 2^forget intervals: all of them begin as plain averages */
        int forget = m->forget && intervals > (1U << m->forget) ? (int)m->forget : 0;
        int64_t *a = sums;
        for (uint32_t j = 0; j < m->n; j++) {
            const int32_t *row = work->interval + m->feature[j] * (m->feature[j] + 1U) / 2;
            for (uint32_t k = 0; k <= j; k++, a++) *a += row[m->feature[k]] - (forget ? n1_asr(*a, forget) : 0);
        }
        for (uint32_t j = 0; j < m->n; j++, a++) {
            uint32_t f = m->feature[j], hi = f > plan->own ? f : plan->own, lo = f > plan->own ? plan->own : f;
            *a += work->interval[hi * (hi + 1) / 2 + lo] - (forget ? n1_asr(*a, forget) : 0);
        }
        if (!m->forget && intervals % FORGET == 0) /* a long stream stays able to change, the sums inside 64 bits */
            for (uint32_t j = 0; j < t + m->n; j++) sums[j] = n1_asr(sums[j], 1);
        /* early on, solve as soon as there is a quarter more to know */
        if (intervals % m->every == 0 || (intervals < 4 * m->every && intervals % (intervals / 8 + 1) == 0))
            if (kernels->solve(&work->ls, sums, sums + t, m->n, x)) set_coefs(coefs, plan, m, x);
        sums += t + m->n;
        coefs += 2 * plan->views;
    }
    (void)kernels->solve(&work->ls, b->stack, b->stack + N1_STACK * (N1_STACK + 1) / 2, N1_STACK, b->share);
    for (uint32_t j = 0; j < N1_STACK_SUMS; j++)
        if (intervals > 128) b->stack[j] -= n1_asr(b->stack[j], 7);
}
