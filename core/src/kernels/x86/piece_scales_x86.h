/* piece_scales_x86.h - what the scales of the piecewise mode take frame after frame, for kernels that do the rest side by side:
 * included after immintrin.h, INLINE and FAR, by each. */
#ifndef N1_KERNELS_X86_PIECE_SCALES_X86_H
#define N1_KERNELS_X86_PIECE_SCALES_X86_H
#include "modes/piecewise/piece_spans.h"

/* How far frames are from their predictions, for averages. */
INLINE void distances(const n1_piece_frames *f, size_t from, uint64_t *e)
{
    const __m256i most = _mm256_set1_epi64x((int64_t)1 << 40);
    const n1_piece_channel *const c = f->channel;
    const __m128i origin = _mm_set1_epi32((int)c->origin);
    const __m128i middle = _mm_set1_epi32(c->widths ? (int)((c->edge[c->origin] + c->edge[c->origin + 1]) >> 1) : 0);
    for (size_t t = 0; t < N1_PIECE_AT_ONCE; t += 4) {
        const __m128i code = _mm_loadu_si128((const __m128i *)(const void *)(f->code + from + t));
        __m256i at = _mm256_slli_epi64(_mm256_cvtepi32_epi64(code), N1_PIECE_Q);
        if (c->widths) { /* 24 bits hold their edges */
            const int *const edge = (const int *)(const void *)c->edge;
            const __m128i i = _mm_add_epi32(code, origin), both = _mm_add_epi32(_mm_i32gather_epi32(edge, i, 4), _mm_i32gather_epi32(edge + 1, i, 4));
            at = _mm256_cvtepi32_epi64(_mm_sub_epi32(_mm_srli_epi32(both, 1), middle));
        }
        const __m256i d = _mm256_sub_epi64(at, _mm256_loadu_si256((const __m256i *)(const void *)(f->mu + from + t)));
        const __m256i sign = _mm256_cmpgt_epi64(_mm256_setzero_si256(), d), far = _mm256_sub_epi64(_mm256_xor_si256(d, sign), sign);
        const __m256i v = _mm256_blendv_epi8(far, most, _mm256_cmpgt_epi64(far, most));
        _mm256_storeu_si256((__m256i *)(void *)(e + t), _mm256_slli_epi64(v, 6));
    }
}

/* Some frames: their averages, the cells that these choose, what the cells have seen until then, and the scales that they say. */
typedef struct {
    uint64_t e[N1_PIECE_AT_ONCE], fast[N1_PIECE_AT_ONCE], middle[N1_PIECE_AT_ONCE], slow[N1_PIECE_AT_ONCE];
    uint64_t seen[N1_PIECE_AT_ONCE], slows[N1_PIECE_AT_ONCE];
    int32_t cell[N1_PIECE_AT_ONCE], log[N1_PIECE_AT_ONCE];
} some_frames;

INLINE void follow(n1_piece_scale *s, some_frames *v)
{
    n1_piece_scale now = {.fast = s->fast, .middle = s->middle, .slow = s->slow};
    for (size_t t = 0; t < N1_PIECE_AT_ONCE; t++) {
        v->fast[t] = now.fast;
        v->middle[t] = now.middle;
        v->slow[t] = now.slow;
        n1_piece_scale_follow(&now, v->e[t]);
    }
    s->fast = now.fast;
    s->middle = now.middle;
    s->slow = now.slow;
}

INLINE void learn(n1_piece_scale *s, some_frames *v)
{
    for (size_t t = 0; t < N1_PIECE_AT_ONCE; t++) {
        s->cell = (unsigned)v->cell[t];
        v->seen[t] = s->seen[s->cell];
        v->slows[t] = s->slows[s->cell];
        n1_piece_cell_learn(s, v->e[t], v->slow[t] + N1_PIECE_FLOOR);
    }
}

/* A kernel's own: the averages' logarithms and cells; the scales. */
INLINE void find_cells(some_frames *v);
INLINE void say(const some_frames *v, uint16_t *scale);

INLINE void piece_scales(n1_piece_scale *s, const n1_piece_frames *f)
{
    some_frames v;
    size_t t = 0;
    for (; f->channel->n_codes <= FAR && t + N1_PIECE_AT_ONCE <= f->n; t += N1_PIECE_AT_ONCE) {
        distances(f, t, v.e);
        follow(s, &v);
        find_cells(&v);
        learn(s, &v);
        say(&v, f->scale + t);
    }
    n1_piece_scales_loop(s, f, t);
}
#endif
