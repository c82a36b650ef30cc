/* octaves.h - sixteenths of an octave: round(2^(16 + i / 16)). */
#ifndef N1_BASE_OCTAVES_H
#define N1_BASE_OCTAVES_H
#include <stdint.h>

static const uint32_t n1_exp2_16th[16] = {65536, 68438, 71468, 74632, 77936, 81386, 84990, 88752,
                                       92682, 96785, 101070, 105545, 110218, 115098, 120194, 125515};

#endif
