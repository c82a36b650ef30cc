/* Contexts whose odds are added, encoder, context by context. */
#include "kernels/portable/portable.h"
#include "modes/contexts/quick_loops.h"

int n1_quick_put_portable(n1_quick *s, n1_binary *b, uint32_t contexts, uint32_t *x, const uint32_t *most, size_t n_frames, size_t limit)
{
    return n1_quick_put_loop(s, b, contexts, x, most, n_frames, limit);
}
