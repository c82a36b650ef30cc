/* The piecewise mode's encoder in AVX2: eight samples at a time; see modes/piecewise/piece_spans.h, which does the same one by
 * one, to the bit. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "modes/piecewise/piece_spans.h"

#include <immintrin.h>

#define TARGET N1_TARGET("avx2,bmi,bmi2,lzcnt")
#define INLINE N1_INLINE TARGET
#define NARROW (1u << 23) /* codes whose positions, and their distances, are within 32 bits */
#define FAR    (1u << 25) /* codes at most of which no sum of a cell's passes 2^52 */

#include "kernels/x86/piece_scales_x86.h"

typedef __m256i v8;
INLINE v8 set(int32_t v) { return _mm256_set1_epi32(v); }
INLINE v8 zero(void) { return _mm256_setzero_si256(); }
INLINE v8 add(v8 a, v8 b) { return _mm256_add_epi32(a, b); }
INLINE v8 sub(v8 a, v8 b) { return _mm256_sub_epi32(a, b); }
INLINE v8 least(v8 a, v8 b) { return _mm256_min_epi32(a, b); }
INLINE v8 most(v8 a, v8 b) { return _mm256_max_epi32(a, b); }
INLINE v8 above(v8 a, v8 b) { return _mm256_cmpgt_epi32(a, b); }
INLINE v8 pick(v8 otherwise, v8 then, v8 mask) { return _mm256_blendv_epi8(otherwise, then, mask); }
INLINE v8 at(const void *p, v8 i) { return _mm256_i32gather_epi32((const int *)p, i, 4); }

/* Of products of 32-bit numbers without a sign, 32 bits from bit `down` on. */
#define PRODUCT(a, b, down)                                                                                               \
    _mm256_blend_epi32(_mm256_srli_epi64(_mm256_mul_epu32(a, b), down),                                                  \
                       _mm256_slli_epi64(_mm256_mul_epu32(_mm256_srli_epi64(a, 32), _mm256_srli_epi64(b, 32)), 32 - (down)), 0xAA)

/* Eight n1_piece_spot, and what all edges need. */
typedef struct {
    v8 mu, origin, inverse, down, cut, left, last, share, from, to, outside;
} spots;

typedef struct {
    v8 step, part, below;
} edges;

INLINE v8 numbers(const int64_t *p)
{
    const v8 even = _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6);
    const v8 a = _mm256_permutevar8x32_epi32(_mm256_loadu_si256((const v8 *)(const void *)p), even);
    const v8 b = _mm256_permutevar8x32_epi32(_mm256_loadu_si256((const v8 *)(const void *)(p + 4)), even);
    return _mm256_blend_epi32(a, b, 0xF0);
}

INLINE spots spots_of(const n1_piece_frames *f, size_t t)
{
    const n1_piece_channel *const c = f->channel;
    const v8 scale = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(const void *)(f->scale + t)));
    const v8 code = _mm256_loadu_si256((const v8 *)(const void *)(f->code + t)), low = set(31), none = zero();
    const v8 octave = _mm256_srli_epi32(scale, 5);
    spots s;
    s.mu = numbers(f->mu + t);
    s.origin = set((int32_t)c->origin);
    s.down = most(sub(octave, set(10)), none);
    s.cut = most(sub(octave, set(N1_PIECE_Q + 2)), none);
    const v8 i = add(sub(set(31 << 5), scale), _mm256_slli_epi32(s.down, 5));
    const v8 power = at(n1_piece_powers, _mm256_and_si256(i, low));
    s.inverse = _mm256_srlv_epi32(_mm256_slli_epi32(power, 1), sub(low, _mm256_srli_epi32(i, 5)));
    const v8 wide = at(n1_piece_powers, _mm256_and_si256(scale, low));
    const v8 reach = add(set(2), _mm256_srlv_epi32(wide, sub(set(32), least(octave, set(N1_PIECE_Q + 2)))));
    const v8 nearest = add(s.origin, _mm256_srai_epi32(add(s.mu, set(1 << (N1_PIECE_Q - 1))), N1_PIECE_Q));
    const v8 highest = set((int32_t)c->n_codes - 1);
    const v8 centre = _mm256_srlv_epi32(least(most(nearest, none), highest), s.cut);
    s.last = _mm256_srlv_epi32(highest, s.cut);
    s.left = most(sub(centre, reach), none);
    const v8 right = least(add(centre, reach), add(s.last, set(1)));
    s.share = sub(set((int32_t)N1_PROB_ONE - 2), sub(right, s.left));
    const v8 cell = _mm256_srlv_epi32(add(code, s.origin), s.cut);
    const v8 is_left = above(s.left, cell), is_right = above(cell, sub(right, set(1)));
    s.from = pick(_mm256_andnot_si256(is_left, cell), right, is_right);
    s.to = pick(pick(add(cell, set(1)), s.left, is_left), add(s.last, set(1)), is_right);
    s.outside = _mm256_or_si256(is_left, is_right);
    return s;
}

INLINE edges edges_of(const spots *s, v8 cell)
{
    const v8 code = sub(_mm256_sllv_epi32(cell, s->cut), s->origin);
    const v8 d = sub(sub(_mm256_slli_epi32(code, N1_PIECE_Q), set(1 << (N1_PIECE_Q - 1))), s->mu);
    const v8 far = least(_mm256_srlv_epi32(_mm256_abs_epi32(d), s->down), set(1 << 20));
    const v8 even = _mm256_mul_epu32(far, s->inverse), odd = _mm256_mul_epu32(_mm256_srli_epi64(far, 32), _mm256_srli_epi64(s->inverse, 32));
    const v8 steps = _mm256_blend_epi32(_mm256_srli_epi64(even, 17), _mm256_slli_epi64(odd, 15), 0xAA);
    const v8 beyond = above(_mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA), set(7)); /* 2^35 or more */
    const v8 step = pick(_mm256_srli_epi32(steps, 8), set(N1_PIECE_STEPS), beyond);
    return (edges){step, _mm256_andnot_si256(beyond, _mm256_and_si256(steps, set(255))), d};
}

INLINE v8 share_below(const uint32_t *law, v8 share, const edges *e)
{
    const v8 a = at(law, e->step), b = at(law + 1, e->step);
    const v8 tail = sub(a, _mm256_srli_epi32(_mm256_mullo_epi32(sub(a, b), e->part), 8));
    const v8 mass = pick(sub(set((int32_t)N1_PROB_ONE), tail), tail, _mm256_srai_epi32(e->below, 31));
    return PRODUCT(mass, share, N1_PROB_BITS);
}

INLINE v8 begin_of(const spots *s, const uint32_t *law, const edges *e)
{
    const v8 below = add(add(share_below(law, s->share, e), set(1)), sub(s->from, s->left));
    return _mm256_and_si256(below, above(s->from, zero()));
}

INLINE v8 end_of(const spots *s, const uint32_t *law, const edges *e)
{
    const v8 below = add(add(share_below(law, s->share, e), set(1)), sub(s->to, s->left));
    return pick(below, set((int32_t)N1_PROB_ONE), above(s->to, s->last));
}

INLINE int fits(const n1_piece_channel *c) { return !c->widths && c->n_codes <= NARROW; }

TARGET uint64_t n1_piece_spans_avx2(const n1_piece_frames *f, unsigned law, uint64_t *span)
{
    const uint32_t *const beyond = n1_piece_laws[law];
    uint64_t outside = 0;
    size_t t = 0;
    for (; fits(f->channel) && t + 8 <= f->n; t += 8) {
        const spots s = spots_of(f, t);
        const edges from = edges_of(&s, s.from), to = edges_of(&s, s.to);
        const v8 low = begin_of(&s, beyond, &from), width = sub(end_of(&s, beyond, &to), low);
        const v8 a = _mm256_unpacklo_epi32(low, width), b = _mm256_unpackhi_epi32(low, width);
        _mm256_storeu_si256((v8 *)(void *)(span + t), _mm256_permute2x128_si256(a, b, 0x20));
        _mm256_storeu_si256((v8 *)(void *)(span + t + 4), _mm256_permute2x128_si256(a, b, 0x31));
        outside |= (uint64_t)(uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(s.outside)) << t;
    }
    return outside | n1_piece_spans_loop(f, law, t, span);
}

/* n1_log2_q12 of numbers below 2^24. */
INLINE v8 log2_of(v8 v)
{
    const v8 bits = _mm256_castps_si256(_mm256_cvtepi32_ps(v));
    const v8 fraction = _mm256_i32gather_epi32((const int *)(const void *)N1_LOG2, _mm256_and_si256(_mm256_srli_epi32(bits, 12), set(2047)), 2);
    return add(_mm256_slli_epi32(sub(_mm256_srli_epi32(bits, 23), set(127)), 12), _mm256_and_si256(fraction, set(0xFFFF)));
}

INLINE uint64_t sum_of(v8 v)
{
    const v8 both = _mm256_add_epi64(_mm256_and_si256(v, _mm256_set1_epi64x(0xFFFFFFFF)), _mm256_srli_epi64(v, 32));
    const __m128i half = _mm_add_epi64(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));
    return (uint64_t)_mm_cvtsi128_si64(_mm_add_epi64(half, _mm_unpackhi_epi64(half, half)));
}

TARGET void n1_piece_bits_avx2(const n1_piece_frames *f, uint64_t *bits)
{
    size_t t = 0;
    for (; fits(f->channel) && t + 8 <= f->n; t += 8) {
        const spots s = spots_of(f, t);
        if (!_mm256_testz_si256(s.outside, s.outside)) {
            for (size_t i = t; i < t + 8; i++)
                n1_piece_add_bits(f, i, bits);
            continue;
        }
        const edges from = edges_of(&s, s.from), to = edges_of(&s, s.to);
        const v8 all = add(_mm256_slli_epi32(s.cut, 12), set(N1_PROB_BITS << 12));
        for (unsigned law = 0; law < N1_PIECE_LAWS; law++) {
            const uint32_t *const beyond = n1_piece_laws[law];
            bits[law] += sum_of(sub(all, log2_of(sub(end_of(&s, beyond, &to), begin_of(&s, beyond, &from)))));
        }
    }
    for (; t < f->n; t++)
        n1_piece_add_bits(f, t, bits);
}

/* n1_log2_q12 of four numbers below 2^52. */
INLINE __m128i log2_of_long(__m256i v)
{
    const __m256i magic = _mm256_set1_epi64x(0x4330000000000000);
    const __m256i bits = _mm256_castpd_si256(_mm256_sub_pd(_mm256_castsi256_pd(_mm256_or_si256(v, magic)), _mm256_castsi256_pd(magic)));
    const __m256i place = _mm256_and_si256(_mm256_srli_epi64(bits, 41), _mm256_set1_epi64x(2047));
    const __m128i fraction = _mm256_i64gather_epi32((const int *)(const void *)N1_LOG2, place, 2);
    const __m256i high = _mm256_permutevar8x32_epi32(_mm256_srli_epi64(bits, 52), _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
    const __m128i exponent = _mm_slli_epi32(_mm_sub_epi32(_mm256_castsi256_si128(high), _mm_set1_epi32(1023)), 12);
    return _mm_add_epi32(exponent, _mm_and_si128(fraction, _mm_set1_epi32(0xFFFF)));
}

INLINE __m128i averages(const uint64_t *v)
{
    return log2_of_long(_mm256_add_epi64(_mm256_loadu_si256((const __m256i *)(const void *)v), _mm256_set1_epi64x(N1_PIECE_FLOOR)));
}

/* Half octaves between two averages, from 0. */
INLINE __m128i apart(__m128i faster, __m128i slow)
{
    const __m128i i = _mm_srai_epi32(_mm_add_epi32(_mm_sub_epi32(faster, slow), _mm_set1_epi32(1024)), 11), most = _mm_set1_epi32(N1_PIECE_REACH);
    return _mm_add_epi32(_mm_max_epi32(_mm_min_epi32(i, most), _mm_set1_epi32(-N1_PIECE_REACH)), most);
}

INLINE void find_cells(some_frames *v)
{
    for (size_t t = 0; t < N1_PIECE_AT_ONCE; t += 4) {
        const __m128i base = averages(v->slow + t), i = apart(averages(v->fast + t), base), j = apart(averages(v->middle + t), base);
        _mm_storeu_si128((__m128i *)(void *)(v->log + t), base);
        _mm_storeu_si128((__m128i *)(void *)(v->cell + t), _mm_add_epi32(_mm_mullo_epi32(i, _mm_set1_epi32(N1_PIECE_SIDE)), j));
    }
}

INLINE void say(const some_frames *v, uint16_t *scale)
{
    const __m128i none = _mm_setzero_si128(), most = _mm_set1_epi32(N1_PIECE_SCALES - 1), rounded = _mm_set1_epi32(N1_PIECE_ROUNDED);
    for (size_t t = 0; t < N1_PIECE_AT_ONCE; t += 4) {
        const __m256i seen = _mm256_loadu_si256((const __m256i *)(const void *)(v->seen + t));
        const __m256i slows = _mm256_loadu_si256((const __m256i *)(const void *)(v->slows + t));
        const __m128i ratio = _mm_sub_epi32(log2_of_long(_mm256_add_epi64(seen, _mm256_set1_epi64x(1))), log2_of_long(slows));
        const __m128i log = _mm_add_epi32(_mm_loadu_si128((const __m128i *)(const void *)(v->log + t)), ratio);
        const __m128i i = _mm_srai_epi32(_mm_add_epi32(log, _mm_set1_epi32(64 - (6 << 12))), 7);
        const __m128i said = _mm_max_epi32(_mm_min_epi32(i, most), none), low = _mm_cmpgt_epi32(rounded, said);
        const __m128i pair = _mm_i32gather_epi32((const int *)(const void *)n1_piece_corrected, _mm_srli_epi32(_mm_and_si128(said, low), 1), 4);
        const __m128i odd = _mm_slli_epi32(_mm_and_si128(said, _mm_set1_epi32(1)), 4);
        const __m128i less = _mm_and_si128(_mm_srlv_epi32(pair, odd), _mm_set1_epi32(0xFFFF));
        const __m128i all = _mm_blendv_epi8(said, less, low);
        _mm_storel_epi64((__m128i *)(void *)(scale + t), _mm_packus_epi32(all, all));
    }
}

TARGET void n1_piece_scales_avx2(n1_piece_scale *s, const n1_piece_frames *f) { piece_scales(s, f); }
#endif
