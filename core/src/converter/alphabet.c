/* Alphabets: which values occur, how they map to codes, and how wide these are. */
#include "converter/alphabet.h"
#include "base/octaves.h"
#include "converter/nlink.h"

void n1_nlink_alphabet(n1_alphabet *a, uint32_t low, uint32_t high)
{
    a->kind = N1_LATTICE_NLINK;
    a->widths = N1_WIDTHS_PRIOR;
    a->raw_bits = 0;
    a->unit_bits = 4;
    a->step_bits = 3;
    a->first = low;
    a->n_codes = a->n_full = high - low + 1;
    for (uint32_t k = 0; a->value && k < a->n_codes; k++)
        a->value[k] = n1_nlink_value(low + k);
}

/* Width in axis units of a transmitted log-width: 2^(q / 2^step_bits + unit_bits), rounded. */
static uint32_t sent_width(int q, unsigned step_bits, unsigned unit_bits)
{
    int e = q * (16 >> step_bits) + 16 * (int)unit_bits;   /* 16ths of an octave */
    if (e < 0)
        return 1;
    if (e > 16 * 10)
        return 1025;   /* too wide for the axis, and for 32 bits soon */
    uint32_t w = (uint32_t)((((uint64_t)n1_exp2_16th[e & 15] << (e >> 4)) + 32768) >> 16);
    return w ? w : 1;
}

uint32_t n1_code_width(const n1_alphabet *a, uint32_t code)
{
    switch (a->widths) {
    case N1_WIDTHS_PRIOR: return n1_nlink_sixteenths[(uint32_t)a->first + code];
    case N1_WIDTHS_SENT: return sent_width(a->log_width[code], a->step_bits, a->unit_bits);
    default: return 1u << a->unit_bits;
    }
}

int n1_alphabet_fits(const n1_alphabet *a)
{
    uint32_t length = 0;
    for (uint32_t k = 0; k < a->n_codes; k++) {
        const uint32_t w = n1_code_width(a, k);
        length += w;
        if (w > N1_MAX_CODE_WIDTH || length > N1_MAX_AXIS)
            return 0;
    }
    return 1;
}

static void dtype_range(n1_type dtype, int64_t *low, int64_t *high)
{
    static const int64_t lows[] = {-128, 0, -32768, 0, -2147483647 - 1, 0};
    static const int64_t highs[] = {127, 255, 32767, 65535, 2147483647, 4294967295};
    *low = lows[dtype];
    *high = highs[dtype];
}

int n1_type_holds(n1_type dtype, int64_t value)
{
    int64_t low, high;
    dtype_range(dtype, &low, &high);
    return low <= value && value <= high;
}

static n1_status read_lattice(n1_bitreader *r, n1_alphabet *a, n1_type dtype)
{
    int64_t low, high;
    dtype_range(dtype, &low, &high);
    uint32_t kind = n1_get_field(r, 2);
    if (kind > N1_LATTICE_LIST)
        return N1_ERROR_CORRUPT;
    a->kind = (n1_lattice_kind)kind;
    a->raw_bits = 0;
    a->stride = 1;
    if (a->kind == N1_LATTICE_NLINK) {
        a->first = n1_get_field(r, 10);
    } else {
        uint32_t negative = n1_get_field(r, 1);
        int64_t magnitude = n1_get_golomb(r, 8);
        a->first = negative ? -magnitude - 1 : magnitude;
    }
    uint64_t n_full = (uint64_t)n1_get_golomb(r, 8) + 1;
    if (a->kind == N1_LATTICE_STRIDE) {
        uint64_t stride = (uint64_t)n1_get_golomb(r, 0) + 1;
        a->raw_bits = n1_get_field(r, 5);
        if (n_full > 0xffffffffu || stride > 0xffffffffu || a->raw_bits > N1_MAX_RAW_BITS || n1_bitreader_overran(r))
            return N1_ERROR_CORRUPT;
        a->stride = (uint32_t)stride;
        if (a->first < low || a->first > high || n_full - 1 > (uint64_t)(high - a->first) / stride)
            return N1_ERROR_CORRUPT;
        uint64_t n_codes = ((n_full - 1) >> a->raw_bits) + 1;
        if (n_codes > N1_MAX_CODES)
            return N1_ERROR_CORRUPT;
        a->n_codes = (uint32_t)n_codes;
    } else {
        if (n_full > N1_MAX_CODES || n1_bitreader_overran(r))
            return N1_ERROR_CORRUPT;
        a->n_codes = (uint32_t)n_full;
    }
    a->n_full = (uint32_t)n_full;
    if (a->kind == N1_LATTICE_NLINK) {
        if (dtype != N1_INT16 && dtype != N1_INT32)
            return N1_ERROR_CORRUPT;
        if (a->first + a->n_codes > N1_NLINK_CODES)
            return N1_ERROR_CORRUPT;
        n1_nlink_alphabet(a, (uint32_t)a->first, (uint32_t)a->first + a->n_codes - 1);
    } else if (a->kind == N1_LATTICE_LIST) {
        unsigned rice = n1_get_field(r, 4);
        int64_t v = a->first;
        if (high > 2147483647)
            high = 2147483647;
        for (uint32_t k = 0; k < a->n_codes; k++) {
            if (k)
                v += (int64_t)n1_get_rice(r, rice) + 1;
            if (v < low || v > high)
                return N1_ERROR_CORRUPT;
            if (a->value)
                a->value[k] = (int32_t)v;
        }
    }
    return N1_OK;
}

static n1_status read_widths(n1_bitreader *r, n1_alphabet *a)
{
    uint32_t widths = n1_get_field(r, 2);
    if (widths > N1_WIDTHS_SENT || (widths == N1_WIDTHS_PRIOR && a->kind != N1_LATTICE_NLINK))
        return N1_ERROR_CORRUPT;
    a->widths = (n1_widths_kind)widths;
    a->unit_bits = widths == N1_WIDTHS_PRIOR ? 4 : n1_get_field(r, 3);
    if (a->widths == N1_WIDTHS_SENT) {
        a->step_bits = n1_get_field(r, 2) + 1;
        if (a->step_bits > 3)
            return N1_ERROR_CORRUPT;
        unsigned rice = n1_get_field(r, 3);
        for (uint32_t k = 0; k < a->n_codes; k++) {
            int32_t q = n1_unfold_sign(n1_get_rice(r, rice));
            if (q < -64 || q > 63)
                return N1_ERROR_CORRUPT;
            if (a->log_width)
                a->log_width[k] = (int8_t)q;
        }
    }
    return n1_bitreader_overran(r) ? N1_ERROR_TRUNCATED : N1_OK;
}

n1_status n1_alphabet_read(n1_bitreader *r, n1_alphabet *a, n1_type dtype)
{
    const n1_status status = read_lattice(r, a, dtype);
    return status == N1_OK ? read_widths(r, a) : status;
}
