/* Samples <-> codes in time order. */
#ifndef N1_CONVERTER_VALUES_H
#define N1_CONVERTER_VALUES_H
#include "modes/forward/forward.h"

#define N1_BAND 32u   /* channels moved together: whole cache lines of a frame */

/* All n samples to codes of the N1 ADC. 0 if one is not such a value; else the range of codes. */
int n1_nlink_scan(const int16_t *samples, size_t n, uint16_t *code, uint32_t *low, uint32_t *high, n1_kernel kernel);

/* Full code of a value of the alphabet. */
uint32_t n1_full_code(const n1_alphabet *a, int32_t v);

/* (n_samples, n_channels) in C order to int32, channel after channel. 0 if a value passes int32. */
int n1_to_time(const void *samples, const n1_shape *s, int32_t *time);

/* Decoded block to samples. raw: the verbatim bits. scratch: n1_emit_size() bytes. */
size_t n1_emit_size(const n1_shape *s);
void n1_emit(n1_forward *c, n1_field_reader *raw, const n1_shape *s, void *samples, n1_kernel kernel, void *scratch);
#endif
