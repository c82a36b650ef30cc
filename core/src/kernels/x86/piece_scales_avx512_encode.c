/* The scales of the piecewise mode's encoder in AVX-512: averages side by side, and of some frames while the cells learn from those
 * before them, for neither waits for the other. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "kernels/x86/pieces_avx512.h"

#define AT_ONCE 32u
#define NARROW  (1u << 18) /* codes whose distances, as averages hold them, are within 31 bits */

/* What tells the scales of some frames: what their cells had seen; logarithms of slow averages. They are told when those of the next
 * frames are found: numbers that were just stored one by one are not there to be loaded together. */
typedef struct {
    uint64_t seen[AT_ONCE], slows[AT_ONCE];
    int32_t log[AT_ONCE];
} some_scales;

/* Some frames: distances; before each, fast, middle and slow average, which are of the next frames once their cells are found; what
 * cells are to add, and where they are halved; cells. */
typedef struct {
    uint32_t e[AT_ONCE], averages[4 * AT_ONCE];
    uint64_t far[AT_ONCE], slow[AT_ONCE], most[AT_ONCE];
    int32_t cell[AT_ONCE];
    some_scales scales[2]; /* of these frames, and of those before or after them */
} some_frames;

/* How far frames are from their predictions, for averages. */
INLINE void find_distances(const n1_piece_frames *f, size_t from, uint32_t *e)
{
    const n1_piece_channel *const c = f->channel;
    const v16 middle = set(c->widths ? (int32_t)((c->edge[c->origin] + c->edge[c->origin + 1]) >> 1) : 0);
    for (size_t t = 0; t < AT_ONCE; t += 16) {
        const v16 code = _mm512_loadu_si512(f->code + from + t);
        v16 at = _mm512_slli_epi32(code, N1_PIECE_Q);
        if (c->widths) {
            const v16 i = add(code, set((int32_t)c->origin));
            v16 low, high;
            neighbours(c->edge, i, &low, &high);
            at = sub(_mm512_srli_epi32(add(low, high), 1), middle);
        }
        const v16 mu = halves(_mm512_loadu_si512(f->mu + from + t), _mm512_loadu_si512(f->mu + from + t + 8));
        _mm512_storeu_si512(e + t, _mm512_slli_epi32(_mm512_abs_epi32(sub(at, mu)), 6));
    }
}

/* n1_log2_q12 of twice eight below 2^52, by turns. */
INLINE v16 log2_of_long(v16 a, v16 b)
{
    const v16 x = _mm512_castpd_si512(_mm512_cvtepi64_pd(a)), y = _mm512_castpd_si512(_mm512_cvtepi64_pd(b));
    return log2_of_doubles(_mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(x, 32), y));
}

/* A number of each of sixteen frames as 64 bits, of the first and the second half. */
INLINE void put_long(uint64_t *to, v16 v)
{
    _mm512_storeu_si512(to, _mm512_cvtepu32_epi64(_mm512_castsi512_si256(v)));
    _mm512_storeu_si512(to + 8, _mm512_cvtepu32_epi64(_mm512_extracti64x4_epi64(v, 1)));
}

/* The averages are there: their cells, and what these will add. */
INLINE void find_cells(some_frames *v, some_scales *to)
{
    const v16 places = _mm512_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28, 0, 4, 8, 12, 16, 20, 24, 28);
    for (size_t t = 0; t < AT_ONCE; t += 16) {
        const uint32_t *const p = v->averages + 4 * t;
        const v16 a = _mm512_loadu_si512(p), b = _mm512_loadu_si512(p + 16), c = _mm512_loadu_si512(p + 32), d = _mm512_loadu_si512(p + 48);
        v16 of[3];
        for (int k = 0; k < 3; k++) {
            const v16 at = add(places, set(k));
            of[k] = _mm512_mask_blend_epi64(0xF0, _mm512_permutex2var_epi32(a, at, b), _mm512_permutex2var_epi32(c, at, d));
        }
        const v16 slow = add(of[2], set(N1_PIECE_FLOOR)), base = log2_of(slow);
        const v16 i = apart(log2_of(add(of[0], set(N1_PIECE_FLOOR))), base), j = apart(log2_of(add(of[1], set(N1_PIECE_FLOOR))), base);
        _mm512_storeu_si512(to->log + t, base);
        _mm512_storeu_si512(v->cell + t, add(_mm512_mullo_epi32(i, set(N1_PIECE_SIDE)), j));
        put_long(v->far + t, _mm512_loadu_si512(v->e + t));
        put_long(v->slow + t, slow);
        for (size_t k = 0; k < 16; k += 8) {
            const v16 s = _mm512_loadu_si512(v->slow + t + k);
            _mm512_storeu_si512(v->most + t + k, _mm512_mul_epu32(s, _mm512_set1_epi64(400)));
        }
    }
}

INLINE __m128i follow(__m128i averages, const uint32_t *e, uint32_t *before)
{
    const __m128i d = _mm_sub_epi32(_mm_castps_si128(_mm_broadcast_ss((const float *)(const void *)e)), averages);
    _mm_storeu_si128((__m128i *)(void *)before, averages);
    return _mm_add_epi32(averages, _mm_srav_epi32(d, _mm_setr_epi32(1, 4, 7, 0)));
}

/* n1_piece_cell_learn. */
INLINE void learn(n1_piece_scale *s, const some_frames *v, some_scales *to, size_t t)
{
    const size_t cell = (size_t)(uint32_t)v->cell[t];
    uint64_t seen = s->seen[cell], slows = s->slows[cell];
    to->seen[t] = seen;
    to->slows[t] = slows;
    seen += v->far[t];
    slows += v->slow[t];
    if (N1_SELDOM(slows > v->most[t])) {
        seen >>= 1;
        slows >>= 1;
    }
    s->seen[cell] = seen;
    s->slows[cell] = slows;
}

/* n1_piece_unrounded. */
INLINE __m512i unrounded(__m512i scale)
{
    const __m512i block = _mm512_srli_epi16(scale, 6);
    __m512i v = scale;
    for (int i = 0; i < (int)N1_PIECE_ROUNDED / 64; i++) {
        const __m512i low = _mm512_loadu_si512(n1_piece_corrected + 64 * i), high = _mm512_loadu_si512(n1_piece_corrected + 64 * i + 32);
        v = _mm512_mask_mov_epi16(v, _mm512_cmpeq_epi16_mask(block, _mm512_set1_epi16((int16_t)i)), _mm512_permutex2var_epi16(low, scale, high));
    }
    return v;
}

/* The scale that cells say of sixteen frames, which are in their order again. */
INLINE __m256i say_some(const some_scales *v, size_t t)
{
    const v16 turns = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15), one = _mm512_set1_epi64(1);
    const v16 seen = log2_of_long(_mm512_add_epi64(_mm512_loadu_si512(v->seen + t), one), _mm512_add_epi64(_mm512_loadu_si512(v->seen + t + 8), one));
    const v16 slows = log2_of_long(_mm512_loadu_si512(v->slows + t), _mm512_loadu_si512(v->slows + t + 8));
    const v16 ratio = _mm512_permutexvar_epi32(turns, sub(seen, slows));
    const v16 log = add(add(_mm512_loadu_si512(v->log + t), ratio), set(64 - (6 << 12)));
    return _mm512_cvtepi32_epi16(clamp(_mm512_srai_epi32(log, 7), 0, (int32_t)N1_PIECE_SCALES - 1));
}

INLINE void say(const some_scales *v, uint16_t *scale)
{
    for (size_t t = 0; t < AT_ONCE; t += 32) {
        const __m512i said = _mm512_inserti64x4(_mm512_castsi256_si512(say_some(v, t)), say_some(v, t + 16), 1);
        _mm512_storeu_si512(scale + t, unrounded(said));
    }
}

/* Averages before each frame. */
INLINE __m128i follow_all(__m128i averages, some_frames *v)
{
    for (size_t i = 0; i < AT_ONCE; i++)
        averages = follow(averages, v->e + i, v->averages + 4 * i);
    return averages;
}

/* Whole runs of frames; returns how many. */
TARGET size_t n1_piece_scales_narrow(n1_piece_scale *s, const n1_piece_frames *f)
{
    some_frames v;
    __m128i averages = _mm_setr_epi32((int32_t)s->fast, (int32_t)s->middle, (int32_t)s->slow, 0);
    size_t t = 0;
    if (f->channel->n_codes > NARROW || f->n < AT_ONCE)
        return 0;
    find_distances(f, 0, v.e);
    averages = follow_all(averages, &v);
    for (; t + AT_ONCE <= f->n; t += AT_ONCE) {
        const int more = t + 2 * AT_ONCE <= f->n;
        some_scales *const now = &v.scales[t / AT_ONCE % 2];
        find_cells(&v, now);
        if (t)
            say(&v.scales[1 - t / AT_ONCE % 2], f->scale + t - AT_ONCE);
        if (more)
            find_distances(f, t + AT_ONCE, v.e);
        for (size_t i = 0; more && i < AT_ONCE; i++) {
            averages = follow(averages, v.e + i, v.averages + 4 * i);
            learn(s, &v, now, i);
        }
        for (size_t i = 0; !more && i < AT_ONCE; i++)
            learn(s, &v, now, i);
        s->cell = (unsigned)v.cell[AT_ONCE - 1];
    }
    say(&v.scales[1 - t / AT_ONCE % 2], f->scale + t - AT_ONCE);
    uint32_t last[4];
    _mm_storeu_si128((__m128i *)(void *)last, averages);
    s->fast = last[0];
    s->middle = last[1];
    s->slow = last[2];
    return t;
}
#endif
