/* What the neighbours add, in NEON. */
#include "kernels/arm/arm.h"
#if N1_ARM
#include "kernels/arm/law_neon.h"

void n1_neighbour_sums_neon(const n1_lane_job *job, int32_t *sum)
{
    const n1_channel *c = job->channel;
    const size_t n = job->rows * job->lanes;
    for (size_t i = 0; i < n; i += 8) {
        n1_eight s = {vdupq_n_s32(0), vdupq_n_s32(0)};
        for (unsigned a = 0; a < c->n_neighbours; a++)
            for (unsigned j = 0; j < c->neighbour_taps; j++)
                n1_eight_add(&s, vld1q_s16(job->neighbour[a] + i - j * job->lanes), c->neighbour[a][j]);
        vst1q_s32(sum + i, s.low);
        vst1q_s32(sum + i + 4, s.high);
    }
}
#endif
