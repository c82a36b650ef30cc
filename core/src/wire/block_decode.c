/* A block, whole: decoder. */
#include "base/arena.h"
#include "kernels/table.h"
#include "modes/adaptive/adaptive_decode.h"
#include "modes/contexts/contexts_decode.h"
#include "modes/forward/forward_decode.h"
#include "modes/mode.h"
#include "modes/piecewise/piecewise_decode.h"
#include "modes/stored/stored.h"
#include "wire/shape.h"

static n1_status measure(const uint8_t *src, size_t size, const n1_shape *s, uint64_t *bytes)
{
    n1_arena a = n1_arena_measure();
    n1_status status;
    switch (src[0]) {
    case N1_MODE_STORED: status = N1_OK; break;
    case N1_MODE_FORWARD: status = n1_forward_decode_measure(src, size, s, &a); break;
    case N1_MODE_BACKWARD:
    case N1_MODE_WIDE:
    case N1_MODE_MIXED: status = n1_adaptive_decode_measure(src, size, s, &a); break;
    case N1_MODE_PIECEWISE: status = n1_piecewise_decode_measure(src, size, s, &a); break;
    case N1_MODE_CONTEXTS: status = n1_contexts_decode_measure(src, size, s, &a); break;
    default: status = N1_ERROR_CORRUPT;
    }
    *bytes = a.most;
    return status;
}

size_t n1_block_decode_workspace(const uint8_t *src, size_t size, const n1_shape *s)
{
    uint64_t bytes;
    if (!n1_shape_valid(s) || n1_shape_empty(s) || !src || size < 1)
        return 0;
    return measure(src, size, s, &bytes) == N1_OK && n1_arena_possible(bytes) ? (size_t)bytes : 0;
}

size_t n1_block_decode_most(const n1_shape *s)
{
    n1_arena a = n1_arena_measure();
    if (!n1_shape_valid(s) || n1_shape_empty(s))
        return 0;
    n1_forward_decode_most(s, &a);
    n1_adaptive_decode_most(s, &a);
    n1_piecewise_decode_most(s, &a);
    n1_contexts_decode_most(s, &a);
    return n1_arena_possible(a.most) ? (size_t)a.most : 0;
}

n1_status n1_decode_block(const uint8_t *src, size_t size, const n1_shape *s, n1_kernel kernel, void *workspace,
                          size_t workspace_size, void *samples)
{
    size_t all = SIZE_MAX;
    return n1_decode_block_start(src, size, s, &all, kernel, workspace, workspace_size, samples);
}

n1_status n1_decode_block_start(const uint8_t *src, size_t size, const n1_shape *s, size_t *frames, n1_kernel kernel,
                                void *workspace, size_t workspace_size, void *samples)
{
    n1_kernels k;
    uint64_t need;
    if (!n1_shape_valid(s) || !frames)
        return N1_ERROR_ARGUMENT;
    n1_status status = n1_kernels_fill(&k, kernel);
    if (status != N1_OK)
        return status;
    if (n1_shape_empty(s)) {
        *frames = s->n_samples;
        return size == 0 ? N1_OK : N1_ERROR_CORRUPT;
    }
    if (size < 1)
        return N1_ERROR_TRUNCATED;
    if (!src || !samples)
        return N1_ERROR_ARGUMENT;
    status = measure(src, size, s, &need);
    if (status != N1_OK)
        return status;
    if (!n1_arena_possible(need))
        return N1_ERROR_ARGUMENT;
    if (need && (!workspace || workspace_size < need || (uintptr_t)workspace % N1_WORKSPACE_ALIGNMENT))
        return N1_ERROR_WORKSPACE;
    n1_arena a = n1_arena_of(workspace, workspace_size);
    *frames = src[0] == N1_MODE_WIDE && *frames < s->n_samples ? *frames : s->n_samples;
    switch (src[0]) {
    case N1_MODE_STORED: return n1_stored_decode(src, size, s, samples);
    case N1_MODE_FORWARD: return n1_forward_decode(src, size, s, &k, &a, samples);
    case N1_MODE_PIECEWISE: return n1_piecewise_decode(src, size, s, &a, samples);
    case N1_MODE_CONTEXTS: return n1_contexts_decode(src, size, s, &k, &a, samples);
    default: return n1_adaptive_decode(src, size, s, *frames, &k, &a, samples);
    }
}
