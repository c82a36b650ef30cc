/* The contexts mode: a sample as binary decisions, and the probability of each. */
#include "modes/contexts/contexts.h"

enum { RATE_HISTORY = 7, RATE_MATCH = 7, RATE_REFINED = 6, LEAST = 32, COUNT_MOST = 31 };

/* A line of memory holds the slots of a context for the decisions of one place; all are on their way from memory before the
 * first one is looked at. */
void n1_contexts_turn(n1_contexts *s, uint32_t place)
{
    for (uint32_t i = 0; i < s->contexts; i++) {
        s->hash[i] = (s->base[i] + place * 0x2C1B3C6DU) * 0x85EBCA6BU;
        s->line[i] = s->slot + (size_t)(s->hash[i] >> s->line_shift) * N1_CONTEXTS_LINE;
        N1_PREFETCH(s->line[i]);
    }
}

/* A context's slot for a decision: its own, or the less used of a pair. */
static uint32_t *slot_of(const n1_contexts *s, uint32_t i, uint32_t node)
{
    const uint32_t h = (s->hash[i] + node) * 0x9E3779B1U, check = h >> 22 & 63U;
    uint32_t *const a = &s->line[i][h >> 28], *const b = &s->line[i][(h >> 28) ^ 1U];
    if ((*a & 63U) == check && *a >> 11 & 31U)
        return a;
    if ((*b & 63U) == check && *b >> 11 & 31U)
        return b;
    uint32_t *const v = (*b >> 11 & 31U) < (*a >> 11 & 31U) ? b : a;
    *v = (uint32_t)32768 << 16 | 1U << 6 | check;
    return v;
}

static int32_t odds_of(uint32_t p) { return n1_log2_ratio(p, 65536 - p); }

static void follow(uint16_t *p, uint32_t bit, int rate)
{
    const int32_t v = *p + (int32_t)n1_asr((bit ? 65535 : 0) - *p, rate);
    *p = (uint16_t)n1_clamp(v, LEAST, 65535 - LEAST);
}

static void slot_learn(const n1_contexts *s, uint32_t *slot, uint32_t bit)
{
    const uint32_t n = *slot >> 11 & 31U, history = *slot >> 6 & 31U;
    const int64_t p = *slot >> 16, aim = bit ? 65535 : 0;
    const uint32_t q = (uint32_t)n1_clamp64(p + n1_asr((aim - p) * s->rate[n], 16), 16, 65520);
    uint32_t then = history << 1 | bit;
    if (then >= N1_CONTEXTS_HISTORIES)
        then = (then & 15U) | 16U;
    *slot = q << 16 | (n < COUNT_MOST ? n + 1 : n) << 11 | then << 6 | (*slot & 63U);
}

/* One decision. expected: what the match says, or -1. */
N1_INLINE uint32_t decide(n1_contexts *s, n1_binary *b, int decoding, uint32_t bit, n1_decision d, int expected)
{
    int32_t odds[N1_CONTEXTS_INPUTS];
    uint32_t *slot[N1_CONTEXTS_MANY];
    uint16_t *past[N1_CONTEXTS_MANY];
    const uint32_t n = s->contexts, inputs = s->inputs, length = expected < 0 ? 0 : s->match_class;
    for (uint32_t i = 0; i < n; i++) {
        slot[i] = slot_of(s, i, d.node);
        past[i] = &s->history[i][d.kind][*slot[i] >> 6 & 31U];
        odds[2 * i] = odds_of(*slot[i] >> 16);
        odds[2 * i + 1] = odds_of(*past[i]);
    }
    uint16_t *const right = &s->match[length][d.kind];
    int32_t *const rest = odds + 2 * n;
    rest[0] = expected < 0 ? 0 : expected ? odds_of(*right) : -odds_of(*right);
    rest[1] = expected < 0 ? 0 : expected ? 1024 : -1024;
    rest[2] = 1024;
    if (s->predicted) {
        rest[3] = s->width;
        s->width = 0;
        for (uint32_t i = 0; i < N1_LAWS; i++)
            rest[4 + i] = n1_clamp(n1_log2_q12(s->laws.one[i] | 1U) - n1_log2_q12(s->laws.zero[i] | 1U), -N1_ODDS_MOST, N1_ODDS_MOST);
    }
    int32_t *const u = s->by_match[d.kind][length], *const v = s->by_run[d.kind][s->run_class];
    const int32_t one = n1_mix_odds(u, odds, inputs), two = n1_mix_odds(v, odds, inputs), mean = (int32_t)n1_asr(one + two, 1);
    const uint32_t place = (uint32_t)(mean + N1_ODDS_MOST), cell = place >> 12 < N1_CONTEXTS_STEPS ? place >> 12 : N1_CONTEXTS_STEPS - 1;
    const uint32_t part = place - (cell << 12);
    uint16_t *const row = &s->refined[(s->pair + d.node * 0x2C1B3C6DU) * 0x85EBCA6BU >> 22][cell];
    const uint32_t refined = (row[0] * (4096 - part) + row[1] * part) >> 12;
    const uint32_t mixed = n1_squash(mean), both = s->predicted ? (3 * mixed + refined) >> 2 : (mixed + refined) >> 1;
    const uint32_t p = (uint32_t)n1_clamp((int32_t)both, 16, 65520);
    if (decoding)
        bit = n1_binary_get(b, p);
    else
        n1_binary_put(b, bit, p);
    n1_mix_learn(u, odds, inputs, (int32_t)(bit << 16) - (int32_t)n1_squash(one), s->rate_mix);
    n1_mix_learn(v, odds, inputs, (int32_t)(bit << 16) - (int32_t)n1_squash(two), s->rate_mix);
    follow(&row[part >= 2048], bit, RATE_REFINED);
    if (expected >= 0)
        follow(right, bit == (uint32_t)expected, RATE_MATCH);
    for (uint32_t i = 0; i < n; i++) {
        follow(past[i], bit, RATE_HISTORY);
        slot_learn(s, slot[i], bit);
    }
    return bit;
}

/* The match has a say as long as it was right. */
uint32_t n1_contexts_ask(n1_contexts *s, n1_binary *b, int decoding, uint32_t bit, n1_decision d, uint32_t expected)
{
    bit = decide(s, b, decoding, bit, d, s->matching ? (int)expected : -1);
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
            n1_contexts_turn(s, made + (2 * k + down) * 0x01000193U);
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
