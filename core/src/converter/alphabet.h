/* alphabet.h - which values a converter gives, what numbers (codes) they have, and how wide a code is on the axis of
 * voltages. */
#ifndef N1_CONVERTER_ALPHABET_H
#define N1_CONVERTER_ALPHABET_H
#include "base/arena.h"
#include "base/fields.h"
#include "converter/limits.h"
#include "n1/codec.h"

#define N1_MAX_AXIS 65535u            /* length of the voltage axis, in axis units */
#define N1_MAX_CODE_WIDTH 1023u       /* of a code, in axis units */
#define N1_MAX_ALPHABETS 8u           /* lattices with their width tables in one block */
#define N1_MAX_RAW_BITS 20u           /* low bits of a code that are stored as they are */

typedef enum { N1_LATTICE_STRIDE = 0, N1_LATTICE_NLINK = 1, N1_LATTICE_LIST = 2 } n1_lattice_kind;
typedef enum { N1_WIDTHS_EVEN = 0, N1_WIDTHS_PRIOR = 1, N1_WIDTHS_SENT = 2 } n1_widths_kind;

/* value <-> code <-> edges. code = (full >> raw_bits); full codes count from the lowest used value. */
typedef struct {
    n1_lattice_kind kind;
    int64_t first;            /* value of full code 0 (STRIDE, LIST); first ADC code (NLINK) */
    uint32_t stride;          /* STRIDE: distance of two values */
    uint32_t n_full;          /* full codes */
    uint32_t raw_bits;        /* low bits stored verbatim (STRIDE only) */
    uint32_t n_codes;         /* modelled codes, 1..N1_MAX_CODES */
    n1_widths_kind widths;
    uint32_t unit_bits;       /* mean code width = 2^unit_bits axis units */
    uint32_t step_bits;       /* SENT: log-width step = 2^-step_bits octaves (2 or 3) */
    int8_t *log_width;        /* SENT: log2(width) in steps, one a code */
    int32_t *value;           /* value of each code: NLINK, LIST */
} n1_alphabet;

/* Its arrays, for this many codes. */
static inline void n1_alphabet_take(n1_alphabet *a, n1_arena *arena, size_t n_values, size_t n_widths)
{
    a->value = n1_arena_take(arena, n_values, sizeof *a->value);
    a->log_width = n_widths ? n1_arena_take(arena, n_widths, sizeof *a->log_width) : 0; /* what is read is written there, if it is */
}

static inline int64_t n1_value_of(const n1_alphabet *a, uint32_t full)
{
    return a->kind == N1_LATTICE_STRIDE ? a->first + (int64_t)full * a->stride : (int64_t)a->value[full];
}

/* Width of a code in axis units; above N1_MAX_CODE_WIDTH: it has none. */
uint32_t n1_code_width(const n1_alphabet *a, uint32_t code);
/* Whether all codes are within their limits, and the axis they make. */
int n1_alphabet_fits(const n1_alphabet *a);

int n1_type_holds(n1_type dtype, int64_t value);
void n1_alphabet_write(n1_bitwriter *w, const n1_alphabet *a);
/* Without arrays (NULL) it is read to see where it ends: the numbers, not what each code is. */
n1_status n1_alphabet_read(n1_bitreader *r, n1_alphabet *a, n1_type dtype);
#endif
