/* wide_neon.h - rows of the wide mode in NEON, eight lanes at a time (modes/wide/row.h does the same, to the bit). What both
 * directions need. There are no gathers: what is looked up is fetched one by one. */
#ifndef N1_KERNELS_ARM_WIDE_NEON_H
#define N1_KERNELS_ARM_WIDE_NEON_H
#include "kernels/arm/arm.h"
#include "modes/wide/row.h"

#include <arm_neon.h>
#include <string.h>

/* Of eight lanes. */
typedef struct {
    int32x4_t v[2];
} n1_lanes_neon;

/* The mass of eight codes, and their voltages. */
typedef struct {
    uint32_t low[8], freq[8];
    n1_lanes_neon middle;
} n1_wide_masses;

N1_INLINE n1_lanes_neon n1_wide_predict_neon(const n1_wide_row *r, uint32_t lane)
{
    const n1_wide *s = r->s;
    const int32x4_t zero = vdupq_n_s32(0), half = vdupq_n_s32((1 << s->shift) >> 1), shift = vdupq_n_s32(-(int32_t)s->shift);
    const int32_t *pair = r->pair + lane, *tap = r->tap + lane;
    int32x4_t sum[4] = {zero, zero, zero, zero};
    for (uint32_t i = 0; i < s->pairs; i++, tap += s->stride) {
        const int32_t *x = pair + r->link[i];
        for (unsigned j = 0; j < 2; j++) {
            const int16x8_t a = vreinterpretq_s16_s32(vld1q_s32(x + 4 * j)), b = vreinterpretq_s16_s32(vld1q_s32(tap + 4 * j));
            sum[2 * j] = vmlal_s16(sum[2 * j], vget_low_s16(a), vget_low_s16(b));
            sum[2 * j + 1] = vmlal_s16(sum[2 * j + 1], vget_high_s16(a), vget_high_s16(b));
        }
    }
    n1_lanes_neon mu;
    for (unsigned j = 0; j < 2; j++) {
        const int32x4_t all = vaddq_s32(vpaddq_s32(sum[2 * j], sum[2 * j + 1]), half);
        mu.v[j] = vaddq_s32(vld1q_s32(r->centre + lane + 4 * j), vshlq_s32(all, shift));
    }
    return mu;
}

/* Where the law has what lies below four edges, from its middle. */
N1_INLINE int32x4_t n1_wide_places(const n1_wide_row *r, uint32_t lane, uint32x4_t edge, int32x4_t mu)
{
    const int32x4_t reach = vld1q_s32(r->reach + lane);
    const int32x4_t d = vmaxq_s32(vminq_s32(vsubq_s32(vreinterpretq_s32_u32(edge), mu), reach), vnegq_s32(reach));
    return vshrq_n_s32(vmulq_s32(d, vld1q_s32(r->inv + lane)), N1_WIDE_STEP_SHIFT);
}

/* both: a code's lower edge, and its upper one in the upper half. */
N1_INLINE void n1_wide_masses_of(const n1_wide_row *r, uint32_t lane, const uint32_t both[8], const uint32_t k[8],
                                 const n1_lanes_neon *mu, n1_wide_masses *m)
{
    const uint32_t *law = r->s->law + N1_WIDE_LAW_MIDDLE;
    int32_t below[8], above[8];
    for (unsigned j = 0; j < 2; j++) {
        const uint32x4_t e = vld1q_u32(both + 4 * j), low = vandq_u32(e, vdupq_n_u32(0xFFFF)), high = vshrq_n_u32(e, 16);
        vst1q_s32(below + 4 * j, n1_wide_places(r, lane + 4 * j, low, mu->v[j]));
        vst1q_s32(above + 4 * j, n1_wide_places(r, lane + 4 * j, high, mu->v[j]));
        m->middle.v[j] = vreinterpretq_s32_u32(vshrq_n_u32(vaddq_u32(low, high), 1));
    }
    for (unsigned i = 0; i < 8; i++) {
        m->low[i] = law[below[i]];
        m->freq[i] = law[above[i]];
    }
    for (unsigned j = 0; j < 2; j++) {
        const uint32x4_t code = vld1q_u32(k + 4 * j), next = vaddq_u32(code, vdupq_n_u32(1));
        const uint32x4_t low = vandq_u32(vaddq_u32(vld1q_u32(m->low + 4 * j), code), vtstq_u32(code, code));
        const uint32x4_t last = vceqq_u32(next, vdupq_n_u32(r->s->codes));
        const uint32x4_t high = vbslq_u32(last, vdupq_n_u32(N1_PROB_ONE), vaddq_u32(vld1q_u32(m->freq + 4 * j), next));
        vst1q_u32(m->low + 4 * j, low);
        vst1q_u32(m->freq + 4 * j, vsubq_u32(high, low));
    }
}

/* Lanes without a channel have all of the mass. */
N1_INLINE void n1_wide_masses_live(const n1_wide_row *r, uint32_t lane, n1_wide_masses *m)
{
    for (unsigned j = 0; j < 2; j++) {
        const uint32x4_t live = vreinterpretq_u32_s32(vld1q_s32(r->live + lane + 4 * j));
        vst1q_u32(m->low + 4 * j, vandq_u32(live, vld1q_u32(m->low + 4 * j)));
        vst1q_u32(m->freq + 4 * j, vbslq_u32(live, vld1q_u32(m->freq + 4 * j), vdupq_n_u32(N1_PROB_ONE)));
    }
}

/* What is learned. Lanes without a channel stay 0. */
N1_INLINE void n1_wide_learn_neon(const n1_wide_row *r, uint32_t lane, const n1_lanes_neon *mu, const n1_lanes_neon *middle)
{
    const n1_wide *s = r->s;
    const int32x4_t most = vdupq_n_s32(32767);
    for (unsigned j = 0; j < 2; j++) {
        const uint32_t l = lane + 4 * j;
        const int32x4_t error = vminq_s32(vabdq_s32(middle->v[j], mu->v[j]), vld1q_s32(r->size + l));
        vst1q_s32(r->sum + l, vaddq_s32(vld1q_s32(r->sum + l), error));
        const int32x4_t off = vsubq_s32(middle->v[j], vld1q_s32(r->centre + l));
        const int32x4_t now = vmaxq_s32(vminq_s32(off, most), vnegq_s32(most));
        const uint32x4_t before = vreinterpretq_u32_s32(vld1q_s32(r->pair + (ptrdiff_t)l - (ptrdiff_t)s->frame));
        const uint32x4_t pair = vsriq_n_u32(vreinterpretq_u32_s32(vshlq_n_s32(now, 16)), before, 16);
        vst1q_s32(r->pair + l, vandq_s32(vld1q_s32(r->live + l), vreinterpretq_s32_u32(pair)));
    }
    if (r->bin) {
        const int32x4_t down = vdupq_n_s32(-s->width.shift), zero = vdupq_n_s32(0), last = vdupq_n_s32((int32_t)s->codes - 1);
        uint16x4_t bin[2];
        for (unsigned j = 0; j < 2; j++)
            bin[j] = vmovn_u32(vreinterpretq_u32_s32(vmaxq_s32(vminq_s32(vshlq_s32(mu->v[j], down), last), zero)));
        vst1q_u16(r->bin + lane, vcombine_u16(bin[0], bin[1]));
    }
}

/* Edge k and the one above it of a lane's table. */
N1_INLINE uint32_t n1_wide_edge_pair(const n1_wide_row *r, uint32_t lane, uint32_t k)
{
    uint32_t both;
    memcpy(&both, (const uint8_t *)r->s->edges + r->table[lane] + 2 * k, sizeof both);
    return both;
}
#endif
