/* Contexts whose odds are added: their state. */
#include "modes/contexts/quick.h"
#include "predict/mix.h"

static int line_bits(uint64_t n)
{
    return n1_clamp(n1_top_bit(n) - 4, N1_QUICK_LINES_LEAST, N1_QUICK_LINES_MOST);
}

n1_quick *n1_quick_take(n1_arena *a, uint64_t n_samples, uint32_t channels)
{
    n1_quick *s = n1_arena_take(a, 1, sizeof *s);
    uint32_t *slot = n1_arena_take(a, (uint64_t)N1_QUICK_LINE << line_bits(n_samples), sizeof *slot);
    n1_quick_channel *channel = n1_arena_take(a, channels, sizeof *channel);
    if (!n1_arena_holds(a))
        return NULL;
    s->slot = slot;
    s->channel = channel;
    return s;
}

void n1_quick_init(n1_quick *s, uint64_t n_samples, uint32_t channels, uint32_t contexts)
{
    const int lines = line_bits(n_samples);
    s->channels = channels;
    s->shift = 32 - lines;
    memset(s->slot, 0, ((size_t)N1_QUICK_LINE << lines) * sizeof *s->slot);
    memset(s->channel, 0, channels * sizeof *s->channel);
    memset(s->bias, 0, sizeof s->bias);
    for (uint32_t n = 0; n < N1_QUICK_COUNTS; n++) {
        s->gain[n] = 61440 / (contexts * (10 + 2 * n));
        s->one[n] = n + 1 < N1_QUICK_COUNTS;
    }
    for (int32_t i = 0; i < N1_QUICK_ODDS; i++)
        s->p[i] = (uint16_t)n1_squash((i - N1_QUICK_ODDS / 2) * 32 + 16);
    for (uint32_t i = 0; i <= N1_QUICK_SINCE; i++)
        s->class_of[i] = (uint8_t)n1_length_class(i);
    s->quiet = s->longer = s->halving = s->within = 0;
}
