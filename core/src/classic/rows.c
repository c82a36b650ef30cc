/* rows.c - interleaved frames to one row of 32-bit values for each channel, and back. */
#include "n1/classic.h"

#include "base/types.h"

/* Frames and channels are visited in square tiles, so that lines of the cache are used whole on both sides. */
enum { TILE = 32 };

static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

void n1_split_rows(const void *src, n1_type type, size_t n_frames, size_t n_rows, int32_t *rows)
{
    const uint32_t bias = n1_type_bias(type);
#define LOOP(T)                                                                                                       \
    for (size_t f0 = 0; f0 < n_frames; f0 += TILE)                                                                    \
        for (size_t r0 = 0; r0 < n_rows; r0 += TILE) {                                                                \
            const size_t f1 = smaller(f0 + TILE, n_frames), r1 = smaller(r0 + TILE, n_rows);                          \
            for (size_t r = r0; r < r1; r++)                                                                          \
                for (size_t f = f0; f < f1; f++)                                                                      \
                    rows[r * n_frames + f] = (int32_t)((uint32_t)((const T *)src)[f * n_rows + r] + bias);            \
        }
    N1_FOR_TYPE(type, LOOP)
#undef LOOP
}

void n1_join_rows(const int32_t *rows, n1_type type, size_t n_frames, size_t n_rows, void *dst)
{
    const uint32_t bias = n1_type_bias(type);
#define LOOP(T)                                                                                                       \
    for (size_t f0 = 0; f0 < n_frames; f0 += TILE)                                                                    \
        for (size_t r0 = 0; r0 < n_rows; r0 += TILE) {                                                                \
            const size_t f1 = smaller(f0 + TILE, n_frames), r1 = smaller(r0 + TILE, n_rows);                          \
            for (size_t f = f0; f < f1; f++)                                                                          \
                for (size_t r = r0; r < r1; r++)                                                                      \
                    ((T *)dst)[f * n_rows + r] = (T)((uint32_t)rows[r * n_frames + f] - bias);                        \
        }
    N1_FOR_TYPE(type, LOOP)
#undef LOOP
}
