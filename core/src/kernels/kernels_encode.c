/* Fill the encoders' table. */
#include "kernels/table.h"
#include "base/added_odds.h"
#include "kernels/arm/arm.h"
#include "kernels/portable/portable.h"
#include "kernels/x86/x86.h"

n1_status n1_encode_kernels_fill(n1_encode_kernels *k, n1_kernel kernel)
{
    const n1_status status = n1_kernels_fill(&k->both, kernel);
    if (status != N1_OK)
        return status;
    k->lanes_encode = n1_lanes_encode_portable;
    k->lanes_predict = n1_lanes_predict_portable;
    k->midpoints = n1_midpoints_portable;
    k->dot = n1_dot_portable;
    k->dots = n1_dots_portable;
    k->residuals = n1_residuals_portable;
    k->lagged = n1_lagged_portable;
    k->weighted_products = n1_weighted_products_portable;
    k->product = n1_product_portable;
    k->add_squares = n1_add_squares_portable;
    k->magnitudes = n1_magnitudes_portable;
    k->take_away = n1_take_away_portable;
    k->piece_spans = n1_piece_spans_portable;
    k->piece_bits = n1_piece_bits_portable;
    k->piece_scales = n1_piece_scales_portable;
    k->quick_put = N1_ADDED_ODDS ? n1_quick_put_portable : NULL;
    k->to_plane = n1_to_plane_portable;
    k->deinterleave16 = n1_deinterleave16_portable;
    k->nlink_codes = n1_nlink_codes_portable;
    k->rans_rows = n1_rans_rows_portable;
    k->rans_turns = n1_rans_turns_portable;
    k->settle = n1_settle_portable;
    k->rows_write = NULL;
    k->wide_write = n1_wide_write_portable;
    k->wide_words = n1_wide_words_portable;
#if N1_X86
    if (kernel == N1_KERNEL_AVX2 || kernel == N1_KERNEL_AVX512) {
        k->lanes_encode = kernel == N1_KERNEL_AVX512 ? n1_lanes_encode_avx512 : n1_lanes_encode_avx2;
        k->lanes_predict = n1_lanes_predict_avx2;
        k->midpoints = kernel == N1_KERNEL_AVX512 ? n1_midpoints_avx512 : n1_midpoints_avx2;
        k->dot = n1_dot_avx2;
        k->dots = kernel == N1_KERNEL_AVX512 ? n1_dots_avx512 : n1_dots_avx2;
        k->residuals = n1_residuals_avx2;
        k->lagged = kernel == N1_KERNEL_AVX512 ? n1_lagged_avx512 : n1_lagged_avx2;
        k->weighted_products = kernel == N1_KERNEL_AVX512 ? n1_weighted_products_avx512 : n1_weighted_products_avx2;
        k->product = n1_product_avx2;
        k->add_squares = n1_add_squares_avx2;
        k->magnitudes = n1_magnitudes_avx2;
        k->take_away = kernel == N1_KERNEL_AVX512 ? n1_take_away_avx512 : n1_take_away_avx2;
        k->piece_spans = kernel == N1_KERNEL_AVX512 ? n1_piece_spans_avx512 : n1_piece_spans_avx2;
        k->piece_bits = kernel == N1_KERNEL_AVX512 ? n1_piece_bits_avx512 : n1_piece_bits_avx2;
        k->piece_scales = kernel == N1_KERNEL_AVX512 ? n1_piece_scales_avx512 : n1_piece_scales_avx2;
        k->quick_put = N1_ADDED_ODDS ? n1_quick_put_avx2 : NULL;
        k->to_plane = n1_to_plane_sse2;
        k->deinterleave16 = n1_deinterleave16_sse2;
        k->nlink_codes = n1_nlink_codes_avx2;
        k->rans_rows = n1_rans_rows_avx2;
        k->rans_turns = kernel == N1_KERNEL_AVX512 ? n1_rans_turns_avx512 : n1_rans_turns_portable;
        k->settle = kernel == N1_KERNEL_AVX512 ? n1_settle_avx512 : n1_settle_portable;
        k->rows_write = n1_rows_write_avx2;
        k->wide_write = kernel == N1_KERNEL_AVX512 ? n1_wide_write_avx512 : n1_wide_write_avx2;
        k->wide_words = kernel == N1_KERNEL_AVX512 ? n1_wide_words_avx512 : n1_wide_words_avx2;
    }
#endif
#if N1_ARM
    if (kernel == N1_KERNEL_NEON) {
        k->lanes_encode = n1_lanes_encode_neon;
        k->lanes_predict = n1_lanes_predict_neon;
        k->midpoints = n1_midpoints_neon;
        k->dot = n1_dot_neon;
        k->dots = n1_dots_neon;
        k->to_plane = n1_to_plane_neon;
        k->deinterleave16 = n1_deinterleave16_neon;
        k->lagged = n1_lagged_neon;
        k->wide_write = n1_wide_write_neon;
        k->wide_words = n1_wide_words_neon;
    }
#endif
    return N1_OK;
}
