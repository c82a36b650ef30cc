/* Code widths of a recording's converters, read. */
#include "converter/width_tables.h"
#include "base/fixed.h"
#include "n1/n1.h"

#include <string.h>

static int32_t next(n1_bitreader *r, unsigned k) { return n1_unfold_sign(n1_get_rice(r, k)); }

n1_status n1_width_tables_open(n1_width_tables *t, n1_span bytes)
{
    n1_bitreader r;
    n1_bitreader_init(&r, bytes.data, bytes.size);
    t->first = n1_get_signed(&r, 8);
    t->stride = n1_get_golomb(&r, 0);
    t->n = n1_get_golomb(&r, 8);
    t->sets = n1_get_field(&r, 6) + 1;
    t->id = n1_crc32c(0, bytes.data, bytes.size);
    t->at = r;
    if (n1_bitreader_overran(&r)) return N1_ERROR_TRUNCATED;
    if (t->n >= N1_MAX_CODES || t->stride == UINT32_MAX) return N1_ERROR_CORRUPT;
    t->n++;
    t->stride++;
    for (uint32_t g = 0; g < (t->sets > 1 ? t->sets + 1 : 1) && !n1_bitreader_overran(&r); g++) {
        const unsigned k = n1_get_field(&r, 4);
        for (uint32_t i = 0; i < t->n; i++) (void)next(&r, k);
    }
    if (n1_bitreader_overran(&r)) return N1_ERROR_TRUNCATED;
    return n1_bitreader_used(&r, bytes.data) == bytes.size ? N1_OK : N1_ERROR_CORRUPT;
}

static uint8_t root_of(int64_t v) { return (uint8_t)n1_clamp64(v, 1, N1_MOST_WIDTH_ROOT); }

void n1_width_tables_common(n1_width_tables *t, uint8_t *common)
{
    const unsigned k = n1_get_field(&t->at, 4);
    for (uint32_t i = 0; i < t->n; i++) common[i] = root_of((int64_t)N1_WIDTH_ROOT + next(&t->at, k));
}

void n1_width_tables_next(n1_width_tables *t, const uint8_t *common, const n1_alphabet *a, uint8_t *root)
{
    const unsigned k = t->sets > 1 ? n1_get_field(&t->at, 4) : 0;
    int64_t value = t->first;
    uint32_t code = 0;
    memset(root, N1_WIDTH_ROOT, a->n_codes);
    for (uint32_t i = 0; i < t->n; i++, value += t->stride) {
        const int64_t away = t->sets > 1 ? next(&t->at, k) : 0;
        while (code < a->n_codes && n1_value_of(a, code << a->raw_bits) < value) code++;
        if (code < a->n_codes && n1_value_of(a, code << a->raw_bits) == value) root[code] = root_of(common[i] + away);
    }
}
