/* From time order to planes of lanes, and from frames to channels: 8 x 8 at a time. */
#include "kernels/arm/arm.h"
#if N1_ARM
#include "kernels/arm/plane_neon.h"
#include "modes/forward/lanes.h"

void n1_to_plane_neon(const uint16_t *time, uint16_t *plane, size_t rows, unsigned lanes)
{
    size_t row = 0;
    for (; row + 8 <= rows; row += 8)
        for (unsigned g = 0; g < lanes; g += 16) {
            uint16x8_t even[8], odd[8];
            for (unsigned s = 0; s < 8; s++) {
                even[s] = vld1q_u16(time + (g + s) * rows + row);
                odd[s] = vld1q_u16(time + (g + 8 + s) * rows + row);
            }
            n1_transpose8_neon(even);
            n1_transpose8_neon(odd);
            for (unsigned i = 0; i < 8; i++)
                vst2q_u16(plane + (row + i) * lanes + g, ((uint16x8x2_t){{even[i], odd[i]}}));
        }
    for (; row < rows; row++)
        for (unsigned s = 0; s < lanes; s++)
            plane[row * lanes + n1_lane_position(s)] = time[s * rows + row];
}

void n1_deinterleave16_neon(const int16_t *in, size_t stride, size_t members, size_t n, int16_t *time, size_t apart)
{
    const size_t whole_t = n / 8 * 8, whole_i = members / 8 * 8;
    for (size_t t = 0; t < whole_t; t += 8)
        for (size_t i = 0; i < whole_i; i += 8) {
            uint16x8_t r[8];
            for (unsigned j = 0; j < 8; j++)
                r[j] = vld1q_u16((const uint16_t *)(const void *)(in + (t + j) * stride + i));
            n1_transpose8_neon(r);
            for (unsigned j = 0; j < 8; j++)
                vst1q_u16((uint16_t *)(void *)(time + (i + j) * apart + t), r[j]);
        }
    for (size_t t = 0; t < n; t++)
        for (size_t i = t < whole_t ? whole_i : 0; i < members; i++)
            time[i * apart + t] = in[t * stride + i];
}
#endif
