/* contexts.h - the contexts mode's state, and how it codes one binary decision; see contexts.c.
 *
 * A sample's distance from the one before is told by binary decisions: whether there is one, which way, how many bits, which.
 * Each decision's probability is mixed from what was seen at it in several contexts of exact values, and from what followed
 * the last time that the past was the same (the match).
 */
#ifndef N1_MODES_CONTEXTS_CONTEXTS_H
#define N1_MODES_CONTEXTS_CONTEXTS_H
#include "base/added_odds.h"
#include "base/arena.h"
#include "entropy/binary.h"
#include "n1/codec.h"
#include "modes/contexts/laws.h"
#include "predict/mix.h"

#include <string.h>
#define N1_LINE _Alignas(64)

#define N1_CONTEXTS_MIN_SAMPLES 128u   /* frames of a block */
#define N1_CONTEXTS_CHANNELS    4096u
#define N1_PREDICTED_CHANNELS   128u   /* with predictions */

/* The last three are told by one value and a field behind it. */
typedef enum {
    N1_CONTEXTS_HOW_FEW = 0, N1_CONTEXTS_HOW_MANY = 1, N1_CONTEXTS_HOW_PREDICTED = 2,
    N1_CONTEXTS_HOW_QUICK_FEW = 3, N1_CONTEXTS_HOW_QUICK_MANY = 4, N1_CONTEXTS_HOW_LEAN = 5
} n1_contexts_how;

/* By added odds; with predictions; how many contexts are mixed. */
static inline int n1_contexts_are_quick(unsigned how)
{
    return N1_ADDED_ODDS && (how == N1_CONTEXTS_HOW_QUICK_FEW || how == N1_CONTEXTS_HOW_QUICK_MANY);
}
static inline int n1_contexts_predict(unsigned how)
{
    return how == N1_CONTEXTS_HOW_PREDICTED || (N1_ADDED_ODDS && how == N1_CONTEXTS_HOW_LEAN);
}

/* Whether the mode takes blocks of this shape. */
static inline int n1_contexts_takes(const n1_shape *s)
{
    return s->n_samples >= N1_CONTEXTS_MIN_SAMPLES && s->n_channels >= 1 && s->n_channels <= N1_CONTEXTS_CHANNELS;
}

/* Whether it takes them with predictions. */
static inline int n1_predicted_takes(const n1_shape *s)
{
    return n1_contexts_takes(s) && s->n_channels <= N1_PREDICTED_CHANNELS;
}

static inline uint32_t n1_contexts_join(uint32_t h, uint32_t v)
{
    h = (h + v + 1U) * 0x9E3779B1U;
    return h ^ h >> 15;
}

static inline uint32_t n1_least(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* Exact to 15, then by quarters of an octave, 31 at most. */
static inline uint32_t n1_length_class(uint32_t v)
{
    if (v < 16)
        return v;
    const uint32_t top = (uint32_t)n1_top_bit(v);
    return n1_least(16 + (top - 4) * 4 + (v >> (top - 2) & 3U), 31);
}

/* A mean step's half octave. */
static inline uint32_t n1_half_octave(uint32_t v)
{
    const uint32_t top = (uint32_t)n1_top_bit(v | 16U);
    return top * 2 + ((v | 16U) >> (top - 1) & 1U);
}

/* A mean step, in 256ths, that follows a step of 65535 at most. */
static inline uint32_t n1_follow_steps(uint32_t mean, uint32_t step, int rate)
{
    return (uint32_t)((int32_t)mean + (int32_t)n1_asr((int32_t)(256 * step) - (int32_t)mean, rate));
}

enum {
    N1_CONTEXTS_FEW = 5,         /* contexts of the small set, and of lean predictions */
    N1_CONTEXTS_MANY = 11,       /* and of the large one */
    N1_CONTEXTS_REST = 4,        /* inputs beside those of contexts and of laws, at most */
    N1_CONTEXTS_LANES = 16,      /* of a vector */
    N1_CONTEXTS_WEIGHTS = 3 * N1_CONTEXTS_LANES, /* see n1_contexts; those between the inputs weigh nothing */
    N1_CONTEXTS_COUNTED = 1 << 16, /* codes of a channel whose widths are learned, at most */
    N1_CONTEXTS_PAST = 8,        /* frames that contexts look back */
    N1_CONTEXTS_MATCHED = 8,     /* samples that must be the same for a match */
    N1_CONTEXTS_KINDS = 32,      /* of decisions: see n1_decision */
    N1_CONTEXTS_LENGTHS = 32,    /* classes of a match's length, 0: none; and of a run's */
    N1_CONTEXTS_HISTORIES = 32,  /* a one, then the last decisions, four at most */
    N1_CONTEXTS_REFINED = 1024,  /* rows of the last stage */
    N1_CONTEXTS_LINE = 16,       /* slots, beside each other */
    N1_CONTEXTS_STEPS = 24,      /* of odds in a row */
    N1_CONTEXTS_SLOTS_LEAST = 12, N1_CONTEXTS_SLOTS_MOST = 21, /* log2 of the table's slots */
    N1_CONTEXTS_THEN = 27,       /* bits of a frame's number and one: N1_MAX_BLOCK at most */
    N1_CONTEXTS_RECENT_LEAST = 8, N1_CONTEXTS_RECENT_MOST = 18 /* and of the places that a match is looked for at */
};

/* How many contexts there are, of those that are mixed. */
static inline uint32_t n1_contexts_of_how(n1_contexts_how how)
{
    return how == N1_CONTEXTS_HOW_FEW || how == N1_CONTEXTS_HOW_LEAN ? N1_CONTEXTS_FEW : N1_CONTEXTS_MANY;
}

/* A context's line at a place is by (base + place N1_CONTEXTS_PLACE) N1_CONTEXTS_SPREAD. */
#define N1_CONTEXTS_PLACE  0x2C1B3C6DU
#define N1_CONTEXTS_SPREAD 0x85EBCA6BU

/* What is remembered of a channel beside its codes. */
typedef struct {
    uint32_t run, before;        /* samples since the last change; the code before it */
    uint32_t since;              /* samples since the last step that was large */
    uint32_t fast, slow;         /* mean steps, in 256ths */
    uint32_t length;             /* samples that the match has held for; 0: none */
    size_t place;                /* frame that it foretells */
    size_t seen;                 /* where its codes' counts are */
    int counted;
} n1_contexts_channel;

/* A match that is yet to be looked for: behind the sample x of a channel, in frame t. */
typedef struct {
    uint32_t *place;             /* among the recent ones, on its way from memory; NULL: none */
    uint32_t check;              /* more bits of the hash */
    n1_contexts_channel *channel;
    const uint32_t *x;
    size_t t;
} n1_contexts_search;

typedef struct n1_contexts {
    uint32_t channels, contexts, inputs;
    uint32_t by_history, beside; /* inputs: of contexts' slots, of their histories from here on, of all else from here on */
    int predicted, lean, rate_mix;
    const n1_kernels *k;
    int line_shift, recent_shift;
    uint32_t *slot;              /* P(1) in 1/65536: 16, count: 5, history: 5, check: 6 */
    uint32_t *recent;            /* frame + 1, and above it more of the hash: where that differs, the past does */
    n1_contexts_channel *channel;
    N1_LINE uint32_t rate[32];   /* by count, 2^-16 */
    N1_LINE int32_t by_match[N1_CONTEXTS_KINDS][N1_CONTEXTS_LENGTHS][N1_CONTEXTS_WEIGHTS]; /* weights */
    int32_t by_run[N1_CONTEXTS_KINDS][N1_CONTEXTS_LENGTHS][N1_CONTEXTS_WEIGHTS];
    uint32_t history[N1_CONTEXTS_KINDS][N1_CONTEXTS_MANY][N1_CONTEXTS_HISTORIES]; /* P(1) */
    uint16_t match[N1_CONTEXTS_LENGTHS][N1_CONTEXTS_KINDS];                       /* P(the match is right) */
    uint16_t refined[N1_CONTEXTS_REFINED][N1_CONTEXTS_STEPS + 1];
    /* of the sample in hand */
    N1_LINE uint32_t base[N1_CONTEXTS_LANES];
    uint32_t hash[N1_CONTEXTS_LANES], line[N1_CONTEXTS_LANES]; /* of the contexts, for the decisions of the place in hand */
    uint32_t pair;
    int shared;                  /* whether two of them may have a line in common; only where a kernel asks */
    uint32_t match_class, run_class;
    uint32_t scale_class;        /* lean: the octave of the mean distance, in the place of a match's class */
    int64_t foretold;            /* the match's step */
    int matching;
    n1_contexts_search search;
    /* with predictions */
    n1_forecast *forecast;
    uint16_t *all_seen, *seen;   /* how often each code occurred; of the channel, or NULL */
    n1_law_scales scales;
    n1_laws laws;
    n1_least_squares_work work;
    uint32_t anchor;             /* the code that is expected */
    uint64_t usual;              /* mean distance, 2^-16 */
    int32_t width;               /* odds by how wide codes are, for the next decision */
} n1_contexts;

static inline int n1_contexts_lean(const n1_contexts *s) { return N1_ADDED_ODDS && s->lean; }
/* Contexts whose histories have a say: all or none. */
static inline uint32_t n1_contexts_histories(const n1_contexts *s) { return n1_contexts_lean(s) ? 0 : s->contexts; }

/* Which decision: number and kind. */
typedef struct {
    uint32_t node, kind;
} n1_decision;

/* Codes frame after frame, behind what contexts look back on: a zero and N1_CONTEXTS_PAST frames of zeros. */
static inline uint32_t *n1_contexts_codes_take(n1_arena *a, uint64_t n_frames, uint32_t channels)
{
    const size_t past = 1 + (size_t)N1_CONTEXTS_PAST * channels;
    uint32_t *all = n1_arena_take(a, n_frames * channels + past, sizeof *all);
    if (!all)
        return NULL;
    memset(all, 0, past * sizeof *all);
    return all + past;
}

/* A state for so many samples; NULL where the arena measures or has too little. contexts: N1_CONTEXTS_FEW or .._MANY; few with
 * predictions are lean ones. */
n1_contexts *n1_contexts_take(n1_arena *a, uint64_t n_samples, uint32_t channels, int predicted, uint64_t seen);
void n1_contexts_init(n1_contexts *s, uint64_t n_samples, uint32_t channels, uint32_t contexts, int predicted, const n1_kernels *k);
/* Before and after a sample of channel c in frame t; x is its place among the codes. */
void n1_contexts_prepare(n1_contexts *s, uint32_t c, size_t t, const uint32_t *x);
void n1_contexts_learn(n1_contexts *s, uint32_t c, size_t t, const uint32_t *x);
/* The match that the sample before has left to be looked for: once the next one's contexts are on their way. */
void n1_contexts_find_match(n1_contexts *s);
/* A sample's code, 0 .. most, between the two. */
uint32_t n1_contexts_put(n1_contexts *s, n1_binary *b, uint32_t before, uint32_t most, uint32_t code);
uint32_t n1_contexts_get(n1_contexts *s, n1_binary *b, uint32_t before, uint32_t most);

/* One decision; the match has a say as long as it was right. */
uint32_t n1_contexts_ask(n1_contexts *s, n1_binary *b, int decoding, uint32_t bit, n1_decision d, uint32_t expected);

/* Counts that a channel of codes 0 .. most takes. */
static inline uint64_t n1_contexts_counts(uint32_t most) { return most < N1_CONTEXTS_COUNTED ? (uint64_t)most + 1 : 0; }

/* The same with predictions: after n1_contexts_init, and instead of the three above. all: of all channels, in turn. */
void n1_predicted_init(n1_contexts *s, const uint32_t *most, const uint8_t *references, const uint16_t *reference);
void n1_predicted_prepare(n1_contexts *s, uint32_t c, size_t t, const uint32_t *x, uint32_t most);
uint32_t n1_contexts_predicted(n1_contexts *s, n1_binary *b, int decoding, uint32_t code);
void n1_predicted_learn(n1_contexts *s, uint32_t c, size_t t, const uint32_t *x);
#endif
