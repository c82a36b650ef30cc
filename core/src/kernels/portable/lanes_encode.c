/* Encoder of lanes, the last row first. */
#include "kernels/portable/portable.h"
#include "modes/forward/lanes.h"

n1_status n1_lanes_encode_portable(const n1_lane_job *job, uint64_t *state, uint8_t *begin, uint8_t **at)
{
    const unsigned lanes = job->lanes;
    uint8_t *p = *at;
    for (size_t row = job->rows; row-- > 1;) {
        if (p - begin < (ptrdiff_t)(4 * lanes + 8))
            return N1_ERROR_INTERNAL;
        for (unsigned octet = lanes; octet > 0;) {
            octet -= 8;
            uint16_t words[8][2];
            unsigned n[8];
            for (unsigned i = 0; i < 8; i++) {
                size_t place = row * lanes + n1_lane_position(octet + i);
                uint32_t low = n1_cum(job->axis, &job->scale, job->mu[place], job->code[place]);
                uint32_t high = n1_cum(job->axis, &job->scale, job->mu[place], job->code[place] + 1u);
                n[i] = n1_rans_shrink(&state[octet + i], high - low, words[i]);
                state[octet + i] = n1_rans_push(state[octet + i], high - low, low);
            }
            for (unsigned i = 8; i-- > 0;) /* second words of the reader come first here */
                if (n[i] == 2)
                    n1_store16(p -= 2, words[i][0]);
            for (unsigned i = 8; i-- > 0;)
                if (n[i])
                    n1_store16(p -= 2, words[i][n[i] - 1]);
        }
    }
    *at = p;
    return N1_OK;
}
