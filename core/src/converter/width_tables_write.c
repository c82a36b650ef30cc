/* Encoder: tables of code widths, written; and one's of two halves of the channels made one. */
#include "converter/width_tables_write.h"
#include "n1/codec.h"

#include <string.h>

void n1_width_tables_write_head(n1_bitwriter *w, int32_t first, uint32_t stride, size_t n, uint32_t sets)
{
    n1_put_signed(w, first, 8);
    n1_put_golomb(w, stride - 1, 0);
    n1_put_golomb(w, (uint32_t)n - 1, 8);
    n1_put_field(w, sets - 1, 6);
}

void n1_width_tables_write_roots(n1_bitwriter *w, const uint32_t *rest, size_t n)
{
    const unsigned k = n1_rice_choose(rest, n);
    n1_put_field(w, k, 4);
    for (size_t i = 0; i < n; i++) n1_put_rice(w, rest[i], k);
}

/* What two tables are joined with, by the places of the lattice of both. */
typedef struct {
    n1_alphabet lattice;
    n1_width_tables half[2];
    size_t from[2];                  /* the place of a half's first value */
    uint8_t common[2][N1_MAX_CODES]; /* by places of the half */
    uint8_t root[N1_MAX_CODES], mean[N1_MAX_CODES];
    uint32_t rest[N1_MAX_CODES];
} join;

size_t n1_join_tables_workspace(void) { return sizeof(join); }

/* The lattice of the values of both; 0: there is none, or too many values or tables. */
static int find_lattice(join *j)
{
    const n1_width_tables *const a = &j->half[0], *const b = &j->half[1];
    const int64_t first = a->first < b->first ? a->first : b->first, stride = a->stride;
    const int64_t end_a = a->first + stride * a->n, end_b = b->first + stride * b->n, end = end_a > end_b ? end_a : end_b;
    if (a->stride != b->stride || (a->first - b->first) % stride || a->sets + b->sets > N1_MOST_WIDTH_TABLES || end - first > stride * N1_MAX_CODES) return 0;
    memset(&j->lattice, 0, sizeof j->lattice);
    j->lattice.kind = N1_LATTICE_STRIDE;
    j->lattice.first = first;
    j->lattice.stride = a->stride;
    j->lattice.n_codes = (uint32_t)((end - first) / stride);
    for (int h = 0; h < 2; h++) j->from[h] = (size_t)((j->half[h].first - first) / stride);
    return 1;
}

/* The root that a half's tables have in common at a place; 0: it is none of theirs. */
static uint32_t common_at(const join *j, int h, size_t i)
{
    return i >= j->from[h] && i - j->from[h] < j->half[h].n ? j->common[h][i - j->from[h]] : 0;
}

static void write_common(join *j, n1_bitwriter *w)
{
    const size_t n = j->lattice.n_codes;
    for (size_t i = 0; i < n; i++) {
        const uint32_t a = common_at(j, 0, i), b = common_at(j, 1, i);
        j->mean[i] = (uint8_t)(!a && !b ? N1_WIDTH_ROOT : !a ? b : !b ? a : (a + b) / 2);
        j->rest[i] = n1_fold_sign(j->mean[i] - N1_WIDTH_ROOT);
    }
    n1_width_tables_write_roots(w, j->rest, n);
}

/* A table of a half: where it knows no more than the others of its half, it gets what all have in common. */
static void write_table(join *j, int h, n1_bitwriter *w)
{
    const size_t n = j->lattice.n_codes;
    n1_width_tables_next(&j->half[h], j->common[h], &j->lattice, j->root);
    for (size_t i = 0; i < n; i++) {
        const uint32_t common = common_at(j, h, i);
        j->rest[i] = !common || j->root[i] == common ? 0 : n1_fold_sign(j->root[i] - j->mean[i]);
    }
    n1_width_tables_write_roots(w, j->rest, n);
}

n1_status n1_join_tables(const n1_span *first, const n1_span *second, void *workspace, size_t workspace_size, uint8_t *dst, size_t capacity,
                         size_t *written)
{
    join *const j = workspace;
    n1_bitwriter w;
    if (!first || !second || !workspace || !dst || !written) return N1_ERROR_ARGUMENT;
    *written = 0;
    if (workspace_size < sizeof *j || (uintptr_t)workspace % N1_WORKSPACE_ALIGNMENT) return N1_ERROR_WORKSPACE;
    n1_status status = n1_width_tables_open(&j->half[0], *first);
    if (status == N1_OK) status = n1_width_tables_open(&j->half[1], *second);
    if (status != N1_OK || !find_lattice(j)) return status;
    n1_bitwriter_init(&w, dst, capacity);
    n1_width_tables_write_head(&w, (int32_t)j->lattice.first, j->lattice.stride, j->lattice.n_codes, j->half[0].sets + j->half[1].sets);
    for (int h = 0; h < 2; h++) n1_width_tables_common(&j->half[h], j->common[h]);
    write_common(j, &w);
    for (int h = 0; h < 2; h++)
        for (uint32_t g = 0; g < j->half[h].sets; g++) write_table(j, h, &w);
    n1_fields_align(&w);
    *written = w.overrun ? 0 : (size_t)(w.p - dst);
    return w.overrun ? N1_ERROR_DST_TOO_SMALL : N1_OK;
}
