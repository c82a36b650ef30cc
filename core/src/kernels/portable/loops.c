/* The portable loops of both directions. */
#include "kernels/portable/loops.h"
#include "kernels/portable/portable.h"
#include "modes/forward/lanes.h"

void n1_neighbour_sums_portable(const n1_lane_job *job, int32_t *sum)
{
    const n1_channel *c = job->channel;
    const size_t n = job->rows * job->lanes;
    for (size_t i = 0; i < n; i++)
        sum[i] = 0;
    for (unsigned a = 0; a < c->n_neighbours; a++)
        for (unsigned j = 0; j < c->neighbour_taps; j++)
            n1_accumulate_loop(sum, job->neighbour[a] - j * job->lanes, c->neighbour[a][j], n);
}

void n1_nlink_values_portable(const uint16_t *code, int32_t first, int16_t *out, size_t n)
{
    n1_nlink_values_loop(code, first, out, n);
}

void n1_from_plane_portable(const uint16_t *plane, uint16_t *time, size_t rows, unsigned lanes)
{
    for (size_t row = 0; row < rows; row++)
        for (unsigned s = 0; s < lanes; s++)
            time[s * rows + row] = plane[row * lanes + n1_lane_position(s)];
}

void n1_interleave16_portable(const uint16_t *band, size_t n, size_t members, uint16_t *out, size_t stride)
{
    for (size_t t = 0; t < n; t++)
        for (size_t i = 0; i < members; i++)
            out[t * stride + i] = band[i * n + t];
}
