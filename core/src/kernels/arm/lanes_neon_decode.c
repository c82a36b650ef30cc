/* NEON kernel, decoder. An octet of a row, eight segments in a row of states, is every second element of sixteen. */
#include "kernels/arm/arm.h"
#if N1_ARM
#include "kernels/arm/law_neon.h"

typedef struct {
    uint64_t *state;         /* of sixteen segments */
    uint32_t slot[8], code[8], low[8], freq[8];
    int32_t mu[8], lo[8], hi[8], at_lo[8], at_hi[8];
} octet;

/* Predictions of sixteen positions of a row. */
N1_INLINE void predict(const n1_lane_job *job, const int16_t *past, const int32_t *extra, n1_eight mu[2])
{
    const n1_channel *c = job->channel;
    const int32x4_t bias = vdupq_n_s32(c->bias), shift = vdupq_n_s32(-(int32_t)c->shift), zero = vdupq_n_s32(0);
    const int32x4_t top = vdupq_n_s32((int32_t)job->axis->axis_len - 1);
    for (unsigned i = 0; i < 2; i++)
        mu[i] = extra ? (n1_eight){vaddq_s32(bias, vld1q_s32(extra + 8 * i)), vaddq_s32(bias, vld1q_s32(extra + 8 * i + 4))}
                      : (n1_eight){bias, bias};
    for (unsigned j = 0; j < c->order; j++, past -= job->lanes) {
        n1_eight_add(&mu[0], vld1q_s16(past), c->own[j]);
        n1_eight_add(&mu[1], vld1q_s16(past + 8), c->own[j]);
    }
    for (unsigned i = 0; i < 2; i++) {
        mu[i].low = vminq_s32(vmaxq_s32(vshlq_s32(mu[i].low, shift), zero), top);
        mu[i].high = vminq_s32(vmaxq_s32(vshlq_s32(mu[i].high, shift), zero), top);
    }
}

/* From the predictions: a guess of each code, and the mass of it. Returns 0 if one of them does not hold its slot. */
N1_INLINE int guess(const n1_lane_job *job, const n1_law_neon *l, octet *o, uint64_t *state)
{
    const n1_lookup *u = job->lookup;
    const int32_t top = (int32_t)job->axis->axis_len - 1;
    for (unsigned i = 0; i < 8; i++) {
        const uint32_t slot = (uint32_t)state[i] & (N1_PROB_ONE - 1);
        int32_t v = o->mu[i] + u->quantile[(slot >> (N1_PROB_BITS - N1_QUANTILE_BITS)) + 1];
        v = v < 0 ? 0 : v > top ? top : v;
        const uint32_t e = u->at[v];
        o->slot[i] = slot;
        o->lo[i] = v;
        o->code[i] = e;
    }
    for (unsigned i = 0; i < 8; i += 4) {
        const uint32x4_t e = vld1q_u32(o->code + i), ten = vdupq_n_u32(1023);
        const int32x4_t mu = vld1q_s32(o->mu + i);
        const int32x4_t lo = vsubq_s32(vld1q_s32(o->lo + i), vreinterpretq_s32_u32(vandq_u32(vshrq_n_u32(e, 10), ten)));
        const int32x4_t hi = vaddq_s32(lo, vreinterpretq_s32_u32(vandq_u32(e, ten)));
        vst1q_s32(o->at_lo + i, n1_law_places(l, lo, mu));
        vst1q_s32(o->at_hi + i, n1_law_places(l, hi, mu));
        vst1q_u32(o->code + i, vshrq_n_u32(e, 20));
        vst1q_s32(o->lo + i, lo);
        vst1q_s32(o->hi + i, hi);
    }
    for (unsigned i = 0; i < 8; i++) {
        o->low[i] = l->cdf[o->at_lo[i]];
        o->freq[i] = l->cdf[o->at_hi[i]];
    }
    uint32x4_t right = vdupq_n_u32(UINT32_MAX);
    for (unsigned i = 0; i < 8; i += 4) {
        const uint32x4_t code = vld1q_u32(o->code + i), slot = vld1q_u32(o->slot + i);
        uint32x4_t low = vaddq_u32(vld1q_u32(o->low + i), code);
        uint32x4_t high = vaddq_u32(vaddq_u32(vld1q_u32(o->freq + i), code), vdupq_n_u32(1));
        low = vandq_u32(low, vtstq_u32(code, code));
        high = vbslq_u32(vceqq_u32(code, vdupq_n_u32(job->axis->n_codes - 1)), vdupq_n_u32(N1_PROB_ONE), high);
        right = vandq_u32(right, vandq_u32(vcleq_u32(low, slot), vcgtq_u32(high, slot)));
        vst1q_u32(o->low + i, low);
        vst1q_u32(o->freq + i, vsubq_u32(high, low));
    }
    return vminvq_u32(right) != 0;
}

/* Lanes whose guess missed, one at a time. */
static __attribute__((noinline)) void repair(const n1_lane_job *job, octet *o)
{
    const n1_axis *x = job->axis;
    for (unsigned i = 0; i < 8; i++) {
        uint32_t low, high;
        const uint32_t k = n1_find_code(x, &job->scale, o->mu[i], o->slot[i], o->code[i], &low, &high);
        o->code[i] = k;
        o->lo[i] = x->edge[k];
        o->hi[i] = x->edge[k + 1];
        o->low[i] = low;
        o->freq[i] = high - low;
    }
}

/* The states' next step: a word for each that needs one, rarely a second one. */
N1_INLINE const uint8_t *advance(const octet *o, uint64_t *state, const uint8_t *p)
{
    uint64_t few = 0;
    for (unsigned i = 0; i < 8; i++) {
        const uint64_t x = o->freq[i] * (state[i] >> N1_PROB_BITS) + (o->slot[i] - o->low[i]);
        const uint64_t more = x << 16 | n1_load16(p);
        const int need = x < N1_RANS_LOW;
        state[i] = need ? more : x;
        few |= x - 256;
        p += 2 * need;
    }
    if (few >> 63) /* one was below 2^8 */
        for (unsigned i = 0; i < 8; i++)
            if (state[i] < N1_RANS_LOW) {
                state[i] = state[i] << 16 | n1_load16(p);
                p += 2;
            }
    return p;
}

/* The midpoints and codes of an octet, eight of each. */
N1_INLINE void settle(const octet *o, int32_t centre, int16x8_t *mid, uint16x8_t *code)
{
    const int32x4_t c = vdupq_n_s32(centre);
    int16x4_t m[2];
    for (unsigned i = 0; i < 2; i++)
        m[i] = vmovn_s32(vsubq_s32(vshrq_n_s32(vaddq_s32(vld1q_s32(o->lo + 4 * i), vld1q_s32(o->hi + 4 * i)), 1), c));
    *mid = vcombine_s16(m[0], m[1]);
    *code = vcombine_u16(vmovn_u32(vld1q_u32(o->code)), vmovn_u32(vld1q_u32(o->code + 4)));
}

n1_status n1_lanes_decode_neon(const n1_lane_job *job, uint64_t *state, const uint8_t **at, const uint8_t *end)
{
    const n1_law_neon l = n1_law_neon_of(job);
    const unsigned lanes = job->lanes;
    const uint8_t *p = *at;
    size_t row = 1;
    for (; row < job->rows && end - p >= (ptrdiff_t)(4 * lanes + 16); row++)
        for (unsigned g = 0; g < lanes; g += 16) {
            int16_t *const mid = job->mid + (N1_PLANE_HISTORY + row) * lanes + g;
            n1_eight mu[2];
            int16x8x2_t mids;
            uint16x8x2_t codes;
            predict(job, mid - lanes, job->extra ? job->extra + row * lanes + g : NULL, mu);
            const int32x4x2_t first = vuzpq_s32(mu[0].low, mu[0].high), second = vuzpq_s32(mu[1].low, mu[1].high);
            for (unsigned h = 0; h < 2; h++) {
                octet o;
                vst1q_s32(o.mu, first.val[h]);
                vst1q_s32(o.mu + 4, second.val[h]);
                if (!guess(job, &l, &o, state + g + 8 * h))
                    repair(job, &o);
                p = advance(&o, state + g + 8 * h, p);
                settle(&o, job->axis->centre, &mids.val[h], &codes.val[h]);
            }
            vst2q_s16(mid, mids);
            vst2q_u16(job->code + row * lanes + g, codes);
        }
    *at = p;
    return row < job->rows ? n1_lanes_decode_rows(job, row, state, at, end) : N1_OK;
}
#endif
