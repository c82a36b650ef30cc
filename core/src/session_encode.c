/* Sessions that write: see session.h. */
#include "session.h"

struct n1_session {
    n1_encode_kernels k;
    n1_backward_writer w;
};

static n1_session *take(n1_arena *a, const n1_session_setup *setup, n1_backward_writer *w)
{
    n1_session *s = n1_arena_take(a, 1, sizeof *s);
    n1_backward_writer_take(w, a, &setup->params, setup->order, setup->coder, setup->most_frames);
    return s;
}

size_t n1_session_size(const n1_session_setup *setup)
{
    n1_arena a = n1_arena_measure();
    n1_backward_writer w;
    if (!n1_params_check(&setup->params))
        return 0;
    (void)take(&a, setup, &w);
    return n1_arena_possible(a.most) ? (size_t)a.most : 0;
}

n1_status n1_session_init(void *memory, size_t size, const n1_session_setup *setup, n1_kernel kernel, n1_session **session)
{
    n1_arena a = n1_arena_of(memory, size);
    n1_backward_writer w;
    if (!n1_params_check(&setup->params))
        return N1_ERROR_ARGUMENT;
    if (!memory || size < n1_session_size(setup) || (uintptr_t)memory % N1_WORKSPACE_ALIGNMENT)
        return N1_ERROR_WORKSPACE;
    n1_session *s = take(&a, setup, &w);
    const n1_status status = n1_encode_kernels_fill(&s->k, kernel);
    if (status != N1_OK)
        return status;
    s->w = w;
    n1_backward_writer_init(&s->w, &setup->params, &s->k);
    *session = s;
    return N1_OK;
}

void n1_session_begin(n1_session *s, uint8_t *out, size_t capacity) { n1_backward_begin(&s->w, out, capacity); }

n1_status n1_session_push(n1_session *s, const uint16_t *codes, size_t n_frames)
{
    return n1_backward_push(&s->w, codes, n_frames);
}

n1_status n1_session_end(n1_session *s, size_t *written)
{
    const n1_status status = n1_backward_end(&s->w, written);
    return status == N1_NOT_APPLICABLE ? N1_ERROR_DST_TOO_SMALL : status;
}
