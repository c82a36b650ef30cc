/* piecewise.h - the piecewise mode: linear prediction whose parameters are sent for pieces of time, channel after channel,
 * each of any range; the scale of what is left follows from the past. What both directions know. */
#ifndef N1_MODES_PIECEWISE_PIECEWISE_H
#define N1_MODES_PIECEWISE_PIECEWISE_H
#include "base/arena.h"
#include "n1/codec.h"

#define N1_PIECE_UNIT     256u /* frames: a piece is whole units, but the last */
#define N1_PIECE_OWN      32u  /* most taps of the channel's own past */
#define N1_PIECE_OTHERS   8u   /* most other channels whose samples a channel is predicted from */
#define N1_PIECE_LAGS     4u   /* most taps of each, the first at the same time */
#define N1_PIECE_INPUTS   (N1_PIECE_OWN + N1_PIECE_OTHERS * N1_PIECE_LAGS)
#define N1_PIECE_Q        6    /* positions and predictions are in 64ths of a code */
#define N1_PIECE_BUDGET   ((int64_t)1 << 30) /* of the coefficients' magnitudes in all */
#define N1_PIECE_BIAS     ((int64_t)1 << 60)
#define N1_PIECE_SHIFT    30u  /* most fraction bits of coefficients */
#define N1_PIECE_LISTED_BITS 12u /* log2 of most values of a list */
#define N1_PIECE_WIDE_BITS 16u /* log2 of most codes that have widths of their own */
#define N1_PIECE_WIDTH    24     /* a code is at most 2^(24/4) times as wide or narrow as a usual one */
#define N1_PIECE_CHANNELS 4096u
#define N1_PIECE_STATES   2

#ifndef N1_PIECE_FORMS
#define N1_PIECE_FORMS 1 /* 0: an encoder looks for none, and is smaller */
#endif

typedef enum { N1_PIECE_STRIDE = 0, N1_PIECE_LIST = 1 } n1_piece_kind;
/* Values are samples; changes from sample to sample in a range that these wrap around in; samples without steps, which are told one
 * by one. */
typedef enum { N1_PIECE_PLAIN = 0, N1_PIECE_WRAPPED = 1, N1_PIECE_STEPPED = 2 } n1_piece_form;

struct n1_piece_tables;
struct n1_piece_steps;

/* A channel: its values, and what it is predicted from. */
typedef struct {
    const struct n1_piece_tables *most;
    n1_piece_form form;
    int64_t low;          /* WRAPPED: the lowest sample, */
    uint64_t modulus;     /* how many there are from it on, */
    uint32_t begin;       /* and the first one, from it */
    const struct n1_piece_steps *steps; /* STEPPED: an encoder's */
    n1_piece_kind kind;
    int64_t first;        /* value of code 0 */
    uint32_t stride;      /* STRIDE: distance of the values of two codes */
    uint32_t n_codes;     /* 1: the channel is constant */
    uint32_t origin;      /* code of the first sample */
    unsigned start;       /* scale at first: 2^(start / 2) positions */
    unsigned n_others, lags;
    uint32_t other[N1_PIECE_OTHERS];
    int widths;           /* codes have widths of their own */
    uint32_t *edge;       /* n_codes + 1, positions from the first one's lower edge */
    uint32_t *at;         /* code at a position, by 64 */
    int64_t *value;       /* LIST: of each code */
} n1_piece_channel;

/* The parameters of a piece. */
typedef struct {
    uint32_t units;
    unsigned law, own, others, shift;   /* others: taps of other channels, none or all */
    int32_t coefficient[N1_PIECE_INPUTS]; /* own past first, latest first; then channel after channel */
    int64_t bias;
} n1_piece;

/* A bias is in quarters of a position. */
static inline unsigned n1_piece_bias_shift(const n1_piece *p) { return p->shift > 2 ? p->shift - 2 : 0; }

/* Samples before the first one: as that one. Series, of codes from the first one's, begin with so many zeros. */
#define N1_PIECE_HISTORY 32u

static inline size_t n1_piece_stride(size_t n_samples) { return N1_PIECE_HISTORY + n_samples; }

/* Memory of one channel's values and widths: of so many codes, which the block's second and third byte say as powers of 2. */
typedef struct n1_piece_tables {
    uint32_t wide, listed;
    uint32_t *edge, *at;
    int64_t *value;
    int8_t *log_width;
} n1_piece_tables;
void n1_piece_tables_take(n1_piece_tables *t, n1_arena *a);
/* A channel that has them to use. */
static inline n1_piece_channel n1_piece_channel_of(const n1_piece_tables *t)
{
    return (n1_piece_channel){.most = t, .edge = t->edge, .at = t->at, .value = t->value};
}
/* Positions of codes from their widths, most->log_width: log2 in quarters of an octave, N1_PIECE_ABSENT for a code that does not
 * occur. 0: they pass the limit, 4 usual widths a code on average. */
#define N1_PIECE_ABSENT (-128)
int n1_piece_edges(n1_piece_channel *c);

/* Middle of a code, from the origin's, if all are of one width; by their widths. */
static inline int64_t n1_piece_even(const n1_piece_channel *c, uint32_t code)
{
    return ((int64_t)code - c->origin) * (1 << N1_PIECE_Q);
}

static inline int64_t n1_piece_position(const n1_piece_channel *c, uint32_t code)
{
    if (!c->widths)
        return n1_piece_even(c, code);
    return (int64_t)((c->edge[code] + c->edge[code + 1]) >> 1) - (int64_t)((c->edge[c->origin] + c->edge[c->origin + 1]) >> 1);
}

/* The code at a position, from the origin's. */
uint32_t n1_piece_code_at(const n1_piece_channel *c, int64_t position);

/* Where a prediction, 64ths of a code from the origin as if all were of one width, lies among their widths. */
int64_t n1_piece_place(const n1_piece_channel *c, int64_t mu);

/* own: the channel's past, own[-1] the latest; other: where each other channel's sample of this time is. */
static inline int64_t n1_piece_predict(const n1_piece *p, const n1_piece_channel *c, const int32_t *own,
                                       const int32_t *const *other, size_t t)
{
    const int32_t *k = p->coefficient;
    int64_t sum = p->bias;
    for (unsigned j = 0; j < p->own; j++)
        sum += (int64_t)k[j] * own[-1 - (ptrdiff_t)j];
    if (p->others) {
        k += p->own;
        for (unsigned i = 0; i < c->n_others; i++, k += c->lags)
            for (unsigned j = 0; j < c->lags; j++)
                sum += (int64_t)k[j] * other[i][(ptrdiff_t)t - (ptrdiff_t)j];
    }
    return sum >> p->shift;
}
#endif
