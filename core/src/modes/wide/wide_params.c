/* The wide mode's parameters from the wire. */
#include "base/fields.h"
#include "base/status.h"
#include "converter/nlink.h"
#include "modes/wide/expect.h"
#include <string.h>

void n1_wide_params_take(n1_wide_params *p, n1_arena *a)
{
    p->near = n1_arena_take(a, (size_t)p->rows * p->neighbours, sizeof *p->near);
    p->centre = n1_arena_take(a, p->channels, sizeof *p->centre);
    p->set = n1_arena_take(a, p->channels, sizeof *p->set);
    p->tap = n1_arena_take(a, (size_t)p->channels * n1_wide_taps(p), sizeof *p->tap);
    p->row_mean = n1_arena_take(a, 2 * (size_t)p->rows, sizeof *p->row_mean);
    p->away = n1_arena_take(a, N1_TAP_LEANS * (size_t)p->channels, sizeof *p->away);
    p->rest = NULL;
}

static int counts_fit(const n1_wide_params *p)
{
    const n1_width_priors *w = &p->widths;
    if (p->channels < N1_WIDE_FROM || p->channels > N1_WIDE_MOST || p->rows < 1 || w->codes < 2 || w->codes > N1_MAX_CODES) return 0;
    if (p->rows > p->channels / N1_WIDE_FROM || n1_wide_lanes(p) > N1_WIDE_LANES) return 0;
    if (p->own < 1 || p->own > N1_WIDE_OWN || p->neighbours > N1_WIDE_NEIGHBOURS || p->deep < 1 || p->deep > N1_WIDE_DEEP) return 0;
    if (w->sets < 1 || w->sets > N1_MAX_WIDTH_SETS || w->prior_first >= N1_NLINK_CODES) return 0;
    if (p->section && !p->known) return 0;
    return p->shift >= 4 && p->shift <= 14 && p->first >= 26 && p->first < 1 << 20;
}

int n1_wide_check(const n1_wide_params *p)
{
    const uint32_t taps = n1_wide_taps(p);
    if (!counts_fit(p)) return 0;
    for (uint32_t i = 0; i < (uint32_t)p->rows * p->neighbours; i++) {
        const int32_t d = p->near[i], most = N1_WIDE_GUARD * p->rows - p->rows;
        if (d < -most || d > most) return 0;
    }
    for (uint32_t c = 0; c < p->channels; c++) {
        uint32_t sum = 0;
        for (uint32_t i = 0; i < taps; i++) sum += (uint32_t)n1_abs64(p->tap[c * taps + i]);
        if (sum > N1_WIDE_TAP_SUM || p->centre[c] >= p->widths.codes || (p->widths.sets > 1 && p->set[c] >= p->widths.sets)) return 0;
    }
    return 1;
}

static void read_head(n1_wide_params *p, n1_bitreader *r)
{
    p->channels = (uint16_t)n1_get_field(r, 16);
    p->rows = (uint16_t)n1_get_field(r, 16);
    p->widths.codes = (uint16_t)n1_get_field(r, 16);
    p->own = (uint8_t)n1_get_field(r, 3);
    p->neighbours = (uint8_t)n1_get_field(r, 5);
    p->deep = (uint8_t)n1_get_field(r, 2);
    p->shift = (uint8_t)n1_get_field(r, 4);
    p->first = n1_get_field(r, 20);
    p->widths.sets = (uint8_t)n1_get_field(r, 7);
    p->widths.prior = (uint8_t)n1_get_field(r, 1);
    p->widths.prior_first = (uint16_t)n1_get_field(r, 10);
    p->widths.stiff_common = (uint8_t)n1_get_field(r, 4);
    p->widths.stiff_set = (uint8_t)n1_get_field(r, 4);
    p->known = (uint8_t)n1_get_field(r, 1);
    p->section = (uint8_t)n1_get_field(r, 3);
}

n1_status n1_wide_head(n1_wide_params *p, const uint8_t *in, size_t size)
{
    n1_bitreader r;
    memset(p, 0, sizeof *p);
    if (size < N1_WIDE_HEAD) return N1_ERROR_TRUNCATED;
    n1_bitreader_init(&r, in, N1_WIDE_HEAD);
    read_head(p, &r);
    return counts_fit(p) ? N1_OK : N1_ERROR_CORRUPT;
}

/* A tap of all channels: what is usual, how it leans on those before it, then how far each is from what is expected. */
static n1_status read_tap(n1_wide_params *p, n1_bitreader *r, uint32_t i)
{
    const uint32_t taps = n1_wide_taps(p);
    const int32_t usual = n1_get_signed(r, 4);
    int32_t lean[N1_TAP_LEANS] = {0};
    for (uint32_t j = 0; j < N1_TAP_LEANS && j < n1_taps_before(p, i); j++) {
        lean[j] = n1_get_signed(r, 1);
        if (n1_abs64(lean[j]) > N1_TAP_LEAN) return N1_ERROR_CORRUPT;
    }
    const unsigned k = n1_get_field(r, 4);
    if (n1_abs64(usual) > N1_TAP_MOST) return N1_ERROR_CORRUPT;
    n1_tap_begin(p, i, usual);
    for (uint32_t c = 0; c < p->channels; c++) {
        int64_t v = 0;
        if (n1_has_tap(p, c, i)) {
            v = (int64_t)n1_tap_expected(p, c, lean) + n1_unfold_sign(n1_get_rice(r, k));
            if (n1_abs64(v) > N1_TAP_MOST) return N1_ERROR_CORRUPT;
            n1_tap_known(p, c, (int32_t)v);
        }
        p->tap[c * taps + i] = (int16_t)v;
    }
    return n1_bitreader_overran(r) ? N1_ERROR_TRUNCATED : N1_OK;
}

n1_status n1_wide_params_read(n1_wide_params *p, const uint8_t *in, size_t size, size_t *used)
{
    n1_bitreader r;
    n1_wide_params head;
    n1_bitreader_init(&r, in, size);
    memset(&head, 0, sizeof head);
    read_head(&head, &r);
    p->id = p->known ? n1_get_field(&r, 32) : 0;
    const unsigned code = n1_ceil_log2(p->widths.codes), set = n1_ceil_log2(p->widths.sets);
    for (uint32_t i = 0; i < (uint32_t)p->rows * p->neighbours; i++) {
        const int32_t d = n1_get_signed(&r, 3);
        if (d < -N1_WIDE_MOST * N1_WIDE_GUARD || d > N1_WIDE_MOST * N1_WIDE_GUARD) return N1_ERROR_CORRUPT;
        p->near[i] = (int16_t)(d < -32767 ? -32767 : d > 32767 ? 32767 : d);
    }
    for (uint32_t c = 0; c < p->channels; c++) p->centre[c] = (uint16_t)n1_get_field(&r, code);
    for (uint32_t c = 0; c < p->channels; c++) p->set[c] = (uint8_t)n1_get_field(&r, set);
    for (uint32_t i = 0; i < n1_wide_taps(p); i++) {
        const n1_status status = read_tap(p, &r, i);
        if (status != N1_OK) return status;
    }
    if (n1_bitreader_overran(&r)) return N1_ERROR_TRUNCATED;
    *used = n1_bitreader_used(&r, in);
    return n1_wide_check(p) ? N1_OK : N1_ERROR_CORRUPT;
}

n1_status n1_wide_know(n1_wide_params *p, const n1_width_tables *tables, const n1_alphabet *a)
{
    if (!tables || tables->id != p->id) return N1_ERROR_TABLES;
    if (p->widths.sets != tables->sets) return N1_ERROR_CORRUPT;
    p->widths.known = tables;
    p->widths.alphabet = a;
    return N1_OK;
}
