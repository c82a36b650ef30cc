/* symbols.h - from samples to a limited alphabet: what the Huffman, arithmetic and rANS coders share.
 *
 * Samples become symbols as tokens.h says; symbols.c chooses how, symbol_table.c writes down which symbols occur.
 */
#ifndef N1_SYMBOLS_H
#define N1_SYMBOLS_H

#include "classic/range_coder.h"
#include "classic/coded_payload.h"
#include "classic/tokens.h"

#define N1_ALPHABET      73728u /* most symbols there could be: 2 * (2^15 + 16 * 2^8), that of 32-bit samples    */
#define N1_MAX_PRECISION 16u    /* frequencies of a static model add up to 2^16 at most                          */

/* The contexts with which symbol tables are coded. */
typedef struct n1_table_models {
    n1_bit_rates rates;
    n1_bit size[18][32];      /* bits of a gap, after that of the gap before  */
    n1_bit gap[18][128];      /* high bits of a gap of so many bits           */
    n1_bit parameter[33][32]; /* code length or size of count, after the last */
} n1_table_models;

/* The symbols of an array, and what is known of each. `rank` is the position of a symbol among those that occur. */
typedef struct n1_symbols {
    n1_tokens tokens;
    uint32_t n;                         /* symbols that occur                                    */
    int plain;                          /* whether no symbol has raw bits                        */
    uint32_t symbol[N1_MAX_SYMBOLS];    /* by rank, ascending                                    */
    uint32_t lowest[N1_MAX_SYMBOLS];    /* by rank: the smallest key of those it stands for      */
    uint8_t raw[N1_MAX_SYMBOLS];        /* by rank: how many bits sent as they are follow it     */
    uint32_t count[N1_MAX_SYMBOLS];     /* by rank: occurrences; the decoder's are approximate   */
    uint16_t rank[N1_ALPHABET];         /* by symbol; encoder only                               */
    uint32_t histogram[2][N1_ALPHABET]; /* encoder only                                          */
    n1_table_models models;
} n1_symbols;

/* Encoder: choose the tokens and fill everything in. */
void n1_symbols_analyse(n1_symbols *symbols, const void *samples, const n1_layout *layout);
/* Encoder: ranks and raw bits of `count` samples from `first` on. */
void n1_symbols_split(const n1_symbols *symbols, const void *samples, const n1_layout *layout, size_t first,
                      size_t count, uint16_t *ranks, uint32_t *raw);

/* The set of symbols that occur, without their frequencies; after it, symbols->models is ready for parameters. */
void n1_symbols_write(n1_symbols *symbols, n1_range_encoder *e);
n1_status n1_symbols_read(n1_symbols *symbols, const n1_layout *layout, n1_range_decoder *d);

/* The counts, rounded as they are sent: afterwards encoder and decoder hold the same `count`. */
void n1_counts_write(n1_symbols *symbols, n1_range_encoder *e);
n1_status n1_counts_read(n1_symbols *symbols, n1_range_decoder *d);

/* Bits of precision that a static model of n symbols has. */
unsigned n1_precision(uint32_t n);
/* Frequencies in proportion to the counts, each at least 1, that add up to 2^precision exactly. */
void n1_normalise(const n1_symbols *symbols, unsigned precision, uint32_t *frequency);

#endif
