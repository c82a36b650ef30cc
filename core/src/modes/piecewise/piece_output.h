/* piece_output.h - encoder: what a block is put together of; headers, raw bits and records of what is to be coded grow side by side. */
#ifndef N1_MODES_PIECEWISE_PIECE_OUTPUT_H
#define N1_MODES_PIECEWISE_PIECE_OUTPUT_H
#include "modes/part.h"
#include "modes/piecewise/piece_header.h"
#include "modes/piecewise/piece_trial.h"

typedef struct {
    const n1_shape *shape;
    const n1_encode_kernels *k;
    uint64_t *record;
    size_t n_records;
    size_t room;              /* of header and raw bits each, */
    size_t form_room;         /* and of forms */
    uint8_t *header_bytes, *raw_bytes, *form_bytes;
    n1_bitwriter header, raw, forms;
    int formed;               /* some channel has a form */
    unsigned listed_bits, wide_bits;
    n1_part *part;            /* whose bits are wanted, or NULL */
} n1_piece_output;

void n1_piece_output_take(n1_piece_output *o, n1_arena *a, const n1_shape *s);
void n1_piece_output_begin(n1_piece_output *o, const n1_encode_kernels *k, n1_part *part);
/* Bits of a channel's headers, in 4096ths. */
uint64_t n1_piece_header_bits(n1_piece_output *o, const n1_piece_trial *r, size_t channel);
/* A channel with its codes, from the first one's. */
void n1_piece_output_put(n1_piece_output *o, const n1_piece_trial *r, const int32_t *code, size_t channel);
int n1_piece_output_overran(const n1_piece_output *o);
/* Headers, raw bits, forms and words, one after the other. */
n1_status n1_piece_output_write(n1_piece_output *o, uint8_t *dst, size_t capacity, size_t *written);
#endif
