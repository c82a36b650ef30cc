/* Encoder of rANS in AVX-512: the divisors of sixteen records at a time; see entropy/rans_turns.h. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "entropy/rans_turns.h"

#include <immintrin.h>

#define TARGET N1_TARGET("avx512f,avx512dq,avx2,bmi,bmi2")
#define AT_ONCE 16u

TARGET size_t n1_rans_turns_avx512(n1_rans_writer *w, const uint64_t *records, size_t n)
{
    uint64_t odd = w->x[1], even = w->x[0], inverse[AT_ONCE], down[AT_ONCE];
    uint8_t *p = w->p;
    for (; n >= AT_ONCE && p - w->least >= 4 * (ptrdiff_t)AT_ONCE; n -= AT_ONCE) {
        const uint64_t *const r = records + n - AT_ONCE;
        for (unsigned i = 0; i < AT_ONCE; i += 8) {
            const __m512d freq = _mm512_cvtepu64_pd(_mm512_srli_epi64(_mm512_loadu_si512(r + i), 32));
            const __m512i bits = _mm512_castpd_si512(_mm512_div_pd(_mm512_set1_pd(1.0), freq));
            const __m512i share = _mm512_or_si512(bits, _mm512_set1_epi64((int64_t)1 << 52));
            _mm512_storeu_si512(inverse + i, _mm512_slli_epi64(_mm512_add_epi64(share, _mm512_set1_epi64(1)), 11));
            _mm512_storeu_si512(down + i, _mm512_sub_epi64(_mm512_set1_epi64(1023), _mm512_srli_epi64(bits, 52)));
        }
        for (unsigned i = AT_ONCE; i > 0; i -= 2) {
            odd = n1_rans_turn(odd, r[i - 1], (n1_divisor){inverse[i - 1], (unsigned)down[i - 1]}, &p);
            even = n1_rans_turn(even, r[i - 2], (n1_divisor){inverse[i - 2], (unsigned)down[i - 2]}, &p);
        }
    }
    w->x[1] = odd;
    w->x[0] = even;
    w->p = p;
    return n1_rans_turns_loop(w, records, n);
}
#endif
