/* mode.h - how a block is coded: its first byte. */
#ifndef N1_MODES_MODE_H
#define N1_MODES_MODE_H

typedef enum {
    N1_MODE_STORED = 0,
    N1_MODE_FORWARD = 1,
    N1_MODE_BACKWARD = 2,
    N1_MODE_MIXED = 3,
    N1_MODE_PIECEWISE = 4,
    N1_MODE_CONTEXTS = 5,
    N1_MODE_WIDE = 6,
    N1_MODE_REPEATS = 7, /* around a block of any of these */
    N1_MODE_ECHO = 8     /* around two blocks of any of these */
} n1_mode;

#endif
