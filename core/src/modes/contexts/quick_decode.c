/* Contexts whose odds are added, decoder. */
#include "modes/contexts/quick_loops.h"

int n1_quick_get(n1_quick *s, n1_binary *b, uint32_t contexts, uint32_t *x, const uint32_t *most, size_t n_frames, size_t limit)
{
    return contexts == N1_QUICK_FEW ? n1_quick_frames(s, b, 1, N1_QUICK_FEW, s->channels, x, most, n_frames, limit)
                                    : n1_quick_frames(s, b, 1, N1_QUICK_MANY, s->channels, x, most, n_frames, limit);
}
