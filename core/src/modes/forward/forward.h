/* Geometry, workspace and stages of a chunk. */
#ifndef N1C_CHUNK_H
#define N1C_CHUNK_H
#include "modes/forward/lanes.h"

#define N1C_LANES_MIN_SAMPLES 1024u   /* shorter channels have no lanes: all of them is tail */
#define N1C_TAIL_MAX 1023u
#define N1C_PAYLOAD 3u                /* bytes of the tail that ride in each lane's start state */
#define N1C_STATE_BYTES 5u

typedef enum { N1C_MODE_STORED = 0, N1C_MODE_STATIC = 1, N1C_MODE_REALTIME = 2, N1C_MODE_BEST = 3 } n1c_mode;

#define N1C_STATIC_LEVELS 3    /* levels that are static whatever the channels */
#define N1C_STATIC_EFFORTS 6   /* static levels for few channels */

/* lanes = 0: rows counts the whole channel, kept in time order (a plane of one lane), and tail = n_samples. */
typedef struct {
    size_t n_samples, n_channels;
    unsigned lanes;          /* 0, 16 or 32 */
    size_t tail;             /* samples of each channel coded after the lanes */
    size_t rows;             /* samples of a segment */
} n1c_geometry;

/* Bump allocation in the caller's workspace. */
typedef struct {
    uint8_t *base;
    size_t size, used;
} n1c_arena;
void *n1c_arena_take(n1c_arena *a, size_t bytes);   /* NULL if it does not fit; 64-byte aligned */
int n1c_alphabet_take(n1c_alphabet *alphabet, n1c_arena *a);   /* its arrays; 0: they do not fit */

/* Planes of all channels. */
typedef struct {
    n1c_geometry g;
    n1c_alphabet alphabet[N1C_MAX_ALPHABETS];
    unsigned n_alphabets, alphabet_bits;
    n1c_channel *channel;
    n1c_axis *axis;
    int built_alphabet, built_law;   /* what axis holds now; -1: nothing */
    int16_t *mid;                      /* [channel][history + rows][lanes] */
    uint16_t *code;                    /* [channel][rows][lanes] */
    int16_t *tail_mid;                 /* [channel][history + tail] */
    uint16_t *tail_code;               /* [channel][tail] */
    int32_t *extra;                    /* one channel: [rows][lanes] */
    uint16_t *seed;                    /* [channel][max(lanes, 1)] */
} n1c_chunk;

static inline size_t n1c_mid_size(const n1c_geometry *g) { return (N1C_HISTORY + g->rows) * g->lanes; }
static inline size_t n1c_code_size(const n1c_geometry *g) { return g->rows * g->lanes; }
static inline unsigned n1c_seeds(const n1c_geometry *g) { return g->lanes ? g->lanes : 1; }

unsigned n1c_alphabet_bits(unsigned n_alphabets);
n1_status n1c_chunk_begin(n1c_chunk *c, const n1_shape *s, n1c_arena *a); /* an encoder's: shape, channels, alphabets */
n1_status n1c_chunk_take(n1c_chunk *c, n1c_arena *a);     /* arrays above, from g */
int n1c_chunk_use(n1c_chunk *c, unsigned channel);       /* make axis ready for a channel; 0: widths break a limit */
n1c_lane_job n1c_own_job(n1c_chunk *c, size_t channel);  /* without the neighbours' sums */
n1c_lane_job n1c_chunk_job(n1c_chunk *c, size_t channel, n1_kernel kernel);  /* neighbour sums included */
void n1c_fill_history(n1c_chunk *c, size_t channel);     /* history and row 0 from the seeds */
void n1c_tail_history(n1c_chunk *c, size_t channel);     /* history of the tail from the last segment */
int32_t n1c_tail_mu(const n1c_chunk *c, size_t channel, size_t t);
unsigned n1c_ceil_log2(uint32_t n);

size_t n1c_dtype_size(n1_type t);
int64_t n1c_load(const void *samples, n1_type t, size_t i);
void n1c_store(void *samples, n1_type t, size_t i, int64_t v);

size_t n1c_stored_size(const void *samples, const n1_shape *s);
n1_status n1c_stored_encode(const void *samples, const n1_shape *s, uint8_t *dst, size_t capacity, size_t *written);
n1_status n1c_stored_decode(const uint8_t *src, size_t size, const n1_shape *s, void *samples);
size_t n1c_static_workspace(const n1_shape *s);
/* Levels above the static ones get the highest of these. capacity: n1_chunk_bound(). */
n1_status n1c_static_or_stored(const void *samples, const n1_shape *s, int level, n1_kernel kernel, n1c_arena arena,
                               uint8_t *dst, size_t capacity, size_t *written);
n1_status n1c_static_encode(const void *samples, const n1_shape *s, int level, n1_kernel kernel, n1c_arena *a,
                            uint8_t *dst, size_t capacity, size_t *written);
n1_status n1c_static_decode(const uint8_t *src, size_t size, const n1_shape *s, n1_kernel kernel, n1c_arena *a,
                            void *samples);

/* Encoder only: alphabets of the chunk from its samples, channel after channel in time. */
n1_status n1c_survey(n1c_chunk *c, const int32_t *time, n1_type dtype, n1c_arena *scratch, unsigned *rough_bits);
/* log2(v) in 256ths, v > 0. */
int32_t n1c_log2_q8(uint64_t v);
/* Learn log-widths from a histogram of codes; returns 1 if they are worth their bits. */
int n1c_learn_widths(const uint32_t *hist, n1c_alphabet *a, n1c_arena *scratch);
/* The alphabet of the N1's codes low .. high; its widths are still to be chosen. */
n1_status n1c_n1_alphabet(n1c_alphabet *a, uint32_t low, uint32_t high);
/* Choose between even widths, those of the N1 and learnt ones for codes of its lattice. */
void n1c_choose_widths(const uint32_t *hist, n1c_alphabet *a, n1c_arena *scratch);

typedef struct {
    unsigned order[4];                                   /* own taps to try, up to a 0 */
    unsigned neighbours, neighbour_taps, reach;          /* reach: how far down neighbours are looked for */
    unsigned every;                                      /* one row in `every` is analysed */
    unsigned search;                                     /* try scales and shapes by their cost */
} n1c_level;
n1c_level n1c_level_of(int level, size_t n_channels);
/* What a fit works with: the sums and the system of equations. */
#define N1C_MAX_FEATURES (N1C_MAX_ORDER + N1C_MAX_NEIGHBOURS * N1C_MAX_NEIGHBOUR_TAPS)
typedef struct {
    int64_t sum[N1C_MAX_FEATURES + 1][N1C_MAX_FEATURES + 1];
    unsigned held;   /* own taps for which the sums of this channel are there */
    double m[N1C_MAX_FEATURES][N1C_MAX_FEATURES], y[N1C_MAX_FEATURES], mean[N1C_MAX_FEATURES + 1];
    double error[N1C_MAX_FEATURES];   /* of the taps, by their rounding */
    int32_t tap[N1C_MAX_FEATURES];
} n1c_fit;
/* The order that a chunk can afford where a level asks for this one: a coefficient costs a byte and must earn it. */
unsigned n1c_fit_order(const n1c_geometry *g, unsigned order);
void n1c_fit_channel(n1c_chunk *c, size_t channel, const n1c_level *level, unsigned order, n1_kernel kernel,
                     n1c_fit *work);
/* sigma and shape from the residuals of job->mu */
/* Bits in 256ths that the channel will take, from a part of it; 0 where the level does not ask. */
uint64_t n1c_fit_scale(n1c_chunk *c, size_t channel, const n1c_lane_job *job, const n1c_level *level);
#endif
