/* echo_parts_encode.h - encoder: what of a block is coded, one after the other, so that memory and stack are those of one at a time:
 * the first period, what is left of all other frames, and in doubt, or where nothing echoes, all frames. */
#ifndef N1_WIRE_ECHO_PARTS_ENCODE_H
#define N1_WIRE_ECHO_PARTS_ENCODE_H
#include "base/arena.h"
#include "wire/echo.h"

typedef enum { N1_FIRST_PERIOD, N1_OTHER_FRAMES, N1_ALL_FRAMES, N1_NO_MORE } n1_echo_stage;

typedef struct {
    const void *block;  /* all samples, */
    const n1_shape *s;
    n1_echo echo;
    uint8_t *dst;
    size_t capacity, done; /* bytes that stand in dst */
    n1_arena whole;
    const uint8_t *which;
    n1_echo_stage stage;
    const void *samples; /* and what is to be coded next: into `at`, by the memory of the arena */
    n1_shape shape;
    n1_arena arena;
    uint8_t *at;
    size_t room, written;
} n1_echo_parts;

void n1_echo_parts_start(n1_echo_parts *p, const void *samples, const n1_shape *s, const n1_echo *echo, n1_arena arena, uint8_t *dst, size_t capacity);
/* Memory, where so much is enough for each part and for all frames. */
uint64_t n1_echo_parts_measure(const n1_shape *s, size_t others, uint64_t part, uint64_t all);
n1_status n1_echo_part_begin(n1_echo_parts *p);
/* Put the bytes written for the part in their place. */
void n1_echo_part_end(n1_echo_parts *p);
#endif
