/* Frames that repeat one: encoder. Runs are looked for from the end on, as a head names them. */
#include "wire/repeats.h"
#include "base/load.h"
#include "base/types.h"
#include "base/varint.h"
#include "modes/mode.h"
#include "modes/stored/stored.h"

#include <string.h>

#define WORTH       512u /* values of a run: what a mode takes for as many is more than what the head does */
#define FRAMES      16u  /* and frames */
#define LAST_FRAMES N1_LEAST_REPEATED /* enough at the end of a block, where a store has filled it up */
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
    const size_t worth = WORTH / s->n_channels, least = worth < FRAMES ? FRAMES : worth;
    return (walk){samples, s->n_channels * n1_type_size(s->dtype), s->n_samples, least,
                  least < LAST_FRAMES ? least : LAST_FRAMES, s->n_samples};
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

/* What of a run does not stay. */
static run gone(const walk *w, const n1_repeats *found, run r, int *blank)
{
    *blank = found->blank < w->n && memcmp(w->samples + r.first * w->frame, w->samples + found->blank * w->frame, w->frame) == 0;
    return (run){r.first + !*blank, r.end};
}

n1_repeats n1_repeats_find(const void *samples, const n1_shape *s)
{
    n1_repeats found = {0, s->n_samples, s->n_samples, 0};
    run r, longest = {0, 0};
    for (walk w = walk_of(samples, s); next(&w, &r); found.n_runs++)
        longest = r.end - r.first > longest.end - longest.first ? r : longest;
    if (!found.n_runs)
        return found;
    found.blank = is_blank(samples, s, longest) ? longest.first : s->n_samples;
    for (walk w = walk_of(samples, s); next(&w, &r);) {
        int blank;
        r = gone(&w, &found, r, &blank);
        found.kept -= r.end - r.first;
        found.inside |= r.end < s->n_samples;
    }
    if (!found.kept)
        found = (n1_repeats){0, s->n_samples, s->n_samples, 0};
    return found;
}

n1_status n1_repeats_write(const void *samples, const n1_shape *s, const n1_repeats *found, uint8_t *dst, size_t capacity, size_t *written)
{
    const n1_shape one = {1, s->n_channels, s->dtype};
    const uint8_t *const end = dst + capacity;
    size_t behind = s->n_samples, blank_bytes = 0;
    uint8_t *p = dst;
    run r;
    if (capacity < 1 + N1_MAX_VARINT_BYTES)
        return N1_ERROR_DST_TOO_SMALL;
    *p++ = N1_MODE_REPEATS;
    p = n1_put_varint(p, found->n_runs);
    for (walk w = walk_of(samples, s); next(&w, &r);) {
        int blank;
        r = gone(&w, found, r, &blank);
        if ((size_t)(end - p) < 2 * N1_MAX_VARINT_BYTES)
            return N1_ERROR_DST_TOO_SMALL;
        p = n1_put_varint(p, behind - r.end);
        p = n1_put_varint(p, 2 * (uint64_t)(r.end - r.first - 1) + (unsigned)blank);
        behind = r.first;
    }
    if (found->blank < s->n_samples) {
        const uint8_t *const frame = (const uint8_t *)samples + found->blank * s->n_channels * n1_type_size(s->dtype);
        const n1_status status = n1_stored_encode(frame, &one, p, (size_t)(end - p), &blank_bytes);
        if (status != N1_OK)
            return status;
    }
    *written = (size_t)(p - dst) + blank_bytes;
    return N1_OK;
}

void n1_repeats_cut(const void *samples, const n1_shape *s, const n1_repeats *found, void *kept)
{
    walk w = walk_of(samples, s);
    uint8_t *to = (uint8_t *)kept + found->kept * w.frame;
    size_t behind = s->n_samples;
    run r;
    int blank;
    while (next(&w, &r)) {
        r = gone(&w, found, r, &blank);
        to -= (behind - r.end) * w.frame;
        memcpy(to, w.samples + r.end * w.frame, (behind - r.end) * w.frame);
        behind = r.first;
    }
    memcpy(kept, samples, behind * w.frame);
}

size_t n1_frames_to_code(const void *samples, size_t n_frames, size_t frame_size)
{
    const uint8_t *const first = samples;
    size_t n = n_frames;

    while (n > 1 && frame_size && memcmp(first + (n - 1) * frame_size, first + (n - 2) * frame_size, frame_size) == 0)
        n--;
    return n_frames - n < N1_LEAST_REPEATED ? n_frames : n;
}
