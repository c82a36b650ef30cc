/* decide.h - the contexts mode: one binary decision, from what its inputs are to what is learned from it, but for the mixing,
 * which a kernel may do in vectors: it stands between n1_question_open and n1_question_answer, and after that. */
#ifndef N1_MODES_CONTEXTS_DECIDE_H
#define N1_MODES_CONTEXTS_DECIDE_H
#include "modes/contexts/contexts.h"

enum { N1_RATE_HISTORY = 7, N1_RATE_MATCH = 7, N1_RATE_REFINED = 6, N1_CONTEXTS_LEAST = 32, N1_CONTEXTS_COUNT_MOST = 31 };

/* A decision's inputs, and where they are from. */
typedef struct {
    int32_t odds[N1_CONTEXTS_WEIGHTS]; /* zeros between them */
    uint32_t *slot[N1_CONTEXTS_MANY], *past[N1_CONTEXTS_MANY];
    int32_t *u, *v;                    /* weights */
    uint16_t *right;
    int expected;                      /* what the match says, or -1 */
} n1_question;

/* A context's slot for a decision: its own, or the less used of a pair. */
N1_INLINE uint32_t *n1_slot_of(const n1_contexts *s, uint32_t i, uint32_t node)
{
    const uint32_t h = (s->hash[i] + node) * 0x9E3779B1U, check = h >> 22 & 63U;
    uint32_t *const line = s->slot + s->line[i], *const a = &line[h >> 28], *const b = &line[(h >> 28) ^ 1U];
    if ((*a & 63U) == check && *a >> 11 & 31U)
        return a;
    if ((*b & 63U) == check && *b >> 11 & 31U)
        return b;
    uint32_t *const v = (*b >> 11 & 31U) < (*a >> 11 & 31U) ? b : a;
    *v = (uint32_t)32768 << 16 | 1U << 6 | check;
    return v;
}

N1_INLINE int32_t n1_odds_of(uint32_t p) { return n1_log2_ratio(p, 65536 - p); }

N1_INLINE uint32_t n1_learned(uint32_t p, uint32_t bit, int rate)
{
    const int32_t v = (int32_t)p + (int32_t)n1_asr((bit ? 65535 : 0) - (int32_t)p, rate);
    return (uint32_t)n1_clamp(v, N1_CONTEXTS_LEAST, 65535 - N1_CONTEXTS_LEAST);
}

N1_INLINE void n1_probability_learn(uint16_t *p, uint32_t bit, int rate) { *p = (uint16_t)n1_learned(*p, bit, rate); }

N1_INLINE void n1_slot_learn(const n1_contexts *s, uint32_t *slot, uint32_t bit)
{
    const uint32_t n = *slot >> 11 & 31U, history = *slot >> 6 & 31U;
    const int64_t p = *slot >> 16, aim = bit ? 65535 : 0;
    const uint32_t q = (uint32_t)n1_clamp64(p + n1_asr((aim - p) * s->rate[n], 16), 16, 65520);
    uint32_t then = history << 1 | bit;
    if (then >= N1_CONTEXTS_HISTORIES)
        then = (then & 15U) | 16U;
    *slot = q << 16 | (n < N1_CONTEXTS_COUNT_MOST ? n + 1 : n) << 11 | then << 6 | (*slot & 63U);
}

/* The last stage's row of a decision. */
N1_INLINE uint16_t *n1_refined_row(n1_contexts *s, uint32_t node)
{
    return s->refined[(s->pair + node * N1_CONTEXTS_PLACE) * N1_CONTEXTS_SPREAD >> 22];
}

/* What the match is and says, and which weights there are. */
N1_INLINE void n1_question_begin(n1_contexts *s, n1_question *q, uint32_t kind, int expected)
{
    const uint32_t length = expected < 0 ? 0 : s->match_class;
    q->expected = expected;
    q->right = &s->match[length][kind];
    q->u = s->by_match[kind][n1_contexts_lean(s) ? s->scale_class : length];
    q->v = s->by_run[kind][s->run_class];
}

/* What it adds, for that it is right as often as it was, and for that there is one at all. */
N1_INLINE int32_t n1_match_odds(const n1_question *q)
{
    const int32_t odds = n1_odds_of(*q->right);
    return q->expected < 0 ? 0 : q->expected ? odds : -odds;
}
N1_INLINE int32_t n1_match_is(const n1_question *q) { return q->expected < 0 ? 0 : q->expected ? 1024 : -1024; }

N1_INLINE void n1_question_open(n1_contexts *s, n1_question *q, uint32_t node, uint32_t kind, int expected)
{
    const uint32_t n = s->contexts;
    n1_question_begin(s, q, kind, expected);
    for (uint32_t i = 0; i < n; i++) {
        q->slot[i] = n1_slot_of(s, i, node);
        q->past[i] = &s->history[kind][i][*q->slot[i] >> 6 & 31U];
        q->odds[i] = n1_odds_of(*q->slot[i] >> 16);
    }
    for (uint32_t i = 0; i < n1_contexts_histories(s); i++)
        q->odds[s->by_history + i] = n1_odds_of(*q->past[i]);
    int32_t *rest = q->odds + s->beside;
    *rest++ = n1_match_odds(q);
    if (!n1_contexts_lean(s))
        *rest++ = n1_match_is(q);
    *rest++ = 1024;
    if (s->predicted) {
        *rest++ = s->width;
        s->width = 0;
        for (uint32_t i = 0; i < n1_laws_in(&s->laws); i++)
            *rest++ = n1_clamp(n1_log2_q12(s->laws.one[i] | 1U) - n1_log2_q12(s->laws.zero[i] | 1U), -N1_ODDS_MOST, N1_ODDS_MOST);
    }
}

/* The bit, by odds that were mixed from the inputs with each set of weights; the last stage learns, and how often the match is right. */
N1_INLINE uint32_t n1_question_answer(n1_contexts *s, n1_binary *b, int decoding, uint32_t bit, uint32_t node, n1_question *q,
                                      int32_t one, int32_t two)
{
    const int32_t mean = (int32_t)n1_asr(one + two, 1);
    const uint32_t place = (uint32_t)(mean + N1_ODDS_MOST), cell = place >> 12 < N1_CONTEXTS_STEPS ? place >> 12 : N1_CONTEXTS_STEPS - 1;
    const uint32_t part = place - (cell << 12);
    uint16_t *const row = n1_refined_row(s, node) + cell;
    const uint32_t refined = (row[0] * (4096 - part) + row[1] * part) >> 12;
    const uint32_t mixed = n1_squash(mean), both = s->predicted ? (3 * mixed + refined) >> 2 : (mixed + refined) >> 1;
    const uint32_t p = (uint32_t)n1_clamp((int32_t)both, 16, 65520);
    if (decoding)
        bit = n1_binary_get(b, p);
    else
        n1_binary_put(b, bit, p);
    n1_probability_learn(&row[part >= 2048], bit, N1_RATE_REFINED);
    if (q->expected >= 0)
        n1_probability_learn(q->right, bit == (uint32_t)q->expected, N1_RATE_MATCH);
    return bit;
}

/* By how much odds were off, for what the weights learn. */
N1_INLINE int32_t n1_error_of(uint32_t bit, int32_t odds) { return (int32_t)(bit << 16) - (int32_t)n1_squash(odds); }

/* What the contexts learn. */
N1_INLINE void n1_question_close(const n1_contexts *s, const n1_question *q, uint32_t bit)
{
    for (uint32_t i = 0; i < s->contexts; i++) {
        if (i < n1_contexts_histories(s))
            *q->past[i] = n1_learned(*q->past[i], bit, N1_RATE_HISTORY);
        n1_slot_learn(s, q->slot[i], bit);
    }
}
#endif
