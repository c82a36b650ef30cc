/* Between time order and the planes of the lanes: 8 x 8 transposes of 16-bit elements. */
#include "modes/forward/plane.h"

#if N1_X86
#include <emmintrin.h>

/* rows of eight elements in, columns out */
static inline __attribute__((always_inline)) void transpose8(__m128i r[8])
{
    __m128i a[8], b[8];
    for (int i = 0; i < 4; i++) {
        a[2 * i] = _mm_unpacklo_epi16(r[2 * i], r[2 * i + 1]);
        a[2 * i + 1] = _mm_unpackhi_epi16(r[2 * i], r[2 * i + 1]);
    }
    for (int i = 0; i < 2; i++) {
        b[4 * i] = _mm_unpacklo_epi32(a[4 * i], a[4 * i + 2]);
        b[4 * i + 1] = _mm_unpackhi_epi32(a[4 * i], a[4 * i + 2]);
        b[4 * i + 2] = _mm_unpacklo_epi32(a[4 * i + 1], a[4 * i + 3]);
        b[4 * i + 3] = _mm_unpackhi_epi32(a[4 * i + 1], a[4 * i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        r[2 * i] = _mm_unpacklo_epi64(b[i], b[i + 4]);
        r[2 * i + 1] = _mm_unpackhi_epi64(b[i], b[i + 4]);
    }
}

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
            transpose8(even);
            transpose8(odd);
            for (unsigned i = 0; i < 8; i++) {
                __m128i *to = (__m128i *)(void *)(plane + (row + i) * lanes + g);
                _mm_storeu_si128(to, _mm_unpacklo_epi16(even[i], odd[i]));
                _mm_storeu_si128(to + 1, _mm_unpackhi_epi16(even[i], odd[i]));
            }
        }
    return row;
}

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
            transpose8(even);
            transpose8(odd);
            for (unsigned s = 0; s < 8; s++) {
                _mm_storeu_si128((__m128i *)(void *)(time + (g + s) * rows + row), even[s]);
                _mm_storeu_si128((__m128i *)(void *)(time + (g + 8 + s) * rows + row), odd[s]);
            }
        }
    return row;
}

/* All whole blocks of 8 samples x 8 channels. */
static void interleave_blocks(const uint16_t *band, size_t n, size_t members, uint16_t *out, size_t stride)
{
    for (size_t t = 0; t + 8 <= n; t += 8)
        for (size_t i = 0; i + 8 <= members; i += 8) {
            __m128i r[8];
            for (unsigned j = 0; j < 8; j++)
                r[j] = _mm_loadu_si128((const __m128i *)(const void *)(band + (i + j) * n + t));
            transpose8(r);
            for (unsigned j = 0; j < 8; j++)
                _mm_storeu_si128((__m128i *)(void *)(out + (t + j) * stride + i), r[j]);
        }
}

static void deinterleave_blocks(const int16_t *in, size_t stride, size_t members, size_t n, int32_t *time)
{
    for (size_t t = 0; t + 8 <= n; t += 8)
        for (size_t i = 0; i + 8 <= members; i += 8) {
            __m128i r[8];
            for (unsigned j = 0; j < 8; j++)
                r[j] = _mm_loadu_si128((const __m128i *)(const void *)(in + (t + j) * stride + i));
            transpose8(r);
            for (unsigned j = 0; j < 8; j++) {
                __m128i *to = (__m128i *)(void *)(time + (i + j) * n + t);
                _mm_storeu_si128(to, _mm_srai_epi32(_mm_unpacklo_epi16(r[j], r[j]), 16));
                _mm_storeu_si128(to + 1, _mm_srai_epi32(_mm_unpackhi_epi16(r[j], r[j]), 16));
            }
        }
}
enum { BLOCK = 8 };
#else
enum { BLOCK = 0 };   /* no block is moved: the plain loops below do it all */
static void interleave_blocks(const uint16_t *band, size_t n, size_t members, uint16_t *out, size_t stride)
{
    (void)band, (void)n, (void)members, (void)out, (void)stride;
}
static void deinterleave_blocks(const int16_t *in, size_t stride, size_t members, size_t n, int32_t *time)
{
    (void)in, (void)stride, (void)members, (void)n, (void)time;
}
static size_t to_plane_blocks(const uint16_t *time, uint16_t *plane, size_t rows, unsigned lanes)
{
    (void)time, (void)plane, (void)rows, (void)lanes;
    return 0;
}
static size_t from_plane_blocks(const uint16_t *plane, uint16_t *time, size_t rows, unsigned lanes)
{
    (void)time, (void)plane, (void)rows, (void)lanes;
    return 0;
}
#endif

void n1_to_plane(const uint16_t *time, uint16_t *plane, size_t rows, unsigned lanes)
{
    for (size_t row = to_plane_blocks(time, plane, rows, lanes); row < rows; row++)
        for (unsigned s = 0; s < lanes; s++)
            plane[row * lanes + n1_lane_position(s)] = time[s * rows + row];
}

void n1_from_plane(const uint16_t *plane, uint16_t *time, size_t rows, unsigned lanes)
{
    for (size_t row = from_plane_blocks(plane, time, rows, lanes); row < rows; row++)
        for (unsigned s = 0; s < lanes; s++)
            time[s * rows + row] = plane[row * lanes + n1_lane_position(s)];
}

void n1_interleave16(const uint16_t *band, size_t n, size_t members, uint16_t *out, size_t stride)
{
    const size_t whole_t = BLOCK ? n / 8 * 8 : 0, whole_i = BLOCK ? members / 8 * 8 : 0;
    interleave_blocks(band, n, members, out, stride);
    for (size_t t = 0; t < n; t++)
        for (size_t i = t < whole_t ? whole_i : 0; i < members; i++)
            out[t * stride + i] = band[i * n + t];
}

void n1_deinterleave16(const int16_t *in, size_t stride, size_t members, size_t n, int32_t *time)
{
    const size_t whole_t = BLOCK ? n / 8 * 8 : 0, whole_i = BLOCK ? members / 8 * 8 : 0;
    deinterleave_blocks(in, stride, members, n, time);
    for (size_t t = 0; t < n; t++)
        for (size_t i = t < whole_t ? whole_i : 0; i < members; i++)
            time[i * n + t] = in[t * stride + i];
}
