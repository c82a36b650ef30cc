/* Code widths learned as the stream goes; see code_widths.h. */
#include "converter/code_widths.h"
#include "converter/nlink.h"
#include <string.h>

/* Between which places there is anything at all: most of an alphabet is not in use. */
typedef struct {
    uint32_t from, to;
} range;

/* One pass of a box filter of odd length: out[i] = mean of in[i-h .. i+h]; what falls outside counts as nothing. in and out are
 * read and written within the range alone, which grows. */
static void box(const uint64_t *in, uint64_t *out, uint32_t n, uint32_t half, range *r)
{
    const uint32_t from = r->from > half ? r->from - half : 0, to = n - r->to > half ? r->to + half : n;
    const uint64_t inverse = ((uint64_t)1 << 24) / (2 * half + 1); /* sums stay below 2^40: 2^32 samples in Q8 */
    uint64_t sum = 0;
    uint32_t i = from, next = r->from, last = r->from; /* what comes into the box, what leaves it */
    for (; next < r->to && next < from + half; next++) sum += in[next];
    for (; i < to && i <= r->from + half; i++) { /* at its ends, or where it is short, with care */
        if (next < r->to && next <= i + half) sum += in[next++];
        out[i] = (sum * inverse) >> 24;
    }
    for (; next < r->to; i++) {
        sum += in[next++] - in[last++];
        out[i] = (sum * inverse) >> 24;
    }
    for (; i < to; i++) {
        if (i - half > last) sum -= in[last++];
        out[i] = (sum * inverse) >> 24;
    }
    *r = (range){from, to};
}

/*
 * blur[1] = S, from blur[0]: predicted means spread by the mean predicted variance, Q8 counts per code of mean width, and nothing
 * outside the range that is returned.
 * A box of length L = 2h + 1 has variance (L^2 - 1) / 12 = h (h + 1) / 3 codes^2; three of half lengths h or h + 1,
 * chosen to come nearest to the variance asked for, give a law that is normal within a few percent.
 */
static range spread(n1_code_widths *w, uint64_t variance)
{
    uint64_t v = variance >> (2 * w->shift); /* codes^2: the three boxes' h (h + 1) add up to 3 v */
    uint32_t h = 0;
    while ((uint64_t)(h + 1) * (h + 2) <= v && h < N1_MAX_CODES / 8) h++;
    /* m of the boxes take h + 1: m * 2 (h + 1) more */
    uint64_t rest = v > (uint64_t)h * (h + 1) ? 3 * (v - (uint64_t)h * (h + 1)) : 0;
    uint32_t more = (uint32_t)((rest + h + 1) / (2 * (uint64_t)(h + 1)));
    range r = {0, w->codes};
    while (r.from < r.to && !w->blur[0][r.from]) r.from++;
    while (r.from < r.to && !w->blur[0][r.to - 1]) r.to--;
    for (uint32_t pass = 0; pass < 3; pass++)
        box(w->blur[pass & 1], w->blur[(pass + 1) & 1], w->codes, h + (pass < more ? 1U : 0U), &r);
    memset(w->blur[1], 0, r.from * sizeof w->blur[1][0]);
    memset(w->blur[1] + r.to, 0, (w->codes - r.to) * sizeof w->blur[1][0]);
    return r;
}

/* The codes of which something was seen, or expected: S has something in its range alone. */
static range known(const n1_code_widths *w, range s, const n1_edges *e, const uint32_t *seen)
{
    range r = {0, w->codes};
    if (s.from < s.to) {
        s.from = e->find[s.from] > 1 ? e->find[s.from] - 1U : 0;
        s.to = e->find[s.to] + 2U < w->codes ? e->find[s.to] + 2U : w->codes;
    } else
        s = (range){w->codes, 0};
    while (r.from < s.from && !seen[r.from]) r.from++;
    while (r.to > s.to && r.to > r.from && !seen[r.to - 1]) r.to--;
    return r;
}

/* table = base * (seen + a) / (base * S + a), then its running mean brought back to base's: a table may say that a
 * code is wider than its neighbours, not that a whole region is (that is the density's business, not the ADC's). */
static void shape_table(n1_code_widths *w, range spread_to, uint32_t *table, const uint32_t *base, const n1_edges *e, uint32_t weight,
                     const uint32_t *seen)
{
    uint64_t *top = w->sum[0], *low = w->sum[1], a = (uint64_t)weight << 8;
    const range r = known(w, spread_to, e, seen);
    const range changed = {r.from > N1_SMOOTH ? r.from - N1_SMOOTH : 0, r.to + N1_SMOOTH < w->codes ? r.to + N1_SMOOTH : w->codes};
    const range around = {changed.from > N1_SMOOTH ? changed.from - N1_SMOOTH : 0,
                          changed.to + N1_SMOOTH < w->codes ? changed.to + N1_SMOOTH : w->codes};
    memcpy(table, base, w->codes * sizeof *table);
    top[around.from] = low[around.from] = 0;
    for (uint32_t k = around.from; k < around.to; k++) {
        uint32_t b = (uint32_t)n1_edges_middle(e, k) >> w->shift;
        uint64_t s = w->blur[1][b < w->codes ? b : w->codes - 1];
        if (seen[k] || s >= 16) { /* else nothing seen, nothing expected: most of a wide alphabet */
            uint64_t expected = ((s * base[k]) >> 12) + a, counted = ((uint64_t)seen[k] << 8) + a;
            uint64_t ratio = (counted << 12) / expected;
            if (ratio > 16U << 12) ratio = 16U << 12;
            uint64_t v = ((uint64_t)base[k] * ratio) >> 12;
            table[k] = (uint32_t)(v < 64 ? 64 : v > 32768 ? 32768 : v); /* 1/64 .. 8 mean widths */
        }
        uint64_t mass = (s >> 8) + 1; /* weight of code k in the means: how well it is known */
        if (mass > 0xFFFFFFFFU) mass = 0xFFFFFFFFU;
        top[k + 1] = top[k] + mass * base[k];
        low[k + 1] = low[k] + mass * table[k];
    }
    for (uint32_t k = changed.from; k < changed.to; k++) {
        uint32_t i = k > N1_SMOOTH ? k - N1_SMOOTH : 0,
                 j = k + N1_SMOOTH + 1 < w->codes ? k + N1_SMOOTH + 1 : w->codes;
        uint64_t t = top[j] - top[i], l = low[j] - low[i];
        if (t == l) continue;
        while (t >> 40) t >>= 1, l >>= 1; /* keep the product below 2^64 */
        uint64_t v = (uint64_t)table[k] * t / (l | 1U);
        table[k] = (uint32_t)(v < 64 ? 64 : v > 32768 ? 32768 : v);
    }
}

/* Widths to edges: scaled so that the axis keeps its length, every code at least one unit wide. */
static void lay(const n1_code_widths *w, n1_edges *e, const uint32_t *table)
{
    uint64_t total = 0, at = 0, length = (uint64_t)w->codes << w->shift;
    if (length > 65534) length = 65534; /* every voltage stays below edge[codes + 1] */
    for (uint32_t k = 0; k < w->codes; k++) total += table[k];
    const uint64_t scale = (length << 32) / total; /* at * scale stays below 2^48 */
    uint32_t next = 0; /* the least that the edge may be */
    for (uint32_t k = 0; k <= w->codes; k++) {
        const uint32_t v = (uint32_t)((at * scale + ((uint64_t)1 << 31)) >> 32), most = (uint32_t)length - (w->codes - k);
        const uint32_t some = v > most ? most : v, edge = some < next ? next : some;
        e->edge[k] = (uint16_t)edge;
        next = edge + 1;
        if (k < w->codes) at += table[k];
    }
    e->edge[w->codes + 1] = 65535;
    /* Each code where its first whole unit is, the last of several winning; then what lies between. No branches: how
     * many codes begin in a unit is a coin toss. */
    const uint32_t unit = 1U << w->shift;
    uint16_t last = 0;
    memset(e->find, 0, (w->codes + 1) * sizeof e->find[0]);
    for (uint32_t k = 1; k < w->codes; k++) e->find[(e->edge[k] + unit - 1) >> w->shift] = (uint16_t)k;
    for (uint32_t i = 0; i <= w->codes; i++) {
        last = e->find[i] > last ? e->find[i] : last;
        e->find[i] = last;
    }
}

/* As they are known. */
static void lay_known(n1_code_widths *w, n1_edges *edges, const n1_width_priors *p)
{
    n1_width_tables t = *p->known;
    uint8_t *const common = (uint8_t *)w->blur, *const root = (uint8_t *)w->sum; /* of which nothing else is made */
    n1_width_tables_common(&t, common);
    for (uint32_t g = 0; g < w->sets; g++) {
        n1_width_tables_next(&t, common, p->alphabet, root);
        for (uint32_t k = 0; k < w->codes; k++) w->fine[k] = n1_known_width(root[k]);
        lay(w, &edges[g], w->fine);
    }
    w->next = UINT64_MAX;
}

void n1_code_widths_init(n1_code_widths *w, n1_edges *edges, n1_tally *tally, const n1_width_priors *p)
{
    memset(w, 0, sizeof *w);
    memset(tally, 0, p->sets * sizeof *tally);
    w->codes = p->codes;
    w->sets = p->sets;
    w->shift = n1_unit_shift(p->codes);
    w->least = (uint64_t)1 << (2 * w->shift - 1);
    w->common_weight = (uint32_t)1 << p->stiff_common;
    w->set_weight = (uint32_t)1 << p->stiff_set;
    w->next = 256;
    w->pace = 2;
    for (uint32_t k = 0; k < w->codes; k++) {
        uint32_t i = k + p->prior_first;
        w->prior[k] = p->prior == 1 && i < N1_NLINK_CODES ? (uint32_t)n1_nlink_sixty_fourths[i] * 64U : 4096U;
        w->common[k] = w->prior[k];
    }
    if (p->known) {
        lay_known(w, edges, p);
        return;
    }
    for (uint32_t g = 0; g < n1_width_table_count(w->sets); g++) lay(w, &edges[g], w->prior);
}

static void age(n1_code_widths *w, n1_tally *tally)
{
    for (uint32_t g = 0; g < w->sets; g++) {
        for (uint32_t k = 0; k < w->codes; k++) {
            tally[g].seen[k] /= 2;
            tally[g].mean[k] /= 2;
        }
        tally[g].variance /= 2;
        tally[g].n /= 2;
    }
    w->n /= 2;
}

int n1_code_widths_renew(n1_code_widths *w, n1_edges *edges, n1_tally *tally)
{
    uint64_t variance = 0, n = 0;
    if (w->n < w->next) return 0;
    if (w->n >= N1_TALLY_MOST) age(w, tally);
    w->next = w->n + (w->n >> w->pace) + 4096;
    memset(w->blur, 0, sizeof w->blur);
    for (uint32_t k = 0; k < w->codes; k++) w->fine[k] = 0;
    for (uint32_t g = 0; g < w->sets; g++) {
        variance += tally[g].variance;
        n += tally[g].n;
        for (uint32_t k = 0; k < w->codes; k++) {
            w->blur[0][k] += (uint64_t)tally[g].mean[k] << 8;
            w->fine[k] += tally[g].seen[k];
        }
    }
    n1_edges *e = &edges[n1_width_table_count(w->sets) - 1];
    range r = spread(w, variance / (n | 1U));
    shape_table(w, r, w->common, w->prior, e, w->common_weight, w->fine);
    lay(w, e, w->common);
    if (w->sets == 1) return 1;
    for (uint32_t g = 0; g < w->sets; g++) {
        for (uint32_t k = 0; k < w->codes; k++) w->blur[0][k] = (uint64_t)tally[g].mean[k] << 8;
        r = spread(w, tally[g].variance / (tally[g].n | 1U));
        shape_table(w, r, w->fine, w->common, &edges[g], w->set_weight, tally[g].seen);
        lay(w, &edges[g], w->fine);
    }
    return 1;
}
