/* Which channels may gain from contexts of exact values. */
#include "modes/contexts/promise.h"
#include "base/load.h"
#include "modes/contexts/contexts.h"

#include <string.h>

/* Stretches all over the block, about one frame of 128 in all: much less than the fastest level's time. */
enum { STRETCHES = 8, LEAST = 12, MOST = 64, PART = 128 };
/* Where fewer than one channel of so many promises, coding the others once more is not worth it. */
enum { SHARE_OF_CHANNELS = 8, BAND = 64 };

static size_t frames_of(const n1_shape *s)
{
    const size_t n = s->n_samples / (STRETCHES * PART);
    return n < LEAST ? LEAST : n > MOST ? MOST : n;
}

/* Some channels in frames from `first` on: the two first frames show a step, each further one whether it is repeated. */
#define LOOK(T)                                                                                                       \
    {                                                                                                                 \
        const T *v = (const T *)samples + first * c + from;                                                           \
        for (size_t i = 0; i < n; i++) {                                                                              \
            look[i].value = (uint32_t)v[c + i];                                                                       \
            look[i].step = (uint32_t)v[c + i] - (uint32_t)v[i];                                                       \
        }                                                                                                             \
        for (size_t t = 2; t < frames; t++)                                                                           \
            for (size_t i = 0; i < n; i++) {                                                                          \
                const uint32_t value = (uint32_t)v[t * c + i], step = value - look[i].value;                          \
                look[i].repeated += (step == 0) | (step == look[i].step);                                             \
                look[i].values |= (uint64_t)1 << (value * 0x9E3779B1U >> 26);                                         \
                look[i].value = value;                                                                                \
                look[i].step = step;                                                                                  \
            }                                                                                                         \
    }

static void look_at(const void *samples, const n1_shape *s, size_t first, size_t frames, size_t from, size_t n, n1_contexts_look *look)
{
    const size_t c = s->n_channels;
    N1_FOR_TYPE(s->dtype, LOOK)
}

/* Whether a channel has one value only: it costs nothing already. */
static int rests(const void *samples, const n1_shape *s, size_t channel)
{
    const int64_t v = n1_load_sample(samples, s->dtype, channel);
    for (size_t t = 1; t < s->n_samples; t++)
        if (n1_load_sample(samples, s->dtype, t * s->n_channels + channel) != v)
            return 0;
    return 1;
}

/* Which of n channels promise. */
static size_t band(const void *samples, const n1_shape *s, const n1_contexts_effort *effort, size_t from, size_t n,
                   n1_contexts_look *look)
{
    const size_t frames = frames_of(s), part = s->n_samples / STRETCHES;
    const uint32_t wanted = (uint32_t)(STRETCHES * (frames - 2) * effort->share) >> 8;
    size_t promising = 0;
    memset(look, 0, n * sizeof *look);
    for (size_t i = 0; i < STRETCHES; i++)
        look_at(samples, s, i * part + (part - frames) / 2, frames, from, n, look);
    for (size_t i = 0; i < n; i++) {
        look[i].repeated += effort->share == 0 || (N1_ADDED_ODDS && n1_ones(look[i].values) <= effort->values) ? wanted + 1 : 0;
        if (look[i].repeated < wanted || rests(samples, s, from + i))
            look[i].repeated = 0;
        promising += look[i].repeated != 0;
    }
    return promising;
}

size_t n1_contexts_promising(const void *samples, const n1_shape *s, const n1_contexts_effort *effort)
{
    n1_contexts_look look[BAND];
    size_t n = 0;
    for (size_t from = 0; from < s->n_channels; from += BAND)
        n += band(samples, s, effort, from, s->n_channels - from < BAND ? s->n_channels - from : BAND, look);
    return n * SHARE_OF_CHANNELS >= s->n_channels ? n : 0;
}

size_t n1_contexts_promise(const void *samples, const n1_shape *s, const n1_contexts_effort *effort, n1_contexts_look *look)
{
    const size_t n = band(samples, s, effort, 0, s->n_channels, look);
    return n * SHARE_OF_CHANNELS >= s->n_channels ? n : 0;
}
