/* The piecewise mode's headers, read. */
#include "modes/piecewise/piece_header.h"
#include "converter/alphabet.h"
#include "modes/piecewise/piece_law.h"

#include <string.h>

/* A number of up to 33 bits, after its sign. */
static int64_t get_wide(n1_bitreader *r)
{
    const int negative = (int)n1_get_field(r, 1);
    const int64_t magnitude = n1_get_golomb(r, 8);
    return negative ? -magnitude - 1 : magnitude;
}

/* Whether a value is one that the channel may have. */
static int holds(const n1_piece_channel *c, n1_type dtype, int64_t value)
{
    const int64_t most = c->form == N1_PIECE_WRAPPED ? (int64_t)c->modulus : (int64_t)1 << 32;
    return c->form == N1_PIECE_PLAIN ? n1_type_holds(dtype, value) : value > -most && value < most;
}

static n1_status read_list(n1_bitreader *r, n1_piece_channel *c, n1_type dtype)
{
    const unsigned k = n1_get_field(r, 4);
    if (c->n_codes > c->most->listed)
        return N1_ERROR_CORRUPT;
    c->value[0] = c->first;
    for (uint32_t i = 1; i < c->n_codes; i++)
        c->value[i] = c->value[i - 1] + 1 + n1_get_golomb(r, k);
    if (n1_bitreader_overran(r))
        return N1_ERROR_TRUNCATED;
    return holds(c, dtype, c->value[c->n_codes - 1]) ? N1_OK : N1_ERROR_CORRUPT;
}

/* Runs of codes that occur and of codes that do not, by turns; then how wide those are that occur. */
static n1_status read_widths(n1_bitreader *r, n1_piece_channel *c)
{
    int8_t *const log_width = c->most->log_width;
    const unsigned k_there = n1_get_field(r, 4), k_absent = n1_get_field(r, 4), k = n1_get_field(r, 3);
    if (c->n_codes > c->most->wide)
        return N1_ERROR_CORRUPT;
    int there = 1;
    for (uint64_t i = 0; i < c->n_codes; there = !there) {
        uint64_t n = (uint64_t)n1_get_golomb(r, there ? k_there : k_absent) + 1;
        n = n < c->n_codes - i ? n : c->n_codes - i;
        memset(log_width + i, there ? 0 : N1_PIECE_ABSENT, (size_t)n);
        i += n;
    }
    for (uint32_t i = 0; i < c->n_codes; i++) {
        if (log_width[i] == N1_PIECE_ABSENT)
            continue;
        const int32_t log = n1_unfold_sign(n1_get_rice(r, k));
        if (log < -N1_PIECE_WIDTH || log > N1_PIECE_WIDTH)
            return N1_ERROR_CORRUPT;
        log_width[i] = (int8_t)log;
    }
    if (n1_bitreader_overran(r))
        return N1_ERROR_TRUNCATED;
    return n1_piece_edges(c) ? N1_OK : N1_ERROR_CORRUPT;
}

static n1_status read_values(n1_bitreader *r, n1_piece_channel *c, n1_type dtype)
{
    c->kind = (n1_piece_kind)n1_get_field(r, 1);
    c->first = get_wide(r);
    const uint32_t more = n1_get_golomb(r, 8);
    if (more >= (uint32_t)1 << 31)
        return N1_ERROR_CORRUPT;
    c->n_codes = more + 1;
    c->stride = 1;
    if (!holds(c, dtype, c->first))
        return N1_ERROR_CORRUPT;
    if (c->kind == N1_PIECE_LIST)
        return read_list(r, c, dtype);
    c->stride = n1_get_golomb(r, 0) + 1;
    if (!c->stride)
        return N1_ERROR_CORRUPT;
    return holds(c, dtype, c->first + (int64_t)more * c->stride) ? N1_OK : N1_ERROR_CORRUPT;
}

n1_status n1_piece_channel_read(n1_bitreader *r, n1_piece_channel *c, size_t channel, n1_type dtype)
{
    n1_status status = read_values(r, c, dtype);
    c->n_others = c->lags = c->start = 0;
    c->widths = 0;
    c->origin = 0;
    if (status != N1_OK || c->n_codes == 1)
        return status == N1_OK && n1_bitreader_overran(r) ? N1_ERROR_TRUNCATED : status;
    c->origin = n1_get_golomb(r, 8);
    if (c->origin >= c->n_codes)
        return N1_ERROR_CORRUPT;
    c->widths = (int)n1_get_field(r, 1);
    if (c->widths) {
        status = read_widths(r, c);
        if (status != N1_OK)
            return status;
    }
    c->start = n1_get_field(r, 7);
    c->n_others = n1_get_field(r, 4);
    if (c->start > N1_PIECE_SCALES >> 4 || c->n_others > N1_PIECE_OTHERS || c->n_others > channel)
        return N1_ERROR_CORRUPT;
    c->lags = c->n_others ? n1_get_field(r, 2) + 1 : 0;
    for (unsigned i = 0; i < c->n_others; i++) {
        const uint32_t below = n1_get_golomb(r, 2);
        if (below >= channel)
            return N1_ERROR_CORRUPT;
        c->other[i] = (uint32_t)channel - 1 - below;
    }
    return n1_bitreader_overran(r) ? N1_ERROR_TRUNCATED : N1_OK;
}

n1_status n1_piece_read(n1_bitreader *r, n1_piece *p, const n1_piece_channel *c, uint64_t units_left)
{
    const uint64_t units = n1_get_field(r, 1) ? units_left : (uint64_t)n1_get_golomb(r, 2) + 1;
    p->law = n1_get_field(r, 3);
    p->own = n1_get_field(r, 6);
    p->others = c->n_others ? n1_get_field(r, 1) : 0;
    p->shift = n1_get_field(r, 5);
    const unsigned k = n1_get_field(r, 5), n = p->own + (p->others ? c->n_others * c->lags : 0);
    if (units > units_left || p->law >= N1_PIECE_LAWS || p->own > N1_PIECE_OWN || p->shift > N1_PIECE_SHIFT || k > 16)
        return N1_ERROR_CORRUPT;
    p->units = (uint32_t)units;
    const int negative = (int)n1_get_field(r, 1);
    const unsigned fine = n1_piece_bias_shift(p);
    p->bias = n1_get_field(r, 8);
    p->bias |= (int64_t)n1_get_golomb(r, 0) << 8;
    if (p->bias >= N1_PIECE_BIAS >> fine)
        return N1_ERROR_CORRUPT;
    p->bias = negative ? -p->bias * ((int64_t)1 << fine) : p->bias << fine;
    int64_t sum = 0;
    for (unsigned i = 0; i < n; i++) {
        p->coefficient[i] = n1_get_signed(r, k);
        sum += p->coefficient[i] < 0 ? -(int64_t)p->coefficient[i] : p->coefficient[i];
    }
    if (n1_bitreader_overran(r))
        return N1_ERROR_TRUNCATED;
    return sum <= N1_PIECE_BUDGET ? N1_OK : N1_ERROR_CORRUPT;
}
