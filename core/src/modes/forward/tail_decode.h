/* tail_decode.h - decoder of what lies in no lane. */
#ifndef N1_MODES_FORWARD_TAIL_DECODE_H
#define N1_MODES_FORWARD_TAIL_DECODE_H
#include "modes/forward/forward.h"

/* Reader of the tail's words: first the bytes from the lane states, then the end of the block. */
typedef struct {
    uint8_t payload[N1_MAX_LANES * N1_PAYLOAD];
    size_t n_payload, used;
    const uint8_t *at, *end;
    int short_read;
} n1_tail_source;

n1_status n1_tail_decode(n1_forward *f, n1_tail_source *src);
#endif
