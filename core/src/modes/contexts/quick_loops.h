/* quick_loops.h - contexts whose odds are added: the loops, compiled once for each direction and set of contexts. */
#ifndef N1_MODES_CONTEXTS_QUICK_LOOPS_H
#define N1_MODES_CONTEXTS_QUICK_LOOPS_H
#include "base/fixed.h"
#include "modes/contexts/quick.h"

/* Sums of products with these, and their high bits, tell contexts apart. */
#define N1_BY_CHANNEL 0x9E3779B1U
#define N1_BY_FIRST   0x85EBCA6BU
#define N1_BY_SECOND  0xC2B2AE35U
#define N1_BY_RUN     0x27D4EB2FU
#define N1_BY_BEFORE  0x165667B1U
#define N1_BY_OTHER   0xD3A2646DU
#define N1_BY_STEPS   0xFD7046C5U
#define N1_BY_HALF    0xB55A4F09U
#define N1_BY_STEP    0x8DA6B343U
#define N1_BY_SINCE   0xD8163841U
#define N1_BY_CLASSES 0xCB1AB31FU
#define N1_BY_BESIDE  0x7FEB352DU
#define N1_BY_PLACE   0xE9846AF9U
#define N1_BY_WITHIN  0x68E31DA5U

enum { N1_QUICK_STRETCHES = 14, N1_QUICK_BITS = 22, N1_QUICK_FAR = 23 }; /* kinds; a distance's first 14 are its nodes */

/* What a decision needs: it stays in registers where functions become one. */
typedef struct {
    n1_quick *s;
    n1_binary b;
    uint64_t range;               /* encoder: in the place of the interval's high end, how far it is from the low one */
    size_t all;                   /* channels */
    uint32_t base[N1_QUICK_MANY];
    uint32_t *line[N1_QUICK_MANY];
    uint32_t *bias;               /* of the first kind */
    uint32_t contexts;            /* of the set: gains are by that */
} n1_quick_hand;

N1_INLINE int32_t n1_quick_odds(uint32_t slot) { return (int32_t)n1_asr((int32_t)slot, 16); }

#ifndef N1_QUICK_INLINE /* a kernel has its own form of these */
#define N1_QUICK_INLINE N1_INLINE
typedef struct {
    uint32_t of[N1_QUICK_MANY];
} n1_quick_slots;

/* The slots of a decision, and the sum of their odds. */
N1_INLINE int32_t n1_quick_look(uint32_t *const *line, const uint32_t n, uint32_t node, n1_quick_slots *was)
{
    int32_t odds = 0;
    for (uint32_t i = 0; i < n; i++) {
        was->of[i] = line[i][node];
        odds += n1_quick_odds(was->of[i]);
    }
    return odds;
}

/* Contexts follow the error of the sum. */
N1_INLINE void n1_quick_follow(const n1_quick *s, const uint32_t contexts, uint32_t *const *line, const uint32_t n, uint32_t node,
                               const n1_quick_slots *was, uint32_t error)
{
    (void)contexts; /* the gains at hand are this set's */
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t count = was->of[i] & (N1_QUICK_COUNTS - 1);
        line[i][node] = was->of[i] + s->one[count] + (error * s->gain[count] & ~(uint32_t)(N1_QUICK_COUNTS - 1));
    }
}
#endif

/* As n1_binary_put. */
N1_INLINE void n1_quick_code(n1_quick_hand *d, uint32_t bit, uint32_t p)
{
    n1_binary *const b = &d->b;
    const uint64_t part = (d->range >> 16) * p, zero = (uint64_t)bit - 1;
    b->low += (part + 1) & zero;
    d->range = part + ((d->range - 2 * part - 1) & zero);
    while (N1_SELDOM(((b->low ^ (b->low + d->range)) >> 56) == 0)) {
        if (b->at < b->size)
            b->out[b->at] = (uint8_t)(b->low >> 56);
        b->at++;
        b->low <<= 8;
        d->range = d->range << 8 | 255U;
    }
}

/* P(1) of a sum of odds, which seldom are beyond the table: a branch is foretold, numbers in its place would wait for each other. */
N1_INLINE uint32_t n1_quick_p(const n1_quick *s, int32_t odds)
{
    if (N1_SELDOM(odds < 0 || odds >= N1_QUICK_ODDS * 8))
        odds = odds < 0 ? 0 : N1_QUICK_ODDS * 8 - 1;
    return s->p[odds >> 3];
}

/* One binary decision. */
N1_QUICK_INLINE uint32_t n1_quick_ask(n1_quick_hand *d, const int decoding, const uint32_t n, uint32_t bit, uint32_t node, uint32_t kind)
{
    const n1_quick *const s = d->s;
    uint32_t *const bias = d->bias + kind * N1_QUICK_STATES;
    n1_quick_slots was;
    const uint32_t p = n1_quick_p(s, n1_quick_look(d->line, n, node, &was) + (N1_QUICK_ODDS * 4 + n1_quick_odds(*bias)));
    if (decoding)
        bit = n1_binary_get(&d->b, p);
    else
        n1_quick_code(d, bit, p);
    const uint32_t error = (bit << 16) - p;
    n1_quick_follow(s, d->contexts, d->line, n, node, &was, error);
    *bias += error * 40;
    return bit;
}

N1_INLINE void n1_quick_turn(n1_quick_hand *d, const uint32_t n, uint32_t place)
{
    for (uint32_t i = 0; i < n; i++)
        d->line[i] = d->s->slot + ((size_t)((d->base[i] + place * N1_BY_PLACE) >> d->s->shift) * N1_QUICK_LINE);
}

/* The contexts of a sample of channel c. */
N1_INLINE void n1_quick_prepare(n1_quick_hand *d, const uint32_t n, uint32_t c, const uint32_t *x, uint32_t within)
{
    n1_quick *const s = d->s;
    n1_quick_channel *const h = &s->channel[c];
    const size_t all = d->all;
    const uint32_t x1 = *(x - all), x2 = *(x - 2 * all), step = x1 - x2;
    const uint32_t x3 = *(x - 3 * all), x4 = *(x - 4 * all);
    const uint32_t y0 = all > 1 ? x[-1] : 0, y1 = all > 1 ? *(x - 1 - all) : 0;
    const uint32_t since = n1_least(h->since, N1_QUICK_SINCE), run = n1_least(h->run, N1_QUICK_RUN);
    const uint32_t classes = s->class_of[run] + 32U * s->class_of[since];
    const uint32_t own = c * N1_BY_CHANNEL, one = own + x1 * N1_BY_FIRST, two = one + x2 * N1_BY_SECOND;
    const uint32_t inside = within * N1_BY_WITHIN;
    uint32_t *const base = d->base;
    base[0] = two + y0 * N1_BY_OTHER + 0x20000000U;
    base[1] = one + run * N1_BY_RUN + h->before * N1_BY_BEFORE + inside + 0x50000000U;
    base[2] = own + since * N1_BY_SINCE + step * N1_BY_STEP + 0x77000000U;
    if (n > N1_QUICK_FEW) {
        base[3] = one + classes * N1_BY_CLASSES + inside + 0x44000000U;
        base[4] = one + y0 * N1_BY_OTHER + y1 * N1_BY_BESIDE + 0x55555555U;
        base[5] = own + n1_half_octave(h->fast) * N1_BY_HALF + step * N1_BY_STEP + 0x40000000U;
        base[6] = own + classes * N1_BY_CLASSES + step * N1_BY_STEP + (y0 - y1) * N1_BY_BESIDE + 0x05432100U;
        base[7] = own + step * N1_BY_STEP + (x1 - x4) * N1_BY_HALF + (x1 - x3) * N1_BY_BESIDE + 0x09876543U;
    }
    d->bias = s->bias[0] + s->class_of[run] + N1_CONTEXTS_LENGTHS * within;
    n1_quick_turn(d, n, 0);
}

/* A distance of r + 1 more than is told one by one, `most` + 1 at most: the number of its bits, then all but the first. */
N1_QUICK_INLINE uint32_t n1_quick_far(n1_quick_hand *d, const int decoding, const uint32_t n, uint32_t value, uint32_t most, uint32_t down)
{
    const uint32_t top = (uint32_t)n1_top_bit(most), has = decoding ? 0 : (uint32_t)n1_top_bit(value);
    uint32_t bits = 0, made = 1;
    n1_quick_turn(d, n, 1 + down);
    while (bits < top && n1_quick_ask(d, decoding, n, has > bits, n1_least(bits, 15), N1_QUICK_BITS))
        bits++;
    for (uint32_t at = 0; at < bits; at++) {
        const uint32_t i = bits - 1 - at, first = 1U << at % 3;
        uint32_t bit = 0;
        if (first == 1)
            n1_quick_turn(d, n, made * 64 + bits * 2 + down + 3);
        if ((((uint64_t)made * 2 + 1) << i) <= most)
            bit = n1_quick_ask(d, decoding, n, value >> i & 1U, first | (made & (first - 1)), N1_QUICK_FAR);
        made = made * 2 + bit;
    }
    return made;
}

N1_QUICK_INLINE uint32_t n1_quick_sample(n1_quick_hand *d, const int decoding, const uint32_t n, uint32_t before, uint32_t most, uint32_t code)
{
    if (N1_SELDOM(most == 0) || !n1_quick_ask(d, decoding, n, code != before, 0, 0))
        return before;
    uint32_t down = before == most, far = 1;
    if (before > 0 && before < most)
        down = n1_quick_ask(d, decoding, n, code < before, 1, 1);
    const uint32_t room = down ? before : most - before, value = down ? before - code : code - before;
    for (; far <= 6 && far < room; far++) {
        const uint32_t node = 1 + far + 6 * down;
        if (!n1_quick_ask(d, decoding, n, value > far, node, node))
            break;
    }
    if (far == 7 && room > 7)
        far = 6 + n1_quick_far(d, decoding, n, value - 6, room - 6, down);
    return down ? before - far : before + far;
}

/* Whether the channel has changed. Its fast mean is for the large set of contexts. */
N1_INLINE uint32_t n1_quick_learn(n1_quick_channel *h, const uint32_t n, uint32_t before, uint32_t code)
{
    if (code == before) {
        h->run++;
        h->since++;
        h->fast = n > N1_QUICK_FEW ? n1_follow_steps(h->fast, 0, 3) : 0;
        h->slow = n1_follow_steps(h->slow, 0, 5);
        return 0;
    }
    const uint32_t far = code > before ? code - before : before - code, step = n1_least(far, 65535);
    h->before = before;
    h->run = 0;
    h->fast = n > N1_QUICK_FEW ? n1_follow_steps(h->fast, step, 3) : 0;
    h->slow = n1_follow_steps(h->slow, step, 5);
    h->since = 256 * step > 4 * h->slow + 256 ? 0 : h->since + 1;
    return 1;
}

/* Whether all channels hold for a stretch of frames. */
N1_QUICK_INLINE uint32_t n1_quick_stretch(n1_quick_hand *d, const int decoding, uint32_t *x, size_t frames)
{
    const n1_quick *const s = d->s;
    const size_t all = d->all, codes = frames * all;
    const n1_quick_channel *const first = s->channel, *const last = first + all - 1;
    const uint32_t which = s->longer + 4 * s->halving, quiet = n1_least(s->quiet, N1_QUICK_RUN), own = which * N1_BY_CHANNEL;
    const uint32_t x0 = *(x - all), z0 = *(x - 1), since = n1_least(first->since, N1_QUICK_SINCE);
    d->base[0] = own + quiet * N1_BY_RUN + x0 * N1_BY_FIRST;
    d->base[1] = own + quiet * N1_BY_SINCE + 0x1000U;
    d->base[2] = own + quiet * N1_BY_SINCE + (since >> 2) * N1_BY_CLASSES + 0x43333333U;
    d->base[3] = own + s->class_of[quiet] * N1_BY_SINCE + x0 * N1_BY_HALF + first->before * N1_BY_STEPS + z0 * N1_BY_FIRST +
                 last->before * N1_BY_OTHER + 0x63333333U;
    d->bias = d->s->bias[0] + s->class_of[quiet];
    n1_quick_turn(d, N1_QUICK_STRETCH, 0);
    const uint32_t holds = decoding ? 0 : !memcmp(x, x - all, codes * sizeof *x);
    return n1_quick_ask(d, decoding, N1_QUICK_STRETCH, holds, which, N1_QUICK_STRETCHES + which);
}

/* What is known after a stretch. */
N1_INLINE void n1_quick_stretched(n1_quick *s, const int decoding, uint32_t holds, uint32_t *x, size_t frames)
{
    const size_t all = s->channels;
    for (size_t i = 0; decoding && holds && i < frames * all; i++)
        x[i] = *(x + i - all);
    for (size_t c = 0; holds && c < all; c++) {
        n1_quick_channel *const h = &s->channel[c];
        h->run += (uint32_t)frames;
        h->since += (uint32_t)frames;
        for (size_t i = 0; i < frames; i += N1_QUICK_HOLD) {
            h->fast -= h->fast >> 1;
            h->slow -= h->slow >> 2;
        }
    }
    s->quiet += holds ? (uint32_t)frames : 0;
    if (holds && !s->halving) {
        s->longer += s->longer < N1_QUICK_LONGER;
    } else {
        s->within = s->longer == 0;
        s->halving = 1;
        s->longer -= s->longer > 0;
    }
}

N1_QUICK_INLINE void n1_quick_frame(n1_quick_hand *d, const int decoding, const uint32_t n, uint32_t *x, const uint32_t *most)
{
    n1_quick *const s = d->s;
    uint32_t changed = 0;
    for (uint32_t c = 0; c < d->all; c++, x++) {
        const uint32_t before = *(x - d->all);
        n1_quick_prepare(d, n, c, x, s->within & (changed ^ 1U));
        const uint32_t code = n1_quick_sample(d, decoding, n, before, most[c], *x);
        if (decoding)
            *x = code;
        changed |= n1_quick_learn(&s->channel[c], n, before, code);
    }
    s->quiet = changed ? 0 : s->quiet + 1;
    if (changed)
        s->longer = s->halving = s->within = 0;
}

N1_QUICK_INLINE int n1_quick_frames(n1_quick *s, n1_binary *b, const int decoding, const uint32_t n, const size_t all, uint32_t *x, const uint32_t *most,
                              size_t n_frames, size_t limit)
{
    n1_quick_hand d;
    d.s = s;
    d.b = *b;
    d.all = all;
    d.contexts = n;
    d.range = b->high - b->low;
    for (size_t t = 0; t < n_frames && d.b.at <= limit;) {
        const size_t frames = (size_t)N1_QUICK_HOLD << s->longer;
        if (s->quiet < N1_QUICK_HOLD || s->within || t + frames > n_frames) {
            n1_quick_frame(&d, decoding, n, x, most);
            x += all;
            t++;
            continue;
        }
        const uint32_t holds = n1_quick_stretch(&d, decoding, x, frames);
        n1_quick_stretched(s, decoding, holds, x, frames);
        x += holds ? frames * all : 0;
        t += holds ? frames : 0;
    }
    if (!decoding)
        d.b.high = d.b.low + d.range;
    *b = d.b;
    return b->at <= limit;
}

/* The encoder's, for each set, of one channel and of several. */
N1_QUICK_INLINE int n1_quick_put_loop(n1_quick *s, n1_binary *b, uint32_t contexts, uint32_t *x, const uint32_t *most, size_t n_frames, size_t limit)
{
    if (contexts == N1_QUICK_FEW)
        return s->channels == 1 ? n1_quick_frames(s, b, 0, N1_QUICK_FEW, 1, x, most, n_frames, limit)
                                : n1_quick_frames(s, b, 0, N1_QUICK_FEW, s->channels, x, most, n_frames, limit);
    return s->channels == 1 ? n1_quick_frames(s, b, 0, N1_QUICK_MANY, 1, x, most, n_frames, limit)
                            : n1_quick_frames(s, b, 0, N1_QUICK_MANY, s->channels, x, most, n_frames, limit);
}
#endif
