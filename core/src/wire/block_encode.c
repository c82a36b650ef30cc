/* A block, whole: encoder. */
#include "wire/block_encode.h"
#include "base/added_odds.h"
#include "base/arena.h"
#include "base/inline.h"
#include "base/status.h"
#include "base/types.h"
#include "converter/width_tables.h"
#include "kernels/table.h"
#include "modes/piecewise/piecewise.h"
#include "modes/stored/stored.h"
#include "wire/block_ways.h"
#include "wire/echo_encode.h"
#include "wire/echo_parts_encode.h"
#include "wire/repeats_encode.h"
#include "wire/shape.h"

#include <string.h>

#define SMALL_HEAD 32u   /* a head that is one part of so many, or has as many bytes, is small */
#define LONG_RUN   4096u /* values */
#define MANY_COPIES 3u   /* one frame of so many */
#define SEAM_BYTES 32u  /* of a channel, about: where it takes a bit a value or more, */
#define MANY_BYTES 16384u /* of what stays: less is soon coded twice */
#define LIKE_KEPT  4u   /* copies would take one part of so many, at least, of what as many frames that stay do */
#define SMALL_SEAM 8000u /* bytes to a seam of one channel, of which it is less than one part in 1,000 */

static int is_coded(const n1_shape *s, int level)
{
    return n1_shape_valid(s) && !n1_shape_empty(s) && level >= 1 && level <= N1_MAX_LEVEL;
}

static size_t possible(uint64_t need) { return n1_arena_possible(need) ? (size_t)need : 0; }

static n1_shape kept_of(const n1_shape *s, size_t kept) { return (n1_shape){kept, s->n_channels, s->dtype}; }

static int repeats(const n1_seen *seen) { return seen->repeats.n_runs || seen->repeats.again; }

/* Memory of what is coded without the frames that come again, and then with them. */
static uint64_t measure_plain(const n1_shape *s, int level, const n1_seen *seen)
{
    n1_arena a = n1_arena_measure();
    const uint64_t all = n1_ways_measure(s, level, seen->all);
    if (!repeats(seen))
        return all;
    n1_repeats_measure(&a, s, &seen->repeats);
    const uint64_t mark = a.used;
    (void)n1_arena_take(&a, n1_block_bound(s), 1);
    n1_arena_pass(&a, all);
    a.used = mark;
    const n1_shape kept = kept_of(s, seen->repeats.kept);
    if (seen->repeats.inside)
        (void)n1_arena_take(&a, kept.n_samples * kept.n_channels, n1_type_size(s->dtype));
    n1_arena_pass(&a, n1_ways_measure(&kept, level, seen->kept));
    return a.most;
}

/* The most that any samples take which echo nothing. */
static uint64_t measure_most(const n1_shape *s, int level)
{
    const n1_promises most = n1_ways_most(s, level);
    const n1_seen seen = {most, most, n1_repeats_most(s), {0, 0}};
    return measure_plain(s, level, &seen);
}

/* What a block is encoded by, and what of it: in the workspace, for the sake of the stack. */
typedef struct {
    n1_encode_kernels k;
    n1_width_tables known;
    n1_echo_parts parts;
} means;

/* Memory behind the means. */
static uint64_t with_means(uint64_t bytes)
{
    n1_arena a = n1_arena_measure();
    (void)n1_arena_take(&a, 1, sizeof(means));
    n1_arena_pass(&a, bytes);
    return a.most;
}

static uint64_t measure(const n1_shape *s, int level, const n1_seen *seen)
{
    const uint64_t plain = measure_plain(s, level, seen);
    return with_means(seen->echo.distance ? n1_echo_parts_measure(s, s->n_samples - seen->echo.distance, measure_most(s, level), plain) : plain);
}

size_t n1_block_encode_workspace(const n1_shape *s, int level)
{
    if (!is_coded(s, level))
        return 0;
    const uint64_t most = measure_most(s, level);
    return possible(with_means(N1_ECHOES ? n1_echo_parts_measure(s, s->n_samples, most, most) : most));
}

/* Whether so few frames take no more memory than all do: in seldom cases a shorter block takes more. */
static int fits(const n1_shape *s, int level, size_t frames)
{
    const n1_shape kept = kept_of(s, frames);
    return n1_ways_measure(&kept, level, n1_ways_most(&kept, level)) <= n1_ways_measure(s, level, n1_ways_most(s, level));
}

/* The same of a shorter block whatever it holds. */
static int fits_as_well(const n1_shape *s, int level, const n1_shape *part) { return measure_most(part, level) <= measure_most(s, level); }

/* What stays behind a run is looked at when it is known; where runs are still to be searched for, all may stay. */
static n1_seen look_at_repeats(const void *samples, const n1_shape *s, int level)
{
    n1_seen seen = {n1_ways_promise(samples, s, level), {0, 0, 0, 0, 0}, n1_repeats_look(samples, s), {0, 0}};
    if (seen.repeats.again) {
        seen.repeats.inside = 1;
        seen.repeats.kept = s->n_samples;
    }
    if (seen.repeats.n_runs && !fits(s, level, seen.repeats.kept))
        seen.repeats.n_runs = 0;
    if (repeats(&seen)) {
        const n1_shape kept = kept_of(s, seen.repeats.kept);
        seen.kept = seen.repeats.inside ? n1_ways_most(&kept, level) : n1_ways_promise(samples, &kept, level);
    }
    return seen;
}

static n1_seen look(const void *samples, const n1_shape *s, int level)
{
    n1_seen seen = look_at_repeats(samples, s, level);
    if (!N1_ECHOES)
        return seen;
    seen.echo = n1_echo_look(samples, s);
    const n1_shape first = n1_echo_first(s, seen.echo.distance), others = n1_echo_others(s, seen.echo.distance);
    if (seen.echo.distance && !(fits_as_well(s, level, &first) && fits_as_well(s, level, &others)))
        seen.echo.distance = 0;
    return seen;
}

size_t n1_block_look(const void *samples, const n1_shape *s, int level, n1_seen *seen)
{
    *seen = (n1_seen){{0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}, {0, 0}};
    if (!samples || !is_coded(s, level))
        return 0;
    *seen = look(samples, s, level);
    return possible(measure(s, level, seen));
}

size_t n1_block_encode_needs(const void *samples, const n1_shape *s, int level)
{
    n1_seen seen;
    return n1_block_look(samples, s, level, &seen);
}

size_t n1_block_bound(const n1_shape *s) { return n1_shape_valid(s) ? n1_stored_bound(s) : 0; }

n1_status n1_encode_block(const void *samples, const n1_shape *s, int level, n1_kernel kernel, void *workspace,
                          size_t workspace_size, uint8_t *dst, size_t capacity, size_t *written)
{
    return n1_encode_seen_block(samples, s, NULL, level, kernel, NULL, workspace, workspace_size, dst, capacity, written);
}

n1_status n1_encode_known_block(const void *samples, const n1_shape *s, const n1_span *tables, int level, n1_kernel kernel,
                                void *workspace, size_t workspace_size, uint8_t *dst, size_t capacity, size_t *written)
{
    return n1_encode_seen_block(samples, s, tables, level, kernel, NULL, workspace, workspace_size, dst, capacity, written);
}

/* What stays, behind its head. */
static n1_status encode_kept(const void *samples, const n1_shape *s, int level, const n1_seen *seen, const n1_repeats_list *found,
                             const n1_encode_kernels *k, n1_arena arena, uint8_t *dst, size_t capacity, size_t *head, size_t *written)
{
    const n1_shape kept = kept_of(s, found->kept);
    n1_promises p = seen->kept;
    const void *stays = samples;
    size_t body = 0;
    n1_status status = n1_repeats_write(samples, s, found, dst, capacity, head);
    if (status == N1_OK && seen->repeats.inside) {
        const size_t size = kept.n_samples * kept.n_channels * n1_type_size(s->dtype);
        void *copy = n1_arena_take(&arena, size, 1);
        if (!copy)
            return N1_ERROR_INTERNAL;
        n1_repeats_cut(samples, s, found, copy);
        p = n1_ways_promise(copy, &kept, level);
        stays = copy;
    }
    if (N1_ADDED_ODDS && seen->all.tried)
        p.contexts = seen->all.contexts ? p.contexts : 0; /* what does not pay in all frames does not, either */
    if (status == N1_OK)
        status = n1_encode_ways(stays, &kept, level, p, k, n1_arena_rest(&arena), dst + *head, capacity - *head, &body);
    *written = *head + body;
    return status;
}

static size_t copies(const n1_repeats_list *found)
{
    size_t n = 0;
    for (size_t i = 0; i < found->n_runs; i++)
        n += found->runs[i].distance > 1;
    return n;
}

/* Whether what stays surely takes less than all frames do: where the head is a small part of it. A mode may know how to code
 * what comes again, too: it must be long and more than half of the block, or the way that is to be found again behind each
 * run, some bytes a channel, must be as good as nothing. */
static int is_less(const n1_shape *s, const n1_repeats_list *found, size_t head, size_t written)
{
    const size_t gone = s->n_samples - found->kept, seams = copies(found);
    if (!seams)
        return head * SMALL_HEAD <= written;
    return (head <= SMALL_HEAD || head * SMALL_HEAD <= written) &&
           (seams * (s->n_channels + 1) <= written / SMALL_SEAM ||
            (2 * gone >= s->n_samples && gone * s->n_channels / found->n_runs >= LONG_RUN));
}

/* Frames that copies of earlier ones take away, but for those that are held. */
static size_t copied(const n1_repeats_list *found)
{
    size_t n = 0;
    for (size_t i = 0; i < found->n_runs; i++)
        n += found->runs[i].distance > 1 ? found->runs[i].end - found->runs[i].first : 0;
    return n;
}

/* Whether copies of frames that take so much as noise does surely save what their seams cost. */
N1_APART static int saves_much(const n1_shape *s, const n1_repeats_list *found, size_t head, size_t written)
{
    const uint64_t saved = (uint64_t)((double)copied(found) * (double)written / (double)found->kept) / LIKE_KEPT;
    return written >= MANY_BYTES && 8 * (uint64_t)written >= (uint64_t)found->kept * s->n_channels && saved >= head + copies(found) * s->n_channels * SEAM_BYTES;
}

/* Without what comes again, and in doubt with it, too. Contexts that are surely smaller know what is held: only many copies are better. */
static n1_status encode_smaller(const void *samples, const n1_shape *s, int level, n1_seen *seen, const n1_encode_kernels *k,
                                n1_arena arena, uint8_t *dst, size_t capacity, size_t *written)
{
    n1_repeats_list found;
    size_t head = 0, other = 0;
    n1_status status = n1_repeats_find(samples, s, &seen->repeats, &arena, &found);
    if (N1_ADDED_ODDS && status == N1_OK && copied(&found) < s->n_samples / MANY_COPIES) {
        status = n1_encode_by_contexts(samples, s, level, &seen->all, k, n1_arena_rest(&arena), dst, capacity, written);
        if (status != N1_NOT_APPLICABLE)
            return status;
        status = N1_OK;
    }
    const int in_doubt = N1_ADDED_ODDS && seen->all.tried && seen->all.contexts > 1;
    if (status == N1_OK && (in_doubt || !found.n_runs || !fits(s, level, found.kept)))
        return n1_encode_ways(samples, s, level, seen->all, k, n1_arena_rest(&arena), dst, capacity, written);
    if (status == N1_OK)
        status = encode_kept(samples, s, level, seen, &found, k, n1_arena_rest(&arena), dst, capacity, &head, written);
    if (status != N1_OK || is_less(s, &found, head, *written) || (N1_PIECE_FORMS && saves_much(s, &found, head, *written)))
        return status;
    uint8_t *again = n1_arena_take(&arena, n1_block_bound(s), 1);
    if (!again)
        return N1_ERROR_INTERNAL;
    status = n1_encode_ways(samples, s, level, seen->all, k, n1_arena_rest(&arena), again, n1_block_bound(s), &other);
    if (status == N1_OK && other < *written) {
        memcpy(dst, again, other);
        *written = other;
    }
    return status;
}

static n1_status encode_plain(const void *samples, const n1_shape *s, int level, n1_seen *seen, const n1_encode_kernels *k, n1_arena arena,
                              uint8_t *dst, size_t capacity, size_t *written)
{
    return repeats(seen) ? encode_smaller(samples, s, level, seen, k, arena, dst, capacity, written)
                         : n1_encode_ways(samples, s, level, seen->all, k, arena, dst, capacity, written);
}

/* Of what echoes, parts that are looked at by themselves. */
static n1_status encode(n1_echo_parts *p, int level, n1_seen *seen, const n1_encode_kernels *k)
{
    n1_status status = N1_OK;
    while (status == N1_OK && p->stage != N1_NO_MORE) {
        if ((status = n1_echo_part_begin(p)) != N1_OK)
            break;
        if (p->echo.distance)
            *seen = look_at_repeats(p->samples, &p->shape, level);
        status = encode_plain(p->samples, &p->shape, level, seen, k, p->arena, p->at, p->room, &p->written);
        if (status == N1_OK)
            n1_echo_part_end(p);
    }
    return status;
}

/* Whether there are such kernels; tables are opened once for each block: all of them are read. */
N1_APART static n1_status check_means(n1_kernel kernel, const n1_span *tables, n1_width_tables *known)
{
    n1_encode_kernels k;
    const n1_status status = n1_encode_kernels_fill(&k, kernel);
    return status == N1_OK && tables && tables->size ? n1_width_tables_open(known, *tables) : status;
}

n1_status n1_encode_seen_block(const void *samples, const n1_shape *s, const n1_span *tables, int level, n1_kernel kernel,
                               const n1_seen *seen, void *workspace, size_t workspace_size, uint8_t *dst, size_t capacity,
                               size_t *written)
{
    n1_width_tables known = {0};
    if (!n1_shape_valid(s) || level < 1 || level > N1_MAX_LEVEL || !written)
        return N1_ERROR_ARGUMENT;
    *written = 0;
    const n1_status status = check_means(kernel, tables, &known);
    if (status != N1_OK || n1_shape_empty(s))
        return status;
    if (!samples || !workspace || !dst || !n1_block_encode_workspace(s, level))
        return N1_ERROR_ARGUMENT;
    n1_seen found = seen ? *seen : look(samples, s, level);
    if (workspace_size < measure(s, level, &found) || (uintptr_t)workspace % N1_WORKSPACE_ALIGNMENT)
        return N1_ERROR_WORKSPACE;
    if (capacity < n1_block_bound(s))
        return N1_ERROR_DST_TOO_SMALL;
    n1_arena arena = n1_arena_of(workspace, workspace_size);
    means *const m = n1_arena_take(&arena, 1, sizeof *m);
    (void)n1_encode_kernels_fill(&m->k, kernel);
    m->known = known;
    m->k.both.known = tables && tables->size ? &m->known : NULL;
    arena = n1_arena_rest(&arena);
    n1_echo_parts_start(&m->parts, samples, s, &found.echo, arena, dst, capacity);
    const n1_status done = N1_ECHOES ? encode(&m->parts, level, &found, &m->k) : encode_plain(samples, s, level, &found, &m->k, arena, dst, capacity, &m->parts.done);
    *written = m->parts.done;
    return done == N1_NOT_APPLICABLE ? N1_ERROR_INTERNAL : done;
}
