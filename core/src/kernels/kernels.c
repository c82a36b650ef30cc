/* Fill the table of both directions. */
#include "kernels/table.h"
#include "kernels/arm/arm.h"
#include "kernels/portable/portable.h"
#include "kernels/x86/x86.h"

n1_status n1_kernels_fill(n1_kernels *k, n1_kernel kernel)
{
    if (!n1_kernel_available(kernel))
        return N1_ERROR_KERNEL;
    k->known = NULL;
    k->lanes_decode = n1_lanes_decode_portable;
    k->neighbour_sums = n1_neighbour_sums_portable;
    k->from_plane = n1_from_plane_portable;
    k->interleave16 = n1_interleave16_portable;
    k->nlink_values = n1_nlink_values_portable;
    k->solve = n1_solve_portable;
    k->add_products = n1_add_products_portable;
    k->products = n1_products_portable;
    k->rows_read = NULL;
    k->mixed_code = n1_mixed_code_portable;
    k->forecast_prepare = n1_forecast_prepare_portable;
    k->forecast_learn = n1_forecast_learn_portable;
    k->laws_prepare = n1_laws_prepare_portable;
    k->laws_below = n1_laws_below_portable;
    k->contexts_turn = n1_contexts_turn_portable;
    k->contexts_decide = n1_contexts_decide_portable;
    k->wide_read = n1_wide_read_portable;
#if N1_X86
    if (kernel == N1_KERNEL_AVX2 || kernel == N1_KERNEL_AVX512) {
        k->lanes_decode = kernel == N1_KERNEL_AVX512 ? n1_lanes_decode_avx512 : n1_lanes_decode_avx2;
        k->neighbour_sums = n1_neighbour_sums_avx2;
        k->from_plane = n1_from_plane_sse2;
        k->interleave16 = n1_interleave16_sse2;
        k->nlink_values = n1_nlink_values_avx2;
        k->solve = n1_solve_avx2;
        k->add_products = n1_add_products_avx2;
        k->products = n1_products_avx2;
        k->rows_read = n1_rows_read_avx2;
        k->mixed_code = n1_mixed_code_avx2;
        k->forecast_prepare = n1_forecast_prepare_avx2;
        k->forecast_learn = n1_forecast_learn_avx2;
        k->contexts_decide = n1_contexts_decide_avx2;
        k->wide_read = kernel == N1_KERNEL_AVX512 ? n1_wide_read_avx512 : n1_wide_read_avx2;
    }
    if (kernel == N1_KERNEL_AVX512) {
        k->solve = n1_solve_avx512;
        k->forecast_prepare = n1_forecast_prepare_avx512;
        k->forecast_learn = n1_forecast_learn_avx512;
        k->laws_prepare = n1_laws_prepare_avx512;
        k->laws_below = n1_laws_below_avx512;
        k->contexts_turn = n1_contexts_turn_avx512;
        k->contexts_decide = n1_contexts_decide_avx512;
    }
#endif
#if N1_ARM
    if (kernel == N1_KERNEL_NEON) {
        k->lanes_decode = n1_lanes_decode_neon;
        k->neighbour_sums = n1_neighbour_sums_neon;
        k->from_plane = n1_from_plane_neon;
        k->interleave16 = n1_interleave16_neon;
        k->wide_read = n1_wide_read_neon;
    }
#endif
    return N1_OK;
}
