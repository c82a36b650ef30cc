/* Differences that come again where values do not. A place is known by two words of differences in it, far apart; a table says where such a
 * place was. Words are numbers, so that machines of either byte order find the same. */
#include "base/bytes.h"
#include "base/inline.h"
#include "wire/echo_encode.h"
#include "wire/repeats_search.h"

#include <string.h>

#define PLACE   64u /* frames of a place */
#define LEAST   32u /* frames of a period */
#define ASKED   64u /* places that tell whether a block echoes at a distance */
#define TRIES   12u /* distances that are tried; */
#define PARTS   8u  /* they may be so many periods */
#define WORTH   8u  /* one frame of so many must echo with an offset, */
#define MOST    4u  /* one of so many must be saved, */
#define ROUGH   2u  /* and a step must have so many bits: what is smooth is known without */
#define NOWHERE UINT32_MAX

typedef struct {
    const uint8_t *samples;
    size_t frame, n, size, channels; /* bytes of a frame; frames; bytes of a sample */
    size_t near, far;                /* bytes from a place to its words */
    uint64_t tops;                   /* the top bit of each sample in a word */
    unsigned flip;                   /* byte i of a word is at i ^ flip */
} view;

static view view_of(const void *samples, const n1_shape *s)
{
    static const uint64_t tops[] = {UINT64_C(0x8080808080808080), UINT64_C(0x8000800080008000), UINT64_C(0x8000000080000000)};
    const size_t c = s->n_channels, size = n1_type_size(s->dtype);
    view v = {samples, c * size, s->n_samples, size, c, c / 3 * size, 0, tops[s->dtype >> 1], 0};
    v.far = PLACE / 4 * 3 * v.frame + 2 * c / 3 * size;
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v.flip = (unsigned)size - 1;
#endif
    return v;
}

/* The differences of samples in a word, each for itself. */
N1_INLINE uint64_t minus(const view *v, uint64_t a, uint64_t b)
{
    return ((a | v->tops) - (b & ~v->tops)) ^ ((a ^ ~b) & v->tops);
}

/* The differences of the samples of a word to those of the next frame, each for itself. */
N1_INLINE uint64_t step(const view *v, size_t byte)
{
    return minus(v, n1_load64_flipped(v->samples + byte + v->frame, v->flip), n1_load64_flipped(v->samples + byte, v->flip));
}

/* What a block is at a distance, by ASKED places: */
typedef struct {
    size_t distance;
    size_t shifted;    /* whose steps are those of before, and of three kinds, and whose values are not, */
    size_t plain, left; /* and bits of all steps, or of how they change if these are fewer, and of what is left of them without those of before */
} echo;

/* Bits of all samples of a word of steps. */
static size_t bits_of(const view *v, uint64_t steps)
{
    const unsigned width = 8 * (unsigned)v->size;
    size_t bits = 0;
    for (unsigned at = 0; at < 64; at += width) {
        const int64_t step = n1_wrap((uint32_t)(steps >> at), width);
        for (uint64_t size = (uint64_t)(step < 0 ? -step : step); size; size >>= 1)
            bits++;
    }
    return bits;
}

/* Whether three steps of one channel are of three kinds: those of ramps that wrap around, and of square waves, are not. */
static int is_rough(const view *v, uint64_t one, uint64_t two, uint64_t three)
{
    const uint64_t sample = UINT64_MAX >> (64 - 8 * v->size);
    return ((one ^ two) & sample) && ((two ^ three) & sample) && ((one ^ three) & sample);
}

static echo ask(const view *v, size_t distance)
{
    const size_t frames = v->n - distance - PLACE;
    echo e = {distance, 0, 0, 0};
    for (size_t i = 0; i < ASKED; i++) {
        const size_t at = distance + i * frames / ASKED, channel = i * 5 % ASKED * v->channels / ASKED;
        const size_t now = at * v->frame + channel * v->size, before = now - distance * v->frame;
        const uint64_t steps = step(v, now), echoes = step(v, before), next = step(v, now + v->frame);
        const size_t plain = bits_of(v, steps), change = bits_of(v, minus(v, next, steps));
        e.plain += plain < change ? plain : change;
        e.left += bits_of(v, minus(v, steps, echoes));
        e.shifted += steps == echoes && is_rough(v, steps, next, step(v, now + 2 * v->frame)) &&
                     n1_load64_flipped(v->samples + now, 0) != n1_load64_flipped(v->samples + before, 0);
    }
    return e;
}

/* Frames that take as many bits, about. */
static size_t cost(const view *v, const echo *e)
{
    return e->left < e->plain ? e->distance + (size_t)((uint64_t)(v->n - e->distance) * e->left / e->plain) : v->n;
}

static size_t shifted(const view *v, const echo *e) { return (v->n - e->distance) / ASKED * e->shifted; }

/* Ask at a distance, and at parts of it: a place need not come again in every period. */
static void ask_around(const view *v, size_t distance, echo *best)
{
    for (size_t part = 1; part <= PARTS; part++) {
        if (distance % part || distance / part < LEAST || distance + 2 * PLACE > v->n)
            continue;
        const echo e = ask(v, distance / part);
        if (e.plain >= ASKED * ROUGH * sizeof(uint64_t) / v->size && shifted(v, &e) >= v->n / WORTH && cost(v, &e) < cost(v, best))
            *best = e;
    }
}

/* The slot of a place in a table; none where its steps are of no kind, or of one. */
N1_INLINE uint32_t *slot(const view *v, size_t at, uint32_t *table)
{
    const uint64_t near = step(v, at * v->frame + v->near), far = step(v, at * v->frame + v->far);
    if (!near || !far || near == far)
        return NULL;
    return &table[(near * 0x9E3779B185EBCA87u + far * 0xC2B2AE3D27D4EB4Fu) >> (64 - N1_LOOK_BITS)];
}

/* Whether both words of two places say the same. */
static int same(const view *v, size_t one, size_t other)
{
    const size_t a = one * v->frame, b = other * v->frame;
    return step(v, a + v->near) == step(v, b + v->near) && step(v, a + v->far) == step(v, b + v->far);
}

N1_APART n1_echo n1_echo_look(const void *samples, const n1_shape *s)
{
    const view v = view_of(samples, s);
    const n1_look_stretches l = n1_look_stretches_of(s);
    uint32_t table[1 << N1_LOOK_BITS], *there;
    echo best = {0, 0, 0, 0};
    size_t tries = TRIES;
    if (v.n < 4 * PLACE)
        return (n1_echo){0, 0};
    memset(table, 0xFF, sizeof table);
    const size_t last = v.n - PLACE - 1;
    for (size_t i = 0; i <= N1_LOOK_OTHERS; i++) {
        const size_t first = last / 8 * (2 * i + 1), end = first + (i == N1_LOOK_OTHERS ? l.length : l.others);
        for (size_t at = first; at < end && at <= last; at++)
            if ((there = slot(&v, at, table)) != NULL)
                *there = (uint32_t)at;
    }
    for (size_t at = last - last % l.length; tries; at -= l.length) {
        there = slot(&v, at, table);
        if (there && *there != NOWHERE && *there != at && same(&v, at, *there)) {
            ask_around(&v, *there > at ? *there - at : at - *there, &best);
            tries--;
        }
        if (!at)
            break;
    }
    if (!best.distance || cost(&v, &best) > v.n - v.n / MOST)
        return (n1_echo){0, 0};
    return (n1_echo){best.distance, cost(&v, &best) - best.distance <= shifted(&v, &best)}; /* exact copies leave all that is shifted */
}
