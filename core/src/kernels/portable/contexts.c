/* The contexts mode's decisions, input by input. */
#include "kernels/portable/portable.h"
#include "modes/contexts/decide.h"

/* A line of memory holds the slots of a context for the decisions of one place; all are on their way from memory before the
 * first one is looked at. */
void n1_contexts_turn_portable(n1_contexts *s, uint32_t place)
{
    for (uint32_t i = 0; i < s->contexts; i++) {
        s->hash[i] = (s->base[i] + place * N1_CONTEXTS_PLACE) * N1_CONTEXTS_SPREAD;
        s->line[i] = (s->hash[i] >> s->line_shift) * N1_CONTEXTS_LINE;
        N1_PREFETCH(s->slot + s->line[i]);
    }
}

/* Odds of all inputs, with weights. */
static int32_t mix(const n1_contexts *s, const int32_t *w, const int32_t *odds)
{
    const uint32_t n = s->contexts, h = s->by_history;
    int64_t sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += (int64_t)w[i] * odds[i];
    for (uint32_t i = h; i < h + n1_contexts_histories(s); i++)
        sum += (int64_t)w[i] * odds[i];
    for (uint32_t i = s->beside; i < s->inputs; i++)
        sum += (int64_t)w[i] * odds[i];
    return (int32_t)n1_clamp64(n1_asr(sum, 20), -N1_ODDS_MOST, N1_ODDS_MOST);
}

static void learn(const n1_contexts *s, int32_t *w, const int32_t *odds, int32_t error)
{
    n1_mix_learn(w, odds, s->contexts, error, s->rate_mix);
    n1_mix_learn(w + s->by_history, odds + s->by_history, n1_contexts_histories(s), error, s->rate_mix);
    n1_mix_learn(w + s->beside, odds + s->beside, s->inputs - s->beside, error, s->rate_mix);
}

uint32_t n1_contexts_decide_portable(n1_contexts *s, n1_binary *b, int decoding, uint32_t bit, uint32_t node, uint32_t kind,
                                     int expected)
{
    n1_question q;
    n1_question_open(s, &q, node, kind, expected);
    const int32_t one = mix(s, q.u, q.odds), two = mix(s, q.v, q.odds);
    bit = n1_question_answer(s, b, decoding, bit, node, &q, one, two);
    n1_question_close(s, &q, bit);
    learn(s, q.u, q.odds, n1_error_of(bit, one));
    learn(s, q.v, q.odds, n1_error_of(bit, two));
    return bit;
}
