/* Encoder: the wide mode's parameters on the wire. */
#include "base/fields.h"
#include "base/status.h"
#include "modes/wide/expect.h"
#include "predict/equations.h"

/* What all channels have of a tap: the mean. */
static int32_t usual_tap(const n1_wide_params *p, uint32_t i)
{
    int64_t sum = 0, n = 0;
    for (uint32_t c = 0; c < p->channels; c++)
        if (n1_has_tap(p, c, i)) sum += p->tap[c * n1_wide_taps(p) + i], n++;
    return n ? (int32_t)((2 * sum + (sum < 0 ? -n : n)) / (2 * n)) : 0;
}

static int32_t lean_of(double v) { return n1_clamp(n1_nearest(v * (1 << N1_TAP_LEAN_BITS)), -N1_TAP_LEAN, N1_TAP_LEAN); }

/* How the tap leans on those before it, by least squares. */
static void find_lean(const n1_wide_params *p, uint32_t i, int32_t usual, int32_t lean[N1_TAP_LEANS])
{
    double xx = 0, xy = 0, yy = 0, xt = 0, yt = 0;
    const uint32_t before = n1_taps_before(p, i);
    lean[0] = lean[1] = 0;
    n1_tap_begin(p, i, usual);
    for (uint32_t c = 0; c < p->channels && before; c++) {
        if (!n1_has_tap(p, c, i)) continue;
        const double x = p->away[c * N1_TAP_LEANS], y = p->away[c * N1_TAP_LEANS + 1];
        const double t = n1_tap_counts(p, c, p->tap[c * n1_wide_taps(p) + i]);
        xx += x * x;
        xy += x * y;
        yy += y * y;
        xt += x * t;
        yt += y * t;
    }
    const double whole = xx * yy - xy * xy;
    if (before > 1 && whole > 1e-6 * xx * yy) {
        lean[0] = lean_of((xt * yy - yt * xy) / whole);
        lean[1] = lean_of((yt * xx - xt * xy) / whole);
    } else if (before && xx > 0)
        lean[0] = lean_of(xt / xx);
}

/* How far each channel's tap is from what is expected; how many have one. */
static uint32_t find_rest(const n1_wide_params *p, uint32_t i, int32_t usual, const int32_t lean[N1_TAP_LEANS])
{
    uint32_t n = 0;
    n1_tap_begin(p, i, usual);
    for (uint32_t c = 0; c < p->channels; c++) {
        if (!n1_has_tap(p, c, i)) continue;
        const int32_t tap = p->tap[c * n1_wide_taps(p) + i];
        p->rest[n++] = n1_fold_sign(tap - n1_tap_expected(p, c, lean));
        n1_tap_known(p, c, tap);
    }
    return n;
}

static void write_tap(const n1_wide_params *p, n1_bitwriter *w, uint32_t i)
{
    int32_t lean[N1_TAP_LEANS];
    const int32_t usual = usual_tap(p, i);
    find_lean(p, i, usual, lean);
    const uint32_t n = find_rest(p, i, usual, lean);
    const unsigned k = n1_rice_choose(p->rest, n);
    n1_put_signed(w, usual, 4);
    for (uint32_t j = 0; j < N1_TAP_LEANS && j < n1_taps_before(p, i); j++) n1_put_signed(w, lean[j], 1);
    n1_put_field(w, k, 4);
    for (uint32_t j = 0; j < n; j++) n1_put_rice(w, p->rest[j], k);
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
    n1_put_field(&w, p->known, 1);
    n1_put_field(&w, p->section, 3);
    if (p->known) n1_put_field(&w, p->id, 32);
    for (uint32_t i = 0; i < (uint32_t)p->rows * p->neighbours; i++) n1_put_signed(&w, p->near[i], 3);
    for (uint32_t c = 0; c < p->channels; c++) n1_put_field(&w, p->centre[c], code);
    for (uint32_t c = 0; c < p->channels; c++) n1_put_field(&w, p->widths.sets > 1 ? p->set[c] : 0, set);
    for (uint32_t i = 0; i < n1_wide_taps(p); i++) write_tap(p, &w, i);
    n1_fields_align(&w);
    *written = (size_t)(w.p - out);
    return w.overrun ? N1_NOT_APPLICABLE : N1_OK;
}
