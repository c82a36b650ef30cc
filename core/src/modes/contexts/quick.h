/* quick.h - contexts whose odds are added, which takes a tenth of what mixing takes; see quick_loops.h.
 *
 * Each context has odds for each decision, their sum is the decision's, and all of them follow the error of the sum: a logistic
 * regression on what was seen. While all channels hold, stretches of frames are told by one decision.
 */
#ifndef N1_MODES_CONTEXTS_QUICK_H
#define N1_MODES_CONTEXTS_QUICK_H
#include "base/arena.h"
#include "entropy/binary.h"
#include "modes/contexts/contexts.h"

enum {
    N1_QUICK_FEW = 3,             /* contexts of the small set */
    N1_QUICK_MANY = 8,            /* and of the large one */
    N1_QUICK_STRETCH = 4,         /* contexts of what is said of a stretch */
    N1_QUICK_HOLD = 8,            /* frames that all channels have held for before one is told, and its length at first */
    N1_QUICK_LONGER = 3,          /* times that it doubles */
    N1_QUICK_LINE = 16,           /* slots: of the decisions of one place */
    N1_QUICK_LINES_LEAST = 8, N1_QUICK_LINES_MOST = 14, /* log2 */
    N1_QUICK_COUNTS = 64,
    N1_QUICK_KINDS = 24,          /* of decisions: 2 and 12 of a distance, 8 of a stretch, 2 of a long distance */
    N1_QUICK_STATES = 2 * N1_CONTEXTS_LENGTHS, /* that biases know: the run's class, whether one of the next frames will change */
    N1_QUICK_SINCE = 400, N1_QUICK_RUN = 255, /* beyond them, all are alike */
    N1_QUICK_ODDS = 3072          /* steps of odds, 2^-7 octave */
};

typedef struct {
    uint32_t run, before, since, fast, slow; /* as in n1_contexts_channel */
} n1_quick_channel;

typedef struct n1_quick {
    uint32_t channels;
    int shift;
    uint32_t *slot;               /* log2 odds, 2^-26: 26 bits, count: 6 */
    n1_quick_channel *channel;
    uint32_t gain[N1_QUICK_COUNTS]; /* by count */
    uint32_t one[N1_QUICK_COUNTS];  /* what is added to a count: 1, until it is as high as it goes */
    uint16_t p[N1_QUICK_ODDS];    /* P(1) by odds */
    uint8_t class_of[N1_QUICK_SINCE + 1];
    uint32_t bias[N1_QUICK_KINDS][N1_QUICK_STATES];
    /* stretches */
    uint32_t quiet;               /* frames that all channels have held for */
    uint32_t longer, halving, within; /* the next one's length; one did not hold, so a shorter one does not; nor does the shortest */
} n1_quick;

static inline uint32_t n1_quick_contexts(n1_contexts_how how) { return how == N1_CONTEXTS_HOW_QUICK_FEW ? N1_QUICK_FEW : N1_QUICK_MANY; }

/* A state for so many samples; NULL where the arena measures or has too little. */
n1_quick *n1_quick_take(n1_arena *a, uint64_t n_samples, uint32_t channels);
void n1_quick_init(n1_quick *s, uint64_t n_samples, uint32_t channels, uint32_t contexts);
/* All frames, of which `most` are the channels' highest codes: 0 once the coder has come past the limit. What puts them is a kernel. */
int n1_quick_get(n1_quick *s, n1_binary *b, uint32_t contexts, uint32_t *x, const uint32_t *most, size_t n_frames, size_t limit);
#endif
