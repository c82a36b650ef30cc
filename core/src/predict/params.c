/*
 * The parameters on the wire: 14 bytes, then, most significant bit first, each channel's neighbours as distances
 * (channel - neighbour; 0: none) and, if there are several sets, each channel's set.
 */
#include "predict/params.h"
#include <string.h>

enum { FIXED = 14 };

static int bits_for(uint32_t most) /* bits that hold 0 .. most */
{
    int n = 0;
    while (most >> n) n++;
    return n;
}

int n1_params_check(const n1_params *p)
{
    if (!p || p->channels < 1 || p->channels > N1_ADAPTIVE_CHANNELS || p->codes < 2 || p->codes > N1_MAX_CODES) return 0;
    if (p->own < 1 || p->own > N1_MAX_OWN || p->neighbours > N1_MAX_NEIGHBOURS || p->past > N1_MAX_PAST) return 0;
    if (p->sets < 1 || p->sets > N1_MAX_WIDTH_SETS || p->prior > 1 || p->sigma < 2 || p->sigma > 30) return 0;
    if (p->contexts < 1 || p->contexts > N1_MAX_CONTEXTS || p->stiff_common > 15 || p->stiff_set > 15) return 0;
    if (p->prior_first >= 1024 || (p->neighbours && !p->neighbour) || (p->sets > 1 && !p->set)) return 0;
    for (uint32_t c = 0; c < p->channels; c++) {
        if (p->sets > 1 && p->set[c] >= p->sets) return 0;
        for (uint32_t i = 0; i < p->neighbours; i++) {
            uint32_t o = p->neighbour[c * p->neighbours + i];
            if (o >= c && o != N1_NO_NEIGHBOUR) return 0;
        }
    }
    return 1;
}

static uint32_t distance(const n1_params *p, uint32_t c, uint32_t i)
{
    uint32_t o = p->neighbour[c * p->neighbours + i];
    return o == N1_NO_NEIGHBOUR ? 0 : c - o;
}

static void put(uint8_t *out, size_t *at, uint32_t v, int bits) /* out is zero beyond *at */
{
    for (int b = bits - 1; b >= 0; b--, ++*at) out[*at / 8] |= (uint8_t)((v >> b & 1U) << (7 - *at % 8));
}

static uint32_t get(const uint8_t *in, size_t *at, int bits)
{
    uint32_t v = 0;
    for (int b = 0; b < bits; b++, ++*at) v = v << 1 | ((uint32_t)in[*at / 8] >> (7 - *at % 8) & 1U);
    return v;
}

int64_t n1_params_write(const n1_params *p, uint8_t *out, size_t capacity)
{
    uint32_t most = 0;
    if (!n1_params_check(p)) return N1_PACKET_PARAMETERS;
    for (uint32_t c = 0; c < p->channels; c++)
        for (uint32_t i = 0; i < p->neighbours; i++)
            if (distance(p, c, i) > most) most = distance(p, c, i);
    int near = bits_for(most), set = bits_for(p->sets - 1U);
    size_t size = FIXED + ((size_t)p->channels * ((size_t)p->neighbours * (size_t)near + (size_t)set) + 7) / 8,
           at = 0;
    if (size > capacity) return N1_PACKET_NO_ROOM;
    memset(out, 0, size);
    put(out, &at, p->channels, 16);
    put(out, &at, p->codes, 16);
    put(out, &at, p->prior_first, 16);
    put(out, &at, p->own, 8);
    put(out, &at, p->neighbours, 8);
    put(out, &at, p->past, 8);
    put(out, &at, p->sets, 8);
    put(out, &at, p->sigma, 8);
    put(out, &at, p->prior, 4);
    put(out, &at, p->contexts, 4);
    put(out, &at, p->stiff_common, 4);
    put(out, &at, p->stiff_set, 4);
    put(out, &at, (uint32_t)near, 8);
    for (uint32_t c = 0; c < p->channels; c++)
        for (uint32_t i = 0; i < p->neighbours; i++) put(out, &at, distance(p, c, i), near);
    for (uint32_t c = 0; set && c < p->channels; c++) put(out, &at, p->set[c], set);
    return (int64_t)size;
}

int64_t n1_params_read(n1_params *p, const uint8_t *in, size_t size, uint16_t *neighbour, size_t n_neighbour,
                       uint8_t *set, size_t n_set)
{
    size_t at = 0;
    if (size < FIXED) return N1_PACKET_DATA;
    memset(p, 0, sizeof *p);
    p->channels = (uint16_t)get(in, &at, 16);
    p->codes = (uint16_t)get(in, &at, 16);
    p->prior_first = (uint16_t)get(in, &at, 16);
    p->own = (uint8_t)get(in, &at, 8);
    p->neighbours = (uint8_t)get(in, &at, 8);
    p->past = (uint8_t)get(in, &at, 8);
    p->sets = (uint8_t)get(in, &at, 8);
    p->sigma = (uint8_t)get(in, &at, 8);
    p->prior = (uint8_t)get(in, &at, 4);
    p->contexts = (uint8_t)get(in, &at, 4);
    p->stiff_common = (uint8_t)get(in, &at, 4);
    p->stiff_set = (uint8_t)get(in, &at, 4);
    int near = (int)get(in, &at, 8), bits = p->sets ? bits_for(p->sets - 1U) : 0;
    size_t list = (size_t)p->channels * p->neighbours;
    if (near > 12 || p->channels > N1_ADAPTIVE_CHANNELS || p->neighbours > N1_MAX_NEIGHBOURS) return N1_PACKET_DATA;
    if (list > n_neighbour || (bits && p->channels > n_set)) return N1_PACKET_NO_ROOM;
    size_t need = FIXED + (list * (size_t)near + (size_t)p->channels * (size_t)bits + 7) / 8;
    if (need > size) return N1_PACKET_DATA;
    for (uint32_t c = 0; c < p->channels; c++)
        for (uint32_t i = 0; i < p->neighbours; i++) {
            uint32_t d = get(in, &at, near);
            if (d > c) return N1_PACKET_DATA;
            neighbour[c * p->neighbours + i] = d ? (uint16_t)(c - d) : (uint16_t)N1_NO_NEIGHBOUR;
        }
    for (uint32_t c = 0; bits && c < p->channels; c++) set[c] = (uint8_t)get(in, &at, bits);
    p->neighbour = neighbour;
    p->set = set;
    return n1_params_check(p) ? (int64_t)need : N1_PACKET_DATA;
}
