/* Encoder: find alphabets. */
#include "converter/survey.h"
#include "base/added_odds.h"
#include "base/log2.h"
#include "base/status.h"
#include "base/stride.h"
#include "converter/learn_widths.h"
#include "converter/nlink.h"
#include <string.h>

#define RUN     64u             /* samples in a row that are counted, */
#define COUNTED (1u << 20)      /* and about so many in all */

/* Channels whose range dwarfs the usual one (a sync word among electrodes), or whose values are not on the N1's lattice
   where most are, get alphabets of their own. Constant channels belong to none: their value is sent as it is. */
static void divide(n1_survey *y)
{
    const n1_channel_stats *const s = y->stats;
    const size_t n = y->n_channels;
    size_t spans[33] = {0}, seen = 0, live = 0, on_nlink = 0;
    for (size_t i = 0; i < n; i++)
        if (!n1_is_constant(&s[i])) {
            spans[n1_ceil_log2((uint32_t)s[i].high - (uint32_t)s[i].low)]++;
            live++;
            on_nlink += s[i].nlink != 0;
        }
    unsigned usual = 0;
    while (usual < 32 && seen + spans[usual] <= live / 2)
        seen += spans[usual++];
    struct {
        int64_t low, high;
        int nlink;
    } range[N1_MAX_ALPHABETS] = {{INT64_MAX, INT64_MIN, 2 * on_nlink >= live}};
    for (size_t i = 0; i < n; i++) {
        const n1_channel_stats *t = &s[i];
        const unsigned span = n1_ceil_log2((uint32_t)t->high - (uint32_t)t->low);
        if (n1_is_constant(t) || t->nlink != range[0].nlink || span > usual + 2)
            continue;
        range[0].low = t->low < range[0].low ? t->low : range[0].low;
        range[0].high = t->high > range[0].high ? t->high : range[0].high;
    }
    memset(y->alphabet_of, 0, n);
    y->n_alphabets = 1;
    for (size_t i = 0; i < n; i++) {
        const n1_channel_stats *t = &s[i];
        unsigned a = 0;
        if (n1_is_constant(t))
            continue;
        while (a < y->n_alphabets && (t->low < range[a].low || t->high > range[a].high || t->nlink != range[a].nlink))
            a++;
        if (a == y->n_alphabets && a < N1_MAX_ALPHABETS) {
            y->n_alphabets++;
            range[a].low = t->low;
            range[a].high = t->high;
            range[a].nlink = t->nlink;
        } else if (a == y->n_alphabets) { /* the last one takes what is left */
            a--;
            range[a].low = t->low < range[a].low ? t->low : range[a].low;
            range[a].high = t->high > range[a].high ? t->high : range[a].high;
        }
        y->alphabet_of[i] = (uint8_t)a;
    }
}

/* What the channels of an alphabet have in common. */
typedef struct {
    int64_t low, high;
    uint32_t stride;
    uint64_t step;
    size_t members;
    int nlink;
} common;

static int is_member(const n1_survey *s, unsigned index, size_t channel)
{
    return s->alphabet_of[channel] == index && !n1_is_constant(&s->stats[channel]);
}

static common common_of(const n1_survey *s, unsigned index, n1_type dtype)
{
    common m = {INT64_MAX, INT64_MIN, 0, 0, 0, dtype == N1_INT16 || dtype == N1_INT32};
    for (size_t i = 0; i < s->n_channels; i++)
        if (is_member(s, index, i)) {
            m.low = s->stats[i].low < m.low ? s->stats[i].low : m.low;
            m.high = s->stats[i].high > m.high ? s->stats[i].high : m.high;
            m.nlink = m.nlink && s->stats[i].nlink;
        }
    if (m.low > m.high)   /* all channels are constant: an alphabet that nothing uses */
        m.low = m.high = 0;
    for (size_t i = 0; i < s->n_channels; i++)
        if (is_member(s, index, i)) {
            m.stride = (uint32_t)n1_gcd(n1_gcd(s->stats[i].stride, m.stride), (uint32_t)((int64_t)s->stats[i].low - m.low));
            if (s->stats[i].nlink)
                m.stride = 1;
            m.step += s->stats[i].step;
            m.members++;
        }
    return m;
}

static void describe_nlink(n1_survey *s, unsigned index, const common *m, n1_track time)
{
    n1_alphabet *a = &s->alphabet[index];
    n1_nlink_alphabet(a, n1_nlink_code((int32_t)m->low), n1_nlink_code((int32_t)m->high));
    memset(s->hist, 0, a->n_codes * sizeof *s->hist);
    for (size_t i = 0; i < s->n_channels; i++)
        if (is_member(s, index, i))
            for (size_t t = 0; t < s->n_samples; t++)
                s->hist[n1_nlink_code(n1_track_at(time, i * time.apart + t)) - a->first]++;
    n1_choose_widths(s->hist, a, s->widths);
}

/* Which of n_full codes occur, and how many. */
static uint32_t look_for_codes(n1_survey *s, unsigned index, const common *m, n1_track time, uint32_t n_full)
{
    const uint32_t low = (uint32_t)m->low, words = (n_full + 63) / 64;
    const n1_stride stride = n1_stride_of(s->alphabet[index].stride);
    uint32_t used = 0;
    memset(s->seen, 0, words * sizeof *s->seen);
    for (size_t i = 0; i < s->n_channels; i++) {
        if (!is_member(s, index, i))
            continue;
        for (size_t t = 0; t < s->n_samples; t++) {
            const uint32_t k = n1_multiple(&stride, (uint32_t)n1_track_at(time, i * time.apart + t) - low);
            s->seen[k / 64] |= (uint64_t)1 << (k % 64);
        }
    }
    for (uint32_t w = 0; w < words; w++) {
        s->rank[w] = (uint16_t)used;
        used += n1_ones(s->seen[w]);
    }
    return used;
}

/* Where a code is among those that occur. */
static uint32_t rank_of(const n1_survey *s, uint32_t k)
{
    return s->rank[k / 64] + n1_ones(s->seen[k / 64] & (((uint64_t)1 << (k % 64)) - 1));
}

/* Which codes occur, in s->hist: held values need not wait for each other's counts. */
static size_t mark_codes(n1_survey *s, unsigned index, const common *m, n1_track time)
{
    const n1_stride stride = n1_stride_of(s->alphabet[index].stride);
    uint32_t *const hist = memset(s->hist, 0, s->alphabet[index].n_codes * sizeof *hist), low = (uint32_t)m->low;
    for (size_t i = 0; i < s->n_channels; i++)
        if (is_member(s, index, i)) {
            N1_OVER_TRACK(time, i * time.apart,
                for (size_t t = 0; t < s->n_samples; t++)
                    hist[n1_multiple(&stride, (uint32_t)v[t] - low)] = 1;)
        }
    return m->members * s->n_samples;
}

/* How often each modelled code occurs, in s->hist. Of many samples a part is counted, runs all over the block: `part` of
   them, of which the last may be shorter. Returns how many samples that were. */
static size_t count_codes(n1_survey *s, unsigned index, const common *m, n1_track time, size_t part)
{
    const n1_alphabet *a = &s->alphabet[index];
    const uint32_t low = (uint32_t)m->low;
    const n1_stride stride = n1_stride_of(a->stride);
    const size_t n = s->n_samples;
    uint32_t *const hist = s->hist;
    size_t counted = 0;
    memset(hist, 0, a->n_codes * sizeof *hist);
    for (size_t i = 0; i < s->n_channels; i++) {
        if (!is_member(s, index, i))
            continue;
        for (size_t from = 0, size; from < n; from += part * RUN) {
            size = part == 1 ? n : n - from < RUN ? n - from : RUN;
            counted += size;
            N1_OVER_TRACK(time, i * time.apart + from,
                if (a->kind == N1_LATTICE_LIST)
                    for (size_t t = 0; t < size; t++)
                        hist[rank_of(s, n1_multiple(&stride, (uint32_t)v[t] - low))]++;
                else if (a->stride == 1)
                    for (size_t t = 0; t < size; t++)
                        hist[(uint32_t)v[t] - low]++;
                else
                    for (size_t t = 0; t < size; t++)
                        hist[n1_multiple(&stride, (uint32_t)v[t] - low)]++;)
            if (part == 1)
                break;
        }
    }
    return counted;
}

static uint32_t count_used(const n1_survey *s, uint32_t n_full)
{
    uint32_t used = 0;
    for (uint32_t k = 0; k < n_full; k++)
        used += s->hist[k] != 0;
    return used;
}

static int few_occur(const n1_survey *s, const common *m, uint32_t used, uint32_t n_full)
{
    return used <= N1_MAX_CODES && used < n_full / 4 && used * 8 < m->members * s->n_samples;
}

static void list_codes(n1_alphabet *a, uint32_t used)
{
    a->kind = N1_LATTICE_LIST;
    a->n_codes = a->n_full = used;
    a->raw_bits = 0;
}

/* A list of values where few of many occur; widths where they can be learned. */
static void look_closer(n1_survey *s, unsigned index, const common *m, n1_track time)
{
    n1_alphabet *a = &s->alphabet[index];
    const uint32_t n_full = a->n_full;
    const int learnable = m->members * s->n_samples >= N1_LEARNABLE;
    const size_t all = m->members * s->n_samples;
    size_t counted;
    uint32_t used = 0, at = 0;
    if (n_full <= N1_MAX_CODES && learnable) { /* the usual case: all counted at once */
        counted = N1_ADDED_ODDS && s->plain ? mark_codes(s, index, m, time) : count_codes(s, index, m, time, all < 2 * COUNTED ? 1 : all / COUNTED);
        used = count_used(s, n_full);
        if (counted < all && used < n_full / 4) { /* there may be few, which a part cannot tell */
            counted = count_codes(s, index, m, time, 1);
            used = count_used(s, n_full);
        }
        if (few_occur(s, m, used, n_full)) {
            list_codes(a, used);
            for (uint32_t k = 0; k < n_full; k++)
                if (s->hist[k]) {
                    a->value[at] = (int32_t)(m->low + (int64_t)k * a->stride);
                    s->hist[at++] = s->hist[k];
                }
        }
    } else {
        used = look_for_codes(s, index, m, time, n_full);
        if (few_occur(s, m, used, n_full)) {
            list_codes(a, used);
            for (uint32_t k = 0; k < n_full; k++)
                if (s->seen[k / 64] >> (k % 64) & 1)
                    a->value[at++] = (int32_t)(m->low + (int64_t)k * a->stride);
        }
        if (!learnable || a->raw_bits)
            return;
        counted = count_codes(s, index, m, time, 1);
    }
    if (!s->plain && n1_learn_widths(s->hist, a, s->widths, counted, all))
        a->widths = N1_WIDTHS_SENT;
}

/* Values of one alphabet's channels: lattice, then widths. */
static n1_status describe(n1_survey *s, unsigned index, n1_track time, n1_type dtype)
{
    const common m = common_of(s, index, dtype);
    n1_alphabet *a = &s->alphabet[index];
    a->raw_bits = 0;
    a->unit_bits = 4;
    a->step_bits = 3;
    a->widths = N1_WIDTHS_EVEN;
    if (m.nlink) {
        describe_nlink(s, index, &m, time);
        return N1_OK;
    }
    a->kind = N1_LATTICE_STRIDE;
    a->first = m.low;
    a->stride = m.stride ? m.stride : 1;
    const uint64_t n_full = (uint64_t)(m.high - m.low) / a->stride + 1;
    if (n_full > 0xffffffffu)
        return N1_NOT_APPLICABLE;
    a->n_full = (uint32_t)n_full;
    while (((n_full - 1) >> a->raw_bits) + 1 > N1_MAX_CODES)
        a->raw_bits++;
    a->n_codes = (uint32_t)((n_full - 1) >> a->raw_bits) + 1;
    if (n_full <= N1_SPREAD)
        look_closer(s, index, &m, time);
    if (a->widths == N1_WIDTHS_EVEN && a->kind == N1_LATTICE_STRIDE) {
        /* A sigma of more than 32 codes gains nothing from the lowest bits. step is about 1.1 sigma. */
        uint64_t sigma = m.members ? m.step / m.members / 8 / a->stride : 0;
        while (a->raw_bits < N1_MAX_RAW_BITS && sigma >> a->raw_bits > 40)
            a->raw_bits++;
        a->n_codes = (uint32_t)((n_full - 1) >> a->raw_bits) + 1;
    }
    while (a->unit_bits && (uint64_t)a->n_codes << a->unit_bits > N1_MAX_AXIS)
        a->unit_bits--;
    while (!n1_alphabet_fits(a)) {
        if (a->unit_bits == 0)
            return N1_NOT_APPLICABLE;
        a->unit_bits--;
    }
    return N1_OK;
}

void n1_survey_take(n1_survey *s, n1_arena *a, const n1_shape *shape)
{
    const size_t n = shape->n_channels, all = shape->n_samples * n, learnable = all >= N1_LEARNABLE;
    /* a list has a value for eight samples at the most; the N1's converter has its codes */
    const size_t list = all / 8 < N1_MAX_CODES ? all / 8 : N1_MAX_CODES;
    const size_t divided = n > 1 && n <= N1_MOST_DIVIDED ? n : 0, parts = divided < N1_MOST_PARTS ? divided : N1_MOST_PARTS;
    memset(s, 0, sizeof *s);
    s->n_samples = shape->n_samples;
    s->n_channels = n;
    for (unsigned i = 0; i < N1_MAX_ALPHABETS && i < n; i++)
        n1_alphabet_take(&s->alphabet[i], a, list > N1_NLINK_CODES ? list : N1_NLINK_CODES, learnable ? N1_MAX_CODES : 0);
    s->alphabet_of = n1_arena_take(a, n, sizeof *s->alphabet_of);
    s->kept = a->used;
    s->stats = n1_arena_take(a, n, sizeof *s->stats);
    s->hist = n1_arena_take(a, learnable ? N1_MAX_CODES : N1_NLINK_CODES, sizeof *s->hist);
    s->seen = n1_arena_take(a, N1_SPREAD / 64, sizeof *s->seen);
    s->rank = n1_arena_take(a, N1_SPREAD / 64, sizeof *s->rank);
    s->widths = n1_arena_take(a, N1_WIDTH_WORK * (learnable ? N1_MAX_CODES : N1_NLINK_CODES), sizeof *s->widths);
    s->part = n1_arena_take(a, parts, sizeof *s->part);
    s->sorted = n1_arena_take(a, divided, sizeof *s->sorted);
    s->first = n1_arena_take(a, parts + 1, sizeof *s->first);
}

n1_status n1_survey_track(n1_survey *s, n1_track time, n1_type dtype)
{
    uint64_t step = 0;
    for (size_t i = 0; i < s->n_channels; i++) {
        s->stats[i] = n1_look_at(time, i * time.apart, s->n_samples);
        step += s->stats[i].step;
    }
    divide(s);
    if (s->n_channels > 1)
        n1_share_alphabets(s);
    for (unsigned a = 0; a < s->n_alphabets; a++) {
        n1_status status = describe(s, a, time, dtype);
        if (status != N1_OK)
            return status;
    }
    step = step / s->n_channels / 8 / (s->alphabet[0].kind == N1_LATTICE_NLINK ? 64 : s->alphabet[0].stride);
    s->rough_bits = n1_ceil_log2((uint32_t)(step > 65535 ? 65535 : step + 1)) + 1;
    return N1_OK;
}
