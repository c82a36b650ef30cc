/* effort.h - encoder: how much the contexts mode takes into account, and for which channels. */
#ifndef N1_MODES_CONTEXTS_EFFORT_H
#define N1_MODES_CONTEXTS_EFFORT_H
#include <stdint.h>

typedef struct {
    uint8_t how;      /* n1_contexts_how */
    uint8_t share;    /* of 256 samples, so many or more repeat the last value or step: the channel may gain; 0: any channel may */
} n1_contexts_effort;
#endif
