/* Encoder of the piecewise mode: channels whose samples wrap around. */
#include "modes/piecewise/piece_form_encode.h"
#include "base/fixed.h"
#include "base/types.h"
#include "converter/alphabet.h"

#define NEAR  32u /* a range is taken for the next power of 2 where a jump says so, but for one part of so many */
#define CLOSE 16u /* or for what the jump says */
#define WRAP_BITS 2048u /* that a wrap costs a channel as it is, about: they must be */
#define RESTS 32u /* a channel that moves in less than one frame of so many is at one rail or another */
#define AT_ONCE 64u     /* frames that are looked at side by side */
#define NARROW (1 << 30) /* of such a range at most */
#define WORTH 64u /* one part of so many of what it takes otherwise */

static int64_t step(const n1_piece_values *v, size_t t)
{
    const uint32_t low = (uint32_t)v->low;
    return (int64_t)((uint32_t)v->x[t] - low) - (int64_t)((uint32_t)v->x[t - 1] - low);
}

/* Whether any step is longer than half of the range. */
static int jumps(const n1_piece_values *v)
{
    const int64_t half = (v->high - v->low) / 2;
    int any = 0;
    if (v->high - v->low > INT32_MAX) {
        for (size_t t = 1; t < v->n && !any; t++)
            any = step(v, t) > half || step(v, t) < -half;
        return any;
    }
    const int32_t most = (int32_t)half, *const x = v->x;
    for (size_t t = 1; t < v->n; t++) {
        const int32_t d = (int32_t)((uint32_t)x[t] - (uint32_t)x[t - 1]);
        any |= (d > most) | (d < -most);
    }
    return any;
}

/* How far the first jump would have gone without its wrap: as far as the step before it. */
static int64_t first_jump(const n1_piece_values *v)
{
    const int64_t half = (v->high - v->low) / 2;
    for (size_t t = 2; t < v->n; t++) {
        const int64_t before = step(v, t - 1), d = step(v, t);
        if ((d > half || d < -half) && before <= half && before >= -half)
            return d < before ? before - d : d - before;
    }
    return 0;
}

static int is_within(int64_t a, int64_t b, int64_t most) { return a - b <= most && b - a <= most; }

/* The range that samples wrap around in: a power of 2, what the first jump says, or no more than they take. 0: none. */
static int range_of(const n1_piece_values *v, n1_type dtype, n1_piece_channel *c)
{
    const int64_t range = v->high - v->low, jump = first_jump(v);
    int64_t power = 2;
    while (power <= range)
        power *= 2;
    c->low = v->low;
    c->modulus = (uint64_t)range + 1;
    if (!jump || is_within(jump, power, range / NEAR)) {
        const int64_t down = n1_floor_shift(v->low, (unsigned)n1_top_bit((uint64_t)power)) * power;
        c->modulus = (uint64_t)power;
        c->low = v->high - down < power ? down : v->low;
    } else if (jump > range && jump - range < range / CLOSE) {
        c->modulus = (uint64_t)jump;
    }
    for (int64_t by = power; by; by /= 2) /* down as far as it must, within the type */
        while (!n1_type_holds(dtype, c->low + (int64_t)c->modulus - by) && n1_type_holds(dtype, c->low - by))
            c->low -= by;
    return n1_type_holds(dtype, c->low) && n1_type_holds(dtype, c->low + (int64_t)c->modulus - 1);
}

static int64_t wrapped(int64_t d, int64_t modulus) { return d >= (modulus + 1) / 2 ? d - modulus : d < -(modulus / 2) ? d + modulus : d; }

/* What changes are like, wrapped around. */
typedef struct {
    int64_t low, high, before, jump; /* jump: of the frame before */
    uint64_t jumps, curved, moves, spikes;
} turns;

static void look_at(turns *w, const n1_piece_values *v, int64_t modulus, size_t from, size_t end)
{
    for (size_t t = from; t < end; t++) {
        const int64_t far = step(v, t), d = wrapped(far, modulus);
        w->low = d < w->low ? d : w->low;
        w->high = d > w->high ? d : w->high;
        w->jumps += d != far;
        w->spikes += d != far && w->jump && (w->jump < 0) != (far < 0); /* there and back again */
        w->jump = d != far ? far : 0;
        w->moves += d != 0;
        w->curved += (uint64_t)(d < w->before ? w->before - d : d - w->before);
        w->before = d;
    }
}

/* The same of a range within 30 bits: side by side. */
static void look_at_some(turns *w, const n1_piece_values *v, int32_t modulus, size_t from, size_t end)
{
    const int32_t *const x = v->x + from, most = (modulus + 1) / 2 - 1, least = -(modulus / 2);
    const size_t n = end - from;
    int32_t d[AT_ONCE + 1], jump[AT_ONCE + 1], low = INT32_MAX, high = INT32_MIN;
    uint32_t moves = 0, jumps = 0, spikes = 0;
    uint64_t curved = 0;
    d[0] = (int32_t)w->before;
    jump[0] = (w->jump > 0) - (w->jump < 0);
    for (size_t t = 0; t < n; t++) {
        const int32_t far = (int32_t)((uint32_t)x[t] - (uint32_t)*(x + t - 1));
        jump[t + 1] = (far > most) - (far < least);
        d[t + 1] = far - (far > most ? modulus : 0) + (far < least ? modulus : 0);
    }
    for (size_t t = 1; t <= n; t++) {
        low = d[t] < low ? d[t] : low;
        high = d[t] > high ? d[t] : high;
        moves += d[t] != 0;
        jumps += jump[t] != 0;
        spikes += jump[t] * jump[t - 1] < 0;
        curved += (uint32_t)(d[t] < d[t - 1] ? d[t - 1] - d[t] : d[t] - d[t - 1]);
    }
    w->low = low < w->low ? low : w->low;
    w->high = high > w->high ? high : w->high;
    w->moves += moves;
    w->jumps += jumps;
    w->spikes += spikes;
    w->curved += curved;
    w->jump = jump[n];
    w->before = d[n];
}

int n1_piece_wraps(const n1_piece_values *v, n1_type dtype, n1_piece_channel *c, uint64_t *wraps)
{
    if (v->n < 3 || v->high - v->low < 2 || !jumps(v) || !range_of(v, dtype, c))
        return 0;
    const int64_t modulus = (int64_t)c->modulus;
    turns w = {modulus, -modulus, wrapped(step(v, 1), modulus), 0, 0, 0, 0, 0};
    for (size_t t = 1, end; t < v->n && w.high - w.low <= modulus / 2; t = end) {
        end = v->n - t < AT_ONCE ? v->n : t + AT_ONCE;
        if (modulus > NARROW)
            look_at(&w, v, modulus, t, end);
        else
            look_at_some(&w, v, (int32_t)modulus, t, end);
    }
    c->form = N1_PIECE_WRAPPED;
    *wraps = w.jumps;
    c->begin = (uint32_t)(v->low - c->low) + ((uint32_t)v->x[0] - (uint32_t)v->low);
    const uint64_t usual = (uint64_t)n1_log2_q12(w.curved / v->n + 1) * v->n >> 12;
    return w.high - w.low <= modulus / 2 && 4 * w.spikes < w.jumps && w.moves >= v->n / RESTS && w.jumps * WRAP_BITS >= usual / WORTH;
}

void n1_piece_wrap(n1_piece_values *v, const n1_piece_channel *c)
{
    n1_piece_values changes = {v->x, v->n, INT32_MAX, INT32_MIN};
    for (size_t t = v->n - 1; t; t--) {
        const int64_t d = wrapped(step(v, t), (int64_t)c->modulus);
        changes.low = d < changes.low ? d : changes.low;
        changes.high = d > changes.high ? d : changes.high;
        v->x[t] = (int32_t)d;
    }
    v->x[0] = v->x[1];
    *v = changes;
}
