/*
 * row.h - a row of the wide mode, lane by lane: for each sample its prediction, one normal law whose scale follows the channel,
 * the mass between the code's two learned edges, rANS. What vector kernels give, to the bit.
 */
#ifndef N1_MODES_WIDE_ROW_H
#define N1_MODES_WIDE_ROW_H
#include "base/bytes.h"
#include "modes/wide/wide.h"

/* A row at hand. */
typedef struct {
    n1_wide *s;
    uint32_t t, row;
    const int32_t *inv, *sigma, *reach, *centre, *table, *near, *live, *size, *link, *tap;
    int32_t *sum, *pair;
    uint16_t *code, *bin;   /* bin: NULL where predictions are not counted */
} n1_wide_row;

/* stride: s's, which a kernel may know. */
N1_INLINE n1_wide_row n1_wide_row_at(n1_wide *s, uint32_t t, uint32_t row, uint32_t stride)
{
    n1_wide_row r;
    int32_t *const field = s->row + (size_t)row * N1_WIDE_FIELDS * stride;
    r.s = s;
    r.t = t;
    r.row = row;
    r.inv = field + N1_WIDE_INV * stride;
    r.sigma = field + N1_WIDE_SIGMA * stride;
    r.reach = field + N1_WIDE_REACH * stride;
    r.centre = field + N1_WIDE_CENTRE * stride;
    r.table = field + N1_WIDE_TABLE * stride;
    r.near = field + N1_WIDE_NEAR * stride;
    r.live = field + N1_WIDE_LIVE * stride;
    r.size = field + N1_WIDE_SIZE * stride;
    r.sum = field + N1_WIDE_SUM * stride;
    r.link = s->link + (size_t)row * s->pairs;
    r.tap = s->tap + (size_t)row * s->pairs * stride;
    r.pair = n1_wide_pairs_at(s, t, row);
    r.code = s->code + ((size_t)t * s->rows + row) * stride;
    r.bin = t % N1_WIDE_COUNTED == N1_WIDE_COUNTED - 1 ? s->bin + ((size_t)(t / N1_WIDE_COUNTED) * s->rows + row) * stride : NULL;
    return r;
}
N1_INLINE n1_wide_row n1_wide_row_of(n1_wide *s, uint32_t t, uint32_t row) { return n1_wide_row_at(s, t, row, s->stride); }

N1_INLINE const n1_edges *n1_wide_edges_of(const n1_wide_row *r, uint32_t lane)
{
    return (const n1_edges *)(const void *)((const uint8_t *)r->s->edges + r->table[lane]);
}

N1_INLINE int32_t n1_wide_predict(const n1_wide_row *r, uint32_t lane)
{
    const n1_wide *s = r->s;
    int32_t sum = (1 << s->shift) >> 1;
    for (uint32_t i = 0; i < s->pairs; i++) {
        const int32_t x = r->pair[r->link[i] + (int32_t)lane], tap = r->tap[i * s->stride + lane];
        sum += (x >> 16) * (tap >> 16) + (int16_t)x * (int16_t)tap;
    }
    return r->centre[lane] + (sum >> s->shift);
}

/* Mass below an edge at distance d from the prediction, without what each code is granted. Within the reach d * inv is below 2^27
 * and a step of it, which N1_WIDE_LAW_MIDDLE holds. */
N1_INLINE uint32_t n1_wide_mass(const n1_wide_row *r, uint32_t lane, int32_t d)
{
    d = n1_clamp(d, -r->reach[lane], r->reach[lane]);
    return r->s->law[N1_WIDE_LAW_MIDDLE + (int32_t)n1_asr(d * r->inv[lane], N1_WIDE_STEP_SHIFT)];
}

N1_INLINE uint32_t n1_wide_below(const n1_wide_row *r, uint32_t lane, const n1_edges *e, uint32_t k, int32_t mu)
{
    return k == 0 ? 0 : k == r->s->codes ? N1_PROB_ONE : n1_wide_mass(r, lane, e->edge[k] - mu) + k;
}

/* What is learned from code k where mu was predicted. */
N1_INLINE void n1_wide_learn(const n1_wide_row *r, uint32_t lane, const n1_edges *e, uint32_t k, int32_t mu)
{
    const n1_wide *s = r->s;
    const int32_t v = n1_edges_middle(e, k), d = v < mu ? mu - v : v - mu;
    const uint32_t before = (uint32_t)r->pair[(ptrdiff_t)lane - (ptrdiff_t)s->frame] >> 16;
    r->sum[lane] += d < r->size[lane] ? d : r->size[lane];
    r->pair[lane] = (int32_t)((uint32_t)n1_clamp(v - r->centre[lane], -32767, 32767) << 16 | before);
    r->code[lane] = (uint16_t)k;
    if (r->bin) r->bin[lane] = (uint16_t)n1_clamp(mu >> s->width.shift, 0, (int32_t)s->codes - 1);
}

/* Words to the states of eight lanes that want one, then to those that want another. */
N1_INLINE void n1_wide_fill(n1_wide *s, uint64_t *x)
{
    for (int round = 0; round < 2; round++)
        for (uint32_t l = 0; l < 8; l++)
            if (x[l] < N1_RANS_LOW) {
                uint32_t word = 0xFFFF;
                if (s->end - s->p >= 2) {
                    word = n1_load16(s->p);
                    s->p += 2;
                } else
                    s->short_by++;
                x[l] = x[l] << 16 | word;
            }
}

/* The code at a slot of the mass, and its bounds: the law's inverse names a voltage, hence a code near by. */
N1_INLINE uint32_t n1_wide_find(const n1_wide_row *r, uint32_t lane, const n1_edges *e, int32_t mu, uint32_t slot, uint32_t *low,
                                uint32_t *high)
{
    const n1_wide *s = r->s;
    const int32_t granted = n1_clamp(mu >> s->width.shift, 0, (int32_t)slot); /* to each code below: not the law's */
    const int32_t step = s->inverse[(slot - (uint32_t)granted) >> (N1_PROB_BITS - N1_WIDE_INVERSE_BITS)];
    const int32_t v = n1_clamp(mu + (int32_t)n1_asr((int64_t)step * r->sigma[lane] - 1, N1_WIDE_STEP_BITS), 0, e->edge[s->codes] - 1);
    uint32_t k = e->find[v >> s->width.shift];
    k += (uint32_t)(e->edge[k + 1] <= v) + (uint32_t)(e->edge[k + 2] <= v);
    uint32_t lo = n1_wide_below(r, lane, e, k, mu), hi = n1_wide_below(r, lane, e, k + 1, mu);
    while (slot < lo) hi = lo, lo = n1_wide_below(r, lane, e, --k, mu);
    while (slot >= hi) lo = hi, hi = n1_wide_below(r, lane, e, ++k + 1, mu);
    *low = lo;
    *high = hi;
    return k;
}

/* Decode a row. */
N1_INLINE void n1_wide_read_row(n1_wide *s, uint32_t t, uint32_t row)
{
    const n1_wide_row r = n1_wide_row_of(s, t, row);
    const uint32_t filled = n1_wide_filled(s->channels, s->rows, row);
    for (uint32_t l = 0; l < filled; l++) {
        const n1_edges *e = n1_wide_edges_of(&r, l);
        const uint32_t slot = (uint32_t)s->x[l] & (N1_PROB_ONE - 1);
        const int32_t mu = n1_wide_predict(&r, l);
        uint32_t low, high;
        const uint32_t k = n1_wide_find(&r, l, e, mu, slot, &low, &high);
        s->x[l] = (s->x[l] >> N1_PROB_BITS) * (high - low) + slot - low;
        n1_wide_learn(&r, l, e, k, mu);
    }
    for (uint32_t l = 0; l < filled; l += 8) n1_wide_fill(s, s->x + l);
}

/* Encode one: the starts of its codes' masses, then how large they are; a lane without a channel has all. */
N1_INLINE void n1_wide_write_row(n1_wide *s, uint32_t t, uint32_t row, uint32_t *span)
{
    const n1_wide_row r = n1_wide_row_of(s, t, row);
    for (uint32_t l = 0; l < s->stride; l++) {
        span[l] = 0;
        span[s->stride + l] = N1_PROB_ONE;
        if (!r.live[l]) continue;
        const n1_edges *e = n1_wide_edges_of(&r, l);
        const int32_t mu = n1_wide_predict(&r, l);
        const uint32_t k = r.code[l];
        span[l] = n1_wide_below(&r, l, e, k, mu);
        span[s->stride + l] = n1_wide_below(&r, l, e, k + 1, mu) - span[l];
        n1_wide_learn(&r, l, e, k, mu);
    }
}
#endif
