/* wide_known.h - encoder: tables of code widths that are known beforehand, and how they come to be known. */
#ifndef N1_MODES_WIDE_WIDE_KNOWN_H
#define N1_MODES_WIDE_WIDE_KNOWN_H
#include "modes/wide/wide.h"

enum { N1_KNOWN_ROOMS = 32 }; /* channels that are looked at together */

/* Work. */
typedef struct {
    int16_t *log;  /* [sets][codes] */
    int16_t *seen; /* [N1_KNOWN_ROOMS][codes] */
    uint8_t *common, *one; /* [N1_MAX_CODES] */
} n1_known_work;

/* The table that each channel's codes (frame after frame) speak for; returns whether they are worth more than even widths. */
int n1_wide_assign(const n1_width_tables *tables, const n1_alphabet *a, const uint16_t *codes, size_t n_channels, size_t n_samples,
                   const n1_known_work *work, uint8_t *set);
/* What a block that was encoded to its end has learned, as the bytes of tables; its own are overwritten. */
n1_status n1_wide_tables_write(n1_wide *s, const n1_alphabet *a, uint8_t *out, size_t capacity, size_t *written);
#endif
