/* Contexts whose odds are added, encoder. */
#include "modes/contexts/quick_loops.h"

int n1_quick_put(n1_quick *s, n1_binary *b, uint32_t contexts, uint32_t *x, const uint32_t *most, size_t n_frames, size_t limit)
{
    if (contexts == N1_QUICK_FEW)
        return s->channels == 1 ? n1_quick_frames(s, b, 0, N1_QUICK_FEW, 1, x, most, n_frames, limit)
                                : n1_quick_frames(s, b, 0, N1_QUICK_FEW, s->channels, x, most, n_frames, limit);
    return s->channels == 1 ? n1_quick_frames(s, b, 0, N1_QUICK_MANY, 1, x, most, n_frames, limit)
                            : n1_quick_frames(s, b, 0, N1_QUICK_MANY, s->channels, x, most, n_frames, limit);
}
