/* Rows of the wide mode in NEON, decoder. */
#include "kernels/arm/arm.h"
#if N1_ARM
#include "kernels/arm/wide_neon.h"

/* Voltages that the law's inverse names for the slots. */
N1_INLINE void voltages(const n1_wide_row *r, uint32_t lane, const uint32_t slot[8], const n1_lanes_neon *mu, int32_t v[8])
{
    const n1_wide *s = r->s;
    const int32x4_t down = vdupq_n_s32(-s->width.shift), zero = vdupq_n_s32(0), last = vdupq_n_s32(s->edges[0].edge[s->codes] - 1);
    uint32_t part[8];
    int32_t step[8];
    for (unsigned j = 0; j < 2; j++) {
        const int32x4_t at = vreinterpretq_s32_u32(vld1q_u32(slot + 4 * j));
        const int32x4_t granted = vmaxq_s32(vminq_s32(vshlq_s32(mu->v[j], down), at), zero);
        vst1q_u32(part + 4 * j, vshrq_n_u32(vreinterpretq_u32_s32(vsubq_s32(at, granted)), N1_PROB_BITS - N1_WIDE_INVERSE_BITS));
    }
    for (unsigned i = 0; i < 8; i++) step[i] = s->inverse[part[i]];
    for (unsigned j = 0; j < 2; j++) {
        const int32x4_t away = vsubq_s32(vmulq_s32(vld1q_s32(step + 4 * j), vld1q_s32(r->sigma + lane + 4 * j)), vdupq_n_s32(1));
        vst1q_s32(v + 4 * j, vmaxq_s32(vminq_s32(vaddq_s32(mu->v[j], vshrq_n_s32(away, N1_WIDE_STEP_BITS)), last), zero));
    }
}

/* The codes of voltages, and their edges. */
N1_INLINE void codes_of(const n1_wide_row *r, uint32_t lane, const int32_t v[8], uint32_t k[8], uint32_t both[8])
{
    const int shift = r->s->width.shift;
    for (unsigned i = 0; i < 8; i++) {
        const n1_edges *e = n1_wide_edges_of(r, lane + i);
        uint32_t code = e->find[v[i] >> shift];
        code += (uint32_t)(e->edge[code + 1] <= v[i]) + (uint32_t)(e->edge[code + 2] <= v[i]);
        k[i] = code;
        both[i] = n1_wide_edge_pair(r, lane + i, code);
    }
}

/* Lanes whose guess missed. */
static __attribute__((noinline)) void repair(const n1_wide_row *r, uint32_t lane, const n1_lanes_neon *mu, const uint32_t slot[8],
                                             uint32_t k[8], n1_wide_masses *m)
{
    int32_t mean[8], middle[8];
    for (unsigned j = 0; j < 2; j++) {
        vst1q_s32(mean + 4 * j, mu->v[j]);
        vst1q_s32(middle + 4 * j, m->middle.v[j]);
    }
    for (unsigned i = 0; i < 8; i++) {
        const n1_edges *e = n1_wide_edges_of(r, lane + i);
        uint32_t low = m->low[i], high = low + m->freq[i];
        if (!r->live[lane + i]) continue;
        while (slot[i] < low) high = low, low = n1_wide_below(r, lane + i, e, --k[i], mean[i]);
        while (slot[i] >= high) low = high, high = n1_wide_below(r, lane + i, e, ++k[i] + 1, mean[i]);
        m->low[i] = low;
        m->freq[i] = high - low;
        middle[i] = n1_edges_middle(e, k[i]);
    }
    for (unsigned j = 0; j < 2; j++) m->middle.v[j] = vld1q_s32(middle + 4 * j);
}

N1_INLINE int all_right(const n1_wide_row *r, uint32_t lane, const uint32_t slot[8], const n1_wide_masses *m)
{
    uint32x4_t right = vdupq_n_u32(UINT32_MAX);
    for (unsigned j = 0; j < 2; j++) {
        const uint32x4_t above = vsubq_u32(vld1q_u32(slot + 4 * j), vld1q_u32(m->low + 4 * j)); /* below it: a large number */
        const uint32x4_t dead = vmvnq_u32(vreinterpretq_u32_s32(vld1q_s32(r->live + lane + 4 * j)));
        right = vandq_u32(right, vorrq_u32(vcltq_u32(above, vld1q_u32(m->freq + 4 * j)), dead));
    }
    return vminvq_u32(right) != 0;
}

/* The states' next step: a word for each that needs one, rarely a second one. */
N1_INLINE const uint8_t *advance(uint64_t *state, const uint32_t slot[8], const n1_wide_masses *m, const uint8_t *p)
{
    uint64_t few = 0;
    for (unsigned i = 0; i < 8; i++) {
        const uint64_t x = m->freq[i] * (state[i] >> N1_PROB_BITS) + (slot[i] - m->low[i]);
        const uint64_t more = x << 16 | n1_load16(p);
        const int need = x < N1_RANS_LOW;
        state[i] = need ? more : x;
        few |= x - (N1_RANS_LOW >> 16);
        p += 2 * need;
    }
    if (few >> 63) /* one wants a second word */
        for (unsigned i = 0; i < 8; i++)
            if (state[i] < N1_RANS_LOW) {
                state[i] = state[i] << 16 | n1_load16(p);
                p += 2;
            }
    return p;
}

N1_INLINE void read_eight(const n1_wide_row *r, uint32_t lane)
{
    n1_wide *const s = r->s;
    uint64_t *const x = s->x + lane;
    uint32_t slot[8], k[8], both[8];
    int32_t v[8];
    n1_wide_masses m;
    const n1_lanes_neon mu = n1_wide_predict_neon(r, lane);
    for (unsigned i = 0; i < 8; i++) slot[i] = (uint32_t)x[i] & (N1_PROB_ONE - 1);
    voltages(r, lane, slot, &mu, v);
    codes_of(r, lane, v, k, both);
    n1_wide_masses_of(r, lane, both, k, &mu, &m);
    if (!all_right(r, lane, slot, &m)) repair(r, lane, &mu, slot, k, &m);
    n1_wide_masses_live(r, lane, &m);
    s->p = advance(x, slot, &m, s->p);
    vst1q_u16(r->code + lane, vcombine_u16(vmovn_u32(vld1q_u32(k)), vmovn_u32(vld1q_u32(k + 4))));
    n1_wide_learn_neon(r, lane, &mu, &m.middle);
}

void n1_wide_read_neon(n1_wide *s)
{
    for (uint32_t t = 0; t < s->frames; t++)
        for (uint32_t i = 0; i < s->rows; i++) {
            if (s->end - s->p < (ptrdiff_t)(4 * s->stride + 16)) { /* the words may end */
                n1_wide_read_row(s, t, s->order[i]);
                continue;
            }
            const n1_wide_row r = n1_wide_row_of(s, t, s->order[i]);
            for (uint32_t lane = 0; lane < s->stride; lane += 8) read_eight(&r, lane);
        }
}
#endif
