/* What fills a chunk up at its end, which stores do with chunks that a recording does not fill. */
#include "n1/codec.h"

#include <string.h>

size_t n1_frames_to_code(const void *samples, size_t n_frames, size_t frame_size)
{
    const uint8_t *const first = samples;
    size_t n = n_frames;

    while (n > 1 && frame_size && memcmp(first + (n - 1) * frame_size, first + (n - 2) * frame_size, frame_size) == 0)
        n--;
    return n_frames - n < N1_LEAST_REPEATED ? n_frames : n;
}
