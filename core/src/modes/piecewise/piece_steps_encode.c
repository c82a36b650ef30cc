/* Encoder of the piecewise mode: channels that jump now and then. */
#include "base/fixed.h"
#include "modes/piecewise/piece_survey.h"

#define STRETCH    64u   /* frames */
#define SHARE      4u    /* a step takes more than one part of so many of all that a stretch goes, */
#define FEW        8u    /* there are so few in it, each more than one part of so many of that, */
#define LONG       16u   /* and each goes so many times as far as the others do */
#define LEAST      32u   /* units of a sample */
#define NEAR       8u    /* frames on either side that tell how far a step goes */
#define STEP_BITS  256u  /* that a step is dearer as it is, about, */
#define PAIR_BITS  160u  /* or one of several in a row: they must be */
#define WORTH      32u   /* one part of so many of what the channel takes otherwise */

static int64_t at(const n1_piece_values *v, size_t t) { return v->low + (int64_t)((uint32_t)v->x[t] - (uint32_t)v->low); }

static uint32_t far(const int32_t *x, size_t t)
{
    const int32_t d = (int32_t)((uint32_t)x[t] - (uint32_t)x[t - 1]);
    return (uint32_t)(d < 0 ? -d : d);
}

/* Steps of a stretch in which one takes a large share of all that it goes. 0: there are too many in all. */
static int find_some(const int32_t *x, size_t from, size_t end, uint64_t sum, uint32_t stride, n1_piece_steps *s, size_t most)
{
    const uint64_t limit = sum / FEW;
    uint64_t usual = 0, long_ones = 0;
    for (size_t t = from; t < end; t++) {
        const uint32_t d = far(x, t);
        usual += d > limit ? 0 : d;
        long_ones += d > limit;
    }
    if (long_ones > FEW)
        return 1;
    const uint64_t least = LONG * usual / (end - from - long_ones + 1) + (uint64_t)LEAST * stride;
    for (size_t t = from; t < end; t++) {
        if (far(x, t) < least)
            continue;
        if (s->n == most)
            return 0;
        s->frame[s->n++] = (uint32_t)t;
    }
    return 1;
}

static int find(const n1_piece_values *v, uint32_t stride, n1_piece_steps *s, size_t most)
{
    const int32_t *const x = v->x;
    const unsigned down = v->high - v->low < 1 << 25 ? 0 : 6; /* sums of a stretch stay within 32 bits */
    s->n = 0;
    for (size_t from = 1; from < v->n; from += STRETCH) {
        const size_t end = v->n - from < STRETCH ? v->n : from + STRETCH;
        int32_t high = 0;
        uint32_t low = 0;
        for (size_t t = from; t < end; t++) {
            const int32_t d = (int32_t)far(x, t);
            high = d > high ? d : high;
            low += (uint32_t)d >> down;
        }
        const uint64_t sum = (uint64_t)low << down;
        if ((uint32_t)high >= LEAST * stride && (uint64_t)high * SHARE > sum && !find_some(x, from, end, sum, stride, s, most))
            return 0;
    }
    return s->n > 0;
}

/* How far samples usually go between steps, and how far they turn; returns how many go nowhere. */
static size_t look(const n1_piece_values *v, const n1_piece_steps *s, uint64_t *change, uint64_t *turn)
{
    const int32_t *const x = v->x;
    size_t held = 0;
    *change = *turn = 0;
    for (size_t i = 0, from = 2; i <= s->n; i++) {
        const size_t end = i < s->n ? s->frame[i] : v->n;
        uint64_t far_sum = 0, more_sum = 0;
        for (size_t t = from; t < end; t++) { /* 30 bits hold how far values are apart */
            const int32_t d = (int32_t)((uint32_t)x[t] - (uint32_t)x[t - 1]), before = (int32_t)((uint32_t)x[t - 1] - (uint32_t)x[t - 2]);
            const int32_t more = d - before;
            far_sum += (uint32_t)(d < 0 ? -d : d);
            more_sum += (uint32_t)(more < 0 ? -more : more);
            held += d == 0;
        }
        *change += far_sum;
        *turn += more_sum;
        from = end + 2;
    }
    return held;
}

/* Whether a step goes back what the one before it went, in the next frame: together, they are a spike, which costs noise as
 * much in steps; what is smooth predicts poorly behind it. */
static int goes_back(const int32_t *x, const n1_piece_steps *s, size_t i)
{
    if (i == 0 || i == s->n || s->frame[i] - s->frame[i - 1] != 1)
        return 0;
    const int64_t all = (int64_t)x[s->frame[i]] - x[s->frame[i] - 2], most = far(x, s->frame[i]) / 4;
    return all <= most && all >= -most;
}

/* Bits that steps are dearer as they are, about. */
static uint64_t promise_of(const int32_t *x, const n1_piece_steps *s, int smooth)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (!smooth && (goes_back(x, s, i) || goes_back(x, s, i + 1)))
            continue;
        const int before = i && s->frame[i] - s->frame[i - 1] <= 2, after = i + 1 < s->n && s->frame[i + 1] - s->frame[i] <= 2;
        bits += before || after ? PAIR_BITS : STEP_BITS;
    }
    return bits;
}

static int64_t mean(const n1_piece_values *v, size_t from, size_t end)
{
    int64_t sum = 0;
    for (size_t t = from; t < end; t++)
        sum += at(v, t);
    return sum / (int64_t)(end - from);
}

/* How far a step goes: of a smooth signal, beyond what those around it go; else from what is on one side to what is on the other. */
static int64_t size_of(const n1_piece_values *v, size_t low, size_t t, size_t high, int smooth)
{
    int64_t d = at(v, t) - at(v, t - 1);
    if (!smooth)
        return mean(v, t, high - t > NEAR ? t + NEAR : high) - mean(v, t - low > NEAR ? t - NEAR : low, t);
    const int before = t - low > 1, after = high - t > 1;
    const int64_t a = before ? at(v, t - 1) - at(v, t - 2) : 0, b = after ? at(v, t + 1) - at(v, t) : 0;
    d -= before && after ? (a + b) / 2 : a + b;
    return d;
}

int n1_piece_find_steps(const n1_piece_values *v, n1_piece_steps *s, size_t most)
{
    uint64_t change, turn;
    if (v->high - v->low >= 1 << 30 || !find(v, 1, s, most) || promise_of(v->x, s, 1) * WORTH < v->n)
        return 0;
    const uint32_t stride = n1_piece_survey_stride(v);
    if (stride > 1 && (stride > 1 << 20 || !find(v, stride, s, most)))
        return 0;
    if (2 * look(v, s, &change, &turn) > v->n) /* held values: what changes is known to jump */
        return 0;
    const int smooth = turn < change;
    const uint64_t usual = (smooth ? turn : change) / v->n / stride;
    if (promise_of(v->x, s, smooth) * WORTH < (uint64_t)n1_log2_q12(usual + 1) * v->n >> 12)
        return 0;
    s->quantum = stride;
    for (uint64_t quantum = 4; quantum <= usual; quantum *= 2)
        s->quantum *= 2;
    for (size_t i = 0; i < s->n; i++) {
        const size_t low = i ? s->frame[i - 1] : 0, high = i + 1 < s->n ? s->frame[i + 1] : v->n;
        const int64_t size = size_of(v, low, s->frame[i], high, smooth), half = s->quantum / 2;
        s->size[i] = (int32_t)((size < 0 ? size - half : size + half) / s->quantum);
    }
    return 1;
}

int n1_piece_take_steps(n1_piece_values *v, const n1_piece_steps *s)
{
    int64_t sum = 0, low = INT64_MAX, high = INT64_MIN;
    for (size_t t = 0, i = 0; t < v->n; t++) {
        if (i < s->n && s->frame[i] == t)
            sum += (int64_t)s->size[i++] * s->quantum;
        const int64_t x = at(v, t) - sum;
        low = x < low ? x : low;
        high = x > high ? x : high;
        v->x[t] = (int32_t)(uint32_t)x;
    }
    v->low = low;
    v->high = high;
    return low > -((int64_t)1 << 31) && high < (int64_t)1 << 31;
}
