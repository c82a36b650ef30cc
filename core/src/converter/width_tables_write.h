/* width_tables_write.h - encoder: tables of code widths, as width_tables.h has them, are written. */
#ifndef N1_CONVERTER_WIDTH_TABLES_WRITE_H
#define N1_CONVERTER_WIDTH_TABLES_WRITE_H
#include "converter/width_tables.h"

void n1_width_tables_write_head(n1_bitwriter *w, int32_t first, uint32_t stride, size_t n, uint32_t sets);
/* What is common, less the usual root, or how far a table is from that; rest: folded (n1_fold_sign). */
void n1_width_tables_write_roots(n1_bitwriter *w, const uint32_t *rest, size_t n);
#endif
