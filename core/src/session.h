/* session.h - frames in, bytes out, with no memory but the caller's: the backward mode as a stream will use it.
 *
 * What a block learns by looking at its samples beforehand (which channels are neighbours, the converters' widths, the first
 * scale) is an input here: n1_params. State and buffers are of a size that n1_session_size tells; nothing looks ahead. A
 * packet's bytes do not depend on how its frames were divided into pushes.
 */
#ifndef N1_SESSION_H
#define N1_SESSION_H
#include "modes/backward/backward_encode.h"

typedef struct {
    n1_params params;
    n1_sample_order order;   /* N1_ORDER_FRAMES: a frame's bits follow from it and what was before, alone */
    n1_coder coder;          /* N1_CODER_RANGE: bytes as frames come; N1_CODER_RANS: when a packet ends */
    size_t most_frames;      /* of a packet: for N1_CODER_RANS, which keeps them */
} n1_session_setup;

typedef struct n1_session n1_session;

/* Bytes of memory, aligned to N1_WORKSPACE_ALIGNMENT; 0: parameters outside their limits. */
size_t n1_session_size(const n1_session_setup *setup);
n1_status n1_session_init(void *memory, size_t size, const n1_session_setup *setup, n1_kernel kernel, n1_session **session);
/* A packet: begin, any number of pushes, end. N1_ERROR_DST_TOO_SMALL: its bytes do not fit; the session is at an end then. */
void n1_session_begin(n1_session *s, uint8_t *out, size_t capacity);
n1_status n1_session_push(n1_session *s, const uint16_t *codes, size_t n_frames);
n1_status n1_session_end(n1_session *s, size_t *written);
#endif
