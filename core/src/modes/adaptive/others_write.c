/* Others, encoder. */
#include "modes/adaptive/others_write.h"
#include "base/bytes.h"
#include "base/status.h"
#include "base/types.h"
#include "modes/adaptive/adaptive.h"
#include "modes/forward/forward_encode.h"
#include "modes/stored/stored.h"

void n1_members_write(n1_bitwriter *w, const uint16_t *member, size_t n, const n1_shape *s)
{
    n1_put_field(w, n == s->n_channels, 1);
    for (size_t i = 0, j = 0; n < s->n_channels && i < s->n_channels; i++) {
        const int is_member = j < n && member[j] == i;
        n1_put_field(w, (uint32_t)is_member, 1);
        j += (size_t)is_member;
    }
}

void n1_others_write_measure(n1_arena *a, const n1_shape *s, const n1_effort *effort)
{
    const n1_shape rest = {s->n_samples, s->n_channels - 1, s->dtype};
    if (s->n_channels < 2)
        return;
    (void)n1_arena_take(a, s->n_samples * rest.n_channels, n1_type_size(s->dtype));
    (void)n1_arena_take(a, n1_forward_encode_measure(&rest, effort), 1);
}

n1_status n1_others_write(n1_bitwriter *w, const void *samples, const n1_shape *s, const uint16_t *channel, size_t n,
                          const n1_effort *effort, const n1_encode_kernels *k, n1_arena a)
{
    const n1_shape shape = {s->n_samples, n, s->dtype};
    size_t size = 0;
    void *gathered = n1_arena_take(&a, s->n_samples * n, n1_type_size(s->dtype));
    if (!gathered)
        return N1_ERROR_INTERNAL;
    if (w->overrun || (size_t)(w->end - w->p) < sizeof(uint32_t) + n1_stored_bound(&shape))
        return N1_NOT_APPLICABLE;
    n1_gather_channels(samples, s, channel, n, gathered);
    uint8_t *const at = w->p + sizeof(uint32_t);
    const n1_status status = n1_forward_or_stored(gathered, &shape, effort, k, a, at, (size_t)(w->end - at), &size);
    n1_store32(w->p, (uint32_t)size);
    w->p = at + size;
    return status;
}
