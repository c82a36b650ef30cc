/* nlink.h - the converter of the device "N1": 10 bits, stored as int16 by a recorder that scaled the codes. */
#ifndef N1_CONVERTER_NLINK_H
#define N1_CONVERTER_NLINK_H
#include "converter/alphabet.h"

#define N1_NLINK_CODES 1024u

/* Widths of the codes in sixteenths (forward mode) and in 64ths of the mean width: see nlink_widths.c. */
extern const uint8_t n1_nlink_sixteenths[N1_NLINK_CODES];
extern const uint8_t n1_nlink_sixty_fourths[N1_NLINK_CODES];

/* C division truncates toward zero, as the recorder's conversion did. */
static inline int32_t n1_nlink_value(uint32_t code) { return ((int32_t)code * 65535 - 32768 * 1023) / 1023; }
/* The code that is stored as v, an int16. */
static inline uint32_t n1_nlink_code(int32_t v) { return (uint32_t)((v + 32768) * 1023 + 32768) >> 16; }

/* The alphabet of codes low .. high; its widths are still to be chosen. */
void n1_nlink_alphabet(n1_alphabet *a, uint32_t low, uint32_t high);
#endif
