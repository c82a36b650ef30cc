/* Encoder: which of the known tables a channel has; and tables from what a block has learned. */
#include "base/fixed.h"
#include "base/log2.h"
#include "base/status.h"
#include "converter/width_tables_write.h"
#include "modes/wide/wide_known.h"
#include <string.h>

#define LOOKED 1024u /* frames, about */
#define WORTH 100    /* one in so many samples has to be worth a bit: other converters' tables may seem to bring some */

/* Codes of some channels side by side, of frames all over the block. */
static size_t count(const uint16_t *codes, size_t stride, size_t n, size_t n_samples, size_t n_codes, int16_t *seen)
{
    const size_t step = n_samples < 2 * LOOKED ? 1 : n_samples / LOOKED;
    size_t frames = 0;
    memset(seen, 0, n * n_codes * sizeof *seen);
    for (size_t t = 0; t < n_samples; t += step, frames++)
        for (size_t i = 0; i < n; i++) seen[i * n_codes + codes[t * stride + i]]++;
    return frames;
}

/* What a table promises for counts: the logarithms of their codes' widths. */
static int32_t promise_of(const int16_t *seen, const int16_t *log, size_t n)
{
    int32_t sum = 0;
    for (size_t k = 0; k < n; k++) sum += seen[k] * log[k];
    return sum;
}

/* log2 of widths by their roots, in 1/256. */
static void fill_logs(int16_t log[N1_MOST_WIDTH_ROOT + 1])
{
    log[0] = 0;
    for (uint32_t root = 1; root <= N1_MOST_WIDTH_ROOT; root++) log[root] = (int16_t)(n1_log2_q8(n1_known_width(root)) - 12 * 256);
}

static void read_logs(const n1_width_tables *tables, const n1_alphabet *a, const n1_known_work *work)
{
    n1_width_tables t = *tables;
    int16_t log[N1_MOST_WIDTH_ROOT + 1];
    fill_logs(log);
    n1_width_tables_common(&t, work->common);
    for (uint32_t g = 0; g < t.sets; g++) {
        n1_width_tables_next(&t, work->common, a, work->one);
        for (size_t k = 0; k < a->n_codes; k++) work->log[g * a->n_codes + k] = log[work->one[k]];
    }
}

int n1_wide_assign(const n1_width_tables *tables, const n1_alphabet *a, const uint16_t *codes, size_t n_channels, size_t n_samples,
                   const n1_known_work *work, uint8_t *set)
{
    const size_t n_codes = a->n_codes;
    int64_t sum = 0, n_seen = 0;
    read_logs(tables, a, work);
    for (size_t from = 0; from < n_channels; from += N1_KNOWN_ROOMS) {
        const size_t n = n_channels - from < N1_KNOWN_ROOMS ? n_channels - from : N1_KNOWN_ROOMS;
        n_seen += (int64_t)(n * count(codes + from, n_channels, n, n_samples, n_codes, work->seen));
        for (size_t i = 0; i < n; i++) {
            const int16_t *const seen = work->seen + i * n_codes;
            size_t low = 0, high = n_codes; /* a channel has a small part of the codes */
            int32_t best = 0;
            while (!seen[low]) low++;
            while (!seen[high - 1]) high--;
            for (uint32_t g = 0; g < tables->sets; g++) {
                const int32_t v = promise_of(seen + low, work->log + g * n_codes + low, high - low);
                if (g == 0 || v > best) best = v, set[from + i] = (uint8_t)g;
            }
            sum += best;
        }
    }
    return sum * WORTH > 256 * n_seen;
}

#define AROUND 8u    /* codes on either side: a code is known where so many of all were seen, whether it was or not */
#define SEEN 128u

static uint32_t seen_by_all(const n1_wide *s, uint32_t k)
{
    uint32_t n = 0;
    for (uint32_t g = 0; g < s->width.sets; g++) n += s->tally[g].seen[k];
    return n;
}

/* Of one table, or of all. */
static uint32_t seen_by(const n1_wide *s, uint32_t g, uint32_t k) { return g < s->width.sets ? s->tally[g].seen[k] : seen_by_all(s, k); }

/* How often the codes around each were seen. */
static void look_around(const n1_wide *s, uint32_t g, uint32_t *around)
{
    uint32_t sum = 0;
    for (uint32_t k = 0; k < s->codes + AROUND; k++) {
        if (k < s->codes) sum += seen_by(s, g, k);
        if (k > 2 * AROUND) sum -= seen_by(s, g, k - 2 * AROUND - 1);
        if (k >= AROUND) around[k - AROUND] = sum;
    }
}

static uint32_t width_of(const n1_edges *e, uint32_t k) { return (uint32_t)(e->edge[k + 1] - e->edge[k]); }

/* The mean width where samples were, in 1/16 of a unit: what tables are told in, so that codes of which nothing is known are as wide
 * as others. */
static uint32_t mean_width(const n1_edges *e, const uint32_t *around, uint32_t first, uint32_t last)
{
    uint64_t sum = 0, n = 0;
    for (uint32_t k = first; k < last; k++) {
        sum += (uint64_t)around[k] * width_of(e, k);
        n += around[k];
    }
    return n ? (uint32_t)(sum * 16 / n) : 16;
}

/* 16 times the square root of a code's width over the mean. */
static int32_t root_of(uint32_t width, uint32_t mean)
{
    const uint64_t square = (uint64_t)width * 16 * 4 * N1_WIDTH_ROOT * N1_WIDTH_ROOT;
    uint32_t root = 1;
    while (root < N1_MOST_WIDTH_ROOT && (uint64_t)(2 * root + 1) * (2 * root + 1) * mean <= square) root++;
    return (int32_t)root;
}

/* The root of each code of a table, less the usual one, from the first to the last of which something is known; elsewhere 0. */
static void roots_of(const n1_wide *s, uint32_t g, uint32_t first, uint32_t last, const uint32_t *around, int32_t *root)
{
    const n1_edges *e = &s->edges[g];
    const uint32_t mean = mean_width(e, around, first, last);
    for (uint32_t k = first; k < last; k++) root[k] = around[k] >= SEEN ? root_of(width_of(e, k), mean) - N1_WIDTH_ROOT : 0;
}

/* What a table's roots bring for what was seen, in 1/256 bit, less what chance seems to bring and what is too little: they were
 * made for just this. */
#define CHANCE 192 /* of each code: half of log2(e), and some */
static int64_t worth_of(const n1_wide *s, uint32_t g, uint32_t first, uint32_t last, const int32_t *root, const int16_t *log)
{
    int64_t sum = 0, n = 0, known = 0;
    for (uint32_t k = first; k < last; k++) {
        const int64_t seen = s->tally[g].seen[k];
        sum += seen * log[root[k] + N1_WIDTH_ROOT];
        n += seen;
        known += root[k] != 0;
    }
    return sum - CHANCE * known - n * 256 / WORTH;
}

n1_status n1_wide_tables_write(n1_wide *s, const n1_alphabet *a, uint8_t *out, size_t capacity, size_t *written)
{
    const uint32_t sets = s->width.sets, stride = a->kind == N1_LATTICE_STRIDE ? a->stride : 1;
    uint32_t *const rest = s->width.fine, *const around = s->width.common, first = 0, last = s->codes;
    int32_t *const common = (int32_t *)s->width.prior, *const own = (int32_t *)s->tally[0].mean;
    int16_t log[N1_MOST_WIDTH_ROOT + 1];
    int64_t worth = 0;
    n1_bitwriter w;
    fill_logs(log);
    look_around(s, sets, around);
    while (first < last && around[first] < SEEN) first++;
    while (last > first && around[last - 1] < SEEN) last--;
    *written = 0;
    if (last < first + 2) return N1_OK;
    const int64_t low = n1_value_of(a, first), span = (n1_value_of(a, last - 1) - low) / stride + 1;
    if (span > N1_MAX_CODES || low != (int32_t)low) return N1_OK;
    const size_t n = (size_t)span;
    n1_bitwriter_init(&w, out, capacity);
    n1_width_tables_write_head(&w, (int32_t)low, stride, n, sets);
    roots_of(s, n1_width_table_count(sets) - 1, first, last, around, common);
    for (uint32_t g = 0; g < n1_width_table_count(sets); g++) { /* first what is common, then each */
        memset(rest, 0, n * sizeof *rest);
        if (g) {
            look_around(s, g - 1, around);
            roots_of(s, g - 1, first, last, around, own);
        }
        if (g || sets == 1) worth += worth_of(s, g ? g - 1 : 0, first, last, g ? own : common, log);
        for (uint32_t k = first; k < last; k++) {
            const int32_t away = !g ? common[k] : around[k] >= SEEN ? own[k] - common[k] : 0;
            rest[(n1_value_of(a, k) - low) / stride] = n1_fold_sign(away);
        }
        n1_width_tables_write_roots(&w, rest, n);
    }
    n1_fields_align(&w);
    *written = worth > 0 ? (size_t)(w.p - out) : 0;
    return w.overrun ? N1_ERROR_DST_TOO_SMALL : N1_OK;
}
