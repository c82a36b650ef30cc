/* The law in NEON: places of its table are found four at a time, its entries are fetched one by one, as there are no gathers. */
#ifndef N1_KERNELS_ARM_LAW_NEON_H
#define N1_KERNELS_ARM_LAW_NEON_H
#include "base/inline.h"
#include "modes/forward/lanes.h"

#include <arm_neon.h>

typedef struct {
    int32x4_t inverse, limit, minus_limit;
    const uint32_t *cdf;   /* its middle */
} n1_law_neon;

N1_INLINE n1_law_neon n1_law_neon_of(const n1_lane_job *job)
{
    return (n1_law_neon){vdupq_n_s32(job->scale.inverse), vdupq_n_s32(job->scale.limit), vdupq_n_s32(-job->scale.limit),
                         job->axis->cdf + N1_CDF_HALF};
}

/* Where the table has what lies below four edges. */
N1_INLINE int32x4_t n1_law_places(const n1_law_neon *l, int32x4_t edge, int32x4_t mu)
{
    const int32x4_t d = vmaxq_s32(vminq_s32(vsubq_s32(edge, mu), l->limit), l->minus_limit);
    return vshrq_n_s32(vmulq_s32(d, l->inverse), 12);
}

/* Eight products of 16 bits added to two sums of four. */
typedef struct {
    int32x4_t low, high;
} n1_eight;

N1_INLINE void n1_eight_add(n1_eight *s, int16x8_t x, int16_t c)
{
    s->low = vmlal_n_s16(s->low, vget_low_s16(x), c);
    s->high = vmlal_n_s16(s->high, vget_high_s16(x), c);
}

#endif
