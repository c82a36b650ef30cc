/* laws.h - the contexts mode: how likely codes are around what is expected, and what a binary decision's odds are by that. */
#ifndef N1_MODES_CONTEXTS_LAWS_H
#define N1_MODES_CONTEXTS_LAWS_H
#include "base/added_odds.h"
#include "modes/contexts/forecast.h"

enum { N1_LAWS = 9, N1_LEAN_LAWS = 8, N1_LAW_CLASSES = 256, N1_LAWS_FLOOR = 26 };
#define N1_LAWS_ALL (((uint64_t)1 << 40) + ((uint64_t)1 << N1_LAWS_FLOOR)) /* mass of all codes, of which each has some of 2^26 */

/* Mean |residual| over the slow scale, by how the faster scales are to it: of all channels. */
typedef struct n1_law_scales {
    uint32_t ratio[N1_LAW_CLASSES], n[N1_LAW_CLASSES]; /* 2^-12 */
} n1_law_scales;

typedef struct n1_laws {
    int64_t mean[N1_LAWS], reach[N1_LAWS];
    int64_t inverse[N1_LAWS];
    int normal[N1_LAWS];               /* else logistic */
    uint32_t n;                        /* laws: all, or all but the last */
    uint32_t most, row;                /* the highest code; the class of scales */
    uint64_t scale;                    /* by that class */
    uint64_t one[N1_LAWS], zero[N1_LAWS]; /* masses of the two ways of a decision */
} n1_laws;

static inline uint32_t n1_laws_in(const n1_laws *l) { return N1_ADDED_ODDS ? l->n : N1_LAWS; }

void n1_law_scales_init(n1_law_scales *s);
void n1_law_scales_learn(n1_law_scales *s, const n1_laws *l, const n1_forecast *h, uint32_t code);
/* laws_prepare, before a sample, and laws_below, the mass of the codes below k, 0 .. most + 1, by each law, are in kernels/table.h. */
#endif
