/* From planes of lanes to time order, and from channels to frames: 8 x 8 at a time. */
#include "kernels/x86/x86.h"
#if N1_X86
#include "kernels/x86/transpose_sse2.h"
#include "modes/forward/lanes.h"

static size_t from_plane_blocks(const uint16_t *plane, uint16_t *time, size_t rows, unsigned lanes)
{
    const __m128i low = _mm_set1_epi32(0xffff);
    size_t row = 0;
    for (; row + 8 <= rows; row += 8)
        for (unsigned g = 0; g < lanes; g += 16) {
            __m128i even[8], odd[8];
            for (unsigned i = 0; i < 8; i++) {
                const __m128i *from = (const __m128i *)(const void *)(plane + (row + i) * lanes + g);
                __m128i a = _mm_loadu_si128(from), b = _mm_loadu_si128(from + 1);
                /* SSE2 packs with signed saturation: sign-extend first, so that the bits survive */
                even[i] = _mm_packs_epi32(_mm_srai_epi32(_mm_slli_epi32(_mm_and_si128(a, low), 16), 16),
                                          _mm_srai_epi32(_mm_slli_epi32(_mm_and_si128(b, low), 16), 16));
                odd[i] = _mm_packs_epi32(_mm_srai_epi32(a, 16), _mm_srai_epi32(b, 16));
            }
            n1_transpose8(even);
            n1_transpose8(odd);
            for (unsigned s = 0; s < 8; s++) {
                _mm_storeu_si128((__m128i *)(void *)(time + (g + s) * rows + row), even[s]);
                _mm_storeu_si128((__m128i *)(void *)(time + (g + 8 + s) * rows + row), odd[s]);
            }
        }
    return row;
}

void n1_from_plane_sse2(const uint16_t *plane, uint16_t *time, size_t rows, unsigned lanes)
{
    for (size_t row = from_plane_blocks(plane, time, rows, lanes); row < rows; row++)
        for (unsigned s = 0; s < lanes; s++)
            time[s * rows + row] = plane[row * lanes + n1_lane_position(s)];
}

/* Eight channels of 32 frames. */
static void interleave_lines(const uint16_t *band, size_t n, uint16_t *out, size_t stride)
{
    for (size_t t = 0; t < 32; t += 8) {
        __m128i r[8];
        for (unsigned j = 0; j < 8; j++)
            r[j] = _mm_loadu_si128((const __m128i *)(const void *)(band + j * n + t));
        n1_transpose8(r);
        for (unsigned j = 0; j < 8; j++)
            _mm_storeu_si128((__m128i *)(void *)(out + (t + j) * stride), r[j]);
    }
}

/* Frames lie far apart, where no machine foresees them. */
static void expect_frames(uint16_t *out, size_t stride, size_t members)
{
    for (size_t t = 0; t < 32; t++) {
        __builtin_prefetch(out + t * stride, 1);
        __builtin_prefetch(out + t * stride + members - 1, 1);
    }
}

void n1_interleave16_sse2(const uint16_t *band, size_t n, size_t members, uint16_t *out, size_t stride)
{
    const size_t whole_t = n / 32 * 32, whole_i = members / 8 * 8;
    for (size_t t = 0; t < whole_t; t += 32) {
        if (t + 96 <= n)
            expect_frames(out + (t + 64) * stride, stride, members);
        for (size_t i = 0; i < whole_i; i += 8)
            interleave_lines(band + i * n + t, n, out + t * stride + i, stride);
    }
    for (size_t t = 0; t < n; t++)
        for (size_t i = t < whole_t ? whole_i : 0; i < members; i++)
            out[t * stride + i] = band[i * n + t];
}
#endif
