/* From time order to planes of lanes, and from frames to channels: 8 x 8 at a time. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "kernels/x86/transpose_sse2.h"
#include "modes/forward/lanes.h"

static size_t to_plane_blocks(const uint16_t *time, uint16_t *plane, size_t rows, unsigned lanes)
{
    size_t row = 0;
    for (; row + 8 <= rows; row += 8)
        for (unsigned g = 0; g < lanes; g += 16) {
            __m128i even[8], odd[8];
            for (unsigned s = 0; s < 8; s++) {
                even[s] = _mm_loadu_si128((const __m128i *)(const void *)(time + (g + s) * rows + row));
                odd[s] = _mm_loadu_si128((const __m128i *)(const void *)(time + (g + 8 + s) * rows + row));
            }
            n1_transpose8(even);
            n1_transpose8(odd);
            for (unsigned i = 0; i < 8; i++) {
                __m128i *to = (__m128i *)(void *)(plane + (row + i) * lanes + g);
                _mm_storeu_si128(to, _mm_unpacklo_epi16(even[i], odd[i]));
                _mm_storeu_si128(to + 1, _mm_unpackhi_epi16(even[i], odd[i]));
            }
        }
    return row;
}

void n1_to_plane_sse2(const uint16_t *time, uint16_t *plane, size_t rows, unsigned lanes)
{
    for (size_t row = to_plane_blocks(time, plane, rows, lanes); row < rows; row++)
        for (unsigned s = 0; s < lanes; s++)
            plane[row * lanes + n1_lane_position(s)] = time[s * rows + row];
}

/* Eight channels of 32 frames, a cache line of each. */
static void deinterleave_lines(const int16_t *in, size_t stride, int16_t *time, size_t apart)
{
    for (size_t t = 0; t < 32; t += 8) {
        __m128i r[8];
        for (unsigned j = 0; j < 8; j++)
            r[j] = _mm_loadu_si128((const __m128i *)(const void *)(in + (t + j) * stride));
        n1_transpose8(r);
        for (unsigned j = 0; j < 8; j++)
            _mm_storeu_si128((__m128i *)(void *)(time + j * apart + t), r[j]);
    }
}

void n1_deinterleave16_sse2(const int16_t *in, size_t stride, size_t members, size_t n, int16_t *time, size_t apart)
{
    const size_t whole_t = n / 32 * 32, whole_i = members / 8 * 8;
    for (size_t t = 0; t < whole_t; t += 32) {
        for (size_t i = 0; i < whole_i; i += 8) {
            /* where these go next: no machine foresees so many places */
            for (size_t j = i; j < i + 8 && t + 96 <= n; j++)
                __builtin_prefetch(time + j * apart + t + 64, 1);
            deinterleave_lines(in + t * stride + i, stride, time + i * apart + t, apart);
        }
        for (size_t i = whole_i; i < members; i++)
            for (size_t j = t; j < t + 32; j++)
                time[i * apart + j] = in[j * stride + i];
    }
    for (size_t i = 0; i < members; i++)
        for (size_t t = whole_t; t < n; t++)
            time[i * apart + t] = in[t * stride + i];
}
#endif
