/* params.h - what both sides of the backward and the mixed mode must agree on before the first frame. */
#ifndef N1_PREDICT_PARAMS_H
#define N1_PREDICT_PARAMS_H
#include "converter/code_widths.h"
#include "n1/codec.h"

enum {
    N1_ADAPTIVE_CHANNELS = 4096,
    N1_MAX_OWN = 32,         /* taps on a channel's own past */
    N1_MAX_NEIGHBOURS = 16,  /* lower channels that help to predict a channel */
    N1_MAX_PAST = 3,         /* past samples of each neighbour, besides its present one */
    N1_MAX_FEATURES = N1_MAX_OWN + N1_MAX_NEIGHBOURS * (1 + N1_MAX_PAST),
    N1_MAX_CONTEXTS = 4,
    N1_NO_NEIGHBOUR = 0xFFFF,
    N1_PARAMS_HEAD = 14      /* bytes */
};

/* It travels in the block's header. */
typedef struct {
    uint16_t channels;
    uint8_t own;             /* 1 .. N1_MAX_OWN */
    uint8_t neighbours;      /* 0 .. N1_MAX_NEIGHBOURS */
    uint8_t past;            /* 0 .. N1_MAX_PAST */
    uint8_t sigma;           /* first scale: 2^(sigma/2) voltage units (2^n1_unit_shift() of them to a code) */
    uint8_t contexts;        /* mixed: 1 .. N1_MAX_CONTEXTS laws of context besides the plain one; backward: ignored */
    n1_width_priors widths;
    const uint16_t *neighbour; /* [channels][neighbours], each below its channel or N1_NO_NEIGHBOUR */
    const uint8_t *set;      /* [channels], each below widths.sets; may be NULL when that is 1 */
} n1_params;

int n1_params_check(const n1_params *p);
/* Bytes written; N1_NOT_APPLICABLE: they do not fit. */
n1_status n1_params_write(const n1_params *p, uint8_t *out, size_t capacity, size_t *written);
/* The counts alone: what follows them takes *size bytes, these included. */
n1_status n1_params_head(n1_params *p, const uint8_t *in, size_t size, size_t *whole);
/* All of it: fills the caller's arrays, of channels * neighbours and of channels elements. */
n1_status n1_params_read(n1_params *p, const uint8_t *in, size_t size, uint16_t *neighbour, uint8_t *set, size_t *used);
#endif
