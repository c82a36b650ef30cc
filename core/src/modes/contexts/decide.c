/* The contexts mode: a sample as binary decisions, and the probability of each. */
#include "kernels/table.h"
#include "modes/contexts/contexts.h"

/* The match has a say as long as it was right. */
uint32_t n1_contexts_ask(n1_contexts *s, n1_binary *b, int decoding, uint32_t bit, n1_decision d, uint32_t expected)
{
    bit = s->k->contexts_decide(s, b, decoding, bit, d.node, d.kind, s->matching ? (int)expected : -1);
    s->matching = s->matching && bit == expected;
    return bit;
}

/* How far from the code before: bits of the distance, then those below the first, none that would pass `most`. */
N1_INLINE uint32_t distance(n1_contexts *s, n1_binary *b, int decoding, uint32_t value, uint32_t down, uint32_t most)
{
    const uint32_t foretold = (uint32_t)(s->foretold < 0 ? -s->foretold : s->foretold) | (s->foretold == 0);
    const uint32_t top = (uint32_t)n1_top_bit(most), should = (uint32_t)n1_top_bit(foretold);
    const uint32_t has = decoding ? 0 : (uint32_t)n1_top_bit(value);
    uint32_t k = 0;
    while (k < top && n1_contexts_ask(s, b, decoding, has > k, (n1_decision){2 + 32 * down + k, 2 + 8 * down + n1_least(k, 7)}, should > k))
        k++;
    uint32_t made = 1;
    for (uint32_t i = k; i-- > 0;) {
        if ((k - 1 - i) % 3 == 0)
            s->k->contexts_turn(s, made + (2 * k + down) * 0x01000193U);
        const uint32_t node = 128 + made + (2 * k + down) * 0x01000193U;
        const uint32_t kind = 18 + 3 * n1_least(k - 1, 3) + n1_least(k - 1 - i, 2);
        uint32_t bit = 0;
        if ((((uint64_t)made * 2 + 1) << i) <= most)
            bit = n1_contexts_ask(s, b, decoding, value >> i & 1U, (n1_decision){node, kind}, foretold >> i & 1U);
        made = made * 2 + bit;
    }
    return made;
}

N1_INLINE uint32_t sample(n1_contexts *s, n1_binary *b, int decoding, uint32_t before, uint32_t most, uint32_t code)
{
    if (most == 0 || !n1_contexts_ask(s, b, decoding, code != before, (n1_decision){0, 0}, s->foretold != 0))
        return before;
    uint32_t down = before == most;
    if (before > 0 && before < most)
        down = n1_contexts_ask(s, b, decoding, code < before, (n1_decision){1, 1}, s->foretold < 0);
    const uint32_t far = distance(s, b, decoding, down ? before - code : code - before, down, down ? before : most - before);
    return down ? before - far : before + far;
}

uint32_t n1_contexts_put(n1_contexts *s, n1_binary *b, uint32_t before, uint32_t most, uint32_t code)
{
    return sample(s, b, 0, before, most, code);
}

uint32_t n1_contexts_get(n1_contexts *s, n1_binary *b, uint32_t before, uint32_t most)
{
    return sample(s, b, 1, before, most, 0);
}
