/* Sessions that read: see session.h. */
#include "session_decode.h"
#include "modes/backward/backward_decode.h"

struct n1_read_session {
    n1_kernels k;
    n1_coder coder;
    n1_backward *s;
};

size_t n1_read_session_size(const n1_params *params, n1_sample_order order)
{
    n1_arena a = n1_arena_measure();
    if (!n1_params_check(params))
        return 0;
    (void)n1_arena_take(&a, 1, sizeof(n1_read_session));
    (void)n1_backward_take(&a, params, order);
    return n1_arena_possible(a.most) ? (size_t)a.most : 0;
}

n1_status n1_read_session_init(void *memory, size_t size, const n1_params *params, n1_sample_order order, n1_coder coder,
                               n1_kernel kernel, n1_read_session **session)
{
    n1_arena a = n1_arena_of(memory, size);
    if (!n1_params_check(params))
        return N1_ERROR_ARGUMENT;
    if (!memory || size < n1_read_session_size(params, order) || (uintptr_t)memory % N1_WORKSPACE_ALIGNMENT)
        return N1_ERROR_WORKSPACE;
    n1_read_session *s = n1_arena_take(&a, 1, sizeof *s);
    const n1_status status = n1_kernels_fill(&s->k, kernel);
    if (status != N1_OK)
        return status;
    s->coder = coder;
    s->s = n1_backward_take(&a, params, order);
    n1_backward_init(s->s, params, &s->k);
    *session = s;
    return N1_OK;
}

n1_status n1_session_pull(n1_read_session *s, const uint8_t *in, size_t size, uint16_t *codes, size_t n_frames)
{
    return n1_backward_decode(s->s, s->coder, in, size, codes, n_frames);
}
