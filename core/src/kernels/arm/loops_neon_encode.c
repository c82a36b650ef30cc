/* The encoder's loops in NEON. */
#include "kernels/arm/arm.h"
#if N1_ARM
#include "kernels/arm/law_neon.h"
#include "kernels/portable/portable.h"

#define TAP(row, c, k)                                                                      \
    {                                                                                       \
        const int16x8_t x = vld1q_s16(row), y = vld1q_s16((row) + 8);                       \
        s[0].low = vmlal_lane_s16(s[0].low, vget_low_s16(x), c, k);                         \
        s[0].high = vmlal_high_lane_s16(s[0].high, x, c, k);                                \
        s[1].low = vmlal_lane_s16(s[1].low, vget_low_s16(y), c, k);                         \
        s[1].high = vmlal_high_lane_s16(s[1].high, y, c, k);                                \
    }

/* Sixteen samples at a time: rows have a multiple of them. */
void n1_lanes_predict_neon(const n1_lane_job *job)
{
    const n1_channel *c = job->channel;
    const int32x4_t bias = vdupq_n_s32(c->bias), shift = vdupq_n_s32(-(int32_t)c->shift), zero = vdupq_n_s32(0);
    const int32x4_t top = vdupq_n_s32((int32_t)job->axis->axis_len - 1);
    const size_t n = job->rows * job->lanes, lanes = job->lanes;
    const unsigned neighbours = c->n_neighbours, taps = c->neighbour_taps, order = c->order;
    for (size_t i = 0; i < n; i += 16) {
        const int16_t *m = job->mid + N1_PLANE_HISTORY * lanes + i - lanes;
        n1_eight s[2] = {{bias, bias}, {bias, bias}};
        unsigned j = 0;
        for (unsigned a = 0; a < neighbours; a++) {
            const int16_t *const o = job->neighbour[a] + i;
            const int16x4_t t = vld1_s16(c->neighbour[a]);
            TAP(o, t, 0)
            if (taps > 1)
                TAP(o - lanes, t, 1)
            if (taps > 2)
                TAP(o - 2 * lanes, t, 2)
            if (taps > 3)
                TAP(o - 3 * lanes, t, 3)
        }
        for (; j + 4 <= order; j += 4, m -= 4 * lanes) {
            const int16x4_t t = vld1_s16(c->own + j);
            TAP(m, t, 0)
            TAP(m - lanes, t, 1)
            TAP(m - 2 * lanes, t, 2)
            TAP(m - 3 * lanes, t, 3)
        }
        for (; j < order; j++, m -= lanes) {
            const int16x4_t t = vdup_n_s16(c->own[j]);
            TAP(m, t, 0)
        }
        for (unsigned h = 0; h < 2; h++) {
            const int32x4_t low = vminq_s32(vmaxq_s32(vshlq_s32(s[h].low, shift), zero), top);
            const int32x4_t high = vminq_s32(vmaxq_s32(vshlq_s32(s[h].high, shift), zero), top);
            vst1q_u16(job->mu + i + 8 * h, vcombine_u16(vmovn_u32(vreinterpretq_u32_s32(low)), vmovn_u32(vreinterpretq_u32_s32(high))));
        }
    }
}

/* One by one, as there are no gathers, but few steps of the loop. */
void n1_midpoints_neon(const n1_axis *axis, const uint16_t *code, int16_t *mid, size_t n)
{
    const int16_t *const of = axis->mid;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        int16_t m[8];
        for (unsigned j = 0; j < 8; j++)
            m[j] = of[code[i + j]];
        for (unsigned j = 0; j < 8; j++)
            mid[i + j] = m[j];
    }
    for (; i < n; i++)
        mid[i] = of[code[i]];
}

/* Parts of 32 bits: 64 products in each element, 2^12 * 2^12 * 64 < 2^31, before they go to 64. */
N1_INLINE void dots(const int16_t *a, const int16_t *const *b, unsigned m, size_t n, int shifted, unsigned down, int64_t *sum)
{
    const int16x8_t shift = vdupq_n_s16((int16_t)-(int)down);
    int64x2_t total[4];
    for (unsigned k = 0; k < m; k++)
        total[k] = vdupq_n_s64(0);
    for (size_t i = 0; i + 8 <= n;) {
        const size_t left = (n - i) / 8, steps = left < 32 ? left : 32;
        int32x4_t part[4];
        for (unsigned k = 0; k < m; k++)
            part[k] = vdupq_n_s32(0);
        for (size_t j = 0; j < steps; j++, i += 8) {
            const int16x8_t v = vld1q_s16(a + i), x = shifted ? vshlq_s16(v, shift) : v;
            for (unsigned k = 0; k < m; k++) {
                const int16x8_t w = vld1q_s16(b[k] + i), y = shifted ? vshlq_s16(w, shift) : w;
                part[k] = vmlal_high_s16(vmlal_s16(part[k], vget_low_s16(x), vget_low_s16(y)), x, y);
            }
        }
        for (unsigned k = 0; k < m; k++)
            total[k] = vpadalq_s32(total[k], part[k]);
    }
    for (unsigned k = 0; k < m; k++)
        sum[k] = vaddvq_s64(total[k]);
    for (size_t i = n / 8 * 8; i < n; i++)
        for (unsigned k = 0; k < m; k++)
            sum[k] += (a[i] >> down) * (b[k][i] >> down);
}

#define DOTS(m) (down ? dots(a, b, m, n, 1, down, sum) : dots(a, b, m, n, 0, 0, sum), b += m, sum += m)

void n1_dots_neon(const int16_t *a, const int16_t *const *b, size_t m, size_t n, unsigned down, int64_t *sum)
{
    for (; m >= 4; m -= 4)
        DOTS(4);
    if (m & 2)
        DOTS(2);
    if (m & 1)
        DOTS(1);
}

int64_t n1_dot_neon(const int16_t *a, const int16_t *b, size_t n, unsigned down)
{
    int64_t sum;
    n1_dots_neon(a, &b, 1, n, down, &sum);
    return sum;
}
#endif
