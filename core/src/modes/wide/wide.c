/* The wide mode: its state, and what is slower than a frame. Rows are coded by kernels; see row.h. */
#include "modes/wide/wide.h"
#include <string.h>

enum { MEMORY = 24 /* intervals: the scale's time constant once it has settled */, LEAST = 26 /* of a mean absolute error */ };

uint32_t n1_wide_place(uint32_t row, uint32_t rows)
{
    const uint32_t step = 2 * (row & (0U - row)); /* rows that are multiples of it are coded before */
    return row ? (rows + step - 1) / step + row / step : 0;
}

int n1_wide_earlier(const n1_wide_params *p, uint32_t row, int32_t d)
{
    const int32_t rows = p->rows, other = (((int32_t)row + d) % rows + rows) % rows;
    return n1_wide_place((uint32_t)other, p->rows) < n1_wide_place(row, p->rows);
}

n1_wide *n1_wide_take(n1_arena *a, const n1_wide_params *p, int decoding)
{
    const uint32_t lanes = n1_wide_lanes(p), stride = n1_wide_stride(p), pairs = n1_wide_taps(p) / 2;
    const size_t line = stride + 2 * N1_WIDE_GUARD, slots = (size_t)p->rows * stride;
    n1_wide *s = n1_arena_take(a, 1, sizeof *s);
    uint16_t *order = n1_arena_take(a, p->rows, sizeof *order);
    int32_t *row = n1_arena_take(a, slots * N1_WIDE_FIELDS, sizeof *row), *link = n1_arena_take(a, (size_t)p->rows * pairs, sizeof *link);
    int32_t *tap = n1_arena_take(a, slots * pairs, sizeof *tap);
    int32_t *pair = n1_arena_take(a, (N1_WIDE_BEFORE + N1_WIDE_INTERVAL) * line * p->rows, sizeof *pair);
    uint16_t *code = n1_arena_take(a, N1_WIDE_INTERVAL * slots, sizeof *code);
    uint16_t *bin = n1_arena_take(a, N1_WIDE_INTERVAL / N1_WIDE_COUNTED * slots, sizeof *bin);
    n1_edges *edges = n1_arena_take(a, n1_width_table_count(p->widths.sets), sizeof *edges);
    n1_tally *tally = n1_arena_take(a, p->widths.sets, sizeof *tally);
    uint8_t *set = n1_arena_take(a, slots, sizeof *set);
    uint16_t *centre = n1_arena_take(a, slots, sizeof *centre);
    uint64_t *near = decoding ? n1_arena_take(a, (uint64_t)p->widths.sets * p->widths.codes + 16, sizeof *near) : NULL;
    if (!n1_arena_holds(a)) return NULL;
    memset(s, 0, sizeof *s);
    s->size = (size_t)((uint8_t *)(centre + slots) - (uint8_t *)order);
    s->order = order;
    s->row = row;
    s->link = link;
    s->tap = tap;
    s->pair = pair;
    s->code = code;
    s->bin = bin;
    s->edges = edges;
    s->tally = tally;
    s->near = near;
    s->set = set;
    s->centre = centre;
    s->lanes = lanes;
    s->stride = stride;
    s->pairs = pairs;
    s->line = line;
    s->frame = line * p->rows;
    return s;
}

/* first: the scale that the channels begin with. The inverse takes the mass that each code is granted to be as for that one. */
static void init_law(n1_wide *s, uint32_t first)
{
    const int64_t granted = s->granted = ((int64_t)first * 5133) >> 12;
    uint32_t *const law = s->law + N1_WIDE_LAW_MIDDLE - N1_WIDE_LAW;
    for (int32_t i = 0; i < 2 * N1_WIDE_LAW_MIDDLE + 1; i++) {
        const int32_t j = n1_clamp(i - N1_WIDE_LAW_MIDDLE, -N1_WIDE_LAW, N1_WIDE_LAW) + N1_WIDE_LAW;
        const uint64_t mass = (N1_NORMAL[j / 2] + N1_NORMAL[(j + 1) / 2]) / 2; /* between two of the table's, half way */
        s->law[i] = (uint32_t)((mass * (N1_PROB_ONE - s->codes)) >> 28);
    }
    for (uint32_t i = 0, j = 0; i < N1_WIDE_INVERSE; i++) {
        const int64_t mass = ((i << 1 | 1U) << (N1_PROB_BITS - 1)) / N1_WIDE_INVERSE;
        while (j < 2 * N1_WIDE_LAW && law[j] + n1_asr(((int32_t)j - N1_WIDE_LAW) * granted, N1_WIDE_STEP_BITS + s->width.shift) <= mass) j++;
        s->inverse[i] = (int16_t)((int32_t)j - N1_WIDE_LAW);
    }
}

/* Where a row's pairs of samples are: own lags, then each neighbour's. */
static void init_links(n1_wide *s, const n1_wide_params *p, uint32_t row)
{
    int32_t *link = s->link + (size_t)row * s->pairs;
    const int32_t frame = (int32_t)s->frame, line = (int32_t)s->line, rows = p->rows;
    for (int32_t i = 0; i < p->own; i++) *link++ = -(1 + 2 * i) * frame;
    for (uint32_t i = 0; i < p->neighbours; i++) {
        const int32_t d = p->near[row * p->neighbours + i], to = (int32_t)row + d;
        const int32_t lane = to >= 0 ? to / rows : -((rows - 1 - to) / rows), other = to - lane * rows;
        const int32_t lag = d && n1_wide_earlier(p, row, d) ? 0 : 1;
        for (int32_t j = 0; j < p->deep; j++) *link++ = (other - (int32_t)row) * line + lane - (lag + 2 * j) * frame;
    }
}

static void set_scale(n1_wide *s, uint32_t row, uint32_t lane)
{
    const uint32_t sigma = (uint32_t)(((uint64_t)n1_wide_field(s, row, N1_WIDE_SIZE)[lane] * 5133) >> 12);
    const uint32_t inv = ((uint32_t)1 << 28) / sigma;
    n1_wide_field(s, row, N1_WIDE_SIGMA)[lane] = (int32_t)sigma;
    n1_wide_field(s, row, N1_WIDE_INV)[lane] = (int32_t)inv;
    n1_wide_field(s, row, N1_WIDE_REACH)[lane] = (int32_t)((((uint32_t)1 << 27) + inv - 1) / inv);
}

static void init_lane(n1_wide *s, const n1_wide_params *p, uint32_t row, uint32_t lane)
{
    const uint32_t c = lane * s->rows + row, at = row * s->stride + lane, taps = n1_wide_taps(p);
    const int there = c < s->channels;
    const int16_t *tap = p->tap + (size_t)c * taps;
    if (!there) return;
    n1_wide_field(s, row, N1_WIDE_LIVE)[lane] = -1;
    s->set[at] = p->widths.sets > 1 ? p->set[c] : 0;
    s->centre[at] = p->centre[c];
    n1_wide_field(s, row, N1_WIDE_TABLE)[lane] = (int32_t)(s->set[at] * sizeof *s->edges);
    n1_wide_field(s, row, N1_WIDE_NEAR)[lane] = (int32_t)(s->set[at] * s->codes);
    n1_wide_field(s, row, N1_WIDE_CENTRE)[lane] = n1_edges_middle(&s->edges[s->set[at]], s->centre[at]);
    for (uint32_t i = 0; i < s->pairs; i++)
        s->tap[((size_t)row * s->pairs + i) * s->stride + lane] =
            (int32_t)((uint32_t)(uint16_t)tap[2 * i] << 16 | (uint16_t)tap[2 * i + 1]);
}

void n1_wide_init(n1_wide *s, const n1_wide_params *p)
{
    memset(s->order, 0, s->size); /* and all that lies behind it */
    s->near_until = 0;
    s->short_by = 0;
    s->channels = p->channels;
    s->rows = p->rows;
    s->own = p->own;
    s->neighbours = p->neighbours;
    s->deep = p->deep;
    s->shift = p->shift;
    s->codes = p->widths.codes;
    n1_code_widths_init(&s->width, s->edges, s->tally, &p->widths);
    s->width.pace = 1;
    init_law(s, p->first);
    for (uint32_t r = 0; r < s->rows; r++) {
        s->order[n1_wide_place(r, s->rows)] = (uint16_t)r;
        init_links(s, p, r);
        for (uint32_t l = 0; l < s->stride; l++) init_lane(s, p, r, l);
    }
}

void n1_wide_begin(n1_wide *s, const n1_wide_params *p)
{
    s->intervals = 0;
    memset(s->pair, 0, (N1_WIDE_BEFORE + N1_WIDE_INTERVAL) * s->frame * sizeof *s->pair);
    for (uint32_t r = 0; r < s->rows; r++) {
        int32_t *const size = n1_wide_field(s, r, N1_WIDE_SIZE), *const sum = n1_wide_field(s, r, N1_WIDE_SUM);
        for (uint32_t l = 0; l < s->stride; l++) {
            size[l] = l * s->rows + r < s->channels ? (int32_t)p->first : LEAST;
            sum[l] = 0;
            set_scale(s, r, l);
        }
    }
    for (uint32_t l = 0; l < N1_WIDE_LANES; l++) s->x[l] = N1_RANS_LOW;
}

/* Scales follow the interval's errors. */
static void turn_row(n1_wide *s, uint32_t row)
{
    const int32_t memory = s->intervals < MEMORY ? (int32_t)s->intervals : MEMORY;
    int32_t *size = n1_wide_field(s, row, N1_WIDE_SIZE), *sum = n1_wide_field(s, row, N1_WIDE_SUM);
    const uint32_t filled = n1_wide_filled(s->channels, s->rows, row);
    for (uint32_t l = 0; l < filled; l++) {
        const int32_t next = size[l] + (sum[l] / 2 - size[l]) / (memory + 1);
        size[l] = next < LEAST ? LEAST : next;
        sum[l] = 0;
        set_scale(s, row, l);
    }
}

/* Count a row's codes and predictions, of channels whose scale says something of widths. */
static void count_row(n1_wide *s, uint32_t row)
{
    const int32_t *sigma = n1_wide_field(s, row, N1_WIDE_SIGMA);
    const uint32_t filled = n1_wide_filled(s->channels, s->rows, row);
    const size_t step = (size_t)s->rows * s->stride;
    for (uint32_t l = 0; l < filled; l++) {
        const uint64_t variance = ((uint64_t)(uint32_t)sigma[l] * (uint32_t)sigma[l]) >> 8;
        if (variance < s->width.least) continue;
        n1_tally *tally = &s->tally[s->set[row * s->stride + l]];
        const uint16_t *code = s->code + n1_wide_code_at(s, 0, row) + l, *bin = s->bin + n1_wide_code_at(s, 0, row) + l;
        for (uint32_t t = 0; t < N1_WIDE_INTERVAL; t += 4, code += 4 * step) {
            tally->seen[code[0]]++;
            tally->seen[code[step]]++;
            tally->seen[code[2 * step]]++;
            tally->seen[code[3 * step]]++;
        }
        for (uint32_t t = 0; t < N1_WIDE_INTERVAL / N1_WIDE_COUNTED; t++) tally->mean[bin[t * step]] += N1_WIDE_COUNTED;
        tally->variance += variance;
        tally->n++;
    }
}

/* Voltages of the last frames by new tables. */
static void read_again(n1_wide *s, uint32_t row)
{
    const uint32_t filled = n1_wide_filled(s->channels, s->rows, row);
    int32_t *centre = n1_wide_field(s, row, N1_WIDE_CENTRE);
    for (uint32_t l = 0; l < filled; l++) {
        const n1_edges *e = &s->edges[s->set[row * s->stride + l]];
        uint32_t before = 0;
        centre[l] = n1_edges_middle(e, s->centre[row * s->stride + l]);
        for (uint32_t t = N1_WIDE_INTERVAL - N1_WIDE_BEFORE - 1; t < N1_WIDE_INTERVAL; t++) {
            const int32_t v = n1_edges_middle(e, s->code[n1_wide_code_at(s, t, row) + l]) - centre[l];
            const uint32_t now = (uint16_t)n1_clamp(v, -32767, 32767);
            n1_wide_pairs_at(s, t, row)[l] = (int32_t)(now << 16 | before);
            before = now;
        }
    }
}

void n1_wide_turn(n1_wide *s)
{
    s->width.n += (uint64_t)s->frames * s->channels;
    if (s->frames < N1_WIDE_INTERVAL) return;
    s->intervals++;
    for (uint32_t r = 0; r < s->rows && n1_code_widths_learn(&s->width); r++) count_row(s, r);
    for (uint32_t r = 0; r < s->rows; r++) turn_row(s, r);
    if (n1_code_widths_learn(&s->width) && n1_code_widths_renew(&s->width, s->edges, s->tally))
        for (uint32_t r = 0; r < s->rows; r++) read_again(s, r);
    memcpy(s->pair, s->pair + N1_WIDE_INTERVAL * s->frame, N1_WIDE_BEFORE * s->frame * sizeof *s->pair);
}
