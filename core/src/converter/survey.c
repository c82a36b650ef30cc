/* Encoder: find alphabets. */
#include "converter/survey.h"

static int is_n1(const int32_t *v, size_t n)
{
    int32_t wrong = 0;
    for (size_t i = 0; i < n; i++)
        wrong |= n1_nlink_value(n1_nlink_code(v[i])) ^ v[i];
    return !wrong;
}

static n1_channel_stats look_at(const int32_t *v, size_t n)
{
    n1_channel_stats s = {v[0], v[0], 0, 0, 0};
    for (size_t i = 0; i < n; i++) {
        s.low = v[i] < s.low ? v[i] : s.low;
        s.high = v[i] > s.high ? v[i] : s.high;
    }
    if (s.low >= -32768 && s.high <= 32767) /* most other recordings fail within a few samples */
        s.n1 = is_n1(v, n < 64 ? n : 64) && is_n1(v, n);
    uint64_t sum = 0;
    const size_t some = n > 4096 ? 4096 : n;   /* a rough figure will do */
    for (size_t i = 1; i < some; i++)
        sum += v[i] > v[i - 1] ? (uint32_t)v[i] - (uint32_t)v[i - 1] : (uint32_t)v[i - 1] - (uint32_t)v[i];
    const uint64_t step = some > 1 ? sum * 8 / (some - 1) : 0;
    s.step = step > 0xffffffffu ? 0xffffffffu : (uint32_t)step;
    if (!s.n1)
        for (size_t i = 0; i < n && s.stride != 1; i++) {
            uint32_t d = (uint32_t)v[i] - (uint32_t)s.low;
            if (s.stride == 0 || d % s.stride)
                s.stride = n1_gcd(d, s.stride);
        }
    return s;
}

/* Channels whose range dwarfs the usual one (a sync word among electrodes), or whose values are not on the N1's lattice
   where most are, get alphabets of their own. Constant channels belong to none: their value is sent as it is. */
static void group(n1_forward *c, const n1_channel_stats *s)
{
    const size_t n = c->g.n_channels;
    size_t spans[33] = {0}, seen = 0, live = 0, on_n1 = 0;
    for (size_t i = 0; i < n; i++)
        if (!n1_is_constant(&s[i])) {
            spans[n1_ceil_log2((uint32_t)s[i].high - (uint32_t)s[i].low)]++;
            live++;
            on_n1 += s[i].n1 != 0;
        }
    unsigned usual = 0;
    while (usual < 32 && seen + spans[usual] <= live / 2)
        seen += spans[usual++];
    struct {
        int64_t low, high;
        int n1;
    } range[N1_MAX_ALPHABETS] = {{INT64_MAX, INT64_MIN, 2 * on_n1 >= live}};
    for (size_t i = 0; i < n; i++) {
        const n1_channel_stats *t = &s[i];
        const unsigned span = n1_ceil_log2((uint32_t)t->high - (uint32_t)t->low);
        if (n1_is_constant(t) || t->n1 != range[0].n1 || span > usual + 2)
            continue;
        range[0].low = t->low < range[0].low ? t->low : range[0].low;
        range[0].high = t->high > range[0].high ? t->high : range[0].high;
    }
    c->n_alphabets = 1;
    for (size_t i = 0; i < n; i++) {
        const n1_channel_stats *t = &s[i];
        unsigned a = 0;
        if (n1_is_constant(t))
            continue;
        while (a < c->n_alphabets && (t->low < range[a].low || t->high > range[a].high || t->n1 != range[a].n1))
            a++;
        if (a == c->n_alphabets && a < N1_MAX_ALPHABETS) {
            c->n_alphabets++;
            range[a].low = t->low;
            range[a].high = t->high;
            range[a].n1 = t->n1;
        } else if (a == c->n_alphabets) { /* the last one takes what is left */
            a--;
            range[a].low = t->low < range[a].low ? t->low : range[a].low;
            range[a].high = t->high > range[a].high ? t->high : range[a].high;
        }
        c->channel[i].alphabet = (uint8_t)a;
    }
}

static void count_codes(uint32_t *hist, const int32_t *v, size_t n, uint32_t low, uint32_t stride)
{
    if (stride == 1)
        for (size_t t = 0; t < n; t++)
            hist[(uint32_t)v[t] - low]++;
    else
        for (size_t t = 0; t < n; t++)
            hist[((uint32_t)v[t] - low) / stride]++;
}

n1_status n1_nlink_alphabet(n1_alphabet *a, uint32_t low, uint32_t high)
{
    a->kind = N1_LATTICE_NLINK;
    a->widths = N1_WIDTHS_PRIOR;
    a->raw_bits = 0;
    a->unit_bits = 4;
    a->step_bits = 3;
    a->first = low;
    a->n_codes = a->n_full = high - low + 1;
    return n1_alphabet_values(a);
}

/* Values of one alphabet's channels: lattice, then widths. */
static n1_status describe(n1_forward *c, unsigned index, const n1_channel_stats *s, const int32_t *time, n1_type dtype,
                          n1_arena *scratch)
{
    const size_t n_channels = c->g.n_channels, n = c->g.n_samples;
    n1_alphabet *a = &c->alphabet[index];
    int64_t low = INT64_MAX, high = INT64_MIN;
    uint32_t stride = 0;
    uint64_t step = 0;
    size_t members = 0;
    int n1 = dtype == N1_INT16 || dtype == N1_INT32;   /* all values are of the N1's ADC */
    for (size_t i = 0; i < n_channels; i++)
        if (c->channel[i].alphabet == index && !n1_is_constant(&s[i])) {
            low = s[i].low < low ? s[i].low : low;
            high = s[i].high > high ? s[i].high : high;
            n1 = n1 && s[i].n1;
        }
    if (low > high)   /* all channels are constant: an alphabet that nothing uses */
        low = high = 0;
    for (size_t i = 0; i < n_channels; i++)
        if (c->channel[i].alphabet == index && !n1_is_constant(&s[i])) {
            stride = n1_gcd(n1_gcd(s[i].stride, stride), (uint32_t)((int64_t)s[i].low - low));
            if (s[i].n1)
                stride = 1;
            step += s[i].step;
            members++;
        }
    a->raw_bits = 0;
    a->unit_bits = 4;
    a->step_bits = 3;
    a->widths = N1_WIDTHS_EVEN;
    if (n1) {
        const n1_status status = n1_nlink_alphabet(a, n1_nlink_code((int32_t)low), n1_nlink_code((int32_t)high));
        if (status != N1_OK)
            return status;
        const n1_arena saved = *scratch;
        uint32_t *hist = n1_arena_take(scratch, a->n_codes * sizeof *hist);
        if (hist) {
            memset(hist, 0, a->n_codes * sizeof *hist);
            for (size_t i = 0; i < n_channels; i++)
                if (c->channel[i].alphabet == index && !n1_is_constant(&s[i]))
                    for (size_t t = 0; t < n; t++)
                        hist[n1_nlink_code(time[i * n + t]) - a->first]++;
            n1_choose_widths(hist, a, scratch);
        }
        *scratch = saved;
        return N1_OK;
    }
    a->kind = N1_LATTICE_STRIDE;
    a->first = low;
    a->stride = stride ? stride : 1;
    uint64_t n_full = (uint64_t)(high - low) / a->stride + 1;
    if (n_full > 0xffffffffu)
        return N1_ERROR_DST_TOO_SMALL;
    a->n_full = (uint32_t)n_full;
    while (((n_full - 1) >> a->raw_bits) + 1 > N1_MAX_CODES)
        a->raw_bits++;
    if (n_full <= 65536) {
        const n1_arena saved = *scratch;
        uint32_t *hist = n1_arena_take(scratch, 65536 * sizeof *hist);
        if (!hist)
            return N1_ERROR_DST_TOO_SMALL;
        memset(hist, 0, n_full * sizeof *hist);
        for (size_t i = 0; i < n_channels; i++)
            if (c->channel[i].alphabet == index && !n1_is_constant(&s[i]))
                count_codes(hist, time + i * n, n, (uint32_t)low, a->stride);
        uint32_t used = 0;
        for (size_t k = 0; k < n_full; k++)
            used += hist[k] != 0;
        if (used <= N1_MAX_CODES && used < n_full / 4 && used * 8 < members * n) {
            a->kind = N1_LATTICE_LIST;
            uint32_t at = 0;
            for (uint32_t k = 0; k < n_full; k++)
                if (hist[k]) {
                    a->value[at] = (int32_t)(low + (int64_t)k * a->stride);
                    hist[at++] = hist[k];
                }
            a->n_codes = a->n_full = used;
            a->raw_bits = 0;
        } else {
            a->n_codes = (uint32_t)((n_full - 1) >> a->raw_bits) + 1;
        }
        if (a->raw_bits == 0 && n1_learn_widths(hist, a, scratch))
            a->widths = N1_WIDTHS_SENT;
        *scratch = saved;
    }
    if (a->widths == N1_WIDTHS_EVEN && a->kind == N1_LATTICE_STRIDE) {
        /* A sigma of more than 32 codes gains nothing from the lowest bits. step is about 1.1 sigma. */
        uint64_t sigma = members ? step / members / 8 / a->stride : 0;
        while (a->raw_bits < N1_MAX_RAW_BITS && sigma >> a->raw_bits > 40)
            a->raw_bits++;
        a->n_codes = (uint32_t)((n_full - 1) >> a->raw_bits) + 1;
    }
    while (a->unit_bits && (uint64_t)a->n_codes << a->unit_bits > N1_MAX_AXIS)
        a->unit_bits--;
    while (!n1_axis_build(a, c->axis)) {
        if (a->unit_bits == 0)
            return N1_ERROR_DST_TOO_SMALL;
        a->unit_bits--;
    }
    return N1_OK;
}

n1_status n1_survey(n1_forward *c, const int32_t *time, n1_type dtype, n1_arena *scratch, unsigned *rough_bits)
{
    const size_t n_channels = c->g.n_channels, n = c->g.n_samples;
    const n1_arena saved = *scratch;
    n1_channel_stats *s = n1_arena_take(scratch, n_channels * sizeof *s);
    if (!s)
        return N1_ERROR_DST_TOO_SMALL;
    uint64_t step = 0;
    for (size_t i = 0; i < n_channels; i++) {
        s[i] = look_at(time + i * n, n);
        step += s[i].step;
    }
    group(c, s);
    n1_regroup(c, s, *scratch);
    for (unsigned a = 0; a < c->n_alphabets; a++) {
        n1_status status = describe(c, a, s, time, dtype, scratch);
        if (status != N1_OK)
            return status;
    }
    step = step / n_channels / 8 / (c->alphabet[0].kind == N1_LATTICE_NLINK ? 64 : c->alphabet[0].stride);
    *rough_bits = n1_ceil_log2((uint32_t)(step > 65535 ? 65535 : step + 1)) + 1;
    for (size_t i = 0; i < n_channels; i++) {
        n1_channel *p = &c->channel[i];
        p->kind = n1_is_constant(&s[i]) ? N1_CHANNEL_CONSTANT : N1_CHANNEL_MODEL;
    }
    *scratch = saved;
    c->alphabet_bits = n1_alphabet_bits(c->n_alphabets);
    return N1_OK;
}
