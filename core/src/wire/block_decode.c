/* A block, whole: decoder. */
#include "base/arena.h"
#include "base/types.h"
#include "converter/width_tables.h"
#include "kernels/table.h"
#include "modes/adaptive/adaptive_decode.h"
#include "modes/contexts/contexts_decode.h"
#include "modes/forward/forward_decode.h"
#include "modes/mode.h"
#include "modes/piecewise/piecewise_decode.h"
#include "modes/stored/stored.h"
#include "wire/block_spread.h"
#include "wire/echo.h"
#include "wire/repeats.h"
#include "wire/shape.h"

/* A block of any mode, with what comes again around it. */
typedef struct {
    n1_shape shape; /* of the block inside */
    const uint8_t *src;
    size_t size;
    int repeats;
    n1_repeats_head head;
} inside;

static n1_status open(const uint8_t *src, size_t size, const n1_shape *s, inside *b)
{
    *b = (inside){*s, src, size, size && src[0] == N1_MODE_REPEATS, {0}};
    if (!b->repeats)
        return N1_OK;
    const n1_status status = n1_repeats_read(src, size, s, &b->head);
    b->src = b->head.block.data;
    b->size = b->head.block.size;
    b->shape.n_samples = b->head.kept;
    return status;
}

static n1_status measure(const inside *b, uint64_t *bytes)
{
    const uint8_t *const src = b->src;
    const size_t size = b->size;
    const n1_shape *const s = &b->shape;
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

static int is_echo(const uint8_t *src) { return N1_ECHOES && src[0] == N1_MODE_ECHO; }

/* 0: no memory is needed, or none is enough. */
static size_t workspace_of(const uint8_t *src, size_t size, const n1_shape *s)
{
    uint64_t bytes;
    inside b;
    if (open(src, size, s, &b) != N1_OK)
        return 0;
    return measure(&b, &bytes) == N1_OK && n1_arena_possible(bytes) ? (size_t)bytes : 0;
}

static size_t workspace_of_echo(const uint8_t *src, size_t size, const n1_shape *s)
{
    n1_echo_head head;
    if (n1_echo_read(src, size, s, &head) != N1_OK)
        return 0;
    const n1_shape first = n1_echo_first(s, head.distance), others = n1_echo_others(s, head.distance);
    const size_t one = workspace_of(head.first.data, head.first.size, &first), other = workspace_of(head.others.data, head.others.size, &others);
    return one > other ? one : other;
}

size_t n1_block_decode_workspace(const uint8_t *src, size_t size, const n1_shape *s)
{
    if (!n1_shape_valid(s) || n1_shape_empty(s) || !src || size < 1)
        return 0;
    return is_echo(src) ? workspace_of_echo(src, size, s) : workspace_of(src, size, s);
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

/* What stays is decoded to the end of the samples, from where it moves to its places. */
static void *place_of(const inside *b, const n1_shape *s, void *samples)
{
    return (uint8_t *)samples + (s->n_samples - b->shape.n_samples) * s->n_channels * n1_type_size(s->dtype);
}

static n1_status decode(const inside *b, n1_frames *f, const n1_kernels *k, n1_arena *a, void *samples, size_t pitch)
{
    const n1_shape *const s = &b->shape;
    if (b->src[0] != N1_MODE_WIDE || f->stop > s->n_samples)
        f->stop = s->n_samples;
    switch (b->src[0]) {
    case N1_MODE_STORED: return n1_stored_decode(b->src, b->size, s, samples);
    case N1_MODE_FORWARD: return n1_forward_decode(b->src, b->size, s, k, a, samples, pitch);
    case N1_MODE_PIECEWISE: return n1_piecewise_decode(b->src, b->size, s, a, samples);
    case N1_MODE_CONTEXTS: return n1_contexts_decode(b->src, b->size, s, k, a, samples);
    default: return n1_adaptive_decode(b->src, b->size, s, *f, k, a, samples, pitch);
    }
}

n1_status n1_check_tables(const n1_span *tables)
{
    n1_width_tables known;
    return tables ? n1_width_tables_open(&known, *tables) : N1_ERROR_ARGUMENT;
}

n1_status n1_decode_block(const uint8_t *src, size_t size, const n1_shape *s, n1_kernel kernel, void *workspace,
                          size_t workspace_size, void *samples)
{
    size_t all = SIZE_MAX;
    return n1_decode_known_block(src, size, s, NULL, &all, kernel, workspace, workspace_size, samples);
}

n1_status n1_decode_block_start(const uint8_t *src, size_t size, const n1_shape *s, size_t *frames, n1_kernel kernel,
                                void *workspace, size_t workspace_size, void *samples)
{
    return n1_decode_known_block(src, size, s, NULL, frames, kernel, workspace, workspace_size, samples);
}

n1_status n1_decode_known_block(const uint8_t *src, size_t size, const n1_shape *s, const n1_span *tables, size_t *frames,
                                n1_kernel kernel, void *workspace, size_t workspace_size, void *samples)
{
    if (!s || !frames)
        return N1_ERROR_ARGUMENT;
    n1_frames f = {0, *frames};
    const n1_status status =
        n1_decode_spread_block(src, size, s, tables, &f, kernel, workspace, workspace_size, samples, s->n_channels);
    if (status == N1_OK)
        *frames = f.stop;
    return status;
}

n1_status n1_block_reach(const uint8_t *src, size_t size, const n1_shape *s, n1_frames *f)
{
    if (size && src[0] == N1_MODE_WIDE)
        return n1_adaptive_reach(src, size, s, &f->first);
    *f = (n1_frames){0, s->n_samples};
    return N1_OK;
}

int n1_block_spreads(const uint8_t *src, size_t size, const n1_shape *s)
{
    const int of_such = size && (src[0] == N1_MODE_FORWARD || src[0] == N1_MODE_BACKWARD || src[0] == N1_MODE_WIDE || src[0] == N1_MODE_MIXED);
    return of_such && s->n_channels > 1;
}

/* A block of any mode but that of echoes. */
static n1_status decode_block(const uint8_t *src, size_t size, const n1_shape *s, n1_frames *f, const n1_kernels *k, void *workspace,
                              size_t workspace_size, void *samples, size_t pitch)
{
    uint64_t need;
    inside b;
    n1_status status = open(src, size, s, &b);
    if (status == N1_OK)
        status = measure(&b, &need);
    if (status != N1_OK)
        return status;
    if (!n1_arena_possible(need))
        return N1_ERROR_ARGUMENT;
    if (need && (!workspace || workspace_size < need || (uintptr_t)workspace % N1_WORKSPACE_ALIGNMENT))
        return N1_ERROR_WORKSPACE;
    n1_arena a = n1_arena_of(workspace, workspace_size);
    status = decode(&b, f, k, &a, place_of(&b, s, samples), pitch);
    return status == N1_OK && b.repeats ? n1_repeats_fill(&b.head, s, f->stop, samples, &f->stop) : status;
}

static n1_status decode_echo(const uint8_t *src, size_t size, const n1_shape *s, n1_frames *f, const n1_kernels *k, void *workspace,
                             size_t workspace_size, void *samples)
{
    n1_echo_head head;
    n1_status status = n1_echo_read(src, size, s, &head);
    if (status != N1_OK)
        return status;
    const n1_shape first = n1_echo_first(s, head.distance), others = n1_echo_others(s, head.distance);
    uint8_t *const behind = (uint8_t *)samples + head.distance * s->n_channels * n1_type_size(s->dtype);
    *f = (n1_frames){0, first.n_samples};
    status = decode_block(head.first.data, head.first.size, &first, f, k, workspace, workspace_size, samples, s->n_channels);
    *f = (n1_frames){0, others.n_samples};
    if (status == N1_OK)
        status = decode_block(head.others.data, head.others.size, &others, f, k, workspace, workspace_size, behind, s->n_channels);
    if (status == N1_OK)
        n1_echo_add(&head, s, samples);
    *f = (n1_frames){0, s->n_samples};
    return status;
}

n1_status n1_decode_spread_block(const uint8_t *src, size_t size, const n1_shape *s, const n1_span *tables, n1_frames *f,
                                 n1_kernel kernel, void *workspace, size_t workspace_size, void *samples, size_t pitch)
{
    n1_width_tables known;
    n1_kernels k;
    if (!n1_shape_valid(s) || !f)
        return N1_ERROR_ARGUMENT;
    n1_status status = n1_kernels_fill(&k, kernel);
    if (status != N1_OK)
        return status;
    if (n1_shape_empty(s)) {
        *f = (n1_frames){0, s->n_samples};
        return size == 0 ? N1_OK : N1_ERROR_CORRUPT;
    }
    if (size < 1)
        return N1_ERROR_TRUNCATED;
    if (f->first && (src[0] != N1_MODE_WIDE || f->first >= f->stop))
        return N1_ERROR_ARGUMENT;
    if (!src || !samples || pitch < s->n_channels || (pitch > s->n_channels && !n1_block_spreads(src, size, s)))
        return N1_ERROR_ARGUMENT;
    tables = tables && tables->size ? tables : NULL;
    if (tables)
        status = n1_width_tables_open(&known, *tables);
    if (status == N1_OK && tables)
        k.known = &known;
    if (status != N1_OK)
        return status;
    return is_echo(src) ? decode_echo(src, size, s, f, &k, workspace, workspace_size, samples)
                        : decode_block(src, size, s, f, &k, workspace, workspace_size, samples, pitch);
}
