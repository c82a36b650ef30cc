/* Encoder: alphabets for channels whose lattices or offsets differ. An alphabet has one stride and 4096 codes: channels
   of other strides lose the holes of their lattices in it, and far apart ones the low bits that codes do not tell. */
#include "converter/survey.h"

#define MOST_CHANNELS 4096u
#define MOST_GROUPS 256u      /* to begin with */
#define GROUP_BITS 96u        /* what an alphabet takes */
#define WORTH 26u             /* 256ths of a bit a sample: less is not worth the members that the adaptive modes lose */

/* Channels that share an alphabet. Sums are of logarithms, in 256ths. */
typedef struct {
    int64_t low, high;
    uint32_t stride;
    int64_t members, strides, steps;
} shared;

static shared one(const n1_channel_stats *s)
{
    return (shared){s->low, s->high, s->stride, 1, n1_log2_q8(s->stride),
                    n1_log2_q8(s->step ? s->step : 1) - 3 * 256};
}

static shared join(const shared *a, const shared *b)
{
    shared j = {a->low < b->low ? a->low : b->low, a->high > b->high ? a->high : b->high, n1_gcd(a->stride, b->stride),
                a->members + b->members, a->strides + b->strides, a->steps + b->steps};
    j.stride = n1_gcd((uint32_t)(a->low > b->low ? a->low - b->low : b->low - a->low), j.stride);
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

void n1_regroup(n1_forward *c, const n1_channel_stats *s, n1_arena scratch)
{
    const size_t all = c->g.n_channels;
    shared now[N1_MAX_ALPHABETS], *group = n1_arena_take(&scratch, MOST_GROUPS * sizeof *group);
    uint16_t *sorted = n1_arena_take(&scratch, all * sizeof *sorted);
    uint16_t *first = n1_arena_take(&scratch, (MOST_GROUPS + 1) * sizeof *first);
    size_t n = 0;
    int64_t lost = 0;
    memset(now, 0, sizeof now);
    if (!group || !sorted || !first || all > MOST_CHANNELS)
        return;
    for (size_t i = 0; i < all; i++) {
        if (n1_is_constant(&s[i]))
            continue;
        if (s[i].n1)
            return;
        const shared mine = one(&s[i]);
        shared *g = &now[c->channel[i].alphabet];
        *g = g->members ? join(g, &mine) : mine;
        n++;
    }
    for (unsigned a = 0; a < c->n_alphabets; a++)
        lost += now[a].members ? loss(&now[a]) : 0;
    if (!n || lost < (int64_t)(n * WORTH))
        return;

    n = 0;
    for (size_t i = 0; i < all; i++) {   /* few channels as a rule, and mostly in order */
        if (n1_is_constant(&s[i]))
            continue;
        size_t at = n++;
        for (; at && before(&s[i], &s[sorted[at - 1]]); at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = (uint16_t)i;
    }
    size_t groups = n < MOST_GROUPS ? n : MOST_GROUPS;
    for (size_t k = 0; k <= groups; k++)
        first[k] = (uint16_t)(n * k / groups);
    for (size_t k = 0; k < groups; k++) {
        group[k] = one(&s[sorted[first[k]]]);
        for (size_t i = first[k] + 1u; i < first[k + 1]; i++) {
            const shared next = one(&s[sorted[i]]);
            group[k] = join(&group[k], &next);
        }
    }
    /* Join the neighbours in this order that lose least, as long as they must or an alphabet's bits are not earned. */
    const int64_t price = (int64_t)(GROUP_BITS * 256 / c->g.n_samples);
    while (groups > 1) {
        size_t best = 0;
        int64_t least = INT64_MAX;
        for (size_t k = 0; k + 1 < groups; k++) {
            const shared j = join(&group[k], &group[k + 1]);
            const int64_t more = loss(&j) - loss(&group[k]) - loss(&group[k + 1]);
            if (more < least) {
                least = more;
                best = k;
            }
        }
        if (groups <= N1_MAX_ALPHABETS && least > price)
            break;
        group[best] = join(&group[best], &group[best + 1]);
        groups--;
        memmove(&group[best + 1], &group[best + 2], (groups - best - 1) * sizeof *group);
        memmove(&first[best + 1], &first[best + 2], (groups - best) * sizeof *first);
    }
    int64_t still = 0;
    for (size_t k = 0; k < groups; k++)
        still += loss(&group[k]) + price;
    if (lost - still < (int64_t)(n * WORTH))
        return;
    c->n_alphabets = (unsigned)groups;
    for (size_t k = 0; k < groups; k++)
        for (size_t i = first[k]; i < first[k + 1]; i++)
            c->channel[sorted[i]].alphabet = (uint8_t)k;
}
