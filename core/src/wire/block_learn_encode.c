/* Tables of code widths, learned from a part of a recording. */
#include "base/arena.h"
#include "kernels/table.h"
#include "levels.h"
#include "modes/adaptive/adaptive_encode.h"
#include "wire/shape.h"

#define LEVEL 5 /* others learn the same, by other predictions */

static int learns(const n1_shape *s) { return n1_shape_valid(s) && !n1_shape_empty(s) && s->n_channels >= N1_WIDE_CHANNELS && n1_adaptive_takes(s); }

size_t n1_learn_tables_workspace(const n1_shape *s)
{
    const n1_level level = n1_level_of(LEVEL, s->n_channels);
    if (!learns(s))
        return 0;
    const uint64_t bytes = n1_adaptive_encode_measure(s, level.adaptive, level.rest);
    return n1_arena_possible(bytes) ? (size_t)bytes : 0;
}

n1_status n1_learn_tables(const void *samples, const n1_shape *s, n1_kernel kernel, void *workspace, size_t workspace_size, uint8_t *dst,
                          size_t capacity, size_t *written)
{
    const n1_level level = n1_level_of(LEVEL, s->n_channels);
    n1_encode_kernels k;
    if (!n1_shape_valid(s) || !written)
        return N1_ERROR_ARGUMENT;
    *written = 0;
    const n1_status status = n1_encode_kernels_fill(&k, kernel);
    const size_t need = n1_learn_tables_workspace(s);
    if (status != N1_OK || !learns(s))
        return status;
    if (!samples || !workspace || !dst || !need)
        return N1_ERROR_ARGUMENT;
    if (workspace_size < need || (uintptr_t)workspace % N1_WORKSPACE_ALIGNMENT)
        return N1_ERROR_WORKSPACE;
    return n1_adaptive_learn(samples, s, level.adaptive, &k, n1_arena_of(workspace, workspace_size), dst, capacity, written);
}
