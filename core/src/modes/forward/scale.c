/* Encoder: choose the scale and the law of a channel from the residuals of its predictor. */
#include "base/log2.h"
#include "modes/forward/fit.h"

#include <string.h>

enum { FIRST = N1_TALLY_WIDTHS, LAST, FAR = 1 << 20 };
#define MEASURED 4096u   /* samples that tell the scale, about, */
#define SEARCHED 12288u  /* and that a search looks at */

/* About 256 * log2(v): the exponent, then m + 0.344 m (1 - m) for the fraction. Good to 0.01 bit, which is
   enough to compare laws. */
static uint32_t rough_log2_q8(uint32_t v)
{
    uint32_t whole = 0;
    for (uint32_t step = 16; step; step >>= 1)
        if (v >> (whole + step))
            whole += step;
    const uint32_t m = ((whole <= 16 ? v << (16 - whole) : v >> (whole - 16)) & 0xffff);
    const uint32_t bend = (((m * (65536 - m)) >> 16) * 22525) >> 16;
    return (whole << 8) + ((m + bend) >> 8);
}

/* Residuals in classes: distances in steps of 1/16 to 1/8 sigma, widths in half octaves around the mean width. What is beyond
 * 8 sigma and more is as far for every law. */
static void count_residuals(n1_tally *t, const n1_axis *x, const n1_lane_job *job, size_t stride, int32_t sigma)
{
    const size_t n = job->rows * job->lanes;
    t->shift = sigma >= 3 * 16 ? (unsigned)(sigma >> 4) - 3 : 0;
    memset(t->count, 0, sizeof t->count);
    t->first = N1_TALLY_REACH;
    t->last = -N1_TALLY_REACH;
    for (size_t i = job->lanes; i < n; i += stride) {
        const uint32_t pair = x->pair[job->code[i]], low = pair & 0xffff, high = pair >> 16;
        int32_t at = (((int32_t)(low + high) >> 1) - job->mu[i]) >> t->shift;
        at = at < -N1_TALLY_REACH ? -N1_TALLY_REACH : at >= N1_TALLY_REACH ? N1_TALLY_REACH - 1 : at;
        t->count[at + N1_TALLY_REACH][t->class_of[job->code[i]]]++;
        t->first = at < t->first ? at : t->first;
        t->last = at > t->last ? at : t->last;
    }
}

/* The class of each code by its width, and the mean width of each class. */
static void class_widths(n1_tally *t, const n1_axis *x)
{
    uint32_t sum[N1_TALLY_CLASSES] = {0}, n[N1_TALLY_CLASSES] = {0};
    for (uint32_t k = 0; k < x->n_codes; k++) {
        const uint32_t width = (x->pair[k] >> 16) - (x->pair[k] & 0xffff);
        const int32_t octaves = (int32_t)rough_log2_q8(width | 1) - (int32_t)(256 * x->guess_shift);
        const int32_t c = (octaves + 64 * N1_TALLY_WIDTHS + 64) / 128;
        t->class_of[k] = (uint8_t)(k == 0 ? FIRST : k + 1 == x->n_codes ? LAST
                                   : c < 0 ? 0 : c >= N1_TALLY_WIDTHS ? N1_TALLY_WIDTHS - 1 : c);
        sum[t->class_of[k]] += width;
        n[t->class_of[k]]++;
    }
    for (unsigned c = 0; c < N1_TALLY_CLASSES; c++)
        t->width[c] = n[c] ? (int32_t)((sum[c] + n[c] / 2) / n[c]) : 0;
}

/* The law between two entries of its table: what lies in a class is spread over steps of it. */
static uint32_t below(const n1_axis *x, const n1_scale *s, int32_t d)
{
    d = d < -s->limit ? -s->limit : d > s->limit ? s->limit : d;
    const int32_t at = d * s->inverse, i = (at >> 12) + N1_CDF_HALF, next = i + 1 < N1_CDF_LEN ? i + 1 : i;
    return x->cdf[i] + (uint32_t)(((uint64_t)(x->cdf[next] - x->cdf[i]) * (uint32_t)(at & 4095)) >> 12);
}

/* Bits, in 256ths, of the residuals under a scale and a law. The law's tables must be in place. */
static uint64_t law_cost(const n1_tally *t, const n1_axis *x, unsigned sigma, unsigned law)
{
    const n1_scale s = n1_scale_of(sigma, law);
    uint64_t cost = 0;
    for (int32_t at = t->first; at <= t->last; at++) {
        const uint32_t *const count = t->count[at + N1_TALLY_REACH];
        const int32_t middle = at * (1 << t->shift) + ((1 << t->shift) >> 1);
        for (unsigned c = 0; c < N1_TALLY_CLASSES; c++) {
            if (!count[c])
                continue;
            const int32_t low = middle - (t->width[c] >> 1), high = low + t->width[c];
            const uint32_t mass = below(x, &s, c == LAST ? FAR : high) - below(x, &s, c == FIRST ? -FAR : low) + 1;
            cost += (uint64_t)count[c] * (N1_PROB_BITS * 256 - rough_log2_q8(mass));
        }
    }
    return cost;
}

/* Walk from *sigma towards less cost. */
static uint64_t best_scale(const n1_tally *t, const n1_axis *x, int32_t *sigma, unsigned law)
{
    uint64_t best = law_cost(t, x, (unsigned)*sigma, law);
    for (int32_t way = -1; way <= 1; way += 2) {
        int moved = 0;
        while (*sigma + way >= 0 && *sigma + way <= N1_SIGMA_MAX) {
            const uint64_t cost = law_cost(t, x, (unsigned)(*sigma + way), law);
            if (cost >= best)
                break;
            best = cost;
            *sigma += way;
            moved = 1;
        }
        if (moved)
            break;
    }
    return best;
}

int32_t n1_fit_scale(n1_forward *f, size_t channel, const n1_lane_job *job, const n1_effort *effort, const n1_encode_kernels *k,
                  n1_tally *tally)
{
    n1_channel *p = &f->channel[channel];
    const size_t n = job->rows * job->lanes, first = job->lanes;
    const size_t every = n > 2 * MEASURED ? n / MEASURED : 1;
    n1_residuals r = {.limit = UINT32_MAX, .far = UINT32_MAX};
    for (int round = 0; round < 3 && job->rows > 1; round++) {
        k->residuals(job, every, &r);
        const uint64_t mean = r.within ? r.sum / r.within : 0, limit = 16 * mean + 16, nine = 9 * mean + 9;
        if (!r.within || round == 2)
            break;
        r.limit = limit < UINT32_MAX ? (uint32_t)limit : UINT32_MAX;   /* leave out what is beyond 4 sigma */
        r.far = nine < UINT32_MAX ? (uint32_t)nine : UINT32_MAX;
    }
    const uint64_t count = r.within, sum = r.sum, all = r.all, far = r.beyond;
    uint64_t variance = count ? (sum << 8) / count : 0;
    /* a code's own width adds its square / 12 */
    uint64_t own = ((uint64_t)256 << (2 * f->axis->guess_shift)) / 12;
    variance = variance > own + 256 ? variance - own : 256;
    int32_t sigma = (n1_log2_q8(variance) - 8 * 256 + 16) / 32;
    /* A normal law leaves 0.27 % beyond 3 sigma, laws 1 to 3 about 0.8, 2 and 6 %. */
    static const int32_t core[N1_LAWS] = {0, 1, 4, 7};   /* the core is narrower than the whole */
    unsigned law = 0;
    while (law < 3 && far * 1000 > all * (law == 0 ? 5u : law == 1 ? 14u : 35u))
        law++;
    sigma -= core[law];
    sigma = sigma < 0 ? 0 : sigma > N1_SIGMA_MAX ? N1_SIGMA_MAX : sigma;
    p->sigma = (uint8_t)sigma;
    p->law = (uint8_t)law;
    if (!effort->search || n <= first || n < 4 * first)
        return p->sigma * 16 + 524 - (int32_t)(256 * f->axis->guess_shift); /* log2(sigma sqrt(2 pi e)) */
    const size_t stride = n > 2 * SEARCHED ? n / SEARCHED | 1 : 1;
    if (tally->alphabet != p->alphabet) {
        class_widths(tally, f->axis);
        tally->alphabet = p->alphabet;
    }
    count_residuals(tally, f->axis, job, stride, sigma);
    uint64_t best = ~(uint64_t)0;
    for (unsigned l = law ? law - 1 : 0; l < N1_LAWS; l++) {
        int32_t s = sigma;
        p->law = (uint8_t)l;
        if (!n1_forward_use(f, (unsigned)channel))
            break;
        const uint64_t cost = best_scale(tally, f->axis, &s, l);
        if (cost >= best && l > law)
            break;
        if (cost < best) {
            best = cost;
            p->sigma = (uint8_t)s;
            law = l;
        }
    }
    p->law = (uint8_t)law;
    return (int32_t)(best / ((n - first + stride - 1) / stride));
}
