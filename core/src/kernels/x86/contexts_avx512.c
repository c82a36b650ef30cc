/* The contexts mode's decisions in AVX-512: all contexts of a decision at a time; see kernels/portable/contexts.c, which does the
 * same one by one, to the bit, and is asked where two contexts have their slots in one line: there the second sees what the
 * first has learned. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "kernels/portable/portable.h"
#include "kernels/x86/log2_avx512.h"
#include "modes/contexts/decide.h"

#include <immintrin.h>

#define TARGET N1_TARGET("avx512f,avx512bw,avx512dq,avx512vl,avx512cd,avx2,bmi,bmi2,lzcnt")
#define INLINE N1_INLINE TARGET

enum { VECTORS = N1_CONTEXTS_WEIGHTS / N1_CONTEXTS_LANES, HALF = N1_CONTEXTS_LANES / 2 };

/* A decision's slots, and what stands in them; then histories. Slots are read and written as pairs, of which a context looks at both:
 * lanes hold the first and the second of each. Numbers one by one take less time than a gather, and can be read again at once. */
typedef struct {
    __m512i first, second, slot, past;
    __mmask16 is_second;
    __m512i odds[VECTORS];
    uint32_t pair[N1_CONTEXTS_LANES], where[N1_CONTEXTS_LANES]; /* counted from the kind's first */
} inputs;

INLINE __m512i number(uint32_t v) { return _mm512_set1_epi32((int)v); }
INLINE __mmask16 lanes_of(int few) { return few ? (1U << N1_CONTEXTS_FEW) - 1 : (1U << N1_CONTEXTS_MANY) - 1; }

/* Four numbers from four places. */
INLINE __m128i four(const uint32_t *v, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    __m128i r = _mm_cvtsi32_si128((int)v[a]);
    r = _mm_insert_epi32(r, (int)v[b], 1);
    r = _mm_insert_epi32(r, (int)v[c], 2);
    return _mm_insert_epi32(r, (int)v[d], 3);
}

/* Of the contexts, one by one. */
INLINE __m512i each(const uint32_t *v, const uint32_t *at, int few)
{
    const __m128i a = four(v, at[0], at[1], at[2], at[3]);
    if (few)
        return _mm512_zextsi256_si512(_mm256_setr_m128i(a, _mm_cvtsi32_si128((int)v[at[4]])));
    const __m128i b = four(v, at[4], at[5], at[6], at[7]);
    __m128i c = _mm_cvtsi32_si128((int)v[at[8]]);
    c = _mm_insert_epi32(c, (int)v[at[9]], 1);
    c = _mm_insert_epi32(c, (int)v[at[10]], 2);
    return _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_setr_m128i(a, b)), _mm256_zextsi128_si256(c), 1);
}

INLINE __m128i two_pairs(const uint32_t *slot, uint32_t a, uint32_t b)
{
    const __m128d first = _mm_castsi128_pd(_mm_loadl_epi64((const __m128i *)(const void *)(slot + a)));
    return _mm_castpd_si128(_mm_loadh_pd(first, (const double *)(const void *)(slot + b)));
}

INLINE __m256i four_pairs(const uint32_t *slot, const uint32_t *at)
{
    return _mm256_setr_m128i(two_pairs(slot, at[0], at[1]), two_pairs(slot, at[2], at[3]));
}

INLINE void read_pairs(const uint32_t *slot, inputs *in, int few)
{
    const __m512i evens = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    const uint32_t *at = in->pair;
    const __m256i low = four_pairs(slot, at);
    const __m256i last = few ? _mm256_zextsi128_si256(_mm_loadl_epi64((const __m128i *)(const void *)(slot + at[4])))
                             : four_pairs(slot, at + 4);
    const __m512i a = _mm512_inserti64x4(_mm512_castsi256_si512(low), last, 1);
    __m512i b = _mm512_setzero_si512();
    if (!few) {
        const __m128i tenth = _mm_loadl_epi64((const __m128i *)(const void *)(slot + at[10]));
        b = _mm512_zextsi256_si512(_mm256_setr_m128i(two_pairs(slot, at[8], at[9]), tenth));
    }
    in->first = _mm512_permutex2var_epi32(a, evens, b);
    in->second = _mm512_permutex2var_epi32(a, _mm512_add_epi32(evens, number(1)), b);
}

INLINE void write_two(uint32_t *slot, const uint32_t *at, __m128i v)
{
    _mm_storel_epi64((__m128i *)(void *)(slot + at[0]), v);
    _mm_storeh_pd((double *)(void *)(slot + at[1]), _mm_castsi128_pd(v));
}

/* What the slots are now, with what stands beside each. */
INLINE void write_pairs(uint32_t *slot, const inputs *in, __m512i now, int few)
{
    const __m512i turns = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const __m512i first = _mm512_mask_blend_epi32(in->is_second, now, in->first), second = _mm512_mask_blend_epi32(in->is_second, in->second, now);
    const __m512i a = _mm512_permutex2var_epi32(first, turns, second);
    const uint32_t *at = in->pair;
    write_two(slot, at, _mm512_castsi512_si128(a));
    write_two(slot, at + 2, _mm512_extracti32x4_epi32(a, 1));
    if (few) {
        _mm_storel_epi64((__m128i *)(void *)(slot + at[4]), _mm512_extracti32x4_epi32(a, 2));
        return;
    }
    const __m512i b = _mm512_permutex2var_epi32(first, _mm512_add_epi32(turns, number(8)), second);
    write_two(slot, at + 4, _mm512_extracti32x4_epi32(a, 2));
    write_two(slot, at + 6, _mm512_extracti32x4_epi32(a, 3));
    write_two(slot, at + 8, _mm512_castsi512_si128(b));
    _mm_storel_epi64((__m128i *)(void *)(slot + at[10]), _mm512_extracti32x4_epi32(b, 1));
}

TARGET void n1_contexts_turn_avx512(n1_contexts *s, uint32_t place)
{
    static const uint32_t all[N1_CONTEXTS_LANES] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const int few = s->contexts == N1_CONTEXTS_FEW;
    const __mmask16 lanes = lanes_of(few);
    const __m512i base = each(s->base, all, few); /* they have just been written, one by one */
    const __m512i hash = _mm512_mullo_epi32(_mm512_add_epi32(base, number(place * N1_CONTEXTS_PLACE)), number(N1_CONTEXTS_SPREAD));
    const __m512i line = _mm512_slli_epi32(_mm512_srl_epi32(hash, _mm_cvtsi32_si128(s->line_shift)), 4);
    _mm512_storeu_si512(s->hash, hash);
    _mm512_storeu_si512(s->line, line);
    for (uint32_t i = 0; i < s->contexts; i++)
        N1_PREFETCH(s->slot + s->line[i]);
    const __m512i same = _mm512_conflict_epi32(_mm512_mask_blend_epi32(lanes, _mm512_setr_epi32(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17), line));
    s->shared = _mm512_mask_test_epi32_mask(lanes, same, same) != 0;
}

/* n1_slot_of */
INLINE void find_slots(const n1_contexts *s, uint32_t node, int few, inputs *in)
{
    const __m512i low = number(63), count = number(31U << 11), one = number(1);
    const __m512i h = _mm512_mullo_epi32(_mm512_add_epi32(_mm512_loadu_si512(s->hash), number(node)), number(0x9E3779B1U));
    const __m512i check = _mm512_and_si512(_mm512_srli_epi32(h, 22), low), at = _mm512_or_si512(_mm512_loadu_si512(s->line), _mm512_srli_epi32(h, 28));
    _mm512_storeu_si512(in->pair, _mm512_andnot_si512(one, at));
    read_pairs(s->slot, in, few);
    const __mmask16 is_odd = _mm512_test_epi32_mask(at, one);
    const __m512i a = _mm512_mask_blend_epi32(is_odd, in->first, in->second), b = _mm512_mask_blend_epi32(is_odd, in->second, in->first);
    const __mmask16 is_a = _mm512_mask_testn_epi32_mask(_mm512_test_epi32_mask(a, count), _mm512_xor_si512(a, check), low);
    const __mmask16 is_b = _mm512_mask_testn_epi32_mask(_mm512_test_epi32_mask(b, count), _mm512_xor_si512(b, check), low);
    const __mmask16 less = _mm512_cmplt_epu32_mask(_mm512_and_si512(b, count), _mm512_and_si512(a, count));
    const __mmask16 other = (__mmask16)(~is_a & (is_b | less)), fresh = (__mmask16)~(is_a | is_b);
    in->is_second = is_odd ^ other;
    in->slot = _mm512_mask_or_epi32(_mm512_mask_blend_epi32(other, a, b), fresh, check, number((uint32_t)32768 << 16 | 1U << 6));
}

INLINE void find_histories(const n1_contexts *s, uint32_t kind, int few, inputs *in)
{
    const __m512i where = _mm512_add_epi32(_mm512_and_si512(_mm512_srli_epi32(in->slot, 6), number(31)),
                                           _mm512_setr_epi32(0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 0, 0, 0, 0, 0));
    _mm512_storeu_si512(in->where, where);
    in->past = each(s->history[kind][0], in->where, few);
}

/* n1_log2_ratio */
INLINE __m512i ratio(__m512i a, __m512i b)
{
    const __m512i x = _mm512_lzcnt_epi32(a), y = _mm512_lzcnt_epi32(b);
    return _mm512_add_epi32(_mm512_slli_epi32(_mm512_sub_epi32(y, x), 12), _mm512_sub_epi32(n1_log2_share(_mm512_sllv_epi32(a, x)), n1_log2_share(_mm512_sllv_epi32(b, y))));
}

INLINE __m512i odds_of(__m512i p) { return ratio(p, _mm512_sub_epi32(number(65536), p)); }

/* The logarithms of sixteen numbers, in 4096ths. */
INLINE __m512i log_of(__m512i a)
{
    const __m512i zeros = _mm512_lzcnt_epi32(a);
    return _mm512_sub_epi32(n1_log2_share(_mm512_sllv_epi32(a, zeros)), _mm512_slli_epi32(zeros, 12));
}

/* The odds of eight probabilities, in one vector with what they leave. */
INLINE __m256i odds_of_few(__m256i p)
{
    const __m256i rest = _mm256_sub_epi32(_mm256_set1_epi32(65536), p);
    const __m512i log = log_of(_mm512_inserti64x4(_mm512_castsi256_si512(p), rest, 1));
    return _mm256_sub_epi32(_mm512_castsi512_si256(log), _mm512_extracti64x4_epi64(log, 1));
}

/* Eleven bits of 64-bit numbers below the first, and where that is. */
INLINE __m512i top_bits(const uint64_t *v, __mmask8 lanes, __m256i *zeros)
{
    const __m512i one = _mm512_set1_epi64(1), n = _mm512_or_si512(_mm512_mask_loadu_epi64(one, lanes, v), one), z = _mm512_lzcnt_epi64(n);
    *zeros = _mm512_cvtepi64_epi32(z);
    return _mm512_srli_epi64(_mm512_sllv_epi64(n, z), 52);
}

/* Of all laws: the logarithm, less 63 whole ones. */
INLINE __m512i log_of_laws(const uint64_t *v)
{
    __m256i x, y;
    const __m512i a = top_bits(v, 0xFF, &x), b = top_bits(v + 8, 1, &y), zeros = _mm512_inserti64x4(_mm512_castsi256_si512(x), y, 1);
    const __m512i m = _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi64_epi32(a)), _mm512_cvtepi64_epi32(b), 1);
    return _mm512_sub_epi32(n1_log2_share(_mm512_slli_epi32(m, 20)), _mm512_slli_epi32(zeros, 12));
}

/* The odds of the first eight laws: logarithms of both masses in one vector. */
INLINE __m256i odds_of_few_laws(const n1_laws *l)
{
    const __m256i most = _mm256_set1_epi32(N1_ODDS_MOST);
    __m256i x, y;
    const __m512i a = top_bits(l->one, 0xFF, &x), b = top_bits(l->zero, 0xFF, &y);
    const __m512i m = _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi64_epi32(a)), _mm512_cvtepi64_epi32(b), 1);
    const __m512i share = n1_log2_share(_mm512_slli_epi32(m, 20));
    const __m256i odds = _mm256_add_epi32(_mm256_sub_epi32(_mm512_castsi512_si256(share), _mm512_extracti64x4_epi64(share, 1)),
                                          _mm256_slli_epi32(_mm256_sub_epi32(y, x), 12));
    return _mm256_max_epi32(_mm256_min_epi32(odds, most), _mm256_sub_epi32(_mm256_setzero_si256(), most));
}

/* All odds of lean predictions: contexts, what is beside them, laws. */
INLINE void find_lean_odds(n1_contexts *s, const n1_question *q, inputs *in)
{
    const __m512i p = _mm512_srli_epi32(in->slot, 16);
    __m256i v = _mm256_maskz_mov_epi32((1U << N1_CONTEXTS_FEW) - 1, odds_of_few(_mm512_castsi512_si256(p)));
    v = _mm256_mask_set1_epi32(v, 1U << N1_CONTEXTS_FEW, n1_match_odds(q));
    v = _mm256_mask_set1_epi32(v, 2U << N1_CONTEXTS_FEW, 1024);
    v = _mm256_mask_set1_epi32(v, 4U << N1_CONTEXTS_FEW, s->width);
    s->width = 0;
    in->odds[0] = _mm512_inserti64x4(_mm512_castsi256_si512(v), odds_of_few_laws(&s->laws), 1);
}

/* Inputs that are no contexts, from lane `first` of v on. */
INLINE __m512i beside(n1_contexts *s, const n1_question *q, __m512i v, int first, int predicted)
{
    const __m512i most = number(N1_ODDS_MOST);
    if (predicted) {
        const __m512i laws = _mm512_sub_epi32(log_of_laws(s->laws.one), log_of_laws(s->laws.zero));
        const __m512i odds = _mm512_max_epi32(_mm512_min_epi32(laws, most), _mm512_sub_epi32(_mm512_setzero_si512(), most));
        v = _mm512_alignr_epi32(_mm512_maskz_mov_epi32((1U << N1_LAWS) - 1, odds), _mm512_setzero_si512(), 12);
        v = _mm512_mask_set1_epi32(v, 8, s->width);
        s->width = 0;
    }
    v = _mm512_mask_set1_epi32(v, (__mmask16)(1U << first), n1_match_odds(q));
    v = _mm512_mask_set1_epi32(v, (__mmask16)(2U << first), n1_match_is(q));
    return _mm512_mask_set1_epi32(v, (__mmask16)(4U << first), 1024);
}

/* All odds: of few contexts in one vector, their histories in its upper half. */
INLINE void find_odds(n1_contexts *s, const n1_question *q, __mmask16 lanes, int few, int predicted, inputs *in)
{
    const __m512i p = _mm512_srli_epi32(in->slot, 16);
    if (few) {
        const __m512i both = _mm512_inserti64x4(p, _mm512_castsi512_si256(in->past), 1);
        const __m512i odds = _mm512_maskz_mov_epi32((__mmask16)(lanes | lanes << HALF), odds_of(both));
        in->odds[0] = beside(s, q, odds, HALF + N1_CONTEXTS_FEW, 0);
        return;
    }
    in->odds[0] = _mm512_maskz_mov_epi32(lanes, odds_of(p));
    in->odds[1] = _mm512_maskz_mov_epi32(lanes, odds_of(in->past));
    in->odds[2] = beside(s, q, _mm512_setzero_si512(), 0, predicted);
}

INLINE __m512i products(__m512i sum, __m512i w, __m512i odds)
{
    const __m512i odd = _mm512_mul_epi32(_mm512_srli_epi64(w, 32), _mm512_srli_epi64(odds, 32));
    return _mm512_add_epi64(sum, _mm512_add_epi64(_mm512_mul_epi32(w, odds), odd));
}

INLINE int32_t odds_of_sum(int64_t sum) { return (int32_t)n1_clamp64(n1_asr(sum, 20), -N1_ODDS_MOST, N1_ODDS_MOST); }

INLINE void mix(const n1_question *q, const inputs *in, int vectors, int32_t *one, int32_t *two)
{
    __m512i u = _mm512_setzero_si512(), v = u;
    for (int i = 0; i < vectors; i++) {
        u = products(u, _mm512_loadu_si512(q->u + 16 * i), in->odds[i]);
        v = products(v, _mm512_loadu_si512(q->v + 16 * i), in->odds[i]);
    }
    const __m512i both = _mm512_add_epi64(_mm512_unpacklo_epi64(u, v), _mm512_unpackhi_epi64(u, v));
    const __m256i four = _mm256_add_epi64(_mm512_castsi512_si256(both), _mm512_extracti64x4_epi64(both, 1));
    const __m128i sums = _mm_add_epi64(_mm256_castsi256_si128(four), _mm256_extracti128_si256(four, 1));
    *one = odds_of_sum(_mm_cvtsi128_si64(sums));
    *two = odds_of_sum(_mm_extract_epi64(sums, 1));
}

/* n1_mix_learn: half of the product, which has 32 bits, by half of the odds, and what an odd one adds. */
INLINE void learn(int32_t *w, const inputs *in, int vectors, int32_t error, int rate)
{
    const int32_t half = 1 << (rate - 1);
    const __m512i e = number((uint32_t)error), even = number((uint32_t)(half >> 1)), odd = number((uint32_t)n1_asr(error + half, 1));
    const __m512i most = number(8 << 20), least = _mm512_set1_epi32(-(8 << 20));
    const __m128i down = _mm_cvtsi32_si128(rate - 1);
    for (int i = 0; i < vectors; i++) {
        const __m512i o = in->odds[i], add = _mm512_mask_blend_epi32(_mm512_test_epi32_mask(o, number(1)), even, odd);
        const __m512i step = _mm512_sra_epi32(_mm512_add_epi32(_mm512_mullo_epi32(_mm512_srai_epi32(o, 1), e), add), down);
        const __m512i sum = _mm512_add_epi32(_mm512_loadu_si512(w + 16 * i), step);
        _mm512_storeu_si512(w + 16 * i, _mm512_max_epi32(_mm512_min_epi32(sum, most), least));
    }
}

INLINE __m512i within(__m512i v, int least, int most)
{
    return _mm512_max_epi32(_mm512_min_epi32(v, _mm512_set1_epi32(most)), _mm512_set1_epi32(least));
}

/* n1_question_close. A slot's step has 32 bits: one that has counted nothing stands in the middle. */
INLINE void close(n1_contexts *s, const inputs *in, int few, uint32_t bit)
{
    const __m512i aim = number(bit ? 65535 : 0), one = number(1), p = _mm512_srli_epi32(in->slot, 16);
    const __m512i count = _mm512_and_si512(_mm512_srli_epi32(in->slot, 11), number(31));
    const __m512i rate = _mm512_permutex2var_epi32(_mm512_loadu_si512(s->rate), count, _mm512_loadu_si512(s->rate + 16));
    const __m512i step = _mm512_srai_epi32(_mm512_mullo_epi32(_mm512_sub_epi32(aim, p), rate), 16);
    const __m512i q = within(_mm512_add_epi32(p, step), 16, 65520);
    __m512i then = _mm512_and_si512(_mm512_srli_epi32(in->slot, 5), number(62)); /* with room for the bit */
    then = _mm512_mask_or_epi32(then, _mm512_cmpge_epu32_mask(then, number(32)), _mm512_and_si512(then, number(15)), number(16));
    then = _mm512_or_si512(then, number(bit));
    const __m512i n = _mm512_min_epu32(_mm512_add_epi32(count, one), number(N1_CONTEXTS_COUNT_MOST));
    const __m512i low = _mm512_or_si512(_mm512_slli_epi32(then, 6), _mm512_and_si512(in->slot, number(63)));
    const __m512i high = _mm512_or_si512(_mm512_slli_epi32(q, 16), _mm512_slli_epi32(n, 11));
    write_pairs(s->slot, in, _mm512_or_si512(high, low), few);
}

INLINE void close_histories(n1_contexts *s, const inputs *in, uint32_t kind, int few, uint32_t bit)
{
    const __m512i aim = number(bit ? 65535 : 0);
    const __m512i past = _mm512_add_epi32(in->past, _mm512_srai_epi32(_mm512_sub_epi32(aim, in->past), N1_RATE_HISTORY));
    uint32_t then_past[N1_CONTEXTS_LANES];
    _mm512_storeu_si512(then_past, within(past, N1_CONTEXTS_LEAST, 65535 - N1_CONTEXTS_LEAST));
    uint32_t *const history = s->history[kind][0]; /* of all histories of the kind, one after the other */
    for (uint32_t i = 0; i < (few ? N1_CONTEXTS_FEW : N1_CONTEXTS_MANY); i++) history[in->where[i]] = then_past[i];
}

INLINE uint32_t decide(n1_contexts *s, n1_binary *b, int decoding, uint32_t bit, uint32_t node, uint32_t kind, int expected, int few,
                       int predicted)
{
    const int vectors = few ? 1 : VECTORS, lean = few && predicted;
    n1_question q;
    inputs in;
    int32_t one, two;
    N1_PREFETCH(n1_refined_row(s, node) + N1_CONTEXTS_STEPS / 2);
    n1_question_begin(s, &q, kind, expected);
    find_slots(s, node, few, &in);
    if (lean) {
        find_lean_odds(s, &q, &in);
    } else {
        find_histories(s, kind, few, &in);
        find_odds(s, &q, lanes_of(few), few, predicted, &in);
    }
    mix(&q, &in, vectors, &one, &two);
    bit = n1_question_answer(s, b, decoding, bit, node, &q, one, two);
    close(s, &in, few, bit);
    if (!lean)
        close_histories(s, &in, kind, few, bit);
    learn(q.u, &in, vectors, n1_error_of(bit, one), s->rate_mix);
    learn(q.v, &in, vectors, n1_error_of(bit, two), s->rate_mix);
    return bit;
}

TARGET uint32_t n1_contexts_decide_avx512(n1_contexts *s, n1_binary *b, int decoding, uint32_t bit, uint32_t node, uint32_t kind,
                                          int expected)
{
    if (N1_SELDOM(s->shared))
        return n1_contexts_decide_portable(s, b, decoding, bit, node, kind, expected);
    if (n1_contexts_lean(s))
        return decide(s, b, decoding, bit, node, kind, expected, 1, 1);
    if (s->contexts == N1_CONTEXTS_FEW)
        return decide(s, b, decoding, bit, node, kind, expected, 1, 0);
    return s->predicted ? decide(s, b, decoding, bit, node, kind, expected, 0, 1) : decide(s, b, decoding, bit, node, kind, expected, 0, 0);
}

#endif
