/* Stretches of frames that come again. A place is known by two words in it, far apart; a table says where such a place was.
 * Words are numbers, so that machines of either byte order find the same. */
#include "wire/repeats_search.h"
#include "base/bytes.h"
#include "base/inline.h"
#include "base/status.h"
#include "base/types.h"

#include <string.h>

#define HELD_VALUES  512u /* what a mode takes for as many that are held is more than what the head does */
#define HELD_FRAMES  16u
#define LAST_FRAMES  N1_LEAST_REPEATED /* enough at the end of a block, where a store has filled it up */
#define AGAIN_VALUES 256u /* the like for stretches, behind which a mode has to find its way again */
#define AGAIN_FRAMES 64u
#define GOES_ON      4u /* one part of so many is enough where the distance is the last one */
#define IN_VAIN      2u /* frames that may be compared in vain for each that is behind, */
#define IN_VAIN_YET  16384u /* and at first: square waves are alike at many distances */

/* A look at a block: the block is seen at one place in so many, which is at most MOST_STRETCH, and at all places of four
 * stretches: the last one is as long as that, so that it meets a place wherever it has come before; the others share what is
 * left of one place for so many values, or of the table. */
enum { LEAST_STRETCH = 16, MOST_STRETCH = 256, OTHERS = N1_LOOK_OTHERS, LEAST_PART = 8, VALUES_OF_A_PLACE = 256, LOOK_BITS = N1_LOOK_BITS };
enum { LEAST_BITS = 8, MOST_BITS = 16 };
#define NOWHERE UINT32_MAX

n1_run_lengths n1_run_lengths_of(const n1_shape *s)
{
    const size_t c = s->n_channels, held = HELD_VALUES / c, again = AGAIN_VALUES / c;
    const n1_run_lengths l = {held < HELD_FRAMES ? HELD_FRAMES : held, 0, again < AGAIN_FRAMES ? AGAIN_FRAMES : again};
    return (n1_run_lengths){l.held, l.held < LAST_FRAMES ? l.held : LAST_FRAMES, l.again};
}

size_t n1_shortest_run(const n1_shape *s)
{
    const n1_run_lengths l = n1_run_lengths_of(s);
    return l.held - 1 < l.again / GOES_ON ? l.held - 1 : l.again / GOES_ON;
}

typedef struct {
    const uint8_t *samples;
    size_t frame, n;  /* bytes of a frame; frames */
    size_t near, far; /* bytes from a place to its words */
    unsigned flip;    /* byte i of a word is at i ^ flip */
    n1_run_lengths least;
    size_t last; /* the last place */
} view;

static view view_of(const void *samples, const n1_shape *s)
{
    const size_t c = s->n_channels, size = n1_type_size(s->dtype), frame = c * size;
    view v = {samples, frame, s->n_samples, c / 3 * size, 0, 0, n1_run_lengths_of(s), 0};
    v.far = v.least.again / 4 * 3 * frame + 2 * c / 3 * size;
    v.last = v.n < v.least.again ? 0 : v.n - v.least.again;
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v.flip = (unsigned)size - 1;
#endif
    return v;
}

/* The slot of a place in a table of 2^bits. */
N1_INLINE size_t slot(const view *v, size_t at, unsigned bits)
{
    const uint8_t *const p = v->samples + at * v->frame;
    const uint64_t near = n1_load64_flipped(p + v->near, v->flip), far = n1_load64_flipped(p + v->far, v->flip);
    return (size_t)((near * 0x9E3779B185EBCA87u + far * 0xC2B2AE3D27D4EB4Fu) >> (64 - bits));
}

/* How many frames, of those from `at` up to `end`, are as those so far before them. */
static size_t same(const view *v, size_t at, size_t end, size_t distance)
{
    const uint8_t *const p = v->samples + at * v->frame, *const q = p - distance * v->frame;
    const size_t most = (end - at) * v->frame;
    size_t i = 0;
    while (most - i >= 8 && n1_load64_flipped(p + i, 0) == n1_load64_flipped(q + i, 0))
        i += 8;
    while (i < most && p[i] == q[i])
        i++;
    return i / v->frame;
}

/* How many frames before `at`, down to `end`, are as those so far before them. */
static size_t same_before(const view *v, size_t at, size_t end, size_t distance)
{
    size_t n = 0;
    while (at - n > end && at - n > distance && same(v, at - n - 1, at - n, distance))
        n++;
    return n;
}

/* Whether the stretch around a place comes again, and is not of one frame alone. */
static int comes_again(const view *v, size_t one, size_t other)
{
    const size_t at = one > other ? one : other, distance = one > other ? one - other : other - one, n = v->least.again;
    if (memcmp(v->samples + one * v->frame + v->near, v->samples + other * v->frame + v->near, sizeof(uint64_t)) != 0)
        return 0;
    const size_t end = at + same(v, at, at + n, distance), first = at - same_before(v, at, at > n ? at - n : 0, distance);
    return end - first >= n && same(v, first + 1, end, 1) < end - first - 1;
}

static size_t stretch_of(size_t n)
{
    size_t length = LEAST_STRETCH;
    while (length < MOST_STRETCH && 4 * length * length <= n) /* the next one is no longer than their number */
        length *= 2;
    return length;
}

static size_t others_of(const n1_shape *s, size_t length)
{
    const size_t worth = s->n_samples * s->n_channels / VALUES_OF_A_PLACE, room = (size_t)1 << LOOK_BITS;
    const size_t most = worth < room ? worth : room, least = length / LEAST_PART;
    return most < length + OTHERS * least ? least : (most - length) / OTHERS;
}

n1_look_stretches n1_look_stretches_of(const n1_shape *s)
{
    const size_t length = stretch_of(s->n_samples);
    return (n1_look_stretches){length, others_of(s, length)};
}

N1_APART int n1_come_again(const void *samples, const n1_shape *s)
{
    const view v = view_of(samples, s);
    const n1_look_stretches l = n1_look_stretches_of(s);
    uint32_t table[1 << LOOK_BITS];
    if (v.n < 2 * v.least.again)
        return 0;
    memset(table, 0xFF, sizeof table);
    for (size_t i = 0; i <= OTHERS; i++) {
        const size_t first = v.last / 8 * (2 * i + 1), end = first + (i == OTHERS ? l.length : l.others);
        for (size_t at = first; at < end && at <= v.last; at++)
            table[slot(&v, at, LOOK_BITS)] = (uint32_t)at;
    }
    for (size_t at = 0; at <= v.last; at += l.length) {
        const uint32_t there = table[slot(&v, at, LOOK_BITS)];
        if (there != NOWHERE && there != at && comes_again(&v, there, at))
            return 1;
    }
    return 0;
}

static unsigned bits_of_table(size_t n)
{
    unsigned bits = LEAST_BITS;
    while ((size_t)1 << bits < n && bits < MOST_BITS)
        bits++;
    return bits;
}

void n1_search_measure(n1_arena *a, const n1_shape *s)
{
    (void)n1_arena_take(a, (uint64_t)1 << bits_of_table(s->n_samples), sizeof(uint32_t));
}

/* A distance that was tried, and the frame that ended it: it is of no use before. */
typedef struct {
    size_t distance, until;
} tried;

typedef struct {
    view v;
    uint32_t *table;
    unsigned bits;
    size_t stride;     /* one place of so many is in the table */
    size_t at, behind; /* the frame to be looked at; where the last run ends */
    size_t in_vain;    /* frames that were compared for runs which were too short */
    int holds;         /* whether the frame before is as the one before it */
    tried one, last, found;
} search;

/* The run of this distance around the next frame; an empty one if it is not as long as it must be. */
static n1_run reach(search *f, size_t distance, size_t least, tried *before)
{
    const view *v = &f->v;
    n1_run r = {f->at, f->at, distance};
    if (!distance || distance > f->at || (before->distance == distance && f->at < before->until))
        return r;
    r.end += same(v, f->at, v->n, distance);
    *before = (tried){distance, r.end + 1};
    if (r.end > f->at)
        r.first -= same_before(v, f->at, f->behind, distance);
    if (r.end - r.first >= least)
        return r;
    f->in_vain += r.end - r.first;
    return (n1_run){f->at, f->at, distance};
}

/* Frames that are held, with the one before them. */
static n1_run held(search *f)
{
    const n1_run r = reach(f, 1, 1, &f->one);
    return r.end - r.first + 1 < (r.end == f->v.n ? f->v.least.last : f->v.least.held) ? (n1_run){f->at, f->at, 1} : r;
}

static size_t length(n1_run r) { return r.end - r.first; }

/* The longest run around the next frame. A distance that has been there is no accident: shorter ones are worth while. */
static n1_run next(search *f)
{
    n1_run r = held(f);
    const int holds = f->at + 1 < f->one.until, edge = f->holds && !holds; /* where it does not rest any more, a square wave is known */
    f->holds = holds;
    if (length(r))
        return r;
    r = reach(f, f->last.distance, f->v.least.again / GOES_ON, &f->last);
    if (f->at > f->v.last)
        return r;
    uint32_t *const there = &f->table[slot(&f->v, f->at, f->bits)];
    const size_t distance = *there == NOWHERE || f->in_vain > IN_VAIN * f->at + IN_VAIN_YET ? 0 : f->at - *there;
    const n1_run other = reach(f, distance == 1 ? 0 : distance, f->v.least.again, &f->found);
    if (!length(r) && !length(other) && !holds && (edge || f->at % f->stride == 0))
        *there = (uint32_t)f->at;
    return length(other) > length(r) ? other : r;
}

n1_status n1_search_runs(const void *samples, const n1_shape *s, n1_arena arena, n1_run *runs, size_t most, size_t *n_runs)
{
    search f = {view_of(samples, s), NULL, bits_of_table(s->n_samples), 1, 0, 0, 0, 0, {0, 0}, {0, 0}, {0, 0}};
    f.table = n1_arena_take(&arena, (uint64_t)1 << f.bits, sizeof *f.table);
    *n_runs = 0;
    if (!f.table)
        return N1_ERROR_INTERNAL;
    memset(f.table, 0xFF, sizeof *f.table << f.bits);
    while (f.v.n / f.stride >> f.bits)
        f.stride *= 2;
    while (f.at < f.v.n && *n_runs < most) {
        const n1_run r = next(&f);
        if (!length(r)) {
            f.at++;
            continue;
        }
        runs[(*n_runs)++] = r;
        f.at = f.behind = r.end;
        if (r.distance != 1 && r.distance != f.last.distance)
            f.last = (tried){r.distance, 0};
    }
    return N1_OK;
}
