/* kinds.h - encoder: whether a block promises to be smaller in pieces. */
#ifndef N1_WIRE_KINDS_H
#define N1_WIRE_KINDS_H
#include "n1/codec.h"

/* From a small part of the samples: whether their size changes in time, or is such that low bits would be cut off. From all samples of
 * some channels: whether a few changes, an artefact's, outweigh all others. */
int n1_promises_pieces(const void *samples, const n1_shape *s, int level);
#endif
