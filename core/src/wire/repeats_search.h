/* repeats_search.h - encoder: stretches of frames that come again. */
#ifndef N1_WIRE_REPEATS_SEARCH_H
#define N1_WIRE_REPEATS_SEARCH_H
#include "wire/repeats_encode.h"

/* How long runs are that are worth the bytes which say so: of one frame, the same at the end of a block, and of others. */
typedef struct {
    size_t held, last, again;
} n1_run_lengths;
n1_run_lengths n1_run_lengths_of(const n1_shape *s);
/* The fewest frames that a search takes for a run. */
size_t n1_shortest_run(const n1_shape *s);

/* A look at a block: frames of the last stretch that it puts into a table, of which it asks for one place in so many, and of those others. */
enum { N1_LOOK_OTHERS = 3, N1_LOOK_BITS = 10 };
typedef struct {
    size_t length, others;
} n1_look_stretches;
n1_look_stretches n1_look_stretches_of(const n1_shape *s);
/* Whether stretches that are not of one frame alone come again: places all over the block are compared with all frames of a
 * few stretches. */
int n1_come_again(const void *samples, const n1_shape *s);
/* Memory of n1_search_runs beside its list. */
void n1_search_measure(n1_arena *a, const n1_shape *s);
/* Runs of all distances, each as long as it can be, from the first frame on. The list has room for `most`. */
n1_status n1_search_runs(const void *samples, const n1_shape *s, n1_arena arena, n1_run *runs, size_t most, size_t *n_runs);
#endif
