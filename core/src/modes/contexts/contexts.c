/* The contexts mode: what a sample's contexts are, and what is learned from it. */
#include "modes/contexts/contexts.h"
#include "kernels/table.h"

static int bits_of(uint64_t n_samples, int more, int least, int most)
{
    return n1_clamp(n1_top_bit(n_samples) + more, least, most);
}
static int slot_bits(uint64_t n, int predicted)
{
    return bits_of(n, predicted ? 5 : 3, N1_CONTEXTS_SLOTS_LEAST, N1_CONTEXTS_SLOTS_MOST + predicted);
}
static int recent_bits(uint64_t n) { return bits_of(n, 0, N1_CONTEXTS_RECENT_LEAST, N1_CONTEXTS_RECENT_MOST); }

n1_contexts *n1_contexts_take(n1_arena *a, uint64_t n_samples, uint32_t channels, int predicted, uint64_t seen)
{
    n1_contexts *s = n1_arena_take(a, 1, sizeof *s);
    uint32_t *slot = n1_arena_take(a, (uint64_t)1 << slot_bits(n_samples, predicted), sizeof *slot);
    uint32_t *recent = n1_arena_take(a, (uint64_t)1 << recent_bits(n_samples), sizeof *recent);
    n1_contexts_channel *channel = n1_arena_take(a, channels, sizeof *channel);
    n1_forecast *forecast = n1_arena_take(a, predicted ? channels : 0, sizeof *forecast);
    uint16_t *codes_seen = n1_arena_take(a, predicted ? seen : 0, sizeof *codes_seen);
    if (!n1_arena_holds(a))
        return NULL;
    s->forecast = forecast;
    s->all_seen = codes_seen;
    s->slot = slot;
    s->recent = recent;
    s->channel = channel;
    return s;
}

/* P(1) after a history, as if each of the two had been seen half a time before. */
static uint16_t first_guess(uint32_t history)
{
    uint32_t zeros = 1, ones = 1;
    for (; history > 1; history >>= 1) {
        ones += 2 * (history & 1U);
        zeros += 2 * (~history & 1U);
    }
    return (uint16_t)(65536 * ones / (zeros + ones));
}

static void init_weights(n1_contexts *s)
{
    int32_t *first = s->by_match[0][0];
    memset(first, 0, sizeof s->by_match[0][0]);
    for (uint32_t i = 0; i < s->contexts; i++)
        first[i] = first[s->by_history + i] = (3 << 20) / (10 * (int32_t)s->contexts);
    for (uint32_t i = s->beside; i < s->inputs; i++)
        first[i] = 1 << 18;
    for (uint32_t k = 0; k < N1_CONTEXTS_KINDS; k++)
        for (uint32_t l = 0; l < N1_CONTEXTS_LENGTHS; l++) {
            memmove(s->by_match[k][l], first, sizeof s->by_match[k][l]);
            memcpy(s->by_run[k][l], first, sizeof s->by_run[k][l]);
        }
}

void n1_contexts_init(n1_contexts *s, uint64_t n_samples, uint32_t channels, uint32_t contexts, int predicted, const n1_kernels *k)
{
    const int slots = slot_bits(n_samples, predicted), recent = recent_bits(n_samples);
    s->k = k;
    s->channels = channels;
    s->contexts = contexts;
    s->by_history = contexts > N1_CONTEXTS_FEW ? N1_CONTEXTS_LANES : N1_CONTEXTS_LANES / 2;
    s->beside = contexts > N1_CONTEXTS_FEW ? 2 * N1_CONTEXTS_LANES : s->by_history + N1_CONTEXTS_FEW;
    s->inputs = s->beside + N1_CONTEXTS_REST - 1;
    s->rate_mix = 16;
    s->predicted = predicted;
    s->lean = predicted && contexts == N1_CONTEXTS_FEW;
    s->line_shift = 36 - slots; /* of 16 slots */
    s->recent_shift = 32 - recent;
    memset(s->slot, 0, ((size_t)1 << slots) * sizeof *s->slot);
    memset(s->recent, 0, ((size_t)1 << recent) * sizeof *s->recent);
    memset(s->channel, 0, channels * sizeof *s->channel);
    memset(s->base, 0, sizeof s->base);
    s->search.place = NULL;
    for (uint32_t n = 0; n < 32; n++)
        s->rate[n] = 655360 / (10 * n + 16);
    init_weights(s);
    for (uint32_t i = 0; i < contexts; i++)
        for (uint32_t kind = 0; kind < N1_CONTEXTS_KINDS; kind++)
            for (uint32_t h = 0; h < N1_CONTEXTS_HISTORIES; h++)
                s->history[kind][i][h] = first_guess(h);
    for (uint32_t l = 0; l < N1_CONTEXTS_LENGTHS; l++)
        for (uint32_t kind = 0; kind < N1_CONTEXTS_KINDS; kind++)
            s->match[l][kind] = 58000;
    for (int32_t i = 0; i <= N1_CONTEXTS_STEPS; i++)
        s->refined[0][i] = (uint16_t)n1_squash((i << 12) - N1_ODDS_MOST);
    for (uint32_t r = 1; r < N1_CONTEXTS_REFINED; r++)
        memcpy(s->refined[r], s->refined[0], sizeof s->refined[0]);
}

void n1_contexts_prepare(n1_contexts *s, uint32_t c, size_t t, const uint32_t *x)
{
    const n1_contexts_channel *h = &s->channel[c];
    const size_t n = s->channels;
    const uint32_t *const frame[] = {x,         x - n,     x - 2 * n, x - 3 * n, x - 4 * n,
                                     x - 5 * n, x - 6 * n, x - 7 * n, x - 8 * n};
    const uint32_t x1 = *frame[1], x2 = *frame[2], x3 = *frame[3], x4 = *frame[4];
    const uint32_t y0 = n > 1 ? x[-1] : 0, y1 = n > 1 ? *(frame[1] - 1) : 0; /* the channel before: of this frame, or the last */
    const uint32_t o1 = n1_contexts_join(c, x1), o2 = n1_contexts_join(o1, x2);
    uint32_t *const b = s->base;
    b[0] = n1_contexts_join(n1_contexts_join(o1, n1_least(h->since, 400)), 0x10000000U);
    b[1] = o2;
    b[2] = n1_contexts_join(n1_contexts_join(o2, y0), 0x20000000U);
    b[3] = n1_contexts_join(n1_contexts_join(n1_contexts_join(c + 0x30000000U, x1 - x2), x2 - x3), x3 - x4);
    b[4] = n1_contexts_join(n1_contexts_join(c + 0x40000000U, n1_half_octave(h->fast)), x1 - x2);
    if (s->contexts > N1_CONTEXTS_FEW) {
        b[5] = o1;
        b[6] = n1_contexts_join(n1_contexts_join(o2, x3), x4);
        b[7] = n1_contexts_join(n1_contexts_join(n1_contexts_join(n1_contexts_join(b[6], *frame[5]), *frame[6]), *frame[7]), *frame[8]);
        b[8] = n1_contexts_join(n1_contexts_join(o1, y0), y1);
        b[9] = n1_contexts_join(n1_contexts_join(n1_contexts_join(o1, n1_least(h->run, 255)), h->before), 0x50000000U);
        b[10] = n1_contexts_join(n1_contexts_join(n1_contexts_join(c + 0x60000000U, n1_half_octave(h->fast) / 2), x1 - x2), y0 - y1);
    }
    s->k->contexts_turn(s, 0);
    n1_contexts_find_match(s);
    s->pair = o2;
    s->run_class = n1_length_class(h->run);
    s->match_class = n1_length_class(h->length);
    s->matching = h->length != 0;
    s->foretold = s->matching ? (int64_t)*(x - (t - h->place) * n) - x1 : 0;
}

/* Where the last N1_CONTEXTS_MATCHED samples may have been the last time. */
static void search(n1_contexts *s, uint32_t c, size_t t, const uint32_t *x)
{
    uint32_t hash = c;
    for (size_t i = 0; i < N1_CONTEXTS_MATCHED; i++)
        hash = n1_contexts_join(hash, *(x - i * s->channels));
    hash *= 0x85EBCA6BU;
    uint32_t *const place = &s->recent[hash >> s->recent_shift];
    N1_PREFETCH(place);
    s->search = (n1_contexts_search){place, hash << N1_CONTEXTS_THEN, &s->channel[c], x, t};
}

void n1_contexts_find_match(n1_contexts *s)
{
    const n1_contexts_search f = s->search;
    if (!f.place)
        return;
    const uint32_t found = *f.place ^ f.check;
    const size_t n = s->channels, then = *f.place && !(found >> N1_CONTEXTS_THEN) ? found - 1 : f.t;
    if (!f.channel->length && then < f.t) { /* another channel may have been there in this frame */
        const size_t far = (f.t - then) * n;
        size_t same = 0;
        while (same < N1_CONTEXTS_MATCHED && *(f.x - same * n) == *(f.x - same * n - far))
            same++;
        if (same == N1_CONTEXTS_MATCHED) {
            f.channel->length = N1_CONTEXTS_MATCHED;
            f.channel->place = then + 1;
        }
    }
    *f.place = ((uint32_t)f.t + 1) | f.check;
    s->search.place = NULL;
}

void n1_contexts_learn(n1_contexts *s, uint32_t c, size_t t, const uint32_t *x)
{
    n1_contexts_channel *h = &s->channel[c];
    const uint32_t before = *(x - s->channels), step = x[0] > before ? x[0] - before : before - x[0];
    if (h->length) {
        h->length = x[0] == *(x - (t - h->place) * s->channels) ? n1_least(h->length + 1, 65535) : 0;
        h->place++;
    }
    if (step)
        h->before = before;
    h->run = step ? 0 : n1_least(h->run + 1, 65535);
    h->fast = n1_follow_steps(h->fast, n1_least(step, 65535), 3);
    h->slow = n1_follow_steps(h->slow, n1_least(step, 65535), 5);
    h->since = 256 * (uint64_t)step > 4 * (uint64_t)h->slow + 256 ? 0 : n1_least(h->since + 1, 65535);
    if (t >= N1_CONTEXTS_MATCHED)
        search(s, c, t, x);
}
