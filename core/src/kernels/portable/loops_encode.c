/* The portable loops of encoders. */
#include "kernels/portable/loops.h"
#include "kernels/portable/portable.h"
#include "modes/forward/lanes.h"

void n1_lanes_predict_portable(const n1_lane_job *job)
{
    const unsigned order = job->channel->order;
    const int32_t top = (int32_t)job->axis->axis_len - 1, bias = job->channel->bias;
    const unsigned shift = job->channel->shift;
    const ptrdiff_t lanes = job->lanes;
    int32_t own[N1_MAX_ORDER];
    for (unsigned j = 0; j < order; j++)
        own[j] = job->channel->own[j];
    const size_t n = job->rows * job->lanes;
    const int16_t *mid = job->mid + N1_PLANE_HISTORY * job->lanes;
    uint16_t *mu = job->mu;
    int32_t sum[16];
    for (size_t i = 0; i < n; i += 16) { /* lanes is a multiple of 16 */
        for (unsigned l = 0; l < 16; l++)
            sum[l] = bias;
        for (unsigned j = 0; j < order; j++) {
            const int16_t *m = mid + (ptrdiff_t)i - (ptrdiff_t)(j + 1) * lanes;
            for (unsigned l = 0; l < 16; l++)
                sum[l] += own[j] * m[l];
        }
        for (unsigned a = 0; a < job->channel->n_neighbours; a++)
            for (unsigned j = 0; j < job->channel->neighbour_taps; j++) {
                const int16_t *m = job->neighbour[a] + (ptrdiff_t)i - (ptrdiff_t)j * lanes;
                for (unsigned l = 0; l < 16; l++)
                    sum[l] += job->channel->neighbour[a][j] * m[l];
            }
        for (unsigned l = 0; l < 16; l++) {
            int32_t v = sum[l] >> shift;
            v = v < 0 ? 0 : v;
            v = v > top ? top : v;
            mu[i + l] = (uint16_t)v;
        }
    }
}

void n1_midpoints_portable(const n1_axis *axis, const uint16_t *code, int16_t *mid, size_t n)
{
    n1_midpoints_loop(axis->mid, code, mid, n);
}

void n1_residuals_portable(const n1_lane_job *job, size_t every, n1_residuals *r)
{
    const size_t lanes = job->lanes, rows = job->rows, run = every > 1 ? 1 : rows - 1;
    const int16_t *const mid = job->mid + N1_PLANE_HISTORY * lanes;
    uint32_t beyond = 0, within = 0;
    r->all = r->sum = 0;
    for (size_t row = 1; row < rows; row += every > 1 ? every : run) {
        n1_residuals_loop(mid + row * lanes, job->mu + row * lanes, job->axis->centre, run * lanes, r->limit, r->far, &beyond,
                          &within, &r->sum);
        r->all += run * lanes;
    }
    r->beyond = beyond;
    r->within = within;
}

int n1_nlink_codes_portable(const int16_t *samples, size_t n, uint16_t *code, uint32_t *low, uint32_t *high)
{
    return n1_nlink_codes_loop(samples, n, code, low, high);
}

/* Products are added up in 32 bits: 64 of them per accumulator, 2^12 * 2^12 * 64 < 2^31, before they go to 64 bits. */
#define PRODUCTS 64u

N1_INLINE int32_t products(const int16_t *a, const int16_t *b, size_t n, unsigned down)
{
    int32_t part = 0;
    for (size_t j = 0; j < n; j++)
        part += (a[j] >> down) * (b[j] >> down);
    return part;
}

int64_t n1_dot_portable(const int16_t *a, const int16_t *b, size_t n, unsigned down)
{
    int64_t total = 0;
    size_t i = 0;
    for (; n - i >= PRODUCTS; i += PRODUCTS)
        total += down ? products(a + i, b + i, PRODUCTS, down) : products(a + i, b + i, PRODUCTS, 0);
    return total + products(a + i, b + i, n - i, down);
}

void n1_dots_portable(const int16_t *a, const int16_t *const *b, size_t m, size_t n, unsigned down, int64_t *sum)
{
    for (size_t j = 0; j < m; j++)
        sum[j] = n1_dot_portable(a, b[j], n, down);
}

void n1_to_plane_portable(const uint16_t *time, uint16_t *plane, size_t rows, unsigned lanes)
{
    for (size_t row = 0; row < rows; row++)
        for (unsigned s = 0; s < lanes; s++)
            plane[row * lanes + n1_lane_position(s)] = time[s * rows + row];
}

void n1_deinterleave16_portable(const int16_t *in, size_t stride, size_t members, size_t n, int16_t *time, size_t apart)
{
    for (size_t t = 0; t < n; t++)
        for (size_t i = 0; i < members; i++)
            time[i * apart + t] = in[t * stride + i];
}

/* None: entropy/rans_write.c writes them one by one. */
size_t n1_rans_rows_portable(struct n1_rans_writer *w, const uint64_t *records, size_t n)
{
    (void)w, (void)records;
    return n;
}
