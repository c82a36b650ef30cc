/* echo_encode.h - encoder: whether frames echo those of a period before, and what is left of them. */
#ifndef N1_WIRE_ECHO_ENCODE_H
#define N1_WIRE_ECHO_ENCODE_H
#include "wire/echo.h"

/* Look at a few places for differences that come again where values do not. */
n1_echo n1_echo_look(const void *samples, const n1_shape *s);
/* Write the head without the length of the first block: gives the place behind it. */
uint8_t *n1_echo_write(const void *samples, const n1_shape *s, size_t distance, uint8_t *dst, const uint8_t **which);
/* What is left of all frames but the first ones. */
void n1_echo_subtract(const void *samples, const n1_shape *s, size_t distance, const uint8_t *which, void *others);
#endif
