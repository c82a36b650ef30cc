/* Encoder: an alphabet on the wire. */
#include "converter/alphabet.h"

void n1_alphabet_write(n1_bitwriter *w, const n1_alphabet *a)
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
