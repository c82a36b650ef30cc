/* Least squares in AVX-512, column after column: eight rows of one at a time, whose sums stay in their lanes. All numbers are
 * those of predict/least_squares_loops.h, which goes row after row: sums of integers are the same in any order. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "predict/least_squares_loops.h"

#include <immintrin.h>

#define TARGET N1_TARGET("avx512f,avx512bw,avx512dq,avx512vl,avx2,bmi,bmi2,lzcnt")
#define INLINE N1_INLINE TARGET

/* Sums of each row: with the pivot's column, and with the right-hand side. */
typedef struct {
    int64_t pivot[N1_MAX_FEATURES], right[N1_MAX_FEATURES];
} sums;

/* Where column j is in a triangle of columns that begin with whole eights; its row i is i behind that. */
INLINE ptrdiff_t column(uint32_t j, uint32_t whole)
{
    const uint32_t eights = j / 8;
    return (ptrdiff_t)(j * whole - 8 * (4 * eights * (eights - 1) + (j & 7U) * eights)) - (ptrdiff_t)(8 * eights);
}

INLINE __m512i wide(const int32_t *p) { return _mm512_cvtepi32_epi64(_mm256_loadu_si256((const __m256i *)(const void *)p)); }
INLINE void store(int32_t *p, __m512i v) { _mm256_storeu_si256((__m256i *)(void *)p, _mm512_cvtepi64_epi32(v)); }
INLINE __m512i within(__m512i v, int64_t most)
{
    return _mm512_max_epi64(_mm512_min_epi64(v, _mm512_set1_epi64(most)), _mm512_set1_epi64(-most));
}

/* scale() */
INLINE __m512i scaled(__m512i v, __m512i s)
{
    const __m512i zero = _mm512_setzero_si512(), up = _mm512_min_epi64(s, _mm512_set1_epi64(40)), down = _mm512_sub_epi64(zero, s);
    const __m512i most = _mm512_srlv_epi64(_mm512_set1_epi64((int64_t)1 << TOP), up);
    const __m512i more = _mm512_sllv_epi64(_mm512_max_epi64(_mm512_min_epi64(v, most), _mm512_sub_epi64(zero, most)), up);
    const __m512i less = _mm512_srav_epi64(v, _mm512_min_epi64(down, _mm512_set1_epi64(62)));
    return _mm512_mask_blend_epi64(_mm512_cmplt_epi64_mask(s, zero), more, less);
}

/* Eight rows of column j, from r on. */
INLINE void rows(n1_least_squares_work *w, const int64_t *a, uint32_t n, uint32_t j, uint32_t r, sums *sum)
{
    const uint32_t whole = (n + 7) & ~7U, first = j + 1 > r ? j + 1 - r : 0, left = n - r < 8 ? n - r : 8;
    const __mmask8 lanes = (__mmask8)(((1U << left) - 1) & ~((1U << first) - 1));
    const __m512i row = _mm512_add_epi64(_mm512_set1_epi64(r), _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7));
    const __m512i at = _mm512_srli_epi64(_mm512_mul_epu32(row, _mm512_add_epi64(row, _mm512_set1_epi64(1))), 1);
    const __m512i v = _mm512_mask_i64gather_epi64(_mm512_setzero_si512(), lanes, at, a + j, 8);
    __m512i s = _mm512_setzero_si512();
    const int32_t *uk = w->u + r, *lk = w->l + j;
    ptrdiff_t length = whole;
    for (uint32_t k = 0; k < j;) {
        const uint32_t end = k + 8 < j ? k + 8 : j;
        for (; k < end; k++, uk += length, lk += length)
            s = _mm512_add_epi64(s, _mm512_mul_epi32(wide(uk), _mm512_set1_epi32(*lk)));
        length -= 8;
        uk -= 8;
        lk -= 8;
    }
    const __m512i shift = _mm512_add_epi64(wide(w->shift + r), _mm512_set1_epi64(w->shift[j]));
    const __m512i u = _mm512_maskz_mov_epi64(lanes, within(_mm512_sub_epi64(scaled(v, shift), _mm512_srai_epi64(s, LQ)), (int64_t)1 << TOP));
    const __m512i product = _mm512_mullo_epi64(u, _mm512_set1_epi64(w->inverse[j]));
    const __m512i l = within(_mm512_sra_epi64(product, _mm_cvtsi32_si128(61 - LQ - w->up[j])), N1_SOLVED_RATIO);
    const ptrdiff_t c = column(j, whole) + r;
    store(w->u + c, u);
    store(w->l + c, l);
    _mm512_storeu_si512(sum->pivot + r, _mm512_add_epi64(_mm512_loadu_si512(sum->pivot + r), _mm512_mul_epi32(u, l)));
    const __m512i right = _mm512_mul_epi32(l, _mm512_set1_epi64(w->y[j]));
    _mm512_storeu_si512(sum->right + r, _mm512_add_epi64(_mm512_loadu_si512(sum->right + r), right));
}

/* What follows in column i, times the solution. */
INLINE int64_t solved(const n1_least_squares_work *w, uint32_t i, uint32_t whole)
{
    const int32_t *l = w->l + column(i, whole);
    __m512i s = _mm512_setzero_si512();
    for (uint32_t r = i & ~7U; r < whole; r += 8)
        s = _mm512_add_epi64(s, _mm512_mul_epi32(wide(l + r), _mm512_loadu_si512(w->z + r)));
    return _mm512_reduce_add_epi64(s);
}

TARGET int n1_solve_avx512(n1_least_squares_work *w, const int64_t *a, const int64_t *b, uint32_t n, int32_t *x)
{
    const uint32_t whole = (n + 7) & ~7U;
    sums sum;
    int sb;
    if (!n1_solve_begin(w, a, b, n, &sb)) return 0;
    for (uint32_t r = 0; r < whole; r += 8) {
        _mm512_storeu_si512(sum.pivot + r, _mm512_setzero_si512());
        _mm512_storeu_si512(sum.right + r, _mm512_setzero_si512());
        _mm512_storeu_si512(w->z + r, _mm512_setzero_si512());
    }
    for (uint32_t i = n; i < whole; i++)
        w->shift[i] = 0;
    for (uint32_t j = 0; j < n; j++) {
        n1_solve_pivot(w, j, a[j * (j + 1) / 2 + j], sum.pivot[j]);
        n1_solve_forward(w, j, b[j], sb, sum.right[j]);
        const uint32_t own = j & ~7U;
        if (((j + 1) & ~7U) != own) /* the last row of its eight: nothing of it follows, but the solution is read from there on */
            store(w->l + column(j, whole) + own, _mm512_setzero_si512());
        for (uint32_t r = (j + 1) & ~7U; r < n; r += 8)
            rows(w, a, n, j, r, &sum);
    }
    for (uint32_t i = n; i-- > 0;)
        n1_solve_back(w, i, solved(w, i, whole));
    n1_solve_end(w, n, sb, x);
    return 1;
}

#endif
