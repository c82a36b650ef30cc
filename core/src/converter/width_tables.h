/*
 * width_tables.h - code widths of a recording's converters, learned once and known to all of its blocks, which are coded and
 * decoded with them at hand. Tables are by value, so that a block may have any alphabet.
 *
 *   first value  signed(8)     of the first width
 *   stride - 1   golomb(0)     from value to value
 *   n - 1        golomb(8)     widths of a table
 *   sets - 1     6             tables, one for each converter
 *   k            4             then n x srice(k): 16 times the square root of a width, less 16: what is common to all
 *   sets x { k 4, n x srice(k) } if there are several: how far a table is from that
 *
 * Roots are clamped to 1 .. N1_MOST_WIDTH_ROOT. The last byte is filled with zeros. In steps of a root each code is known as well
 * as it deserves: an error costs as much whatever the code's width.
 */
#ifndef N1_CONVERTER_WIDTH_TABLES_H
#define N1_CONVERTER_WIDTH_TABLES_H
#include "base/fields.h"
#include "converter/alphabet.h"

enum { N1_WIDTH_ROOT = 16 /* of the mean width */, N1_MOST_WIDTH_ROOT = 45, N1_MOST_WIDTH_TABLES = 64 };

typedef struct n1_width_tables {
    int64_t first;
    uint32_t stride, n, sets, id; /* id: the CRC32C of the bytes, by which blocks name them */
    n1_bitreader at;              /* what comes next */
} n1_width_tables;

/* Read the head, and see that all of it is there. */
n1_status n1_width_tables_open(n1_width_tables *t, n1_span bytes);
/* First what is common to all tables, n roots; */
void n1_width_tables_common(n1_width_tables *t, uint8_t *common);
/* then each table in turn: roots of the widths of an alphabet's codes, the mean's where nothing is known. */
void n1_width_tables_next(n1_width_tables *t, const uint8_t *common, const n1_alphabet *a, uint8_t *root);
/* In 1/4096 of the mean. */
static inline uint32_t n1_known_width(uint32_t root) { return root * root * (4096 / (N1_WIDTH_ROOT * N1_WIDTH_ROOT)); }
#endif
