/* Rows of the wide mode in NEON, encoder. */
#include "kernels/arm/arm.h"
#if N1_ARM
#include "kernels/arm/wide_neon.h"
#include "kernels/portable/portable.h"
#include "modes/wide/words.h"

void n1_wide_write_neon(n1_wide *s, uint32_t *span)
{
    for (uint32_t t = 0; t < s->frames; t++)
        for (uint32_t i = 0; i < s->rows; i++, span += 2 * s->stride) {
            const n1_wide_row r = n1_wide_row_of(s, t, s->order[i]);
            for (uint32_t lane = 0; lane < s->stride; lane += 8) {
                uint32_t k[8], both[8];
                n1_wide_masses m;
                const n1_lanes_neon mu = n1_wide_predict_neon(&r, lane);
                for (unsigned l = 0; l < 8; l++) {
                    k[l] = r.code[lane + l];
                    both[l] = n1_wide_edge_pair(&r, lane + l, k[l]);
                }
                n1_wide_masses_of(&r, lane, both, k, &mu, &m);
                n1_wide_masses_live(&r, lane, &m);
                memcpy(span + lane, m.low, sizeof m.low);
                memcpy(span + s->stride + lane, m.freq, sizeof m.freq);
                n1_wide_learn_neon(&r, lane, &mu, &m.middle);
            }
        }
}

/* A word at the most of each of eight states: written always, kept if the state is full. */
N1_INLINE uint8_t *put_eight(uint64_t *x, const uint32_t *start, const uint32_t *freq, uint8_t *p)
{
    for (unsigned l = 8; l-- > 0;) {
        const uint64_t f = freq[l];
        uint64_t v = x[l];
        const int full = v >= f << 20;
        n1_store16(p - 2, (uint16_t)v);
        p -= 2 * full;
        v = full ? v >> 16 : v;
        x[l] = v + start[l] + v / f * (N1_PROB_ONE - f);
    }
    return p;
}

uint8_t *n1_wide_words_neon(n1_wide *s, const uint32_t *span, size_t n_frames, uint8_t *begin, uint8_t *end)
{
    for (size_t i = n_frames * s->rows; i-- > 0;)
        for (uint32_t l = s->stride; l > 0; l -= 8) {
            const uint32_t *start = span + i * 2 * s->stride + l - 8, *freq = start + s->stride;
            uint64_t *const x = s->x + l - 8;
            /* a frequency below 16 may have its state put two words */
            const uint32_t least = vminvq_u32(vminq_u32(vld1q_u32(freq), vld1q_u32(freq + 4)));
            if (end - begin < 32 || least < 16) {
                if (!n1_wide_words_of(x, start, s->stride, begin, &end)) return NULL;
            } else
                end = put_eight(x, start, freq, end);
        }
    return end;
}

void n1_lagged_neon(const int16_t *x, const int16_t *y, size_t n, int64_t sum[9])
{
    size_t t = 0;
    while (t + 8 <= n) {
        const size_t left = (n - t) / 8, m = left < 32 ? left : 32; /* two of 2^24 each: 2^30 */
        int32x4_t part[9];
        for (unsigned i = 0; i < 9; i++) part[i] = vdupq_n_s32(0);
        for (size_t j = 0; j < m; j++, t += 8) {
            const int16x8_t a = vld1q_s16(x + t);
            for (ptrdiff_t i = 0; i < 9; i++) {
                const int16x8_t b = vld1q_s16(y + (ptrdiff_t)t + 4 - i);
                part[i] = vmlal_s16(part[i], vget_low_s16(a), vget_low_s16(b));
                part[i] = vmlal_s16(part[i], vget_high_s16(a), vget_high_s16(b));
            }
        }
        for (unsigned i = 0; i < 9; i++) sum[i] += vaddlvq_s32(part[i]);
    }
    if (t < n) n1_lagged_portable(x + t, y + t, n - t, sum);
}
#endif
