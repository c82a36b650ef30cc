/* block_trial.h - which of two ways promises to be smaller, as a part of a block says. */
#ifndef N1_WIRE_BLOCK_TRIAL_H
#define N1_WIRE_BLOCK_TRIAL_H
#include "base/arena.h"
#include "kernels/table.h"
#include "levels.h"
#include "modes/adaptive/adaptive_encode.h"

/* The part that a look ahead codes. */
n1_part n1_trial_part(const n1_shape *s);
/* The same of what other modes are tried on after pieces. */
n1_part n1_others_part(const n1_shape *s);

/* Whether a forward block of many channels promises to be smaller than an adaptive one: channels in the middle, in
   stretches all over the block, are coded as both; but where the adaptive block tells what they have cost in it, by that. */
n1_status n1_look_ahead(const void *samples, const n1_shape *s, const n1_level *level, const n1_part *part,
                        const n1_encode_kernels *k, n1_arena arena, int *promises);
uint64_t n1_look_ahead_measure(const n1_shape *s, const n1_level *level);

/* Whether the forward mode, or the adaptive one too, may be smaller than pieces, which have told what they take in the part of a
 * look ahead. */
n1_status n1_others_promise(const void *samples, const n1_shape *s, const n1_level *level, int adaptive, const n1_part *part,
                            const n1_encode_kernels *k, n1_arena arena, int *promise);
uint64_t n1_others_promise_measure(const n1_shape *s, const n1_level *level, int adaptive);

/* Whether a trial of contexts is worth its time: it is short, and they are slow. */
int n1_contexts_are_tried(const n1_shape *s, const n1_contexts_effort *effort);
/* Whether contexts promise to be smaller than the forward mode and pieces, or so surely that nothing else need be coded unless they take more than
 * `others`, which these would take. */
typedef enum { N1_CONTEXTS_DO_NOT_PAY = 0, N1_CONTEXTS_PAY = 1, N1_CONTEXTS_ARE_SURE = 2 } n1_contexts_verdict;
n1_status n1_contexts_pay(const void *samples, const n1_shape *s, const n1_level *level, const n1_contexts_effort *effort, int pieces,
                          const n1_encode_kernels *k, n1_arena arena, n1_contexts_verdict *pay, size_t *others);
uint64_t n1_contexts_pay_measure(const n1_shape *s, const n1_level *level);

/* Whether pieces of few channels promise so much that coding the block by them, too, is worth its time, and decoding it more slowly. */
n1_status n1_pieces_pay(const void *samples, const n1_shape *s, const n1_level *level, const n1_encode_kernels *k, n1_arena arena,
                        int *pay);
/* Whether they promise to be smaller than the forward mode, where either is coded alone. */
n1_status n1_pieces_are_less(const void *samples, const n1_shape *s, const n1_level *level, const n1_encode_kernels *k, n1_arena arena,
                             int *less);
uint64_t n1_pieces_pay_measure(const n1_shape *s, const n1_level *level);
/* Whether contexts with predictions may be smaller than what is coded before them, as a part of a block says. */
uint64_t n1_predicted_pay_measure(const n1_shape *s, const n1_level *level);
/* Whether the adaptive mode may be as small as they are; predicted: bytes that they take in the same part, 0 where that is not known. */
n1_status n1_adaptive_pays(const void *samples, const n1_shape *s, const n1_level *level, size_t predicted, const n1_encode_kernels *k, n1_arena arena,
                           int *pays);
/* written: bytes of the block by what is coded before. *predicted: what they take in the part if they may, 0 where none was tried. */
n1_status n1_predicted_pay(const void *samples, const n1_shape *s, const n1_level *level, size_t written, const n1_encode_kernels *k, n1_arena arena, int *pay,
                           size_t *predicted);
#endif
