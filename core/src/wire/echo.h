/* echo.h - frames that are those of a period before but for an offset, in a block around two others: of the first period, and of
 * what is left of all others.
 *
 *   mode | distance | which channels | bytes of the first block | block of `distance` frames | block of all others
 *
 * A stimulus that is played again and again, a table of noise, a simulation: they stand on steps and drifts of their own, so that
 * no value comes again, but every difference does.
 */
#ifndef N1_WIRE_ECHO_H
#define N1_WIRE_ECHO_H
#include "base/types.h"
#include "n1/codec.h"

#ifndef N1_ECHOES
#define N1_ECHOES 1 /* 0: for small programs, whose encoder looks for no echoes and whose decoder knows none */
#endif

/* What a decoder has seen in a block's head; spans are a part of the block's bytes. */
typedef struct {
    size_t distance;       /* frames, at least 1, and fewer than there are */
    const uint8_t *which;  /* a bit for each channel, behind a first one that says that all are echoes */
    n1_span first, others; /* the two blocks */
} n1_echo_head;

/* See and check the head of a block of this mode. */
n1_status n1_echo_read(const uint8_t *src, size_t size, const n1_shape *s, n1_echo_head *head);
/* Make samples of what the two blocks hold, one behind the other. */
void n1_echo_add(const n1_echo_head *head, const n1_shape *s, void *samples);

static inline int n1_echo_is_one(const uint8_t *which, size_t channel)
{
    return which[0] & 1 || which[(channel + 1) / 8] >> (channel + 1) % 8 & 1;
}

/* What is left of the others is signed. */
static inline n1_shape n1_echo_others(const n1_shape *s, size_t distance)
{
    return (n1_shape){s->n_samples - distance, s->n_channels, (n1_type)(s->dtype & ~1u)};
}
static inline n1_shape n1_echo_first(const n1_shape *s, size_t distance) { return (n1_shape){distance, s->n_channels, s->dtype}; }

/* Encoder: what a look at samples says. */
typedef struct {
    size_t distance; /* 0: nothing echoes */
    int sure;        /* it surely takes less than all frames do */
} n1_echo;
#endif
