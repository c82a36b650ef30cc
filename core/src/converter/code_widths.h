/*
 * Code widths, learned as the stream goes: one table for all channels, refined for each converter (a width set).
 *
 * An ADC's codes are not equally wide. With density f(v) of the voltage predicted at each sample, code j of width w
 * is expected w * S(v_j) times, S being the sum of the predicted densities: smooth, while the counts are not. So
 * w_j = prior_j * (N_j + a) / (prior_j * S_j + a). S needs almost no work per sample: predicted means are counted in
 * bins of one code, and each time the widths are renewed the bins are blurred by the mean predicted variance (three
 * box filters stand for the normal law).
 * A set's table shrinks towards the common one in the same way, so 16 channels of a converter soon have their own.
 * Where tables are known beforehand, they stay as they are.
 */
#ifndef N1_CONVERTER_CODE_WIDTHS_H
#define N1_CONVERTER_CODE_WIDTHS_H
#include "converter/limits.h"
#include "converter/width_tables.h"
#include "base/fixed.h"

/* log2 of the voltage units per code of mean width: 4 to 6, as fine as a 16-bit axis allows. */
static inline int n1_unit_shift(uint32_t codes) { return codes < 1024 ? 6 : codes < 2048 ? 5 : 4; }

/* What the learning begins with. */
typedef struct {
    uint16_t codes;          /* 2 .. N1_MAX_CODES */
    uint8_t sets;            /* 1 .. N1_MAX_WIDTH_SETS */
    uint8_t prior;           /* 0: even widths, 1: those of the N1's converter */
    uint16_t prior_first;    /* prior's entry of code 0 */
    uint8_t stiff_common;    /* 0 .. 15: log2 of the counts that the prior of the code widths is worth */
    uint8_t stiff_set;       /* 0 .. 15: the same for the common table in each set */
    const n1_width_tables *known; /* NULL: they are learned; else they are these, of so many sets, */
    const n1_alphabet *alphabet;  /* for the codes of that */
} n1_width_priors;

enum {
    N1_MAX_WIDTH_SETS = 64,   /* converters (ADCs) whose code widths are learned apart */
    N1_TALLY_MOST = 1 << 26,  /* samples */
    N1_SMOOTH = 64,           /* half length, in codes, of the window in which a table keeps its mean */
    N1_TABLE_APART = 192      /* bytes, cache lines: what tables are longer than a multiple of 4096 */
};

/* Edges of one table on the voltage axis, and the way back from a voltage to a code. */
typedef struct {
    uint16_t edge[N1_MAX_CODES + 2]; /* edge[codes + 1] = 65535; edge[0] = 0, edge[codes] = min(65535, codes <<
                                         shift), strictly ascending */
    uint16_t find[N1_MAX_CODES + 1]; /* find[i]: the code that holds voltage i << shift */
    uint16_t apart[N1_TABLE_APART / 2 - 3]; /* a code's places in two tables are not of the same lines of a cache */
} n1_edges;

static inline int32_t n1_edges_middle(const n1_edges *e, uint32_t k) { return (e->edge[k] + e->edge[k + 1]) >> 1; }

/* What was seen and what was predicted, for one table. */
typedef struct {
    uint32_t seen[N1_MAX_CODES]; /* N_j */
    uint32_t mean[N1_MAX_CODES]; /* predicted means, counted in bins of one mean code width */
    uint64_t variance, n;        /* sum of the predicted variances (squared voltage units) over n intervals of samples */
    uint8_t apart[N1_TABLE_APART - 16];
} n1_tally;

typedef struct {
    uint32_t codes, sets;
    int shift;                              /* log2 of the voltage units per mean code width */
    uint32_t common_weight, set_weight;   /* a: counts that the prior, or the common table, is worth */
    uint64_t least;                         /* variance below which a channel says nothing of widths (idle inputs) */
    uint64_t n, next;                       /* samples that count; when to renew */
    int pace;                               /* log2 of the part of these that lies between two renewals */
    uint32_t prior[N1_MAX_CODES];           /* relative widths, Q12 */
    uint32_t common[N1_MAX_CODES];          /* the common table as learned, Q12 */
    uint32_t fine[N1_MAX_CODES];            /* work: the table in making, Q12 */
    uint64_t blur[2][N1_MAX_CODES];         /* work: S */
    uint64_t sum[2][N1_MAX_CODES + 1];      /* work: running sums */
} n1_code_widths;

/* Whether there is anything to learn: what is seen need not be counted else. */
static inline int n1_code_widths_learn(const n1_code_widths *w) { return w->next != UINT64_MAX; }
/* Tables a stream of `sets` converters needs: the common one last when there are several. */
static inline uint32_t n1_width_table_count(uint32_t sets) { return sets > 1 ? sets + 1 : 1; }
void n1_code_widths_init(n1_code_widths *w, n1_edges *edges, n1_tally *tally, const n1_width_priors *p);
/* If that is due, renew every table from the tallies (one per set); returns whether. Called at interval ends, never
 * inside a frame. Once N1_TALLY_MOST samples count, all counts are halved: a long stream stays able to change, and 32
 * bits suffice. */
int n1_code_widths_renew(n1_code_widths *w, n1_edges *edges, n1_tally *tally);

/* Count one sample: code k was seen where the mean mu (voltage) was predicted. */
static inline void n1_tally_add(n1_tally *t, const n1_code_widths *w, uint32_t k, int32_t mu)
{
    uint32_t b = mu < 0 ? 0 : (uint32_t)mu >> w->shift;
    t->seen[k]++;
    t->mean[b < w->codes ? b : w->codes - 1]++;
}
#endif
