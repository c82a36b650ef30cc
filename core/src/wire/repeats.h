/* repeats.h - frames that come again are said once, in a block around the block of all others.
 *
 *   mode | number of runs | for each: frames that stay before it, 2 (length - 1) + new, [distance] | [the blank frame] | block
 *
 * A run repeats the frames so far before it, itself included where it is longer than that, or the blank frame: stores fill
 * chunks up with zeros, recorders blank what a stimulus spoils, amplifiers stay at a rail, generators and loops begin again.
 */
#ifndef N1_WIRE_REPEATS_H
#define N1_WIRE_REPEATS_H
#include "n1/codec.h"

/* What a decoder has seen in a block's head; spans are a part of the block's bytes. */
typedef struct {
    size_t n_runs, kept;      /* frames that stay: at least 1 */
    n1_span runs, blank, block; /* numbers of the runs; the blank frame as a stored block, or nothing; the block of what stays */
} n1_repeats_head;

/* See and check the head of a block of this mode. */
n1_status n1_repeats_read(const uint8_t *src, size_t size, const n1_shape *s, n1_repeats_head *head);
/* Put the first `ready` of the frames that stay, which are the last `kept` ones of samples, in their places, and runs between
 * them. Gives how many frames there are then. */
n1_status n1_repeats_fill(const n1_repeats_head *head, const n1_shape *s, size_t ready, void *samples, size_t *frames);

/* What a look at samples says. */
typedef struct {
    size_t n_runs, kept; /* of one frame each; no runs: all frames stay */
    size_t blank;        /* where the blank frame is; n_samples: there is none */
    int inside;          /* frames stay behind a run */
    int again;           /* longer stretches seem to come again, too: they are to be searched for */
} n1_repeats;

/* Runs of one frame that are worth the bytes which say so, and whether stretches come again somewhere in the block. */
n1_repeats n1_repeats_look(const void *samples, const n1_shape *s);
/* The most that a look at any samples may say. */
n1_repeats n1_repeats_most(const n1_shape *s);
#endif
