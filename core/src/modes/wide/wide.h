/*
 * wide.h - the wide mode: many channels side by side. How each is predicted is fitted to the block and sent; code widths and
 * scales are learned as it goes.
 *
 * Channels lie in rows of lanes: channel m is in row m % rows and lane m / rows, so that a row's channels are far from each
 * other, and what is near a channel is in another row of the same lane or one close by. A frame's rows are coded one after the
 * other, all lanes of a row at once: a prediction sees the present of rows that were coded before its own, and the past of
 * all. Distances to neighbours are a row's, not a channel's: a vector of neighbours is then one load.
 */
#ifndef N1_MODES_WIDE_WIDE_H
#define N1_MODES_WIDE_WIDE_H
#include "base/arena.h"
#include "converter/code_widths.h"
#include "entropy/mass.h"
#include "n1/codec.h"

enum {
    N1_WIDE_FROM = 8,         /* channels, at least; and lanes of a row */
    N1_WIDE_MOST = 4096,      /* channels */
    N1_WIDE_LANES = 64,       /* of a row, at most */
    N1_WIDE_OWN = 4,          /* pairs of own lags: 1 and 2, 3 and 4 .. */
    N1_WIDE_NEIGHBOURS = 24,
    N1_WIDE_DEEP = 2,         /* pairs of lags of a neighbour */
    N1_WIDE_PAIRS = N1_WIDE_OWN + N1_WIDE_NEIGHBOURS * N1_WIDE_DEEP,
    N1_WIDE_TAP_SUM = 65535,  /* |taps| of a channel: then 32 bits hold a prediction */
    N1_WIDE_INTERVAL = 32,    /* frames */
    N1_WIDE_BEFORE = 8,       /* frames of the interval before that stay at hand */
    N1_WIDE_GUARD = 16,       /* lanes beside a row that are always 0: the most that a neighbour is away */
    N1_WIDE_HEAD = 14,        /* bytes: the numbers that say how much memory a block takes */
    N1_WIDE_LAW = 4096,       /* steps of the law either way, of 1/512 sigma: coarser ones leave narrow codes without mass */
    N1_WIDE_LAW_MIDDLE = N1_WIDE_LAW + 512, /* where its middle is: and what the reach is beyond its steps */
    N1_WIDE_STEP_SHIFT = 15,  /* from a distance times 2^28 / sigma, sigma in 1/16, to steps */
    N1_WIDE_STEP_BITS = 13,   /* from steps times sigma to a distance */
    N1_WIDE_INVERSE_BITS = 12,
    N1_WIDE_INVERSE = 1 << N1_WIDE_INVERSE_BITS,
    N1_WIDE_COUNTED = 4,      /* predictions are counted in one frame of so many */
    N1_WIDE_SECTION = 512,    /* frames of a section, times 2^section */
    N1_WIDE_LENGTH = 4        /* bytes that say how long each section is but the last */
};

/* It travels in the block's header. */
typedef struct {
    uint16_t channels, rows;
    uint8_t own, neighbours, deep;
    uint8_t shift;            /* a tap is 2^-shift */
    uint32_t first;           /* mean absolute error at first, 1/16 voltage unit */
    uint8_t known;            /* 1: widths are those of tables that are known beforehand, */
    uint32_t id;              /* of this name */
    uint8_t section;          /* 0: the frames are one section, else see N1_WIDE_SECTION: of widths that are known */
    n1_width_priors widths;
    int16_t *near;            /* [rows][neighbours]: distance to the neighbour; 0: none */
    uint16_t *centre;         /* [channels]: the code that voltages are relative to */
    uint8_t *set;             /* [channels]: width set */
    int16_t *tap;             /* [channels][n1_wide_taps()] */
    int32_t *row_mean, *away; /* work: [rows][2], [channels][2], see expect.h */
    uint32_t *rest;           /* work: [channels], of an encoder */
} n1_wide_params;

static inline uint32_t n1_wide_lanes(const n1_wide_params *p) { return (p->channels + p->rows - 1U) / p->rows; }
/* Lanes in memory: eight, or sixteens. */
static inline uint32_t n1_wide_stride(const n1_wide_params *p) { return n1_wide_lanes(p) <= 8 ? 8 : (n1_wide_lanes(p) + 15U) / 16U * 16U; }
/* Frames of a section but the last: each is coded as if nothing came before. */
static inline size_t n1_wide_section(const n1_wide_params *p, size_t n_frames)
{
    const size_t most = (size_t)N1_WIDE_SECTION << p->section;
    return p->section && most < n_frames ? most : n_frames;
}
static inline uint32_t n1_wide_taps(const n1_wide_params *p) { return 2U * (p->own + (uint32_t)p->neighbours * p->deep); }
/* The place of a row in the order of coding: 0, then half way, then the quarters, and so on. */
uint32_t n1_wide_place(uint32_t row, uint32_t rows);
/* Whether a neighbour d away is coded before the row's own channels, so that its present is known. */
int n1_wide_earlier(const n1_wide_params *p, uint32_t row, int32_t d);
int n1_wide_check(const n1_wide_params *p);
/* Take the tables whose name the block gives, NULL: none are at hand, for the codes of an alphabet. */
n1_status n1_wide_know(n1_wide_params *p, const n1_width_tables *tables, const n1_alphabet *a);
void n1_wide_params_take(n1_wide_params *p, n1_arena *a);
/* The counts alone, from N1_WIDE_HEAD bytes. */
n1_status n1_wide_head(n1_wide_params *p, const uint8_t *in, size_t size);
/* All of it, into arrays that n1_wide_params_take has given. */
n1_status n1_wide_params_read(n1_wide_params *p, const uint8_t *in, size_t size, size_t *used);
n1_status n1_wide_params_write(const n1_wide_params *p, uint8_t *out, size_t capacity, size_t *written);

/* What the kernels use of a row, an array of so many lanes each. */
enum {
    N1_WIDE_INV,      /* 2^28 / sigma */
    N1_WIDE_SIGMA,    /* 1/16 voltage unit */
    N1_WIDE_REACH,    /* where the law has ended */
    N1_WIDE_CENTRE,   /* voltage */
    N1_WIDE_TABLE,    /* bytes from the first n1_edges */
    N1_WIDE_NEAR,     /* elements from the first of `near` */
    N1_WIDE_LIVE,     /* -1: there is a channel */
    N1_WIDE_SIZE,     /* mean absolute error, 1/16 voltage unit: and the most that an error counts for, in units */
    N1_WIDE_SUM,      /* of this interval's absolute errors */
    N1_WIDE_FIELDS
};

typedef struct n1_wide {
    uint32_t channels, rows, lanes, stride;  /* stride: see n1_wide_stride */
    uint32_t own, neighbours, deep, pairs, shift, codes;
    uint32_t intervals, frames;              /* frames: of the interval at hand */
    size_t size;                             /* bytes of the arrays */
    size_t line, frame;                      /* elements of `pair` from row to row, from frame to frame */
    n1_code_widths width;
    uint32_t law[2 * N1_WIDE_LAW_MIDDLE + 1]; /* distribution function, leaving 1 of 2^20 for each code */
    int16_t inverse[N1_WIDE_INVERSE + 2];    /* the law's: first step beyond the middle of each part of the mass */
    uint16_t *order;                         /* rows as they are coded */
    int32_t *row;                            /* [rows][N1_WIDE_FIELDS][stride] */
    int32_t *link;                           /* [rows][pairs]: elements of `pair` from the row's own */
    int32_t *tap;                            /* [rows][pairs][stride]: the later lag's low, the other's high */
    int32_t *pair;                           /* [before + interval][rows][line]: a sample high, the one before low */
    uint16_t *code;                          /* [interval][rows][stride] */
    uint16_t *bin;                           /* [interval / N1_WIDE_COUNTED][rows][stride]: of the predictions, see n1_tally */
    n1_edges *edges;
    n1_tally *tally;
    uint64_t *near;                          /* [sets][codes] or NULL: where voltages are, as a decoder's kernel likes to find it */
    uint64_t near_until;                     /* the renewal (see n1_code_widths' next) until which it holds */
    int64_t granted;                         /* codes a step, 2^(N1_WIDE_STEP_BITS + shift) of them, at the scale that channels begin with */
    int32_t curve[2][32];                    /* a kernel's own inverse of the law */
    uint8_t *set;                            /* [rows][stride] */
    uint16_t *centre;                        /* [rows][stride]: codes */
    uint64_t x[N1_WIDE_LANES];               /* states of rANS */
    const uint8_t *p, *end;                  /* a decoder's words */
    uint32_t short_by;                       /* words that were not there */
} n1_wide;

static inline int32_t *n1_wide_field(const n1_wide *s, uint32_t row, unsigned field)
{
    return s->row + ((size_t)row * N1_WIDE_FIELDS + field) * s->stride;
}
static inline int32_t *n1_wide_pairs_at(const n1_wide *s, uint32_t t, uint32_t row)
{
    return s->pair + (N1_WIDE_BEFORE + t) * s->frame + row * s->line + N1_WIDE_GUARD;
}
static inline size_t n1_wide_code_at(const n1_wide *s, uint32_t t, uint32_t row) { return ((size_t)t * s->rows + row) * s->stride; }
/* Channels of a row: the last lane may be short of some. */
static inline uint32_t n1_wide_filled(uint32_t channels, uint32_t rows, uint32_t row) { return (channels - row + rows - 1) / rows; }

/* A state for these counts (no array of p is read), to decode or to encode; NULL where the arena measures or has too little. */
n1_wide *n1_wide_take(n1_arena *a, const n1_wide_params *p, int decoding);
/* What all sections have: p has been checked, and its counts are those of n1_wide_take. */
void n1_wide_init(n1_wide *s, const n1_wide_params *p);
/* Begin a section. */
void n1_wide_begin(n1_wide *s, const n1_wide_params *p);
/* The interval's frames are coded; if it is full, its end. */
void n1_wide_turn(n1_wide *s);
#endif
