/* Frames that come again: what a look at samples says, and the list of runs. Runs of one frame are looked for from the end on. */
#include "wire/repeats_search.h"
#include "base/load.h"
#include "base/status.h"
#include "base/types.h"

#include <string.h>

#define SPOILT      8u   /* samples that are predicted from one that is far from all others, or from the step to it */
#define STRIDE      64u  /* frames that are compared at once */

typedef struct {
    const uint8_t *samples;
    size_t frame, n, least, last; /* bytes of a frame; frames; how long runs are, and at the end */
    size_t at;                    /* frames before this one are to be looked at */
} walk;

/* Frames from `first` up to `end` that are all equal. */
typedef struct {
    size_t first, end;
} run;

static walk walk_of(const void *samples, const n1_shape *s)
{
    const n1_run_lengths least = n1_run_lengths_of(s);
    return (walk){samples, s->n_channels * n1_type_size(s->dtype), s->n_samples, least.held, least.last, s->n_samples};
}

/* Whether so many frames from `at` on are as those one before. */
static int repeats(const walk *w, size_t at, size_t frames)
{
    const uint8_t *const p = w->samples + at * w->frame;
    return memcmp(p, p - w->frame, frames * w->frame) == 0;
}

/* The longest run around a frame that is as the one before it. */
static run around(const walk *w, size_t at)
{
    run r = {at - 1, at + 1};
    while (r.first > STRIDE && repeats(w, r.first - STRIDE + 1, STRIDE))
        r.first -= STRIDE;
    while (r.first && repeats(w, r.first, 1))
        r.first--;
    while (r.end < w->at && repeats(w, r.end, 1))
        r.end++;
    return r;
}

/* The next run towards the beginning, if there is one. A run that is long enough has two neighbours in each half of it: it is
 * enough to look at some frames. */
static int next(walk *w, run *r)
{
    for (size_t at = w->at; at > 1; at = at > w->least / 2 + 1 ? at - w->least / 2 : 0) {
        if (!repeats(w, at - 1, 1))
            continue;
        *r = around(w, at - 1);
        if (r->end - r->first >= (r->end == w->n ? w->last : w->least)) {
            w->at = r->first;
            return r->end - r->first < w->n;
        }
    }
    return 0;
}

static unsigned bits_of(uint64_t value)
{
    unsigned bits = 0;
    while (value >> bits)
        bits++;
    return bits;
}

static size_t blank_size(const void *samples, const n1_shape *s, size_t at)
{
    int64_t low = INT64_MAX, high = INT64_MIN;
    for (size_t c = 0; c < s->n_channels; c++) {
        const int64_t v = n1_load_sample(samples, s->dtype, at * s->n_channels + c);
        low = v < low ? v : low;
        high = v > high ? v : high;
    }
    return 8 * (2 + n1_type_size(s->dtype)) + s->n_channels * bits_of((uint64_t)(high - low));
}

/* Bits of the step from a frame to another in a channel. */
static unsigned step_bits(const void *samples, const n1_shape *s, size_t from, size_t to, size_t channel)
{
    const int64_t a = n1_load_sample(samples, s->dtype, from * s->n_channels + channel);
    const int64_t b = n1_load_sample(samples, s->dtype, to * s->n_channels + channel);
    return bits_of((uint64_t)(a < b ? b - a : a - b));
}

/* Whether a run's frame is said in fewer bits than the step to it and the one back, by what they are larger than the step beside
 * them: both spoil what is predicted from them, too. */
static int is_blank(const void *samples, const n1_shape *s, run r)
{
    const size_t beside = r.first ? r.first - 1 : r.end;
    const size_t other = r.first > 1 ? r.first - 2 : !r.first && r.end + 1 < s->n_samples ? r.end + 1 : beside;
    size_t steps = 0;
    for (size_t c = 0; c < s->n_channels; c++) {
        const unsigned step = step_bits(samples, s, beside, r.first, c), usual = step_bits(samples, s, other, beside, c);
        steps += step > usual ? SPOILT * (step - usual) : 0;
    }
    return blank_size(samples, s, r.first) < steps;
}

/* What of a run of one frame does not stay: all of it where it is the blank one. */
static n1_run gone(const walk *w, size_t blank, run r)
{
    const int is_blank = blank < w->n && memcmp(w->samples + r.first * w->frame, w->samples + blank * w->frame, w->frame) == 0;
    return (n1_run){r.first + !is_blank, r.end, !is_blank};
}

static n1_repeats none(const n1_shape *s, int again) { return (n1_repeats){0, s->n_samples, s->n_samples, 0, again}; }

n1_repeats n1_repeats_most(const n1_shape *s)
{
    const n1_run_lengths least = n1_run_lengths_of(s);
    const size_t n = s->n_samples;
    return (n1_repeats){n > 1 ? n / least.held + 1 : 0, n, n, 1, n >= 2 * least.again};
}

n1_repeats n1_repeats_look(const void *samples, const n1_shape *s)
{
    n1_repeats seen = none(s, n1_come_again(samples, s));
    run r, longest = {0, 0};
    for (walk w = walk_of(samples, s); next(&w, &r); seen.n_runs++)
        longest = r.end - r.first > longest.end - longest.first ? r : longest;
    if (!seen.n_runs)
        return seen;
    seen.blank = is_blank(samples, s, longest) ? longest.first : s->n_samples;
    for (walk w = walk_of(samples, s); next(&w, &r);) {
        const n1_run g = gone(&w, seen.blank, r);
        seen.kept -= g.end - g.first;
        seen.inside |= g.end < s->n_samples;
    }
    return seen.kept ? seen : none(s, seen.again);
}

/* Runs in a block at most. */
static size_t most_of(const n1_shape *s, const n1_repeats *seen)
{
    return seen->again ? s->n_samples / n1_shortest_run(s) + 1 : seen->n_runs;
}

void n1_repeats_measure(n1_arena *a, const n1_shape *s, const n1_repeats *seen)
{
    (void)n1_arena_take(a, most_of(s, seen), sizeof(n1_run));
    if (seen->again) {
        const uint64_t mark = a->used;
        n1_search_measure(a, s);
        a->used = mark;
    }
}

/* Runs of the blank frame do not need the one before them, where that is still there. */
static void blank_runs(const walk *w, n1_repeats_list *found)
{
    size_t behind = 0;
    for (size_t i = 0; i < found->n_runs; i++) {
        n1_run *r = &found->runs[i];
        if (r->distance == 1 && r->first > behind)
            *r = gone(w, found->blank, (run){r->first - 1, r->end});
        behind = r->end;
    }
}

n1_status n1_repeats_find(const void *samples, const n1_shape *s, const n1_repeats *seen, n1_arena *a, n1_repeats_list *found)
{
    walk w = walk_of(samples, s);
    run r;
    *found = (n1_repeats_list){n1_arena_take(a, most_of(s, seen), sizeof(n1_run)), seen->n_runs, s->n_samples, seen->blank};
    if (!found->runs)
        return N1_ERROR_INTERNAL;
    if (seen->again) {
        const n1_status status = n1_search_runs(samples, s, n1_arena_rest(a), found->runs, most_of(s, seen), &found->n_runs);
        if (status != N1_OK)
            return status;
        blank_runs(&w, found);
    } else {
        for (size_t i = seen->n_runs; i-- && next(&w, &r);)
            found->runs[i] = gone(&w, seen->blank, r);
    }
    for (size_t i = 0; i < found->n_runs; i++)
        found->kept -= found->runs[i].end - found->runs[i].first;
    if (!found->kept)
        *found = (n1_repeats_list){found->runs, 0, s->n_samples, s->n_samples};
    return N1_OK;
}

size_t n1_frames_to_code(const void *samples, size_t n_frames, size_t frame_size)
{
    const uint8_t *const first = samples;
    size_t n = n_frames;

    while (n > 1 && frame_size && memcmp(first + (n - 1) * frame_size, first + (n - 2) * frame_size, frame_size) == 0)
        n--;
    return n_frames - n < N1_LEAST_REPEATED ? n_frames : n;
}
