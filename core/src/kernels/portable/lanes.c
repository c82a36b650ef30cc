/* Lanes, row by row: what the format means, and the end of each channel for every kernel. */
#include "kernels/portable/portable.h"
#include "modes/forward/lanes.h"

n1_status n1_lanes_decode_rows(const n1_lane_job *job, size_t from_row, uint64_t *state, const uint8_t **at,
                               const uint8_t *end)
{
    const n1_axis *x = job->axis;
    const unsigned lanes = job->lanes;
    const uint8_t *p = *at;
    for (size_t row = from_row; row < job->rows; row++) {
        int16_t *mid = job->mid + (N1_PLANE_HISTORY + row) * lanes;
        for (unsigned octet = 0; octet < lanes; octet += 8) {
            for (unsigned i = octet; i < octet + 8; i++) {
                uint32_t pos = n1_lane_position(i);
                int32_t extra = job->extra ? job->extra[row * lanes + pos] : 0;
                int32_t mu = n1_predict(x, job->channel, mid + pos - lanes, lanes, extra);
                uint32_t slot = (uint32_t)state[i] & (N1_PROB_ONE - 1), low, high;
                uint32_t k = n1_guess_code(x, job->lookup, mu, slot);
                k = n1_find_code(x, &job->scale, mu, slot, k, &low, &high);
                state[i] = (uint64_t)(high - low) * (state[i] >> N1_PROB_BITS) + (slot - low);
                mid[pos] = x->mid[k];
                job->code[row * lanes + pos] = (uint16_t)k;
            }
            for (unsigned pass = 0; pass < 2; pass++)
                for (unsigned i = octet; i < octet + 8; i++) {
                    if (state[i] >= N1_RANS_LOW)
                        continue;
                    if (end - p < 2)
                        return N1_ERROR_TRUNCATED;
                    state[i] = state[i] << 16 | n1_load16(p);
                    p += 2;
                }
        }
    }
    *at = p;
    return N1_OK;
}

n1_status n1_lanes_decode_portable(const n1_lane_job *job, uint64_t *state, const uint8_t **at, const uint8_t *end)
{
    return n1_lanes_decode_rows(job, 1, state, at, end);
}
