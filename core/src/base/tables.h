/* Constant tables of the adaptive levels; each formula stands above its table in tables.c. */
#ifndef N1A_TABLES_H
#define N1A_TABLES_H
#include <stdint.h>
extern const uint32_t N1A_NORMAL[4097];
extern const int16_t N1A_NORMAL_INV[1024];
extern const uint16_t N1A_LOG2[2049];
extern const uint32_t N1A_INV_SIGMA[512];
extern const uint16_t N1A_SQUASH[1537];
extern const uint8_t N1A_WIDTHS_N1[1024];
#endif
