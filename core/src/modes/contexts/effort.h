/* effort.h - encoder: how much the contexts mode takes into account, and for which channels. */
#ifndef N1_MODES_CONTEXTS_EFFORT_H
#define N1_MODES_CONTEXTS_EFFORT_H
#include "base/added_odds.h"
#include <stdint.h>

#define N1_CONTEXTS_SHORT 32768u /* samples */
#define N1_CONTEXTS_SHORTEST 4096u /* from so many on, */
#define N1_CONTEXTS_BITS  3u      /* where others take so many bits a sample, decisions are many: those that are quick save as much */

typedef struct {
    uint8_t how;      /* n1_contexts_how */
    uint8_t share;    /* of 256 samples, so many or more repeat the last value or step: the channel may gain; 0: any channel may */
    uint8_t worth;    /* a trial must be smaller by one part of so many; 0: no more than that the block is smaller */
    uint8_t quick;    /* how where blocks are long; 0: the same; then, beyond so many decisions of four samples, there is no time for it: */
    uint8_t most, one; /* of several channels, and of one; 0: for any number there is */
    uint8_t spared;   /* decisions of four samples, beyond which one channel is told by the small set of quick contexts; 0: none is */
    uint8_t values;   /* so many, or fewer, in what is seen of a channel: it may gain, too, whatever repeats; labels, states */
} n1_contexts_effort;

/* Where blocks are short, decisions may be many and save little: they take little time in all. */
static inline n1_contexts_effort n1_contexts_of(const n1_contexts_effort *e, uint64_t n_samples)
{
    if (!N1_ADDED_ODDS || n_samples < N1_CONTEXTS_SHORT)
        return (n1_contexts_effort){e->how, e->share, 0, 0, 0, 0, 0, 0};
    return (n1_contexts_effort){e->quick ? e->quick : e->how, e->share, e->worth, e->quick, e->most, e->one, e->spared, e->values};
}

/* Of a whole block: a trial has told what they are worth. */
static inline n1_contexts_effort n1_contexts_whole(const n1_contexts_effort *e, uint64_t n_samples)
{
    const n1_contexts_effort w = n1_contexts_of(e, n_samples);
    return (n1_contexts_effort){w.how, w.share, 0, w.quick, 0, 0, w.spared, w.values};
}
#endif
