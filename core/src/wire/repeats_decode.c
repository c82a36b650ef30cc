/* Frames that come again: decoder. */
#include "wire/repeats.h"
#include "base/types.h"
#include "base/varint.h"
#include "modes/stored/stored.h"

#include <string.h>

/* A run, as a head says it. */
typedef struct {
    uint64_t stay, length, distance; /* frames that stay between the run before and this one */
} run;

/* The next run; r is the one before it, or the first. */
static n1_status get_run(const uint8_t **p, const uint8_t *end, uint64_t most, run *r)
{
    uint64_t word = 0;
    n1_status status = n1_get_varint(p, end, most, &r->stay);
    if (status == N1_OK)
        status = n1_get_varint(p, end, 2 * most, &word);
    if (status == N1_OK && word & 1)
        status = n1_get_varint(p, end, most, &r->distance);
    r->length = word / 2 + 1;
    return status;
}

static run before_the_first(void) { return (run){0, 0, 1}; }

static n1_span rest_of(const uint8_t *p, const uint8_t *end) { return (n1_span){p, (size_t)(end - p)}; }

/* A stored block of one frame says by its second byte how long it is. */
static n1_status get_blank(const uint8_t *end, const n1_shape *s, n1_repeats_head *head)
{
    const uint8_t *p = head->block.data;
    if (end - p < 2)
        return N1_ERROR_TRUNCATED;
    const unsigned bits = p[1];
    if (p[0] || bits > n1_type_bits(s->dtype))
        return N1_ERROR_CORRUPT;
    const size_t size = 2 + n1_type_size(s->dtype) + (s->n_channels * bits + 7) / 8;
    if ((size_t)(end - p) < size)
        return N1_ERROR_TRUNCATED;
    head->blank = (n1_span){p, size};
    head->block = rest_of(p + size, end);
    return N1_OK;
}

n1_status n1_repeats_read(const uint8_t *src, size_t size, const n1_shape *s, n1_repeats_head *head)
{
    const uint8_t *p = src + 1, *const end = src + size; /* behind the mode */
    uint64_t runs, at = 0, kept = s->n_samples; /* frames before a run; that stay in all */
    int blanks = 0;
    n1_status status = n1_get_varint(&p, end, s->n_samples, &runs);
    if (status != N1_OK || !runs)
        return status == N1_OK ? N1_ERROR_CORRUPT : status;
    *head = (n1_repeats_head){(size_t)runs, 0, rest_of(p, end), {p, 0}, {p, 0}};
    run r = before_the_first();
    for (uint64_t i = 0; i < runs; i++) {
        if ((status = get_run(&p, end, s->n_samples, &r)) != N1_OK)
            return status;
        at += r.stay;
        if (at > s->n_samples || r.length > s->n_samples - at || r.length >= kept || r.distance > at)
            return N1_ERROR_CORRUPT;
        at += r.length;
        kept -= r.length;
        blanks |= !r.distance;
    }
    head->kept = (size_t)kept;
    head->block = rest_of(p, end);
    if (blanks && (status = get_blank(end, s, head)) != N1_OK)
        return status;
    return head->block.size ? N1_OK : N1_ERROR_TRUNCATED;
}

/* So many frames, as those `distance` before: twice as many at a time where the run goes on to repeat itself. */
static void repeat(uint8_t *at, size_t frames, size_t distance, size_t frame)
{
    for (size_t done = 0, n; done < frames; done += n) {
        n = distance + done < frames - done ? distance + done : frames - done;
        memcpy(at + done * frame, at - distance * frame, n * frame);
    }
}

/* Frames on their way to their places: so many of those that stay are there, and so many in all. */
typedef struct {
    uint8_t *samples;
    size_t frame, n, kept, ready, from, to;
    const uint8_t *blank; /* where it is already */
} filling;

/* Move frames that stay, as many of them as are ready, to their places: never past those that are still to be moved. */
static void stay(filling *f, uint64_t frames)
{
    const size_t n = frames < f->ready - f->from ? (size_t)frames : f->ready - f->from, at = f->n - f->kept + f->from;
    if (n && at != f->to)
        memmove(f->samples + f->to * f->frame, f->samples + at * f->frame, n * f->frame);
    f->from += n;
    f->to += n;
}

static n1_status put_run(filling *f, const n1_span *blank, const n1_shape *s, const run *r)
{
    const n1_shape one = {1, s->n_channels, s->dtype};
    uint8_t *const at = f->samples + f->to * f->frame;
    const size_t length = (size_t)r->length;
    f->to += length;
    if (r->distance) {
        repeat(at, length, (size_t)r->distance, f->frame);
        return N1_OK;
    }
    if (f->blank)
        memcpy(at, f->blank, f->frame);
    else if (n1_stored_decode(blank->data, blank->size, &one, at) != N1_OK)
        return N1_ERROR_CORRUPT;
    f->blank = at;
    repeat(at + f->frame, length - 1, 1, f->frame);
    return N1_OK;
}

n1_status n1_repeats_fill(const n1_repeats_head *head, const n1_shape *s, size_t ready, void *samples, size_t *frames)
{
    const uint8_t *p = head->runs.data, *const end = p + head->runs.size;
    filling f = {samples, s->n_channels * n1_type_size(s->dtype), s->n_samples, head->kept, ready, 0, 0, NULL};
    n1_status status = N1_OK;
    run r = before_the_first();
    for (size_t i = 0; i < head->n_runs; i++) {
        if ((status = get_run(&p, end, s->n_samples, &r)) != N1_OK)
            return status;
        const int all = r.stay <= f.ready - f.from;
        stay(&f, r.stay);
        if (!all || (status = put_run(&f, &head->blank, s, &r)) != N1_OK)
            break;
    }
    if (status == N1_OK)
        stay(&f, f.ready - f.from);
    *frames = f.to;
    return status;
}
