/* Encoder of rANS in AVX-512: the divisors of sixteen records at a time; see entropy/rans_turns.h. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "entropy/rans_turns.h"

#include <immintrin.h>

#define TARGET N1_TARGET("avx512f,avx512dq,avx2,bmi,bmi2")
#define AT_ONCE 16u

/* What steps need of some records: the states wait for nothing else. */
typedef struct {
    uint64_t inverse[AT_ONCE], down[AT_ONCE], most[AT_ONCE], rest[AT_ONCE], start[AT_ONCE];
} some_records;

N1_INLINE TARGET void prepare(some_records *v, const uint64_t *r)
{
    for (unsigned i = 0; i < AT_ONCE; i += 8) {
        const __m512i record = _mm512_loadu_si512(r + i), freq = _mm512_srli_epi64(record, 32);
        const __m512i bits = _mm512_castpd_si512(_mm512_div_pd(_mm512_set1_pd(1.0), _mm512_cvtepu64_pd(freq)));
        const __m512i share = _mm512_or_si512(bits, _mm512_set1_epi64((int64_t)1 << 52));
        _mm512_storeu_si512(v->inverse + i, _mm512_slli_epi64(_mm512_add_epi64(share, _mm512_set1_epi64(1)), 11));
        _mm512_storeu_si512(v->down + i, _mm512_sub_epi64(_mm512_set1_epi64(1023), _mm512_srli_epi64(bits, 52)));
        _mm512_storeu_si512(v->most + i, _mm512_slli_epi64(freq, 20));
        _mm512_storeu_si512(v->rest + i, _mm512_sub_epi64(_mm512_set1_epi64(N1_PROB_ONE), freq));
        _mm512_storeu_si512(v->start + i, _mm512_and_si512(record, _mm512_set1_epi64(0xFFFFFFFF)));
    }
}

N1_INLINE uint8_t *put_word(uint8_t *p, uint64_t s)
{
    const uint16_t word = (uint16_t)s;
    memcpy(p - 2, &word, sizeof word);
    return p - 2;
}

/* n1_rans_turn. */
N1_INLINE TARGET uint64_t step(uint64_t s, const some_records *v, unsigned i, uint8_t **p)
{
    const uint64_t less = s >> 16;
    if (N1_SELDOM(less >= v->most[i])) {
        *p = put_word(*p, s);
        s = less;
    }
    (void)put_word(*p, s);
    const uint64_t full = s >= v->most[i];
    *p -= 2 * full; /* a branch would be a coin toss */
    s >>= 16 * full;
    return n1_rans_quotient(s, (n1_divisor){v->inverse[i], (unsigned)v->down[i]}) * v->rest[i] + (s + v->start[i]);
}

/* Divisions take their time: those of the records before are under way meanwhile. */
TARGET size_t n1_rans_turns_avx512(n1_rans_writer *w, const uint64_t *records, size_t n)
{
    uint64_t odd = w->x[1], even = w->x[0];
    some_records both[2];
    uint8_t *p = w->p;
    if (n >= AT_ONCE)
        prepare(&both[n / AT_ONCE % 2], records + n - AT_ONCE);
    for (; n >= AT_ONCE && p - w->least >= 4 * (ptrdiff_t)AT_ONCE; n -= AT_ONCE) {
        const some_records *const v = &both[n / AT_ONCE % 2];
        if (n >= 2 * AT_ONCE)
            prepare(&both[1 - n / AT_ONCE % 2], records + n - 2 * AT_ONCE);
        for (unsigned i = AT_ONCE; i > 0; i -= 2) {
            odd = step(odd, v, i - 1, &p);
            even = step(even, v, i - 2, &p);
        }
    }
    w->x[1] = odd;
    w->x[0] = even;
    w->p = p;
    return n1_rans_turns_loop(w, records, n);
}
#endif
