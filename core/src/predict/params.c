/*
 * The parameters on the wire: 14 bytes, then, most significant bit first, each channel's neighbours as distances
 * (channel - neighbour; 0: none) and, if there are several width sets, each channel's set.
 */
#include "predict/params.h"
#include "base/bits.h"
#include "base/status.h"
#include "converter/nlink.h"
#include <string.h>

#define MOST_NEAR 12u /* bits of a distance */

static unsigned bits_for(uint32_t most) /* bits that hold 0 .. most */
{
    unsigned n = 0;
    while (most >> n)
        n++;
    return n;
}

int n1_params_check(const n1_params *p)
{
    const n1_width_priors *w = &p->widths;
    if (p->channels < 1 || p->channels > N1_ADAPTIVE_CHANNELS || w->codes < 2 || w->codes > N1_MAX_CODES)
        return 0;
    if (p->own < 1 || p->own > N1_MAX_OWN || p->neighbours > N1_MAX_NEIGHBOURS || p->past > N1_MAX_PAST)
        return 0;
    if (w->sets < 1 || w->sets > N1_MAX_WIDTH_SETS || w->prior > 1 || p->sigma < 2 || p->sigma > 30)
        return 0;
    if (p->contexts < 1 || p->contexts > N1_MAX_CONTEXTS || w->stiff_common > 15 || w->stiff_set > 15)
        return 0;
    if (w->prior_first >= N1_NLINK_CODES || (p->neighbours && !p->neighbour) || (w->sets > 1 && !p->set))
        return 0;
    for (uint32_t c = 0; c < p->channels; c++) {
        if (w->sets > 1 && p->set[c] >= w->sets)
            return 0;
        for (uint32_t i = 0; i < p->neighbours; i++) {
            uint32_t o = p->neighbour[c * p->neighbours + i];
            if (o >= c && o != N1_NO_NEIGHBOUR)
                return 0;
        }
    }
    return 1;
}

static uint32_t distance(const n1_params *p, uint32_t c, uint32_t i)
{
    uint32_t o = p->neighbour[c * p->neighbours + i];
    return o == N1_NO_NEIGHBOUR ? 0 : c - o;
}

n1_status n1_params_write(const n1_params *p, uint8_t *out, size_t capacity, size_t *written)
{
    const n1_width_priors *s = &p->widths;
    uint32_t most = 0;
    n1_bitwriter w;
    if (!n1_params_check(p))
        return N1_ERROR_INTERNAL;
    for (uint32_t c = 0; c < p->channels; c++)
        for (uint32_t i = 0; i < p->neighbours; i++)
            most = distance(p, c, i) > most ? distance(p, c, i) : most;
    const unsigned near = bits_for(most), set = bits_for(s->sets - 1U);
    n1_bitwriter_init(&w, out, capacity);
    n1_put_bits(&w, p->channels, 16);
    n1_put_bits(&w, s->codes, 16);
    n1_put_bits(&w, s->prior_first, 16);
    n1_put_bits(&w, p->own, 8);
    n1_put_bits(&w, p->neighbours, 8);
    n1_put_bits(&w, p->past, 8);
    n1_put_bits(&w, s->sets, 8);
    n1_put_bits(&w, p->sigma, 8);
    n1_put_bits(&w, s->prior, 4);
    n1_put_bits(&w, p->contexts, 4);
    n1_put_bits(&w, s->stiff_common, 4);
    n1_put_bits(&w, s->stiff_set, 4);
    n1_put_bits(&w, near, 8);
    for (uint32_t c = 0; c < p->channels; c++)
        for (uint32_t i = 0; i < p->neighbours; i++)
            n1_put_bits(&w, distance(p, c, i), near);
    for (uint32_t c = 0; set && c < p->channels; c++)
        n1_put_bits(&w, p->set[c], set);
    if (n1_bitwriter_finish(&w) != N1_OK)
        return N1_NOT_APPLICABLE;
    *written = (size_t)(w.p - out);
    return N1_OK;
}

static uint32_t get(n1_bitreader *r, unsigned bits)
{
    n1_refill(r);
    return n1_take_bits(r, bits);
}

/* The head's bits; *near: those of a distance. */
static void read_head(n1_params *p, n1_bitreader *r, unsigned *near)
{
    memset(p, 0, sizeof *p);
    p->channels = (uint16_t)get(r, 16);
    p->widths.codes = (uint16_t)get(r, 16);
    p->widths.prior_first = (uint16_t)get(r, 16);
    p->own = (uint8_t)get(r, 8);
    p->neighbours = (uint8_t)get(r, 8);
    p->past = (uint8_t)get(r, 8);
    p->widths.sets = (uint8_t)get(r, 8);
    p->sigma = (uint8_t)get(r, 8);
    p->widths.prior = (uint8_t)get(r, 4);
    p->contexts = (uint8_t)get(r, 4);
    p->widths.stiff_common = (uint8_t)get(r, 4);
    p->widths.stiff_set = (uint8_t)get(r, 4);
    *near = get(r, 8);
}

static unsigned set_bits(const n1_params *p) { return p->widths.sets ? bits_for(p->widths.sets - 1U) : 0; }

static n1_status open(n1_params *p, const uint8_t *in, size_t size, n1_bitreader *r, unsigned *near, size_t *whole)
{
    n1_bitreader_init(r, in, size);
    if (size < N1_PARAMS_HEAD)
        return N1_ERROR_TRUNCATED;
    read_head(p, r, near);
    if (*near > MOST_NEAR || p->channels > N1_ADAPTIVE_CHANNELS || p->neighbours > N1_MAX_NEIGHBOURS
        || p->past > N1_MAX_PAST || p->own > N1_MAX_OWN || p->widths.sets > N1_MAX_WIDTH_SETS
        || p->widths.codes > N1_MAX_CODES)
        return N1_ERROR_CORRUPT;
    *whole = N1_PARAMS_HEAD + (p->channels * ((size_t)p->neighbours * *near + set_bits(p)) + 7) / 8;
    return *whole > size ? N1_ERROR_TRUNCATED : N1_OK;
}

n1_status n1_params_head(n1_params *p, const uint8_t *in, size_t size, size_t *whole)
{
    n1_bitreader r;
    unsigned near;
    return open(p, in, size, &r, &near, whole);
}

n1_status n1_params_read(n1_params *p, const uint8_t *in, size_t size, uint16_t *neighbour, uint8_t *set, size_t *used)
{
    n1_bitreader r;
    unsigned near;
    const n1_status status = open(p, in, size, &r, &near, used);
    if (status != N1_OK)
        return status;
    const unsigned bits = set_bits(p);
    for (uint32_t c = 0; c < p->channels; c++)
        for (uint32_t i = 0; i < p->neighbours; i++) {
            const uint32_t d = get(&r, near);
            if (d > c)
                return N1_ERROR_CORRUPT;
            neighbour[c * p->neighbours + i] = d ? (uint16_t)(c - d) : (uint16_t)N1_NO_NEIGHBOUR;
        }
    for (uint32_t c = 0; bits && c < p->channels; c++)
        set[c] = (uint8_t)get(&r, bits);
    p->neighbour = neighbour;
    p->set = set;
    return n1_params_check(p) ? N1_OK : N1_ERROR_CORRUPT;
}
