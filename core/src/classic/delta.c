/* delta.c - running sums along time, which undo differences. */
#include "n1/classic.h"

/* Frame by frame, so that memory is read in order and compilers add several channels at once. */
#define SUMS(T)                                                                                                       \
    {                                                                                                                 \
        const T *in = src;                                                                                            \
        T *out = dst;                                                                                                 \
        for (size_t c = 0; c < n_channels; c++)                                                                       \
            out[c] = in[c];                                                                                           \
        for (size_t i = n_channels; i < n_frames * n_channels; i++)                                                   \
            out[i] = (T)(out[i - n_channels] + in[i]);                                                                \
    }

n1_status n1_running_sums(const void *src, unsigned itemsize, size_t n_frames, size_t n_channels, void *dst)
{
    if (n_frames == 0)
        return N1_OK;
    switch (itemsize) {
    case 1: SUMS(uint8_t) return N1_OK;
    case 2: SUMS(uint16_t) return N1_OK;
    case 4: SUMS(uint32_t) return N1_OK;
    default: return N1_ERROR_ARGUMENT;
    }
}
