/* Adaptive modes, encoder. */
#include "modes/adaptive/adaptive.h"
#include "converter/values.h"

int n1_adaptive_takes(const n1_shape *s)
{
    return s->n_samples >= N1_ADAPTIVE_MIN_SAMPLES && s->n_channels >= 1 && s->n_channels <= N1_ADAPTIVE_CHANNELS;
}

size_t n1_adaptive_need(n1_mode mode, const n1_params *p)
{
    return mode == N1_MODE_BACKWARD ? n1_backward_need(p) : n1_mixed_need(p);
}

static n1_params most_counts(size_t n_channels)
{
    const int few = n_channels < N1_MANY_CHANNELS;
    n1_params p;
    memset(&p, 0, sizeof p);
    p.channels = (uint16_t)n_channels;
    p.own = few ? N1_FEW_OWN : N1_MANY_OWN;
    p.neighbours = few ? N1_FEW_NEIGHBOURS : N1_MANY_NEIGHBOURS;
    p.past = few ? N1_FEW_PAST : N1_MANY_PAST;
    p.sets = N1_MAX_WIDTH_SETS;
    return p;
}

int n1_adaptive_within(const n1_params *p)
{
    const n1_params most = most_counts(p->channels);
    return p->own <= most.own && p->neighbours <= most.neighbours && p->past <= most.past;
}

size_t n1_adaptive_state(size_t n_channels)
{
    const n1_params p = most_counts(n_channels);
    const size_t backward = n1_adaptive_need(N1_MODE_BACKWARD, &p), mixed = n1_adaptive_need(N1_MODE_MIXED, &p);
    return backward > mixed ? backward : mixed;
}

/* The forward mode's arrays (12 bytes a sample and more) serve the samples in time order, then the records of rANS. */
uint64_t n1_adaptive_workspace(const n1_shape *s)
{
    const size_t c = s->n_channels;
    const uint64_t all = (uint64_t)s->n_samples * c;
    uint64_t total = all * 2 + n1_block_bound(s) + 128;                            /* codes; samples of other channels */
    total += n1_adaptive_plan_size(c);                                          /* counts */
    total += c * (8192 + 64 * sizeof(int64_t)) + 16384;                          /* white residuals, their products */
    total += c * (2 * sizeof(uint16_t) + N1_MAX_NEIGHBOURS * sizeof(uint16_t) + 1);
    /* fewer channels may take more of a state each */
    size_t state = n1_adaptive_state(c), few = n1_adaptive_state(c < 7 ? c : 7);
    return total + (few > state ? few : state) + 16 * 64 + 65536;
}

/* The channels of the alphabet that most modelled channels have. */
static size_t choose_members(const n1_forward *c, uint16_t *member, uint16_t *other, unsigned *alphabet)
{
    size_t count[N1_MAX_ALPHABETS] = {0}, n = 0, rest = 0;
    for (size_t i = 0; i < c->g.n_channels; i++)
        if (c->channel[i].kind == N1_CHANNEL_MODEL)
            count[c->channel[i].alphabet]++;
    *alphabet = 0;
    for (unsigned a = 1; a < c->n_alphabets; a++)
        if (count[a] > count[*alphabet])
            *alphabet = a;
    for (size_t i = 0; i < c->g.n_channels; i++)
        if (c->channel[i].kind == N1_CHANNEL_MODEL && c->channel[i].alphabet == *alphabet)
            member[n++] = (uint16_t)i;
        else
            other[rest++] = (uint16_t)i;
    return n;
}

/* Codes frame after frame, of the samples themselves: int16, an arithmetic progression. */
static void codes_of_progression(const n1_alphabet *a, const int16_t *samples, const n1_shape *s,
                                 const uint16_t *member, size_t n, uint16_t *codes)
{
    const uint32_t first = (uint32_t)a->first;
    const uint64_t reciprocal = (((uint64_t)1 << 32) + a->stride - 1) / a->stride;
    for (size_t t = 0; t < s->n_samples; t++, samples += s->n_channels, codes += n)
        if (a->stride == 1)
            for (size_t i = 0; i < n; i++)
                codes[i] = (uint16_t)(((uint32_t)samples[member[i]] - first) >> a->raw_bits);
        else /* exact: below 2^16, and a multiple of the stride */
            for (size_t i = 0; i < n; i++) {
                const uint64_t above = (uint32_t)samples[member[i]] - first;
                codes[i] = (uint16_t)((above * reciprocal) >> 32 >> a->raw_bits);
            }
}

/* Codes frame after frame. time: the samples, channels in time order. */
static void make_codes(const n1_alphabet *a, const void *samples, const int32_t *time, const n1_shape *s,
                       const uint16_t *member, size_t n, uint16_t *codes)
{
    const size_t n_samples = s->n_samples;
    if (s->dtype == N1_INT16 && a->kind == N1_LATTICE_STRIDE) {
        codes_of_progression(a, samples, s, member, n, codes);
        return;
    }
    for (size_t t0 = 0; t0 < n_samples; t0 += 16) {
        const size_t t1 = t0 + 16 < n_samples ? t0 + 16 : n_samples;
        for (size_t i = 0; i < n; i++) {
            const int32_t *v = time + member[i] * n_samples;
            for (size_t t = t0; t < t1; t++)
                codes[t * n + i] = (uint16_t)(n1_full_code(a, v[t]) >> a->raw_bits);
        }
    }
}

static int64_t packet(n1_mode mode, n1_kernel kernel, const n1_params *p, const uint16_t *codes, size_t n_samples,
                      n1_arena a, uint8_t *dst, size_t capacity)
{
    const size_t need = n1_adaptive_need(mode, p);
    void *memory = n1_arena_take(&a, need);
    if (mode == N1_MODE_MIXED) {
        n1_mixed *coder = n1_mixed_init(memory, need, p, kernel >= N1_KERNEL_AVX2);
        return coder ? n1_mixed_encode(coder, codes, n_samples, dst, capacity) : N1_PACKET_NO_ROOM;
    }
    uint64_t *records = n1_arena_take(&a, n_samples * p->channels * sizeof *records);
    n1_backward *coder = n1_backward_init(memory, need, p, kernel >= N1_KERNEL_AVX2);
    return coder && records ? n1_backward_encode(coder, codes, n_samples, records, dst, capacity) : N1_PACKET_NO_ROOM;
}

/* The block of the other channels after its length. 0: no room. */
static int write_others(n1_field_writer *w, const void *samples, const n1_shape *s, const uint16_t *other, size_t rest,
                        int level, n1_kernel kernel, n1_arena a)
{
    const n1_shape shape = {s->n_samples, rest, s->dtype};
    void *gathered = n1_arena_take(&a, s->n_samples * rest * n1_type_size(s->dtype));
    const size_t head = w->size + sizeof(uint32_t);
    size_t size = 0;
    if (!gathered || w->full || w->capacity < head || w->capacity - head < n1_block_bound(&shape))
        return 0;
    n1_gather_channels(samples, s, other, rest, gathered);
    if (n1_forward_or_stored(gathered, &shape, level, kernel, a, w->data + head, w->capacity - head, &size) != N1_OK)
        return 0;
    n1_put_field(w, (uint32_t)size, 32);
    w->size += size;
    return 1;
}

n1_status n1_adaptive_encode(const void *samples, const n1_shape *s, int level, n1_kernel kernel, n1_arena arena,
                              uint8_t *dst, size_t capacity, size_t *written)
{
    const size_t all = s->n_samples * s->n_channels;
    uint16_t *member = n1_arena_take(&arena, s->n_channels * sizeof *member);
    uint16_t *other = n1_arena_take(&arena, s->n_channels * sizeof *other);
    uint16_t *neighbour = n1_arena_take(&arena, s->n_channels * N1_MAX_NEIGHBOURS * sizeof *neighbour);
    uint8_t *set = n1_arena_take(&arena, s->n_channels);
    uint16_t *codes = n1_arena_take(&arena, all * sizeof *codes);
    const n1_arena kept = arena;   /* what follows is in turn: samples in time order, a nested block, the packet */
    int32_t *time = n1_arena_take(&arena, all * sizeof *time);
    n1_forward c;
    unsigned index, rough_bits;
    if (!member || !other || !neighbour || !set || !codes || !time || n1_forward_begin(&c, s, &arena) != N1_OK)
        return N1_ERROR_DST_TOO_SMALL;
    if (!n1_to_time(samples, s, time) || n1_survey(&c, time, s->dtype, &arena, &rough_bits) != N1_OK)
        return N1_ERROR_DST_TOO_SMALL;
    const size_t n = choose_members(&c, member, other, &index), rest = s->n_channels - n;
    n1_alphabet *a = &c.alphabet[index];
    if (n == 0 || a->n_codes < 2)
        return N1_ERROR_DST_TOO_SMALL;
    a->widths = a->kind == N1_LATTICE_NLINK ? N1_WIDTHS_PRIOR : N1_WIDTHS_EVEN;
    make_codes(a, samples, time, s, member, n, codes);

    n1_params p;
    const n1_mode mode = n1_adaptive_counts(level, n, &p);
    p.codes = (uint16_t)a->n_codes;
    p.prior = a->widths == N1_WIDTHS_PRIOR;
    p.prior_first = p.prior ? (uint16_t)a->first : 0;
    if (!n1_adaptive_plan(&p, codes, s->n_samples, member, neighbour, set, kernel, arena))
        return N1_ERROR_DST_TOO_SMALL;

    n1_field_writer w = {dst, capacity, 0, 0, 0, 0};
    n1_put_field(&w, (uint32_t)mode, 8);
    n1_put_field(&w, rest == 0, 1);
    for (size_t i = 0, j = 0; rest && i < s->n_channels; i++) {
        const int is_member = j < n && member[j] == i;
        n1_put_field(&w, (uint32_t)is_member, 1);
        j += (size_t)is_member;
    }
    n1_alphabet_write(&w, a);
    n1_fields_align(&w);
    for (size_t t = 0; a->raw_bits && t < s->n_samples; t++)
        for (size_t i = 0; i < n; i++)
            n1_put_field(&w, n1_full_code(a, time[member[i] * s->n_samples + t]), a->raw_bits);
    n1_fields_align(&w);
    if (rest && !write_others(&w, samples, s, other, rest, level, kernel, kept))
        return N1_ERROR_DST_TOO_SMALL;
    if (w.full)
        return N1_ERROR_DST_TOO_SMALL;
    const int64_t params = n1_params_write(&p, dst + w.size, capacity - w.size);
    if (params < 0)
        return N1_ERROR_DST_TOO_SMALL;
    const size_t at = w.size + (size_t)params;
    const int64_t size = packet(mode, kernel, &p, codes, s->n_samples, kept, dst + at, capacity - at);
    if (size < 0)
        return N1_ERROR_DST_TOO_SMALL;
    *written = at + (size_t)size;
    return N1_OK;
}
