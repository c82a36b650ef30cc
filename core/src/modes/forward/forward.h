/* forward.h - the forward mode: parameters are fitted to a block and sent. Geometry and arrays of both directions. */
#ifndef N1_MODES_FORWARD_FORWARD_H
#define N1_MODES_FORWARD_FORWARD_H
#include "kernels/table.h"
#include "modes/forward/lanes.h"

#define N1_LANES_MIN_SAMPLES 1024u   /* shorter channels have no lanes: all of them is tail */
#define N1_TAIL_MAX 1023u
#define N1_PAYLOAD 3u                /* bytes of the tail that ride in each lane's start state */
#define N1_STATE_BYTES 5u

/* lanes = 0: rows counts the whole channel, kept in time order (a plane of one lane), and tail = n_samples. */
typedef struct {
    size_t n_samples, n_channels;
    unsigned lanes;          /* 0, 16 or 32 */
    size_t tail;             /* samples of each channel coded after the lanes */
    size_t rows;             /* samples of a segment */
} n1_geometry;

typedef struct {
    n1_geometry g;
    n1_alphabet alphabet[N1_MAX_ALPHABETS];
    unsigned n_alphabets, alphabet_bits;
    n1_channel *channel;
    n1_axis *axis;
    n1_lookup *lookup;               /* a decoder's, where there are lanes; else NULL */
    int built_alphabet, built_law;   /* what axis holds now; -1: nothing */
    size_t mids, codes;                /* planes of each: an encoder's codes of all channels, else of the newest */
    int16_t *mid;                      /* [channel % mids][history + rows][lanes] */
    uint16_t *code;                    /* [channel % codes][rows][lanes] */
    int16_t *tail_mid;                 /* [channel][history + tail] */
    uint16_t *tail_code;               /* [channel][tail] */
    int32_t *extra;                    /* a decoder of several channels: one's [rows][lanes] */
    uint16_t *seed;                    /* [channel][max(lanes, 1)] */
} n1_forward;

static inline size_t n1_mid_size(const n1_geometry *g) { return (N1_PLANE_HISTORY + g->rows) * g->lanes; }
static inline size_t n1_code_size(const n1_geometry *g) { return g->rows * g->lanes; }
static inline unsigned n1_seeds(const n1_geometry *g) { return g->lanes ? g->lanes : 1; }
static inline int16_t *n1_mid_of(const n1_forward *f, size_t channel) { return f->mid + channel % f->mids * n1_mid_size(&f->g); }
static inline uint16_t *n1_code_of(const n1_forward *f, size_t channel) { return f->code + channel % f->codes * n1_code_size(&f->g); }

/* The arrays of a geometry, so many planes and the axis; the channels' too. An encoder takes them before it has settled what
 * is tail and what lies in lanes: `tail` is then the most. */
void n1_forward_take(n1_forward *f, n1_arena *a, const n1_geometry *most, size_t mids, size_t codes);
int n1_forward_use(n1_forward *f, unsigned channel);      /* make axis ready for a channel; 0: widths break a limit */
n1_lane_job n1_forward_job(n1_forward *f, size_t channel);
void n1_fill_history(n1_forward *f, size_t channel);     /* history and row 0 from the seeds */
void n1_tail_history(n1_forward *f, size_t channel);     /* history of the tail from the last segment */
int32_t n1_tail_mu(const n1_forward *f, size_t channel, size_t t);
unsigned n1_verbatim_bits(const n1_forward *f, size_t channel);   /* of each sample, stored as they are */
#endif
