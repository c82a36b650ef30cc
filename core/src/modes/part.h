/* part.h - encoder: a part of a block, which tells of the whole. */
#ifndef N1_MODES_PART_H
#define N1_MODES_PART_H
#include <stddef.h>
#include <stdint.h>

/* A part of a block: stretches of frames, all over it, of channels side by side; and what it has cost. */
#define N1_PART_CHANNELS 32u   /* at most: as many as blocks of a file have */

/* A small program takes channels to be as alike as a probe's: see challenge/Makefile. */
#ifndef N1_UNLIKE_CHANNELS
#define N1_UNLIKE_CHANNELS 1
#endif

typedef struct {
    size_t runs, length, first, n_channels;
    uint64_t bits;   /* 0: it is not known */
    int sure;        /* whether the whole needs no look at other modes: the recording's own tables of widths are worth their while */
    int unlike;      /* whether it tells nothing of the whole: channels side by side are too unlike each other */
} n1_part;

/* One of which nothing is told yet. */
static inline n1_part n1_part_of(size_t runs, size_t length, size_t first, size_t n_channels)
{
    return (n1_part){.runs = runs, .length = length, .first = first, .n_channels = n_channels};
}

/* Where stretch i begins. */
static inline size_t n1_part_at(const n1_part *p, size_t i, size_t n_samples)
{
    return (2 * i + 1) * n_samples / (2 * p->runs) - p->length / 2;
}
#endif
