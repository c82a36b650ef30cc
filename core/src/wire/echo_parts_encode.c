/* What of a block is coded, one after the other. */
#include "wire/echo_parts_encode.h"
#include "base/inline.h"
#include "base/status.h"
#include "base/varint.h"
#include "modes/stored/stored.h"
#include "wire/echo_encode.h"

#include <string.h>

void n1_echo_parts_start(n1_echo_parts *p, const void *samples, const n1_shape *s, const n1_echo *echo, n1_arena arena, uint8_t *dst, size_t capacity)
{
    *p = (n1_echo_parts){.block = samples, .s = s, .echo = *echo, .dst = dst, .capacity = capacity, .whole = arena};
    p->stage = echo->distance ? N1_FIRST_PERIOD : N1_ALL_FRAMES;
}

uint64_t n1_echo_parts_measure(const n1_shape *s, size_t others, uint64_t part, uint64_t all)
{
    const n1_shape left = {others, s->n_channels, s->dtype};
    n1_arena a = n1_arena_measure();
    (void)n1_arena_take(&a, n1_stored_bound(s), 1);
    n1_arena_pass(&a, all);
    a.used = 0;
    (void)n1_arena_take(&a, others * s->n_channels, n1_type_size(s->dtype));
    (void)n1_arena_take(&a, n1_stored_bound(&left), 1);
    n1_arena_pass(&a, part);
    return a.most;
}

/* Behind the head, with room for a length before it. */
static void begin_first(n1_echo_parts *p)
{
    uint8_t *const behind = n1_echo_write(p->block, p->s, p->echo.distance, p->dst, &p->which);
    p->done = (size_t)(behind - p->dst);
    p->at = behind + N1_MAX_VARINT_BYTES;
    p->room = p->capacity - p->done - N1_MAX_VARINT_BYTES;
    p->shape = n1_echo_first(p->s, p->echo.distance);
}

static void begin_others(n1_echo_parts *p)
{
    p->shape = n1_echo_others(p->s, p->echo.distance);
    p->room = n1_stored_bound(&p->shape);
    void *left = n1_arena_take(&p->arena, p->shape.n_samples * p->shape.n_channels, n1_type_size(p->shape.dtype));
    p->at = n1_arena_take(&p->arena, p->room, 1);
    if (left)
        n1_echo_subtract(p->block, p->s, p->echo.distance, p->which, left);
    p->samples = left;
}

/* All frames: beside what is there, if anything is. */
static void begin_all(n1_echo_parts *p)
{
    p->shape = *p->s;
    p->room = p->done ? n1_stored_bound(p->s) : p->capacity;
    p->at = p->done ? n1_arena_take(&p->arena, p->room, 1) : p->dst;
}

N1_APART n1_status n1_echo_part_begin(n1_echo_parts *p)
{
    p->arena = p->whole;
    p->samples = p->block;
    switch (p->stage) {
    case N1_FIRST_PERIOD: begin_first(p); break;
    case N1_OTHER_FRAMES: begin_others(p); break;
    default: begin_all(p);
    }
    p->arena = n1_arena_rest(&p->arena);
    return p->at && p->samples ? N1_OK : N1_ERROR_INTERNAL;
}

/* Where the parts are no less than all frames may take, these are coded. */
static void end_others(n1_echo_parts *p)
{
    const int fits = p->written <= p->capacity - p->done;
    if (fits)
        memcpy(p->dst + p->done, p->at, p->written);
    p->done = fits ? p->done + p->written : 0;
    p->stage = fits && p->echo.sure ? N1_NO_MORE : N1_ALL_FRAMES;
}

N1_APART void n1_echo_part_end(n1_echo_parts *p)
{
    if (p->stage == N1_OTHER_FRAMES) {
        end_others(p);
        return;
    }
    if (p->stage == N1_FIRST_PERIOD) {
        uint8_t *const place = n1_put_varint(p->dst + p->done, p->written);
        memmove(place, p->at, p->written);
        p->done = (size_t)(place - p->dst) + p->written;
        p->stage = N1_OTHER_FRAMES;
        return;
    }
    if (p->at != p->dst && p->written < p->done)
        memcpy(p->dst, p->at, p->written);
    p->done = !p->done || p->written < p->done ? p->written : p->done;
    p->stage = N1_NO_MORE;
}
