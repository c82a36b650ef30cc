/* tokens.h - a sample as one of a limited number of symbols and some bits sent as they are.
 *
 * Let d be the key of a sample minus the base, as a signed number of the sample's width w, and u = d if d >= 0, else
 * -1 - d. A u below 2^split is a symbol of its own. A larger u, whose highest bit is bit e, shares its symbol with all
 * that agree in e and in the `mantissa` bits below; the e - mantissa bits below these are sent as they are (for d < 0
 * inverted, so that they count upwards). Symbols are numbered in the order of d, 0 to 2 * side - 1. Samples of 8 or 16
 * bits usually have split = w - 1: one symbol for each value. (This is the "hybrid integer" idea of JPEG XL's entropy
 * coder.)
 */
#ifndef N1_TOKENS_H
#define N1_TOKENS_H

#include "base/bits.h"

#define N1_MAX_SPLIT    15u /* values below 2^15 on either side of the base can be symbols of their own      */
#define N1_MAX_MANTISSA 8u  /* most bits below the leading one that a symbol can tell                        */

/* How a sample becomes a symbol and bits sent as they are. */
typedef struct n1_tokens {
    unsigned width;    /* bits of a sample                                                    */
    unsigned split;    /* distances from the base below 2^split are symbols of their own      */
    unsigned mantissa; /* bits below the leading one that the symbols of larger distances tell */
    uint32_t base;     /* key from which distances are taken                                  */
    uint32_t side;     /* symbols on either side of the base                                  */
} n1_tokens;

static inline int n1_tokens_valid(unsigned width, unsigned split, unsigned mantissa)
{
    if (split >= width - 1)
        return split == width - 1 && split <= N1_MAX_SPLIT && mantissa == 0;
    return split <= N1_MAX_SPLIT && mantissa <= split && mantissa <= N1_MAX_MANTISSA;
}

static inline n1_tokens n1_make_tokens(unsigned width, unsigned split, unsigned mantissa, uint32_t base)
{
    n1_tokens t = {width, split, mantissa, split == width - 1 ? 1u << (width - 1) : base, 0};

    t.side = (1u << split) + ((width - 1 - split) << mantissa);
    return t;
}

static inline uint32_t n1_to_symbol(const n1_tokens *t, uint32_t key)
{
    uint32_t d = (key - t->base) << (32 - t->width);
    uint32_t negative = d >> 31;
    uint32_t u = (negative ? ~d : d) >> (32 - t->width);

    if (u >> t->split) {
        unsigned e = n1_log2(u);
        u = (1u << t->split) + ((e - t->split) << t->mantissa) + ((u >> (e - t->mantissa)) - (1u << t->mantissa));
    }
    return negative ? t->side - 1 - u : t->side + u;
}

/* The smallest key of a symbol (modulo 2^width), and how many bits follow it. */
static inline uint32_t n1_from_symbol(const n1_tokens *t, uint32_t symbol, unsigned *raw)
{
    int negative = symbol < t->side;
    uint32_t u = negative ? t->side - 1 - symbol : symbol - t->side;

    *raw = 0;
    if (u >> t->split) {
        uint32_t above = u - (1u << t->split);
        unsigned e = t->split + (above >> t->mantissa);
        *raw = e - t->mantissa;
        u = ((1u << t->mantissa) + (above & ((1u << t->mantissa) - 1))) << *raw;
    }
    if (negative)
        u = ~(u + (1u << *raw) - 1);
    return (t->base + u) & (0xFFFFFFFFu >> (32 - t->width));
}

#endif
