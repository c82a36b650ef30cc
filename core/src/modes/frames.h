/* frames.h - some of a block's frames. */
#ifndef N1_MODES_FRAMES_H
#define N1_MODES_FRAMES_H
#include <stddef.h>

typedef struct {
    size_t first, stop; /* the one after the last */
} n1_frames;

#endif
