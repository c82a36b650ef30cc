/* values.h - encoder: samples of any type in time order, and the codes of values. */
#ifndef N1_CONVERTER_VALUES_H
#define N1_CONVERTER_VALUES_H
#include "converter/alphabet.h"
#include "kernels/table.h"

#define N1_BAND 32u   /* channels moved together: whole cache lines of a frame */

/* Full code of a value of the alphabet. */
uint32_t n1_full_code(const n1_alphabet *a, int32_t v);

/* (n_samples, n_channels) in C order to int32, channel after channel. 0 if a value passes int32. */
int n1_to_time(const void *samples, const n1_shape *s, int32_t *time, const n1_encode_kernels *k);
#endif
