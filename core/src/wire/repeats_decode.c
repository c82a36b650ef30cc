/* Frames that repeat one: decoder. */
#include "wire/repeats.h"
#include "base/types.h"
#include "base/varint.h"
#include "modes/stored/stored.h"

#include <string.h>

/* A run, as a head says it. */
typedef struct {
    uint64_t behind, length;
    int blank;
} run;

static n1_status get_run(const uint8_t **p, const uint8_t *end, uint64_t most, run *r)
{
    uint64_t word = 0;
    n1_status status = n1_get_varint(p, end, most, &r->behind);
    if (status == N1_OK)
        status = n1_get_varint(p, end, 2 * most, &word);
    r->length = word / 2 + 1;
    r->blank = (int)(word & 1);
    return status;
}

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
    uint64_t runs, left = s->n_samples, behind = 0, least = 0; /* behind a run, and what must stay for it */
    int blanks = 0;
    n1_status status = n1_get_varint(&p, end, s->n_samples, &runs);
    if (status != N1_OK || !runs)
        return status == N1_OK ? N1_ERROR_CORRUPT : status;
    *head = (n1_repeats_head){(size_t)runs, 0, rest_of(p, end), {p, 0}, {p, 0}};
    for (uint64_t i = 0; i < runs; i++) {
        run r;
        if ((status = get_run(&p, end, s->n_samples, &r)) != N1_OK)
            return status;
        if (r.length >= left)
            return N1_ERROR_CORRUPT;
        left -= r.length;
        behind += r.behind;
        least = r.blank && least >= behind ? least : behind + !r.blank;
        blanks |= r.blank;
        if (least > left)
            return N1_ERROR_CORRUPT;
    }
    head->kept = (size_t)left;
    head->block = rest_of(p, end);
    if (blanks && (status = get_blank(end, s, head)) != N1_OK)
        return status;
    return head->block.size ? N1_OK : N1_ERROR_TRUNCATED;
}

/* So many frames, each as the one before the first of them: twice as many at a time. */
static void repeat(uint8_t *at, size_t frames, size_t frame)
{
    for (size_t done = 1, all = frames + 1; done < all; done *= 2)
        memcpy(at + (done - 1) * frame, at - frame, (done < all - done ? done : all - done) * frame);
}

/* Frames that are to be moved: among those that stay, and where. */
static void move(uint8_t *samples, size_t to, size_t from, size_t until, size_t frame)
{
    if (from < until)
        memmove(samples + to * frame, samples + from * frame, (until - from) * frame);
}

n1_status n1_repeats_fill(const n1_repeats_head *head, const n1_shape *s, size_t ready, void *samples, size_t *frames)
{
    const size_t frame = s->n_channels * n1_type_size(s->dtype);
    const n1_shape one = {1, s->n_channels, s->dtype};
    const uint8_t *p = head->runs.data, *const end = p + head->runs.size, *blank = NULL;
    size_t to = s->n_samples, from = head->kept; /* frames that are not yet in their places, and where they end */
    uint8_t *const first = samples;
    *frames = ready;
    for (size_t i = 0; i < head->n_runs; i++) {
        run r;
        const n1_status status = get_run(&p, end, s->n_samples, &r);
        if (status != N1_OK)
            return status;
        const size_t at = from - (size_t)r.behind, length = (size_t)r.length;
        move(first, to - (size_t)r.behind, at, ready < from ? ready : from, frame);
        to -= (size_t)r.behind + length;
        from = at;
        if (at > ready)
            continue;
        uint8_t *const run_at = first + to * frame;
        if (r.blank && !blank && n1_stored_decode(head->blank.data, head->blank.size, &one, run_at) != N1_OK)
            return N1_ERROR_CORRUPT;
        if (!r.blank || blank)
            memcpy(run_at, r.blank ? blank : first + (at - 1) * frame, frame);
        blank = r.blank ? run_at : blank;
        repeat(run_at + frame, length - 1, frame);
        *frames += length;
    }
    return N1_OK;
}
