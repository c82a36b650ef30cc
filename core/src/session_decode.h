/* session_decode.h - the other end of session.h: packets in, frames out. */
#ifndef N1_SESSION_DECODE_H
#define N1_SESSION_DECODE_H
#include "modes/backward/backward.h"
#include "modes/backward/coder.h"

typedef struct n1_read_session n1_read_session;

/* Bytes of memory, aligned to N1_WORKSPACE_ALIGNMENT; 0: parameters outside their limits. */
size_t n1_read_session_size(const n1_params *params, n1_sample_order order);
n1_status n1_read_session_init(void *memory, size_t size, const n1_params *params, n1_sample_order order, n1_coder coder,
                               n1_kernel kernel, n1_read_session **session);
/* A packet of so many frames. */
n1_status n1_session_pull(n1_read_session *s, const uint8_t *in, size_t size, uint16_t *codes, size_t n_frames);
#endif
