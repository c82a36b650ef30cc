/* Encoder: the wide mode's parameters on the wire. */
#include "base/fields.h"
#include "base/status.h"
#include "modes/wide/wide.h"

/* Whether channel c has a tap number i. */
static int has_tap(const n1_wide_params *p, uint32_t c, uint32_t i)
{
    const uint32_t own = 2U * p->own;
    if (i < own) return 1;
    const int32_t d = p->near[c % p->rows * p->neighbours + (i - own) / (2U * p->deep)], other = (int32_t)c + d;
    return d && other >= 0 && other < p->channels;
}

static uint32_t bits_of(const n1_wide_params *p, uint32_t i, int32_t usual, unsigned k)
{
    uint32_t bits = 0;
    for (uint32_t c = 0; c < p->channels; c++)
        if (has_tap(p, c, i)) bits += (n1_fold_sign(p->tap[c * n1_wide_taps(p) + i] - usual) >> k) + 1 + k;
    return bits;
}

static void write_tap(const n1_wide_params *p, n1_bitwriter *w, uint32_t i)
{
    const uint32_t taps = n1_wide_taps(p);
    int64_t sum = 0;
    int32_t n = 0;
    unsigned best = 0;
    for (uint32_t c = 0; c < p->channels; c++)
        if (has_tap(p, c, i)) sum += p->tap[c * taps + i], n++;
    const int32_t usual = n ? (int32_t)((2 * sum + (sum < 0 ? -n : n)) / (2 * n)) : 0;
    for (unsigned k = 1; k < 15; k++)
        if (bits_of(p, i, usual, k) < bits_of(p, i, usual, best)) best = k;
    n1_put_signed(w, usual, 4);
    n1_put_field(w, best, 4);
    for (uint32_t c = 0; c < p->channels; c++)
        if (has_tap(p, c, i)) n1_put_rice(w, n1_fold_sign(p->tap[c * taps + i] - usual), best);
}

n1_status n1_wide_params_write(const n1_wide_params *p, uint8_t *out, size_t capacity, size_t *written)
{
    const unsigned code = n1_ceil_log2(p->widths.codes), set = n1_ceil_log2(p->widths.sets);
    n1_bitwriter w;
    if (!n1_wide_check(p)) return N1_NOT_APPLICABLE;
    n1_bitwriter_init(&w, out, capacity);
    n1_put_field(&w, p->channels, 16);
    n1_put_field(&w, p->rows, 16);
    n1_put_field(&w, p->widths.codes, 16);
    n1_put_field(&w, p->own, 3);
    n1_put_field(&w, p->neighbours, 5);
    n1_put_field(&w, p->deep, 2);
    n1_put_field(&w, p->shift, 4);
    n1_put_field(&w, p->first, 20);
    n1_put_field(&w, p->widths.sets, 7);
    n1_put_field(&w, p->widths.prior, 1);
    n1_put_field(&w, p->widths.prior_first, 10);
    n1_put_field(&w, p->widths.stiff_common, 4);
    n1_put_field(&w, p->widths.stiff_set, 4);
    n1_put_field(&w, 0, 4);
    for (uint32_t i = 0; i < (uint32_t)p->rows * p->neighbours; i++) n1_put_signed(&w, p->near[i], 3);
    for (uint32_t c = 0; c < p->channels; c++) n1_put_field(&w, p->centre[c], code);
    for (uint32_t c = 0; c < p->channels; c++) n1_put_field(&w, p->widths.sets > 1 ? p->set[c] : 0, set);
    for (uint32_t i = 0; i < n1_wide_taps(p); i++) write_tap(p, &w, i);
    n1_fields_align(&w);
    *written = (size_t)(w.p - out);
    return w.overrun ? N1_NOT_APPLICABLE : N1_OK;
}
