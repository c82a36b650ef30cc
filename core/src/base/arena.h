/* arena.h - memory of the caller, handed out from its start.
 *
 * An arena without memory measures: the same calls of n1_arena_take, made for nothing but the sum, say how much they
 * will want. So what a coder needs is never added up by hand. Sizes have 64 bits, so that a
 * machine of 32 can say that it does not hold them.
 */
#ifndef N1_BASE_ARENA_H
#define N1_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#define N1_ARENA_ALIGNMENT 64u

typedef struct n1_arena {
    uint8_t *base;      /* aligned; NULL: measure                                 */
    uint64_t size, used; /* bytes; set `used` back to an earlier value to free all that came after */
    uint64_t most;      /* that was ever in use at a time                         */
    int lacking;        /* something did not fit                                  */
} n1_arena;

static inline n1_arena n1_arena_of(void *memory, size_t size) { return (n1_arena){memory, size, 0, 0, 0}; }
static inline n1_arena n1_arena_measure(void) { return (n1_arena){NULL, UINT64_MAX / 2, 0, 0, 0}; }

/* Aligned memory for `count` things of `size` bytes; NULL where an arena measures, or where they do not fit. */
static inline void *n1_arena_take(n1_arena *a, uint64_t count, size_t size)
{
    const uint64_t at = (a->used + N1_ARENA_ALIGNMENT - 1) & ~(uint64_t)(N1_ARENA_ALIGNMENT - 1);
    if (at > a->size || (size && (a->size - at) / size < count)) {
        a->lacking = 1;
        return NULL;
    }
    a->used = at + count * size;
    a->most = a->used > a->most ? a->used : a->most;
    return a->base ? a->base + (size_t)at : NULL;
}

/* What is left, as an arena of its own. */
static inline n1_arena n1_arena_rest(const n1_arena *a)
{
    const uint64_t at = (a->used + N1_ARENA_ALIGNMENT - 1) & ~(uint64_t)(N1_ARENA_ALIGNMENT - 1);
    return at > a->size ? n1_arena_of(a->base + (size_t)a->size, 0) : n1_arena_of(a->base + (size_t)at, (size_t)(a->size - at));
}

/* Count memory that is free again afterwards. */
static inline void n1_arena_pass(n1_arena *a, uint64_t size)
{
    const uint64_t mark = a->used;
    (void)n1_arena_take(a, size, 1);
    a->used = mark;
}

/* Whether a machine can hold so much at once. */
static inline int n1_arena_possible(uint64_t bytes) { return bytes <= PTRDIFF_MAX; }

/* Whether all that was taken is there. */
static inline int n1_arena_holds(const n1_arena *a) { return a->base && !a->lacking; }

#endif
