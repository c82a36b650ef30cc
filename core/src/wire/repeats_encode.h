/* repeats_encode.h - encoder: which frames come again, and what is written of it. */
#ifndef N1_WIRE_REPEATS_ENCODE_H
#define N1_WIRE_REPEATS_ENCODE_H
#include "base/arena.h"
#include "wire/repeats.h"

/* Frames from `first` up to `end` are as those `distance` before, or the blank one if that is 0. */
typedef struct {
    size_t first, end, distance;
} n1_run;

/* What an encoder has found, from the first run to the last. */
typedef struct {
    n1_run *runs;
    size_t n_runs, kept, blank;
} n1_repeats_list;

/* Memory of n1_repeats_find, of which the list stays in use. */
void n1_repeats_measure(n1_arena *a, const n1_shape *s, const n1_repeats *seen);
/* All runs: those that the look has seen, or what a search finds. */
n1_status n1_repeats_find(const void *samples, const n1_shape *s, const n1_repeats *seen, n1_arena *a, n1_repeats_list *found);
/* Write the head, in front of the block of what stays. */
n1_status n1_repeats_write(const void *samples, const n1_shape *s, const n1_repeats_list *found, uint8_t *dst, size_t capacity,
                           size_t *written);
/* Copy what stays. */
void n1_repeats_cut(const void *samples, const n1_shape *s, const n1_repeats_list *found, void *kept);
#endif
