/* The piecewise mode's encoder in AVX-512: sixteen samples at a time, as pieces_avx2_encode.c does eight. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "kernels/x86/pieces_avx512.h"

#define NARROW (1u << 24) /* codes whose positions, and their distances, for both ends are one apart, are within 32 bits: */
#define MOST   ((1u << 31) - 256) /* of more, up to so many, cells are, and positions within 64 */
#define FAR    UINT32_MAX /* codes at most whose scales are told side by side: all */

#include "kernels/x86/piece_scales_x86.h"

INLINE v16 zero(void) { return _mm512_setzero_si512(); }
INLINE v16 least(v16 a, v16 b) { return _mm512_min_epi32(a, b); }
INLINE v16 most(v16 a, v16 b) { return _mm512_max_epi32(a, b); }
INLINE __mmask16 above(v16 a, v16 b) { return _mm512_cmpgt_epi32_mask(a, b); }
INLINE v16 pick(v16 otherwise, v16 then, __mmask16 mask) { return _mm512_mask_blend_epi32(mask, otherwise, then); }
/* Loads take less time than a gather. */
INLINE __m128i four_at(const uint32_t *p, const uint32_t *i)
{
    return _mm_setr_epi32((int)p[i[0]], (int)p[i[1]], (int)p[i[2]], (int)p[i[3]]);
}
INLINE v16 at(const uint32_t *p, v16 i)
{
    uint32_t j[16];
    _mm512_storeu_si512(j, i);
    const __m256i a = _mm256_inserti128_si256(_mm256_castsi128_si256(four_at(p, j)), four_at(p, j + 4), 1);
    const __m256i b = _mm256_inserti128_si256(_mm256_castsi128_si256(four_at(p, j + 8)), four_at(p, j + 12), 1);
    return _mm512_inserti64x4(_mm512_castsi256_si512(a), b, 1);
}
/* Of a table of 32 numbers. */
INLINE v16 of_32(const uint32_t *p, v16 i) { return _mm512_permutex2var_epi32(_mm512_loadu_si512(p), i, _mm512_loadu_si512(p + 16)); }
INLINE v16 low_product(v16 a, v16 b) { return _mm512_mul_epu32(a, b); }
INLINE v16 high_product(v16 a, v16 b) { return _mm512_mul_epu32(_mm512_srli_epi64(a, 32), _mm512_srli_epi64(b, 32)); }

/* Sixteen n1_piece_spot, and what all edges need. */
typedef struct {
    __m512i far[2]; /* of many codes: predictions */
    v16 mu, origin, inverse, down, cut, left, last, share, from, to;
    __mmask16 outside;
    const uint32_t *edge; /* of widths, or NULL; positions are from the origin's middle */
    v16 middle, codes;
} spots;

typedef struct {
    v16 step, part;
    __mmask16 below;
} edges;

/* Eight of sixteen numbers without a sign. */
INLINE __m512i half_of(v16 v, int high) { return _mm512_cvtepu32_epi64(high ? _mm512_extracti64x4_epi64(v, 1) : _mm512_castsi512_si256(v)); }

/* The code that is nearest to a prediction of many codes, within them. */
INLINE __m512i near_code(__m512i mu, const n1_piece_channel *c)
{
    const __m512i half = _mm512_set1_epi64(1 << (N1_PIECE_Q - 1)), code = _mm512_srai_epi64(_mm512_add_epi64(mu, half), N1_PIECE_Q);
    const __m512i highest = _mm512_set1_epi64((int64_t)c->n_codes - 1);
    return _mm512_max_epi64(_mm512_min_epi64(_mm512_add_epi64(code, _mm512_set1_epi64(c->origin)), highest), _mm512_setzero_si512());
}

/* n1_piece_code_at, of widths. */
INLINE v16 codes_at(const n1_piece_frames *f, size_t t, const spots *s)
{
    const n1_piece_channel *const c = f->channel;
    if (f->near)
        return _mm512_loadu_si512(f->near + t);
    const v16 end = set((int32_t)c->edge[c->n_codes]), wanted = add(s->mu, s->middle);
    const v16 position = most(least(wanted, sub(end, set(1))), zero());
    v16 code = at(c->at, _mm512_srli_epi32(position, N1_PIECE_Q));
    for (__mmask16 on = 0xFFFF; on;) { /* two edges at a time: of lanes that pass the first, the second is one, too */
        v16 first, second;
        neighbours(c->edge + 1, code, &first, &second);
        const __mmask16 one = _mm512_mask_cmple_epi32_mask(on, first, position);
        on = _mm512_mask_cmple_epi32_mask(one, second, position);
        code = _mm512_mask_add_epi32(code, one, code, set(1));
        code = _mm512_mask_add_epi32(code, on, code, set(1));
    }
    return pick(pick(code, zero(), above(zero(), wanted)), sub(s->codes, set(1)), above(wanted, sub(end, set(1))));
}

/* wide: of many codes, which have no widths. */
INLINE spots spots_of(const n1_piece_frames *f, size_t t, const int wide)
{
    const n1_piece_channel *const c = f->channel;
    const v16 scale = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)(f->scale + t)));
    const v16 code = _mm512_loadu_si512(f->code + t), low = set(31), none = zero();
    const v16 octave = _mm512_srli_epi32(scale, 5), whole = set(N1_PIECE_Q + (c->widths ? 5 : 2));
    spots s;
    s.edge = c->widths ? c->edge : NULL;
    s.middle = c->widths ? set((int32_t)((c->edge[c->origin] + c->edge[c->origin + 1]) >> 1)) : none;
    s.codes = set((int32_t)c->n_codes);
    s.far[0] = _mm512_loadu_si512(f->mu + t);
    s.far[1] = _mm512_loadu_si512(f->mu + t + 8);
    s.mu = halves(s.far[0], s.far[1]);
    s.origin = set((int32_t)c->origin);
    s.down = most(sub(octave, set(10)), none);
    s.cut = most(sub(octave, whole), none);
    const v16 i = add(sub(set(31 << 5), scale), _mm512_slli_epi32(s.down, 5));
    const v16 power = of_32(n1_piece_powers, i);
    s.inverse = _mm512_srlv_epi32(_mm512_slli_epi32(power, 1), sub(low, _mm512_srli_epi32(i, 5)));
    const v16 octaves = of_32(n1_piece_powers, scale);
    const v16 reach = add(set(2), _mm512_srlv_epi32(octaves, sub(set(32), least(octave, whole))));
    const v16 nearest = add(s.origin, _mm512_srai_epi32(add(s.mu, set(1 << (N1_PIECE_Q - 1))), N1_PIECE_Q));
    const v16 highest = set((int32_t)c->n_codes - 1);
    const v16 nearby = wide        ? halves(near_code(s.far[0], c), near_code(s.far[1], c))
                       : c->widths ? codes_at(f, t, &s)
                                   : least(most(nearest, none), highest);
    const v16 centre = _mm512_srlv_epi32(nearby, s.cut);
    s.last = _mm512_srlv_epi32(highest, s.cut);
    s.left = most(sub(centre, reach), none);
    const v16 right = least(add(centre, reach), add(s.last, set(1)));
    s.share = sub(set((int32_t)N1_PROB_ONE - 2), sub(right, s.left));
    const v16 cell = _mm512_srlv_epi32(add(code, s.origin), s.cut);
    const __mmask16 is_left = above(s.left, cell), is_right = above(cell, sub(right, set(1)));
    s.from = pick(pick(cell, none, is_left), right, is_right);
    s.to = pick(pick(add(cell, set(1)), s.left, is_left), add(s.last, set(1)), is_right);
    s.outside = is_left | is_right;
    return s;
}

/* Of edges that are so far from their predictions, 2^20 at most. */
INLINE edges edges_near(const spots *s, v16 far, __mmask16 below)
{
    const v16 low = low_product(far, s->inverse), high = high_product(far, s->inverse);
    const v16 steps = _mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(low, 17), _mm512_slli_epi64(high, 15));
    const __mmask16 beyond = above(_mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(low, 32), high), set(7)); /* 2^35 or more */
    const v16 step = pick(_mm512_srli_epi32(steps, 8), set(N1_PIECE_STEPS), beyond);
    return (edges){step, pick(_mm512_and_si512(steps, set(255)), zero(), beyond), below};
}

/* Of edges that are so far from their predictions. */
INLINE edges edges_at(const spots *s, v16 d)
{
    return edges_near(s, least(_mm512_srlv_epi32(_mm512_abs_epi32(d), s->down), set(1 << 20)), above(zero(), d));
}

/* The same where cells of many codes begin. */
INLINE edges edges_far(const spots *s, v16 cell)
{
    const __m512i half = _mm512_set1_epi64(1 << (N1_PIECE_Q - 1));
    __m512i far[2];
    __mmask16 below = 0;
    for (int i = 0; i < 2; i++) {
        const __m512i code = _mm512_sub_epi64(_mm512_sllv_epi64(half_of(cell, i), half_of(s->cut, i)), half_of(s->origin, i));
        const __m512i d = _mm512_sub_epi64(_mm512_sub_epi64(_mm512_slli_epi64(code, N1_PIECE_Q), half), s->far[i]);
        far[i] = _mm512_min_epi64(_mm512_srlv_epi64(_mm512_abs_epi64(d), half_of(s->down, i)), _mm512_set1_epi64(1 << 20));
        below |= (__mmask16)((unsigned)_mm512_movepi64_mask(d) << 8 * i);
    }
    return edges_near(s, halves(far[0], far[1]), below);
}

/* Where the cells of some frames begin and end: most are of one code each, within their windows. */
INLINE void edges_of(const spots *s, edges *from, edges *to, const int wide)
{
    v16 low, high;
    if (wide) {
        *from = edges_far(s, s->from);
        *to = edges_far(s, s->to);
        return;
    }
    if (!s->edge) {
        const v16 half = set(1 << (N1_PIECE_Q - 1));
        low = sub(_mm512_slli_epi32(sub(_mm512_sllv_epi32(s->from, s->cut), s->origin), N1_PIECE_Q), half);
        high = sub(_mm512_slli_epi32(sub(_mm512_sllv_epi32(s->to, s->cut), s->origin), N1_PIECE_Q), half);
    } else if (s->outside || _mm512_test_epi32_mask(s->cut, s->cut)) {
        low = sub(at(s->edge, least(_mm512_sllv_epi32(s->from, s->cut), s->codes)), s->middle);
        high = sub(at(s->edge, least(_mm512_sllv_epi32(s->to, s->cut), s->codes)), s->middle);
    } else {
        neighbours(s->edge, s->from, &low, &high);
        low = sub(low, s->middle);
        high = sub(high, s->middle);
    }
    *from = edges_at(s, sub(low, s->mu));
    *to = edges_at(s, sub(high, s->mu));
}

INLINE v16 share_below(const uint32_t *law, v16 share, const edges *e)
{
    v16 a, b;
    neighbours(law, e->step, &a, &b);
    const v16 tail = sub(a, _mm512_srli_epi32(_mm512_mullo_epi32(sub(a, b), e->part), 8));
    const v16 mass = pick(sub(set((int32_t)N1_PROB_ONE), tail), tail, e->below);
    return _mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(low_product(mass, share), N1_PROB_BITS),
                                   _mm512_slli_epi64(high_product(mass, share), 32 - N1_PROB_BITS));
}

INLINE v16 begin_of(const spots *s, const uint32_t *law, const edges *e)
{
    const v16 below = add(add(share_below(law, s->share, e), set(1)), sub(s->from, s->left));
    return pick(zero(), below, above(s->from, zero()));
}

INLINE v16 end_of(const spots *s, const uint32_t *law, const edges *e)
{
    const v16 below = add(add(share_below(law, s->share, e), set(1)), sub(s->to, s->left));
    return pick(below, set((int32_t)N1_PROB_ONE), above(s->to, s->last));
}

INLINE int is_wide(const n1_piece_channel *c) { return c->n_codes > NARROW; }

INLINE uint64_t spans(const n1_piece_frames *f, unsigned law, uint64_t *span, const int wide)
{
    const uint32_t *const beyond = n1_piece_laws[law];
    uint64_t outside = 0;
    size_t t = 0;
    for (; f->channel->n_codes <= MOST && t + 16 <= f->n; t += 16) {
        const spots s = spots_of(f, t, wide);
        edges from, to;
        edges_of(&s, &from, &to, wide);
        const v16 low = begin_of(&s, beyond, &from), width = sub(end_of(&s, beyond, &to), low);
        for (unsigned i = 0; i < 2; i++) {
            const v16 a = _mm512_cvtepu32_epi64(i ? _mm512_extracti64x4_epi64(low, 1) : _mm512_castsi512_si256(low));
            const v16 b = _mm512_cvtepu32_epi64(i ? _mm512_extracti64x4_epi64(width, 1) : _mm512_castsi512_si256(width));
            _mm512_storeu_si512(span + t + 8 * i, _mm512_or_si512(a, _mm512_slli_epi64(b, 32)));
        }
        outside |= (uint64_t)s.outside << t;
    }
    return outside | n1_piece_spans_loop(f, law, t, span);
}

N1_APART TARGET static uint64_t wide_spans(const n1_piece_frames *f, unsigned law, uint64_t *span) { return spans(f, law, span, 1); }

TARGET uint64_t n1_piece_spans_avx512(const n1_piece_frames *f, unsigned law, uint64_t *span)
{
    return is_wide(f->channel) ? wide_spans(f, law, span) : spans(f, law, span, 0);
}

INLINE void bits_of(const n1_piece_frames *f, uint64_t *bits, const int wide)
{
    v16 sum[N1_PIECE_LAWS]; /* of a few: 32 bits hold them */
    size_t t = 0;
    for (unsigned law = 0; law < N1_PIECE_LAWS; law++)
        sum[law] = zero();
    for (; f->channel->n_codes <= MOST && t + 16 <= f->n; t += 16) {
        const spots s = spots_of(f, t, wide);
        if (s.outside) {
            for (size_t i = t; i < t + 16; i++)
                n1_piece_add_bits(f, i, bits);
            continue;
        }
        edges from, to;
        edges_of(&s, &from, &to, wide);
        const v16 all = add(_mm512_slli_epi32(s.cut, 12), set(N1_PROB_BITS << 12));
        for (unsigned law = 0; law < N1_PIECE_LAWS; law++) {
            const uint32_t *const beyond = n1_piece_laws[law];
            sum[law] = add(sum[law], sub(all, log2_of(sub(end_of(&s, beyond, &to), begin_of(&s, beyond, &from)))));
        }
    }
    for (unsigned law = 0; law < N1_PIECE_LAWS; law++)
        bits[law] += (uint32_t)_mm512_reduce_add_epi32(sum[law]);
    for (; t < f->n; t++)
        n1_piece_add_bits(f, t, bits);
}

N1_APART TARGET static void wide_bits(const n1_piece_frames *f, uint64_t *bits) { bits_of(f, bits, 1); }

TARGET void n1_piece_bits_avx512(const n1_piece_frames *f, uint64_t *bits)
{
    if (is_wide(f->channel))
        wide_bits(f, bits);
    else
        bits_of(f, bits, 0);
}

/* The upper half of a double that begins as a number does: what is rounded down. */
INLINE __m512i upper(__m512i v)
{
    return _mm512_srli_epi64(_mm512_castpd_si512(_mm512_cvt_roundepi64_pd(v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC)), 32);
}

/* n1_log2_q12 of sixteen numbers. */
INLINE v16 log2_of_long(__m512i a, __m512i b) { return log2_of_doubles(halves(upper(a), upper(b))); }

INLINE v16 log2_of_more(const uint64_t *v, uint64_t more)
{
    const __m512i add = _mm512_set1_epi64((int64_t)more);
    return log2_of_long(_mm512_add_epi64(_mm512_loadu_si512(v), add), _mm512_add_epi64(_mm512_loadu_si512(v + 8), add));
}

INLINE void find_cells(some_frames *v)
{
    for (size_t t = 0; t < N1_PIECE_AT_ONCE; t += 16) {
        const v16 base = log2_of_more(v->slow + t, N1_PIECE_FLOOR);
        const v16 i = apart(log2_of_more(v->fast + t, N1_PIECE_FLOOR), base), j = apart(log2_of_more(v->middle + t, N1_PIECE_FLOOR), base);
        _mm512_storeu_si512(v->log + t, base);
        _mm512_storeu_si512(v->cell + t, add(_mm512_mullo_epi32(i, set(N1_PIECE_SIDE)), j));
    }
}

INLINE void say(const some_frames *v, uint16_t *scale)
{
    for (size_t t = 0; t < N1_PIECE_AT_ONCE; t += 16) {
        const v16 ratio = sub(log2_of_more(v->seen + t, 1), log2_of_more(v->slows + t, 0));
        const v16 i = _mm512_srai_epi32(add(add(_mm512_loadu_si512(v->log + t), ratio), set(64 - (6 << 12))), 7);
        v16 said = most(least(i, set(N1_PIECE_SCALES - 1)), zero());
        const __mmask16 low = above(set(N1_PIECE_ROUNDED), said);
        if (low) {
            const v16 pair = _mm512_mask_i32gather_epi32(zero(), low, _mm512_srli_epi32(said, 1), n1_piece_corrected, 4);
            const v16 odd = _mm512_slli_epi32(_mm512_and_si512(said, set(1)), 4);
            said = pick(said, _mm512_and_si512(_mm512_srlv_epi32(pair, odd), set(0xFFFF)), low);
        }
        _mm256_storeu_si256((__m256i *)(void *)(scale + t), _mm512_cvtepi32_epi16(said));
    }
}

N1_APART TARGET static void wide_scales(n1_piece_scale *s, const n1_piece_frames *f) { piece_scales(s, f); }

TARGET void n1_piece_scales_avx512(n1_piece_scale *s, const n1_piece_frames *f)
{
    const size_t n = n1_piece_scales_narrow(s, f);
    const n1_piece_frames rest = {f->channel, f->mu + n, f->scale + n, f->code + n, f->n - n, NULL};
    wide_scales(s, &rest);
}
#endif
