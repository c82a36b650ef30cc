/* values.h - encoder: samples of any type in time order, and the codes of values. */
#ifndef N1_CONVERTER_VALUES_H
#define N1_CONVERTER_VALUES_H
#include "converter/alphabet.h"
#include "kernels/table.h"

/* Full code of a value of the alphabet. */
uint32_t n1_full_code(const n1_alphabet *a, int32_t v);

/* Samples in time order, channel after channel: int16 if these hold every sample of the type, else int32. */
typedef struct {
    void *samples;
    int wide;
    size_t apart;   /* samples from a channel to the next */
} n1_track;

static inline int n1_is_wide(n1_type dtype) { return dtype > N1_INT16; }
static inline size_t n1_track_size(n1_type dtype) { return n1_is_wide(dtype) ? sizeof(int32_t) : sizeof(int16_t); }
/* So that channels begin in cache lines, and not all in lines of the same place of a cache. */
static inline size_t n1_track_apart(size_t n_samples)
{
    const size_t lines = (n_samples + 31) / 32;
    return n_samples < 512 ? n_samples : 32 * (lines | 1);
}
static inline int32_t n1_track_at(n1_track t, size_t i)
{
    return t.wide ? ((const int32_t *)t.samples)[i] : ((const int16_t *)t.samples)[i];
}

/* A loop over the samples of a channel, v[0] .. v[n - 1], compiled for both widths. */
#define N1_OVER_TRACK(time, from, ...)                                     \
    if ((time).wide) {                                                     \
        const int32_t *const v = (const int32_t *)(time).samples + (from); \
        __VA_ARGS__                                                        \
    } else {                                                               \
        const int16_t *const v = (const int16_t *)(time).samples + (from); \
        __VA_ARGS__                                                        \
    }

/* (n_samples, n_channels) in C order to a track, or to int32 whatever the type is. 0 if a value passes int32. */
int n1_to_track(const void *samples, const n1_shape *s, n1_track time, const n1_encode_kernels *k);
int n1_to_time(const void *samples, const n1_shape *s, int32_t *time, const n1_encode_kernels *k);
#endif
