/* rans_write.h - the encoder of rans.h: it runs backwards over records of what is to be coded. */
#ifndef N1_ENTROPY_RANS_WRITE_H
#define N1_ENTROPY_RANS_WRITE_H
#include "entropy/rans.h"
#include "kernels/table.h"

static inline uint64_t n1_rans_record(uint32_t start, uint32_t freq, uint32_t state)
{
    return (uint64_t)freq << 32 | state << 24 | start;
}

/* Its states, and where the words are: they grow downwards from the buffer's end, down to `least`. */
typedef struct n1_rans_writer {
    uint64_t x[N1_RANS_STATES];
    uint8_t *p, *least;
} n1_rans_writer;

/* Write `n` records into out[0..capacity): returns bytes, or -1 when they do not fit. */
int64_t n1_rans_write(const uint64_t *records, size_t n, int states, const n1_encode_kernels *k, uint8_t *out,
                      size_t capacity);
/* The same of two states by turns: records are of no state, the first is the first one's. */
int64_t n1_rans_write_turns(const uint64_t *records, size_t n, const n1_encode_kernels *k, uint8_t *out, size_t capacity);
#endif
