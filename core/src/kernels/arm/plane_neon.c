/* From planes of lanes to time order, and from channels to frames: 8 x 8 at a time. */
#include "kernels/arm/arm.h"
#if N1_ARM
#include "kernels/arm/plane_neon.h"
#include "modes/forward/lanes.h"

void n1_from_plane_neon(const uint16_t *plane, uint16_t *time, size_t rows, unsigned lanes)
{
    size_t row = 0;
    for (; row + 8 <= rows; row += 8)
        for (unsigned g = 0; g < lanes; g += 16) {
            uint16x8_t even[8], odd[8];
            for (unsigned i = 0; i < 8; i++) {
                const uint16x8x2_t v = vld2q_u16(plane + (row + i) * lanes + g);
                even[i] = v.val[0];
                odd[i] = v.val[1];
            }
            n1_transpose8_neon(even);
            n1_transpose8_neon(odd);
            for (unsigned s = 0; s < 8; s++) {
                vst1q_u16(time + (g + s) * rows + row, even[s]);
                vst1q_u16(time + (g + 8 + s) * rows + row, odd[s]);
            }
        }
    for (; row < rows; row++)
        for (unsigned s = 0; s < lanes; s++)
            time[s * rows + row] = plane[row * lanes + n1_lane_position(s)];
}

void n1_interleave16_neon(const uint16_t *band, size_t n, size_t members, uint16_t *out, size_t stride)
{
    const size_t whole_t = n / 8 * 8, whole_i = members / 8 * 8;
    for (size_t t = 0; t < whole_t; t += 8)
        for (size_t i = 0; i < whole_i; i += 8) {
            uint16x8_t r[8];
            for (unsigned j = 0; j < 8; j++)
                r[j] = vld1q_u16(band + (i + j) * n + t);
            n1_transpose8_neon(r);
            for (unsigned j = 0; j < 8; j++)
                vst1q_u16(out + (t + j) * stride + i, r[j]);
        }
    for (size_t t = 0; t < n; t++)
        for (size_t i = t < whole_t ? whole_i : 0; i < members; i++)
            out[t * stride + i] = band[i * n + t];
}
#endif
