/* levels.h - what a level means, in one table: read by encoders alone. */
#ifndef N1_LEVELS_H
#define N1_LEVELS_H
#include "modes/adaptive/effort.h"
#include "modes/contexts/effort.h"
#include "modes/forward/effort.h"
#include "modes/piecewise/piece_effort.h"

/* When a block is coded by the forward mode, too, so that the smaller one is kept. */
typedef enum { N1_NEVER = 0, N1_ALWAYS = 1, N1_IF_PROMISING = 2 } n1_when;

typedef struct {
    n1_mode mode;            /* what a block is coded by */
    const n1_effort *effort; /* of the forward mode, if it is that */
    n1_when also;
    const n1_effort *beside; /* the effort of the forward mode that is tried, too */
} n1_way;

typedef struct {
    n1_way one, few, many, wide;          /* channels: below N1_MANY_CHANNELS, from there and from N1_WIDE_CHANNELS on */
    const n1_effort *rest;                /* of what no adaptive mode takes: short blocks, channels unlike the others */
    const n1_adaptive_effort *adaptive;   /* of the adaptive modes */
    const n1_contexts_effort *contexts;   /* of the contexts mode, which is tried where channels promise to gain */
    const n1_contexts_effort *doubtful;   /* of few channels that promise less: a part of the block decides; NULL: they are not tried */
    const n1_contexts_effort *predicted;  /* of the same with predictions; NULL: it is not tried */
    const n1_piece_effort *pieces;        /* of the piecewise mode, which is tried where a block is not of one kind */
    const n1_piece_effort *long_pieces;   /* of one channel that a longer past tells much more of; NULL: of none */
    int tries_pieces;                     /* and of few channels where a trial says so: the fastest level stays fast */
} n1_level;

/* A block of no more bytes is not coded once more. */
#define N1_SMALL_ENOUGH 32u
#define N1_SMALL_SHARE  256u /* by contexts: nor one of as many more as one byte for so many samples */

/* The row of a level, 1 .. N1_MAX_LEVEL. */
n1_level n1_level_of(int level, size_t n_channels);

/* How N1_IF_PROMISING is found out: a part of the block is coded both ways. Of its channels, a share, between these numbers,
 * in the middle; of its frames, stretches all over it, for what is in one may not be in another, which make up a part of it
 * but are no shorter than so many frames. The effort has few coefficients: they are to a part what those of a higher one
 * are to the whole. */
#define N1_TRIED_SHARE    8u
#define N1_TRIED_LEAST    16u
#define N1_TRIED_RUNS     16u
#define N1_TRIED_PART     16u
#define N1_TRIED_FRAMES   256u
#define N1_TRIED_HEADER   300u   /* bits: what the forward mode says of a channel, about; it counts by the part's share */
#define N1_ROUGH_DOUBT    100u   /* what it may be better by than the least effort */
#define N1_TRIED_DOUBT    160u   /* one part of so many: what a higher effort of the forward mode may be better by */
/* Where pieces are coded first, other modes follow only if a part of the block, which is at most one sample of so many, says that they
 * may be smaller; they may by one part of so many of what they take there, more where they learn, and where not all channels are looked at. */
#define N1_OTHERS_SHARE   3u
#define N1_OTHERS_FRAMES  1024u   /* of a stretch at most, */
#define N1_OTHERS_OF_FEW  256u    /* half as long of few channels, but no less */
#define N1_OTHERS_MANY    32u     /* channels: of short blocks of so many, */
#define N1_OTHERS_LEAST   8u      /* these tell */
#define N1_OTHERS_DOUBT   150u
#define N1_OTHERS_GAIN    250u    /* where none learns and all channels are looked at, they must */
#define N1_LEARNT_DOUBT   24u
#define N1_OTHERS_DOUBT_OF_SOME 48u
#define N1_LEARNT_DOUBT_OF_SOME 16u
/* Contexts are tried on one frame of so many, in so many stretches, of longer blocks; they may be larger there by one part of
 * so many, since they learn. */
#define N1_LONG_PART      16u
#define N1_LONG_RUNS      4u
#define N1_LONG_FRAMES    512u
#define N1_LONG_QUICK     65536u /* samples that tell where contexts are quick, which tell, too, */
#define N1_LONG_QUICK_ONE 8192u  /* of one channel at the levels that have least time */
#define N1_LONG_QUICK_WELL 24576u /* and at the default */
#define N1_LONG_LEAST     4096u  /* in blocks of so many frames, where channels are very many */
#define N1_LONG_LEARNING  64u
#define N1_LONG_LEARNT    128u   /* bytes that contexts take about, whatever the length, until they know a signal: beyond what they must save */
#define N1_LONG_LEARNT_MOST 4u   /* of a channel, and of so many channels at most */
#define N1_LONG_LEARNT_PART 8u   /* one part of so many of what a trial takes otherwise, at most */
#define N1_QUICK_WORTH    64u     /* bytes that others take, headers not counted: quick contexts are coded alone where they take more, */
#define N1_QUICK_SAVES    5u      /* and the contexts less by one part of so many, */
#define N1_QUICK_SAVES_LONG 32u   /* or of so many in a trial of so many frames for each channel, which tells more */
#define N1_QUICK_LONG     4096u
#define N1_QUICK_NEAR     8u      /* where there is time for one way alone, the block by contexts may be more than that by one part of so many */
#define N1_QUICK_SAVES_FAST 4u    /* where there is no time for others, too: the block by contexts tells, which must be less than they promise by one part of so many */
#define N1_QUICK_LEARNS   2048u  /* bytes of a channel: where contexts take no more, a small set, which learns faster, is coded, too */
#define N1_QUICK_DECISIONS 7u     /* decisions of four samples that take no longer than pieces do: one part of so many is worth it */
#define N1_QUICK_DECISIONS_OF_ONE 4u
#define N1_QUICK_IS_WORTH 12u
#define N1_QUICK_FOR_PIECES 64u  /* and where pieces promise, which take more time */
#define N1_PIECES_HEADER  12u     /* bytes: what pieces say of a channel once, about */
/* Where channels promise less, so many samples tell, and what other modes say of a channel counts by the part's share (N1_TRIED_HEADER). */
#define N1_LONG_DOUBTFUL  24576u
#define N1_DOUBTFUL_LEARNING 40u
/* Of a block of a byte for so many samples and less, predictions may do worse than they. */
#define N1_DOUBTFUL_SMALL 4u
/* Where blocks are too short for that, channels that promise less must promise so much. */
#define N1_DOUBTFUL_SHARE 64u
/* Predictions with contexts take by far the most time: one frame of so many, that many samples at least, says that they may gain, though
 * they know little of it there; what they take may be more than what others do by one part of so many. */
#define N1_PREDICTED_PART  32u
#define N1_PREDICTED_LEAST 8192u
#define N1_PREDICTED_DOUBT 8u
/* The more bits a sample has, the longer they take, and the less they bring: of so many eighths of a bit there must be a trial, in which they are
 * smaller by one part of so many; of so many more they are not tried. */
#define N1_PREDICTED_WIDE 68u
#define N1_PREDICTED_GAIN 256u
#define N1_PREDICTED_WIDEST 96u
#define N1_ADAPTIVE_NEAR  200u   /* the adaptive mode may be as small where it is larger by no more than one part of so many in a trial */
#define N1_PREDICTED_SHARE 8u    /* a trial is no larger than one part of so many */
/* Where nothing but a trial says whether pieces of few channels are worth their time: one frame of so many is tried, and they must be
 * smaller by one part of so many; in a trial of long blocks by more, for what the forward mode says of its codes counts by the trial's share. */
#define N1_PIECES_PART    64u
#define N1_PIECES_GAIN    200u
#define N1_PIECES_GAIN_OF_LONG 14u
#define N1_PIECES_LONG    65536u /* frames */
#define N1_PIECES_FRAMES  128u   /* but no fewer in a stretch */
#define N1_PIECES_LEAST   8u     /* shorter blocks than so many trials are coded both ways */
/* Where there are so many codes that the forward mode cuts low bits off, one frame of so many of few channels tells, in stretches of so many at
 * least, and pieces must be smaller by one part of so many; a trial is no larger than one sample of so many. */
#define N1_CODES_PART     32u
#define N1_CODES_FRAMES   128u
#define N1_CODES_CHANNELS 8u
#define N1_CODES_GAIN     1000u
#define N1_CODES_SHARE    8u
/* So many frames in the middle tell whether values come again and again, among so many slots. */
#define N1_REPEATS_FRAMES 512u
#define N1_REPEATS_SLOTS  2048u
/* Or where codes that never occur lie beside common ones, of so many codes at most, in so many frames. */
#define N1_HOLES_CODES    65536
#define N1_HOLES_FRAMES   4096u
const n1_effort *n1_tried_effort(void);
const n1_effort *n1_rough_effort(void);
#endif
