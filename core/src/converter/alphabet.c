/* Alphabets: which values occur and how they map to codes. */
#include "predict/axis.h"

int32_t n1_nlink_value(uint32_t code)
{
    /* C division truncates toward zero, as the recorder's conversion did. */
    return ((int32_t)code * 65535 - 32768 * 1023) / 1023;
}

/* Fill value[] of an N1 alphabet. */
n1_status n1_alphabet_values(n1_alphabet *a)
{
    for (uint32_t k = 0; k < a->n_codes; k++)
        a->value[k] = n1_nlink_value((uint32_t)a->first + k);
    return N1_OK;
}

void n1_alphabet_write(n1_field_writer *w, const n1_alphabet *a)
{
    n1_put_field(w, (uint32_t)a->kind, 2);
    if (a->kind == N1_LATTICE_NLINK) {
        n1_put_field(w, (uint32_t)a->first, 10);
    } else {
        n1_put_field(w, (uint32_t)(a->first < 0), 1);
        n1_put_golomb(w, (uint32_t)(a->first < 0 ? -(a->first + 1) : a->first), 8);
    }
    n1_put_golomb(w, a->n_full - 1, 8);
    if (a->kind == N1_LATTICE_STRIDE) {
        n1_put_golomb(w, a->stride - 1, 0);
        n1_put_field(w, a->raw_bits, 5);
    } else if (a->kind == N1_LATTICE_LIST) {
        uint64_t sum = 0;
        for (uint32_t k = 1; k < a->n_codes; k++)
            sum += (uint32_t)a->value[k] - (uint32_t)a->value[k - 1] - 1;
        unsigned rice = 0;
        while (rice < 15 && ((uint64_t)a->n_codes << rice) < sum)
            rice++;
        rice = rice ? rice - 1 : 0;
        n1_put_field(w, rice, 4);
        for (uint32_t k = 1; k < a->n_codes; k++)
            n1_put_rice(w, (uint32_t)a->value[k] - (uint32_t)a->value[k - 1] - 1, rice);
    }
    n1_put_field(w, (uint32_t)a->widths, 2);
    if (a->widths != N1_WIDTHS_PRIOR)
        n1_put_field(w, a->unit_bits, 3);
    if (a->widths == N1_WIDTHS_SENT) {
        uint64_t sum[8] = {0};
        for (uint32_t k = 0; k < a->n_codes; k++)
            for (unsigned j = 0; j < 8; j++)
                sum[j] += (n1_fold_sign(a->log_width[k]) >> j) + 1 + j;
        unsigned rice = 0;
        for (unsigned j = 1; j < 8; j++)
            if (sum[j] < sum[rice])
                rice = j;
        n1_put_field(w, a->step_bits - 1, 2);
        n1_put_field(w, rice, 3);
        for (uint32_t k = 0; k < a->n_codes; k++)
            n1_put_rice(w, n1_fold_sign(a->log_width[k]), rice);
    }
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

n1_status n1_alphabet_read(n1_field_reader *r, n1_alphabet *a, n1_type dtype)
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
        if (n_full > 0xffffffffu || stride > 0xffffffffu || a->raw_bits > N1_MAX_RAW_BITS || r->short_read)
            return N1_ERROR_CORRUPT;
        a->stride = (uint32_t)stride;
        if (a->first < low || a->first > high || n_full - 1 > (uint64_t)(high - a->first) / stride)
            return N1_ERROR_CORRUPT;
        uint64_t n_codes = ((n_full - 1) >> a->raw_bits) + 1;
        if (n_codes > N1_MAX_CODES)
            return N1_ERROR_CORRUPT;
        a->n_codes = (uint32_t)n_codes;
    } else {
        if (n_full > N1_MAX_CODES || r->short_read)
            return N1_ERROR_CORRUPT;
        a->n_codes = (uint32_t)n_full;
    }
    a->n_full = (uint32_t)n_full;
    if (a->kind == N1_LATTICE_NLINK) {
        if (dtype != N1_INT16 && dtype != N1_INT32)
            return N1_ERROR_CORRUPT;
        if (a->first + a->n_codes > N1_NLINK_CODES)
            return N1_ERROR_CORRUPT;
        n1_alphabet_values(a);
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
            a->value[k] = (int32_t)v;
        }
    }
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
            a->log_width[k] = (int8_t)q;
        }
    }
    return r->short_read ? N1_ERROR_TRUNCATED : N1_OK;
}
