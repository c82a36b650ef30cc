/* kinds.h - encoder: of what kind a block seems to be. */
#ifndef N1_WIRE_KINDS_H
#define N1_WIRE_KINDS_H
#include "n1/codec.h"

/* Whether the first channel's samples seem to be the N1's. */
int n1_seems_nlink(const void *samples, const n1_shape *s);
/* Pieces, and other modes where a part of the block says so; pieces and other modes, where a trial of pieces says so; pieces or other modes,
 * as a trial of both says. */
enum { N1_PIECES_LIKELY = 1, N1_PIECES_DOUBTFUL = 2, N1_PIECES_TRIED = 3 };

/* From a small part of the samples: whether their size changes in time, or is such that low bits would be cut off. From all samples of
 * some channels: whether a few changes, an artefact's, outweigh all others. */
int n1_promises_pieces(const void *samples, const n1_shape *s, int level);

/* Whether one channel that has the first number of taps would gain much by the second. */
enum { N1_USUAL_PAST = 16, N1_LONG_PAST = 24 };
int n1_has_long_past(const void *samples, const n1_shape *s);
#endif
