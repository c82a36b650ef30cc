/* Encoder: alphabets for channels whose lattices or offsets differ. An alphabet has one stride and 4096 codes: channels
   of other strides lose the holes of their lattices in it, and far apart ones the low bits that codes do not tell. */
#include "converter/survey.h"
#include "base/log2.h"
#include <string.h>

#define ALPHABET_BITS 96u        /* what an alphabet takes */
#define WORTH 26u             /* 256ths of a bit a sample: less is not worth the members that the adaptive modes lose */

typedef n1_sharers shared;   /* sums are of logarithms, in 256ths */

static shared one(const n1_channel_stats *s)
{
    return (shared){s->low, s->high, s->stride, 1, n1_log2_q8(s->stride),
                    n1_log2_q8(s->step ? s->step : 1) - 3 * 256};
}

static shared join(const shared *a, const shared *b)
{
    shared j = {a->low < b->low ? a->low : b->low, a->high > b->high ? a->high : b->high, (uint32_t)n1_gcd(a->stride, b->stride),
                a->members + b->members, a->strides + b->strides, a->steps + b->steps};
    j.stride = (uint32_t)n1_gcd((uint32_t)(a->low > b->low ? a->low - b->low : b->low - a->low), j.stride);
    return j;
}

/* 256ths of a bit that the members' samples lose, a sample of each. */
static int64_t loss(const shared *g)
{
    int64_t codes = (g->high - g->low) / g->stride + 1, raw = 0;
    while (codes > N1_MAX_CODES) {
        codes >>= 1;
        raw += 256;
    }
    const int64_t stride = n1_log2_q8(g->stride), holes = g->strides - g->members * stride;
    const int64_t blur = g->members * (stride + raw + 256) - g->steps; /* a code of half a step tells nearly all */
    return holes + (raw && blur > 0 ? blur : 0);
}

static int before(const n1_channel_stats *a, const n1_channel_stats *b)
{
    return a->stride != b->stride ? a->stride < b->stride : a->low < b->low;
}

/* What the alphabets as they are lose; -1 where they stay, whatever they lose. *n: channels that are not constant. */
static int64_t lost_now(const n1_survey *s, size_t *n)
{
    shared now[N1_MAX_ALPHABETS];
    int64_t lost = 0;
    memset(now, 0, sizeof now);
    *n = 0;
    for (size_t i = 0; i < s->n_channels; i++) {
        if (n1_is_constant(&s->stats[i]))
            continue;
        if (s->stats[i].nlink)
            return -1;
        const shared mine = one(&s->stats[i]);
        shared *g = &now[s->alphabet_of[i]];
        *g = g->members ? join(g, &mine) : mine;
        ++*n;
    }
    for (unsigned a = 0; a < s->n_alphabets; a++)
        lost += now[a].members ? loss(&now[a]) : 0;
    return lost;
}

/* All channels that are not constant in the order of their strides, cut into parts of as many each. */
static size_t first_parts(n1_survey *s, size_t n)
{
    size_t sorted = 0;
    for (size_t i = 0; i < s->n_channels; i++) {   /* few channels as a rule, and mostly in order */
        if (n1_is_constant(&s->stats[i]))
            continue;
        size_t at = sorted++;
        for (; at && before(&s->stats[i], &s->stats[s->sorted[at - 1]]); at--)
            s->sorted[at] = s->sorted[at - 1];
        s->sorted[at] = (uint16_t)i;
    }
    const size_t parts = n < N1_MOST_PARTS ? n : N1_MOST_PARTS;
    for (size_t k = 0; k <= parts; k++)
        s->first[k] = (uint16_t)(n * k / parts);
    for (size_t k = 0; k < parts; k++) {
        s->part[k] = one(&s->stats[s->sorted[s->first[k]]]);
        for (size_t i = s->first[k] + 1u; i < s->first[k + 1]; i++) {
            const shared next = one(&s->stats[s->sorted[i]]);
            s->part[k] = join(&s->part[k], &next);
        }
    }
    return parts;
}

/* Join the neighbours in this order that lose least, as long as they must or an alphabet's bits are not earned. */
static size_t join_parts(n1_survey *s, size_t parts, int64_t price)
{
    shared *const part = s->part;
    while (parts > 1) {
        size_t best = 0;
        int64_t least = INT64_MAX;
        for (size_t k = 0; k + 1 < parts; k++) {
            const shared j = join(&part[k], &part[k + 1]);
            const int64_t more = loss(&j) - loss(&part[k]) - loss(&part[k + 1]);
            if (more < least) {
                least = more;
                best = k;
            }
        }
        if (parts <= N1_MAX_ALPHABETS && least > price)
            break;
        part[best] = join(&part[best], &part[best + 1]);
        parts--;
        memmove(&part[best + 1], &part[best + 2], (parts - best - 1) * sizeof *part);
        memmove(&s->first[best + 1], &s->first[best + 2], (parts - best) * sizeof *s->first);
    }
    return parts;
}

void n1_share_alphabets(n1_survey *s)
{
    const int64_t price = (int64_t)(ALPHABET_BITS * 256 / s->n_samples);
    size_t n;
    if (s->n_channels > N1_MOST_DIVIDED)
        return;
    const int64_t lost = lost_now(s, &n);
    if (!n || lost < (int64_t)(n * WORTH))
        return;
    const size_t parts = join_parts(s, first_parts(s, n), price);
    int64_t still = 0;
    for (size_t k = 0; k < parts; k++)
        still += loss(&s->part[k]) + price;
    if (lost - still < (int64_t)(n * WORTH))
        return;
    s->n_alphabets = (unsigned)parts;
    for (size_t k = 0; k < parts; k++)
        for (size_t i = s->first[k]; i < s->first[k + 1]; i++)
            s->alphabet_of[s->sorted[i]] = (uint8_t)k;
}
