/* The reference: what the format means, and the only kernel on machines without AVX2. */
#include "modes/forward/lanes.h"

uint32_t n1_find_code(const n1_axis *x, const n1_scale *s, int32_t mu, uint32_t slot, uint32_t guess, uint32_t *low,
                      uint32_t *high)
{
    /* Invariant: cum(a) <= slot < cum(b). Steps double, then halve: at most about 24 looks at the law. */
    uint32_t a = guess, b = guess + 1, step = 1;
    uint32_t ca = n1_cum(x, s, mu, a), cb;
    while (ca > slot) {
        b = a;
        a = a > step ? a - step : 0;
        step *= 2;
        ca = n1_cum(x, s, mu, a);
    }
    cb = n1_cum(x, s, mu, b);
    step = 1;
    while (cb <= slot) {
        a = b;
        ca = cb;
        b = b + step < x->n_codes ? b + step : x->n_codes;
        step *= 2;
        cb = n1_cum(x, s, mu, b);
    }
    while (b - a > 1) {
        uint32_t m = (a + b) / 2, cm = n1_cum(x, s, mu, m);
        if (cm > slot) {
            b = m;
            cb = cm;
        } else {
            a = m;
            ca = cm;
        }
    }
    *low = ca;
    *high = cb;
    return a;
}

n1_status n1_lanes_decode_portable(const n1_lane_job *job, size_t from_row, uint64_t *state, const uint8_t **at,
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
                uint32_t k = n1_guess_code(x, mu, slot);
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
                    state[i] = state[i] << 16 | n1_get_word(p);
                    p += 2;
                }
        }
    }
    *at = p;
    return N1_OK;
}

n1_status n1_lanes_encode_portable(const n1_lane_job *job, uint64_t *state, uint8_t *begin, uint8_t **at)
{
    const unsigned lanes = job->lanes;
    uint8_t *p = *at;
    for (size_t row = job->rows; row-- > 1;) {
        if (p - begin < (ptrdiff_t)(4 * lanes + 8))
            return N1_ERROR_DST_TOO_SMALL;
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
                    n1_put_word(p -= 2, words[i][0]);
            for (unsigned i = 8; i-- > 0;)
                if (n[i])
                    n1_put_word(p -= 2, words[i][n[i] - 1]);
        }
    }
    *at = p;
    return N1_OK;
}
