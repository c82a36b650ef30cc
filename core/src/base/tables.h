/* Constant tables of the adaptive levels; each formula stands above its table in tables.c. */
#ifndef N1_BASE_TABLES_H
#define N1_BASE_TABLES_H
#include <stdint.h>
extern const uint32_t N1_NORMAL[4097];
extern const int16_t N1_NORMAL_INV[1024];
extern const uint16_t N1_LOG2[2049];
extern const uint32_t N1_INV_SIGMA[512];
extern const uint16_t N1_SQUASH[1537];
#endif
