/* Products are added up in 32 bits: 64 of them per accumulator, 2^12 * 2^12 * 64 < 2^31, before they go to 64 bits. */
#include "predict/sums.h"

#define PRODUCTS 64u

N1_INLINE int32_t products(const int16_t *a, const int16_t *b, size_t n, unsigned down)
{
    int32_t part = 0;
    for (size_t j = 0; j < n; j++)
        part += (a[j] >> down) * (b[j] >> down);
    return part;
}

static int64_t dot_base(const int16_t *a, const int16_t *b, size_t n, unsigned down)
{
    int64_t total = 0;
    size_t i = 0;
    for (; n - i >= PRODUCTS; i += PRODUCTS)
        total += down ? products(a + i, b + i, PRODUCTS, down) : products(a + i, b + i, PRODUCTS, 0);
    return total + products(a + i, b + i, n - i, down);
}

#if N1_X86
#include <immintrin.h>

/* One multiply-add makes 16 products; compilers do not find it behind the shift. */
N1_TARGET("avx2") static int64_t dot_avx2(const int16_t *a, const int16_t *b, size_t n, unsigned down)
{
    const __m128i shift = _mm_cvtsi32_si128((int)down);
    const __m256i zero = _mm256_setzero_si256();
    __m256i total = zero;
    size_t i = 0;
    while (i + 16 <= n) {
        const size_t left = (n - i) / 16, m = left < PRODUCTS / 2 ? left : PRODUCTS / 2;
        __m256i part = zero;
        for (size_t j = 0; j < m; j++, i += 16) {
            const __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)(a + i));
            const __m256i y = _mm256_loadu_si256((const __m256i *)(const void *)(b + i));
            part = _mm256_add_epi32(part, _mm256_madd_epi16(_mm256_sra_epi16(x, shift), _mm256_sra_epi16(y, shift)));
        }
        const __m256i sign = _mm256_cmpgt_epi32(zero, part);
        total = _mm256_add_epi64(total, _mm256_unpacklo_epi32(part, sign));
        total = _mm256_add_epi64(total, _mm256_unpackhi_epi32(part, sign));
    }
    int64_t four[4];
    _mm256_storeu_si256((__m256i *)(void *)four, total);
    return four[0] + four[1] + four[2] + four[3] + (i < n ? products(a + i, b + i, n - i, down) : 0);
}
#endif

int64_t n1_dot_down(const int16_t *a, const int16_t *b, size_t n, unsigned down, n1_kernel kernel)
{
#if N1_X86
    if (kernel != N1_KERNEL_PORTABLE)
        return dot_avx2(a, b, n, down);
#endif
    (void)kernel;
    return dot_base(a, b, n, down);
}

int64_t n1_total_down(const int16_t *a, size_t n, unsigned down)
{
    int64_t total = 0;
    for (size_t i = 0; i < n; i += PRODUCTS) {
        const size_t m = n - i < PRODUCTS ? n - i : PRODUCTS;
        int32_t part = 0;
        for (size_t j = 0; j < m; j++)
            part += a[i + j] >> down;
        total += part;
    }
    return total;
}
