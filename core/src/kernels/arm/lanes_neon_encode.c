/* NEON kernel, encoder. */
#include "kernels/arm/arm.h"
#if N1_ARM
#include "kernels/arm/law_neon.h"

typedef struct {
    uint32_t low[8], freq[8];
} octet;

/* Start and frequency of eight segments, and the least of these. Codes and predictions are in the order of segments. */
N1_INLINE uint32_t intervals(const n1_lane_job *job, const n1_law_neon *l, uint16x8_t code, uint16x8_t mu, octet *o)
{
    uint16_t k[8];
    uint32_t pair[8];
    int32_t below[8], above[8];
    vst1q_u16(k, code);
    for (unsigned i = 0; i < 8; i++)
        pair[i] = job->axis->pair[k[i]];
    for (unsigned i = 0; i < 8; i += 4) {
        const uint32x4_t e = vld1q_u32(pair + i);
        const int32x4_t m = vreinterpretq_s32_u32(vmovl_u16(i ? vget_high_u16(mu) : vget_low_u16(mu)));
        vst1q_s32(below + i, n1_law_places(l, vreinterpretq_s32_u32(vandq_u32(e, vdupq_n_u32(0xffff))), m));
        vst1q_s32(above + i, n1_law_places(l, vreinterpretq_s32_u32(vshrq_n_u32(e, 16)), m));
    }
    for (unsigned i = 0; i < 8; i++) {
        o->low[i] = l->cdf[below[i]];
        o->freq[i] = l->cdf[above[i]];
    }
    uint32x4_t least = vdupq_n_u32(UINT32_MAX);
    for (unsigned i = 0; i < 8; i += 4) {
        const uint32x4_t c = vmovl_u16(i ? vget_high_u16(code) : vget_low_u16(code));
        uint32x4_t low = vaddq_u32(vld1q_u32(o->low + i), c);
        uint32x4_t high = vaddq_u32(vaddq_u32(vld1q_u32(o->freq + i), c), vdupq_n_u32(1));
        low = vandq_u32(low, vtstq_u32(c, c));
        high = vbslq_u32(vceqq_u32(c, vdupq_n_u32(job->axis->n_codes - 1)), vdupq_n_u32(N1_PROB_ONE), high);
        const uint32x4_t freq = vsubq_u32(high, low);
        least = vminq_u32(least, freq);
        vst1q_u32(o->low + i, low);
        vst1q_u32(o->freq + i, freq);
    }
    return vminvq_u32(least);
}

/* Frequencies below 16 may take two words, of which the reader takes the second one after all others' first. */
static __attribute__((noinline)) uint8_t *push_any(const octet *o, uint64_t *state, uint8_t *p)
{
    uint16_t words[8][2];
    unsigned n[8];
    for (unsigned i = 0; i < 8; i++) {
        n[i] = n1_rans_shrink(&state[i], o->freq[i], words[i]);
        state[i] = n1_rans_push(state[i], o->freq[i], o->low[i]);
    }
    for (unsigned i = 8; i-- > 0;)
        if (n[i] == 2)
            n1_store16(p -= 2, words[i][0]);
    for (unsigned i = 8; i-- > 0;)
        if (n[i])
            n1_store16(p -= 2, words[i][n[i] - 1]);
    return p;
}

/* A word at the most: written always, kept if the state is full. */
N1_INLINE uint8_t *push(const octet *o, uint64_t *state, uint8_t *p)
{
    for (unsigned i = 8; i-- > 0;) {
        const uint64_t freq = o->freq[i];
        uint64_t x = state[i];
        const int full = x >= freq << 20;
        n1_store16(p - 2, (uint16_t)x);
        p -= 2 * full;
        x = full ? x >> 16 : x;
        state[i] = x + o->low[i] + x / freq * (N1_PROB_ONE - freq);
    }
    return p;
}

n1_status n1_lanes_encode_neon(const n1_lane_job *job, uint64_t *state, uint8_t *begin, uint8_t **at)
{
    const n1_law_neon l = n1_law_neon_of(job);
    const unsigned lanes = job->lanes;
    uint8_t *p = *at;
    for (size_t row = job->rows; row-- > 1;) {
        if (p - begin < (ptrdiff_t)(4 * lanes + 8))
            return N1_ERROR_INTERNAL;
        for (unsigned g = lanes; g > 0;) {
            g -= 16;
            const uint16x8x2_t code = vld2q_u16(job->code + row * lanes + g), mu = vld2q_u16(job->mu + row * lanes + g);
            for (unsigned h = 2; h-- > 0;) {
                octet o;
                const uint32_t least = intervals(job, &l, code.val[h], mu.val[h], &o);
                p = least < 16 ? push_any(&o, state + g + 8 * h, p) : push(&o, state + g + 8 * h, p);
            }
        }
    }
    *at = p;
    return N1_OK;
}
#endif
