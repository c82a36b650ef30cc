/* The contexts mode with predictions: a sample is told by its distance from what is expected, and laws have a say. */
#include "modes/contexts/contexts.h"

typedef struct {
    n1_contexts *s;
    n1_binary *b;
    int decoding;
    n1_laws *l;
    int64_t anchor;
    uint32_t down, most;       /* which way, and how far at most */
    uint32_t start;            /* bits of a usual distance */
} teller;

/* Mass of the codes that are j or more from the anchor, that way, by each law. */
static void beyond(const teller *w, uint64_t j, uint64_t *mass)
{
    w->s->k->laws_below(w->l, w->down ? w->anchor - (int64_t)j + 1 : w->anchor + (int64_t)j, mass);
    for (uint32_t i = 0; i < n1_laws_in(w->l) && !w->down; i++)
        mass[i] = N1_LAWS_ALL - mass[i];
}

static uint32_t ask(const teller *w, uint32_t bit, uint32_t node, uint32_t kind, int expected)
{
    return n1_contexts_ask(w->s, w->b, w->decoding, bit, (n1_decision){node, kind}, (uint32_t)expected);
}

/* Of the bits below the first of a distance. */
static uint32_t place_of(const teller *w, uint32_t k) { return 2 * (k - w->start + 8) + w->down; }

/* What an encoder knows sooner than it tells it: the lines of the distance's lower bits come from memory while its size is coded. */
static void fetch_mantissa(const n1_contexts *s, const teller *w, uint32_t code)
{
    const uint32_t down = code < s->anchor, far = down ? s->anchor - code : code - s->anchor, k = (uint32_t)n1_top_bit(far);
    if (k == 0)
        return;
    const uint32_t place = (2 * (k - w->start + 8) + down) * N1_CONTEXTS_PLACE;
    for (uint32_t i = 0; i < s->contexts; i++)
        N1_PREFETCH(s->slot + (size_t)((s->base[i] + place) * N1_CONTEXTS_SPREAD >> s->line_shift) * N1_CONTEXTS_LINE);
}

/* Bits of the distance below the first: above or below the usual number, then one by one. */
static uint32_t magnitude(teller *w, uint32_t value, uint32_t foretold)
{
    n1_laws *const l = w->l;
    const uint32_t top = (uint32_t)n1_top_bit(w->most), start = n1_least(w->start, top);
    const uint32_t has = w->decoding ? 0 : (uint32_t)n1_top_bit(value), should = (uint32_t)n1_top_bit(foretold);
    uint64_t rest[N1_LAWS], upper[N1_LAWS];
    uint32_t k = 0;
    beyond(w, 1, rest);
    if (start) {
        beyond(w, (uint64_t)1 << start, upper);
        for (uint32_t i = 0; i < n1_laws_in(l); i++) {
            l->one[i] = upper[i];
            l->zero[i] = rest[i] - upper[i];
        }
        if (ask(w, has >= start, 3 + w->down, 10, should >= start)) {
            k = start;
            for (uint32_t i = 0; i < n1_laws_in(l); i++)
                rest[i] = upper[i];
        } else {
            for (k = start - 1; k > 0; k--) {
                uint64_t here[N1_LAWS];
                beyond(w, (uint64_t)1 << k, here);
                for (uint32_t i = 0; i < n1_laws_in(l); i++) {
                    l->one[i] = here[i] - upper[i];
                    l->zero[i] = rest[i] - here[i];
                }
                if (ask(w, has >= k, 5 + 40 * w->down + start - k, 11, should >= k))
                    break;
                for (uint32_t i = 0; i < n1_laws_in(l); i++)
                    upper[i] = here[i];
            }
            return k;
        }
    }
    for (; k < top; k++) {
        beyond(w, (uint64_t)2 << k, upper);
        for (uint32_t i = 0; i < n1_laws_in(l); i++) {
            l->one[i] = upper[i];
            l->zero[i] = rest[i] - upper[i];
        }
        if (!ask(w, has > k, 100 + 40 * w->down + k - start, 2 + n1_least(k - start, 7), should > k))
            break;
        for (uint32_t i = 0; i < n1_laws_in(l); i++)
            rest[i] = upper[i];
    }
    return k;
}

/* log2 of how often codes middle .. end - 1 occurred over that of begin .. middle - 1, for each of them. */
static int32_t width_odds(const teller *w, int64_t begin, int64_t middle, int64_t end)
{
    const uint16_t *seen = w->s->seen;
    uint64_t below = 2, above = 2;
    if (!seen)
        return 0;
    for (int64_t k = begin; k < middle; k++)
        below += seen[k];
    for (int64_t k = middle; k < end; k++)
        above += seen[k];
    const int32_t odds = n1_log2_q12(above * (uint64_t)(middle - begin)) - n1_log2_q12(below * (uint64_t)(end - middle));
    return n1_clamp(odds, -20000, 20000);
}

/* The distance's bits below the first. */
static uint32_t mantissa(teller *w, uint32_t k, uint32_t value, uint32_t foretold)
{
    n1_laws *const l = w->l;
    uint64_t low[N1_LAWS], high[N1_LAWS], middle[N1_LAWS], made = 1;
    const uint64_t end = (uint64_t)2 << k;
    if (k)
        w->s->k->contexts_turn(w->s, place_of(w, k));
    beyond(w, (uint64_t)1 << k, low);
    if (end > w->most)
        memset(high, 0, sizeof high);
    else
        beyond(w, end, high);
    for (uint32_t at = k; at-- > 0;) {
        const uint64_t split = (made * 2 + 1) << at, from = (made * 2) << at;
        const uint64_t to = ((made * 2 + 2) << at) - 1 < w->most ? ((made * 2 + 2) << at) - 1 : w->most;
        const uint32_t depth = k - 1 - at, size = k > w->start ? n1_least(k - w->start + 1, 3) : 0;
        uint32_t bit = 0;
        if (split <= w->most) {
            beyond(w, split, middle);
            for (uint32_t i = 0; i < n1_laws_in(l); i++) {
                l->one[i] = middle[i] - high[i];
                l->zero[i] = low[i] - middle[i];
            }
            if (at < 4) {
                const int64_t a = w->anchor, f = (int64_t)from, p = (int64_t)split, o = (int64_t)to;
                w->s->width = w->down ? -width_odds(w, a - o, a - p + 1, a - f + 1) : width_odds(w, a + f, a + p, a + o + 1);
            }
            const uint32_t known = (uint32_t)made * 64 + (k - w->start + 8) * 2 + w->down;
            const uint32_t unknown = 400000 + n1_least(depth, 12) * 2 + w->down + (k - w->start + 8) * 64;
            bit = ask(w, value >> at & 1U, depth < 4 ? 200 + known : unknown,
                      depth < 4 ? 12 + 3 * size + n1_least(depth, 2) : 24 + 2 * size + (depth > 5), (int)(foretold >> at & 1U));
            for (uint32_t i = 0; i < n1_laws_in(l); i++)
                *(bit ? &low[i] : &high[i]) = middle[i];
        }
        made = made * 2 + bit;
    }
    return (uint32_t)made;
}

/* Whether it is the expected code, and which way it is from there. */
static uint32_t first(teller *w, uint32_t code, int64_t foretold)
{
    n1_laws *const l = w->l;
    const int64_t a = w->anchor;
    uint64_t below[N1_LAWS], above[N1_LAWS];
    w->s->k->laws_below(l, a, below);
    w->s->k->laws_below(l, a + 1, above);
    for (uint32_t i = 0; i < n1_laws_in(l); i++) {
        above[i] = N1_LAWS_ALL - above[i];
        l->one[i] = below[i] + above[i];
        l->zero[i] = N1_LAWS_ALL - l->one[i];
    }
    if (w->s->seen) {
        const int64_t begin = a < 4 ? 0 : a - 4, end = a + 4 < (int64_t)l->most ? a + 5 : (int64_t)l->most + 1;
        uint64_t others = 2;
        for (int64_t k = begin; k < end; k++)
            others += k == a ? 0 : w->s->seen[k];
        const uint64_t own = (2 + (uint64_t)w->s->seen[a]) * ((uint64_t)(end - begin - 1) | 1U);
        w->s->width = n1_clamp(n1_log2_q12(others) - n1_log2_q12(own), -20000, 20000);
    }
    if (!ask(w, code != a, 0, 0, foretold != 0))
        return 0;
    w->down = a == (int64_t)l->most;
    if (a > 0 && a < (int64_t)l->most) {
        for (uint32_t i = 0; i < n1_laws_in(l); i++) {
            l->one[i] = below[i];
            l->zero[i] = above[i];
        }
        w->down = ask(w, code < a, 1, 1, foretold < 0);
    }
    return 1;
}

uint32_t n1_contexts_predicted(n1_contexts *s, n1_binary *b, int decoding, uint32_t code)
{
    n1_laws *const l = &s->laws;
    const uint32_t anchor = s->anchor, most = l->most;
    if (most == 0)
        return 0;
    const int usual = n1_top_bit((s->usual >> 16) | 1U) - 1;
    teller w = {s, b, decoding, l, anchor, 0, 0, usual < 0 ? 0 : (uint32_t)usual};
    const int64_t foretold = s->foretold;
    if (N1_ADDED_ODDS && !decoding && code != anchor)
        fetch_mantissa(s, &w, code);
    if (!first(&w, code, foretold))
        return anchor;
    const uint32_t should = (uint32_t)n1_abs64(foretold) | (foretold == 0);
    const uint32_t value = w.down ? anchor - code : code - anchor;
    w.most = w.down ? anchor : most - anchor;
    const uint32_t k = magnitude(&w, value, should);
    const uint32_t far = mantissa(&w, k, value, should);
    return w.down ? anchor - far : anchor + far;
}
