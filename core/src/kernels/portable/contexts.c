/* The contexts mode's decisions, input by input. */
#include "kernels/portable/portable.h"
#include "modes/contexts/decide.h"

uint32_t n1_contexts_decide_portable(n1_contexts *s, n1_binary *b, int decoding, uint32_t bit, uint32_t node, uint32_t kind,
                                     int expected)
{
    n1_question q;
    const uint32_t n = s->inputs;
    n1_question_open(s, &q, node, kind, expected);
    bit = n1_question_answer(s, b, decoding, bit, node, &q, n1_mix_odds(q.u, q.odds, n), n1_mix_odds(q.v, q.odds, n));
    n1_mix_learn(q.u, q.odds, n, (int32_t)(bit << 16) - (int32_t)q.one, s->rate_mix);
    n1_mix_learn(q.v, q.odds, n, (int32_t)(bit << 16) - (int32_t)q.two, s->rate_mix);
    return bit;
}
