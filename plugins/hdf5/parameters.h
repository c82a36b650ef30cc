/* parameters.h - what a data set's header says of the filter: cd_values, in HDF5's words.
 *
 * A user gives the level alone, or nothing. set_local puts behind it what the filter has to know of the chunks:
 *
 *     0  level, 1 .. 9                 5 if there is none
 *     1  version of these parameters   0
 *     2  sample: bytes, + SAMPLE_SIGNED, + SAMPLE_BIG_ENDIAN
 *     3  frames of a chunk
 *     4  channels of a chunk           1: samples have one axis
 *
 * Channels are the chunk's last axis, frames all others together; axes of length 1 do not count.
 */
#ifndef N1_HDF5_PARAMETERS_H
#define N1_HDF5_PARAMETERS_H

#include <stddef.h>

#include "host.h"
#include "n1/codec.h"

/* 'N1', moved to where nobody registers: 32,768 to 65,535 are for private use. */
#define N1_HDF5_FILTER (0x8000 | 'N' << 8 | '1')
#define N1_HDF5_LEVEL  5

enum { AT_LEVEL, AT_VERSION, AT_SAMPLE, AT_FRAMES, AT_CHANNELS, N_PARAMETERS };
enum { PARAMETERS_VERSION = 0 };
enum { SAMPLE_BYTES = 0x0F, SAMPLE_SIGNED = 0x10, SAMPLE_BIG_ENDIAN = 0x20 };

/* What a chunk is. */
typedef struct chunk {
    n1_shape shape; /* what is coded: samples of 3 bytes as N1_INT32 or N1_UINT32 */
    int level;
    size_t width; /* bytes of a stored sample: 1, 2, 3 or 4 */
    int big_endian;
} chunk;

/* Read the values that set_local made; NULL, or what is wrong with them. */
const char *chunk_of_values(chunk *c, size_t n_values, const unsigned *values);

/* HDF5's callbacks: whether the filter can do what a data set that is being made asks for, and what it has to know of it. */
int n1_hdf5_can_apply(hid_t dcpl, hid_t type, hid_t space);
int n1_hdf5_set_local(hid_t dcpl, hid_t type, hid_t space);

#endif
