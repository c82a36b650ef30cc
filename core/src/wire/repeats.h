/* repeats.h - frames that repeat one are said once, in a block around the block of all others.
 *
 *   mode | number of runs | for each, the last one first: frames that stay behind it, 2 (length - 1) + blank | [the blank frame] | block
 *
 * A run repeats the frame that stays before it, or the blank one: stores fill chunks up with zeros, recorders blank what a
 * stimulus spoils, and amplifiers stay at a rail.
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
/* Put runs in among the first `ready` of the frames that stay, in place; samples has room for all. Gives how many there are then. */
n1_status n1_repeats_fill(const n1_repeats_head *head, const n1_shape *s, size_t ready, void *samples, size_t *frames);

/* What an encoder has found. */
typedef struct {
    size_t n_runs, kept; /* no runs: all frames stay */
    size_t blank;        /* where the blank frame is; n_samples: there is none */
    int inside;          /* frames stay behind a run */
} n1_repeats;

/* Runs that are worth the bytes which say so. */
n1_repeats n1_repeats_find(const void *samples, const n1_shape *s);
/* Write the head, in front of the block of what stays. */
n1_status n1_repeats_write(const void *samples, const n1_shape *s, const n1_repeats *found, uint8_t *dst, size_t capacity, size_t *written);
/* Copy what stays. */
void n1_repeats_cut(const void *samples, const n1_shape *s, const n1_repeats *found, void *kept);
#endif
