/* Encoders of rANS in AVX-512: eight 40-bit states with 20-bit frequencies at a time. */
#ifndef N1_KERNELS_X86_RANS_AVX512_H
#define N1_KERNELS_X86_RANS_AVX512_H
#include "entropy/mass.h"
#include "kernels/target.h"
#include <immintrin.h>
#include <stdint.h>

#define N1_RANS_AVX512 N1_INLINE N1_TARGET("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi2,popcnt")

/* x / freq for x < 2^20 * freq <= 2^40, by a reciprocal of freq that two steps of Newton's bring to 2^-45 of its size or better: the
   product is within 2^-24 of the quotient. Where that is no integer it is at least 1 / freq >= 2^-20 below the next, so that 2^-22 more
   brings what should be an integer to it, and nothing else beyond one. */
N1_RANS_AVX512 __m512i n1_push_eight(__m512i x, __m512i freq, __m512i low)
{
    const __m512d f = _mm512_cvtepu64_pd(freq), one = _mm512_set1_pd(1.0), more = _mm512_set1_pd(1.0 / (1 << 22));
    __m512d r = _mm512_rcp14_pd(f);
    for (int step = 0; step < 2; step++)
        r = _mm512_add_pd(r, _mm512_mul_pd(r, _mm512_sub_pd(one, _mm512_mul_pd(f, r))));
    const __m512i q = _mm512_cvttpd_epu64(_mm512_add_pd(_mm512_mul_pd(_mm512_cvtepu64_pd(x), r), more));
    const __m512i rest = _mm512_sub_epi64(_mm512_set1_epi64(N1_PROB_ONE), freq);
    return _mm512_add_epi64(_mm512_add_epi64(x, low), _mm512_mul_epu32(q, rest));
}

/* Put the low words of the chosen states on the stream, which grows downwards. */
N1_RANS_AVX512 void n1_put_words_of(__m512i x, __mmask8 chosen, uint8_t **p)
{
    const unsigned n = (unsigned)__builtin_popcount(chosen);
    *p -= 2 * n;
    _mm_mask_storeu_epi16(*p, (__mmask8)((1u << n) - 1), _mm512_cvtepi64_epi16(_mm512_maskz_compress_epi64(chosen, x)));
}

/* Move the low words of the states that are too large to the stream. */
N1_RANS_AVX512 __m512i n1_shrink(__m512i x, __m512i limit, uint8_t **p)
{
    __mmask8 m = _mm512_cmpge_epu64_mask(x, limit);
    __m512i y = _mm512_mask_srli_epi64(x, m, x, 16);
    __mmask8 again = _mm512_cmpge_epu64_mask(y, limit);
    if (__builtin_expect(again, 0)) { /* the reader takes these after the others */
        n1_put_words_of(x, again, p);
        x = _mm512_mask_mov_epi64(x, again, y);
        y = _mm512_mask_srli_epi64(y, again, y, 16);
    }
    n1_put_words_of(x, m, p);
    return y;
}
#endif
