/* Geometry, workspace and stages of a block. */
#ifndef N1_MODES_FORWARD_FORWARD_H
#define N1_MODES_FORWARD_FORWARD_H
#include "modes/forward/lanes.h"

#define N1_LANES_MIN_SAMPLES 1024u   /* shorter channels have no lanes: all of them is tail */
#define N1_TAIL_MAX 1023u
#define N1_PAYLOAD 3u                /* bytes of the tail that ride in each lane's start state */
#define N1_STATE_BYTES 5u

typedef enum { N1_MODE_STORED = 0, N1_MODE_FORWARD = 1, N1_MODE_BACKWARD = 2, N1_MODE_MIXED = 3 } n1_mode;

#define N1_FORWARD_LEVELS 3    /* levels that are static whatever the channels */
#define N1_FORWARD_EFFORTS 6   /* forward levels for few channels */

/* lanes = 0: rows counts the whole channel, kept in time order (a plane of one lane), and tail = n_samples. */
typedef struct {
    size_t n_samples, n_channels;
    unsigned lanes;          /* 0, 16 or 32 */
    size_t tail;             /* samples of each channel coded after the lanes */
    size_t rows;             /* samples of a segment */
} n1_geometry;

/* Bump allocation in the caller's workspace. */
typedef struct {
    uint8_t *base;
    size_t size, used;
} n1_arena;
void *n1_arena_take(n1_arena *a, size_t bytes);   /* NULL if it does not fit; 64-byte aligned */
int n1_alphabet_take(n1_alphabet *alphabet, n1_arena *a);   /* its arrays; 0: they do not fit */

/* Planes of all channels. */
typedef struct {
    n1_geometry g;
    n1_alphabet alphabet[N1_MAX_ALPHABETS];
    unsigned n_alphabets, alphabet_bits;
    n1_channel *channel;
    n1_axis *axis;
    int built_alphabet, built_law;   /* what axis holds now; -1: nothing */
    int16_t *mid;                      /* [channel][history + rows][lanes] */
    uint16_t *code;                    /* [channel][rows][lanes] */
    int16_t *tail_mid;                 /* [channel][history + tail] */
    uint16_t *tail_code;               /* [channel][tail] */
    int32_t *extra;                    /* one channel: [rows][lanes] */
    uint16_t *seed;                    /* [channel][max(lanes, 1)] */
} n1_forward;

static inline size_t n1_mid_size(const n1_geometry *g) { return (N1_PLANE_HISTORY + g->rows) * g->lanes; }
static inline size_t n1_code_size(const n1_geometry *g) { return g->rows * g->lanes; }
static inline unsigned n1_seeds(const n1_geometry *g) { return g->lanes ? g->lanes : 1; }

unsigned n1_alphabet_bits(unsigned n_alphabets);
n1_status n1_forward_begin(n1_forward *c, const n1_shape *s, n1_arena *a); /* an encoder's: shape, channels, alphabets */
n1_status n1_forward_take(n1_forward *c, n1_arena *a);     /* arrays above, from g */
int n1_forward_use(n1_forward *c, unsigned channel);       /* make axis ready for a channel; 0: widths break a limit */
n1_lane_job n1_own_job(n1_forward *c, size_t channel);  /* without the neighbours' sums */
n1_lane_job n1_forward_job(n1_forward *c, size_t channel, n1_kernel kernel);  /* neighbour sums included */
void n1_fill_history(n1_forward *c, size_t channel);     /* history and row 0 from the seeds */
void n1_tail_history(n1_forward *c, size_t channel);     /* history of the tail from the last segment */
int32_t n1_tail_mu(const n1_forward *c, size_t channel, size_t t);
unsigned n1_ceil_log2(uint32_t n);

size_t n1_type_size(n1_type t);
int64_t n1_load_sample(const void *samples, n1_type t, size_t i);
void n1_store_sample(void *samples, n1_type t, size_t i, int64_t v);

size_t n1_stored_size(const void *samples, const n1_shape *s);
n1_status n1_stored_encode(const void *samples, const n1_shape *s, uint8_t *dst, size_t capacity, size_t *written);
n1_status n1_stored_decode(const uint8_t *src, size_t size, const n1_shape *s, void *samples);
uint64_t n1_forward_workspace(const n1_shape *s);
/* Levels above the static ones get the highest of these. capacity: n1_block_bound(). */
n1_status n1_forward_or_stored(const void *samples, const n1_shape *s, int level, n1_kernel kernel, n1_arena arena,
                               uint8_t *dst, size_t capacity, size_t *written);
n1_status n1_forward_encode(const void *samples, const n1_shape *s, int level, n1_kernel kernel, n1_arena *a,
                            uint8_t *dst, size_t capacity, size_t *written);
n1_status n1_forward_decode(const uint8_t *src, size_t size, const n1_shape *s, n1_kernel kernel, n1_arena *a,
                            void *samples);

/* Encoder only: alphabets of the block from its samples, channel after channel in time. */
n1_status n1_survey(n1_forward *c, const int32_t *time, n1_type dtype, n1_arena *scratch, unsigned *rough_bits);
/* log2(v) in 256ths, v > 0. */
int32_t n1_log2_q8(uint64_t v);
/* Learn log-widths from a histogram of codes; returns 1 if they are worth their bits. */
int n1_learn_widths(const uint32_t *hist, n1_alphabet *a, n1_arena *scratch);
/* The alphabet of the N1's codes low .. high; its widths are still to be chosen. */
n1_status n1_nlink_alphabet(n1_alphabet *a, uint32_t low, uint32_t high);
/* Choose between even widths, those of the N1 and learnt ones for codes of its lattice. */
void n1_choose_widths(const uint32_t *hist, n1_alphabet *a, n1_arena *scratch);

typedef struct {
    unsigned order[4];                                   /* own taps to try, up to a 0 */
    unsigned neighbours, neighbour_taps, reach;          /* reach: how far down neighbours are looked for */
    unsigned every;                                      /* one row in `every` is analysed */
    unsigned search;                                     /* try scales and shapes by their cost */
} n1_effort;
n1_effort n1_effort_of(int level, size_t n_channels);
/* What a fit works with: the sums and the system of equations. */
#define N1_FIT_FEATURES (N1_MAX_ORDER + N1_FORWARD_NEIGHBOURS * N1_FORWARD_NEIGHBOUR_TAPS)
typedef struct {
    int64_t sum[N1_FIT_FEATURES + 1][N1_FIT_FEATURES + 1];
    unsigned held;   /* own taps for which the sums of this channel are there */
    double m[N1_FIT_FEATURES][N1_FIT_FEATURES], y[N1_FIT_FEATURES], mean[N1_FIT_FEATURES + 1];
    double error[N1_FIT_FEATURES];   /* of the taps, by their rounding */
    int32_t tap[N1_FIT_FEATURES];
} n1_fit;
/* The order that a block can afford where a level asks for this one: a coefficient costs a byte and must earn it. */
unsigned n1_fit_order(const n1_geometry *g, unsigned order);
void n1_fit_channel(n1_forward *c, size_t channel, const n1_effort *level, unsigned order, n1_kernel kernel,
                     n1_fit *work);
/* sigma and shape from the residuals of job->mu */
/* Bits in 256ths that the channel will take, from a part of it; 0 where the level does not ask. */
uint64_t n1_fit_scale(n1_forward *c, size_t channel, const n1_lane_job *job, const n1_effort *level);
#endif
