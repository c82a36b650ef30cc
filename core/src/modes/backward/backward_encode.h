/* backward_encode.h - the backward mode's encoder: a state machine that frames are pushed into, in pieces of any length.
 *
 * What is known when a frame arrives decides its bits; nothing looks ahead. The bytes between begin and end are a packet: the
 * state goes on from one to the next. A block is one packet, and one long push.
 */
#ifndef N1_MODES_BACKWARD_BACKWARD_ENCODE_H
#define N1_MODES_BACKWARD_BACKWARD_ENCODE_H
#include "base/status.h"
#include "entropy/range.h"
#include "entropy/rans_write.h"
#include "modes/backward/backward.h"
#include "modes/backward/coder.h"

typedef struct {
    n1_backward *s;
    const n1_encode_kernels *k;
    n1_coder coder;
    uint16_t *waiting;        /* codes of the interval's frames that are not coded yet, where strands alternate */
    uint32_t n_waiting;       /* frames */
    uint64_t *records, *record;   /* what is to be coded; of a range coder, by a frame */
    size_t room;              /* records */
    uint8_t *out;
    size_t capacity;
    n1_mass_writer range;
} n1_backward_writer;

/* All that a writer works with. most_frames: of a packet. */
void n1_backward_writer_take(n1_backward_writer *w, n1_arena *a, const n1_params *p, n1_sample_order order, n1_coder coder,
                             size_t most_frames);
void n1_backward_writer_init(n1_backward_writer *w, const n1_params *p, const n1_encode_kernels *k);
void n1_backward_begin(n1_backward_writer *w, uint8_t *out, size_t capacity);
/* N1_ERROR_ARGUMENT: a code outside the alphabet, or more frames than a packet's. */
n1_status n1_backward_push(n1_backward_writer *w, const uint16_t *codes, size_t n_frames);
/* N1_NOT_APPLICABLE: the bytes do not fit. */
n1_status n1_backward_end(n1_backward_writer *w, size_t *written);
#endif
