/* Encoder of the piecewise mode: what a channel takes around its steps, or all over it. */
#include "modes/piecewise/piece_parts.h"

#include <string.h>

#define PARTS  64u    /* at most; */
#define FEWEST 8u     /* of shorter channels, */
#define SHARE  3072u  /* one for so many frames */
#define PART   256u
#define BEFORE 96u    /* frames of a part before its step; */
#define SEAM   64u    /* the first ones do not count */
#define LEAST  8192u  /* frames of a channel that is looked at in parts */

static size_t parts_of(size_t n) { return n / SHARE < FEWEST ? FEWEST : n / SHARE < PARTS ? n / SHARE : PARTS; }

void n1_piece_parts_take(n1_piece_parts *p, n1_arena *a, size_t n, unsigned others)
{
    const size_t most = n < LEAST ? 0 : n1_piece_stride(parts_of(n) * PART);
    p->parts = parts_of(n);
    p->n = n < LEAST ? 0 : n;
    for (unsigned i = 0; i <= others; i++) {
        int32_t *const code = n1_arena_take(a, most, sizeof *code);
        if (code && most)
            memset(code, 0, N1_PIECE_HISTORY * sizeof *code);
        *(i ? &p->other[i - 1] : &p->code) = code && most ? code + N1_PIECE_HISTORY : code;
    }
}

void n1_piece_parts_choose(n1_piece_parts *p, const n1_piece_steps *s)
{
    p->frame = s ? s->frame : NULL;
    p->n_steps = s ? s->n : 0;
}

/* Where a part begins. */
static size_t place_of(const n1_piece_parts *p, size_t i)
{
    if (!p->n_steps)
        return i * (p->n - PART) / (p->parts - 1);
    const size_t step = p->frame[i * p->n_steps / p->parts], at = step < BEFORE ? 0 : step - BEFORE;
    return at < p->n - PART ? at : p->n - PART;
}

double n1_piece_parts_share(const n1_piece_parts *p)
{
    size_t some = 0;
    if (!p->n_steps)
        return (double)p->n / (double)(p->parts * (PART - SEAM));
    for (size_t i = 0; i < p->parts; i++) {
        const size_t from = place_of(p, i);
        for (size_t j = i * p->n_steps / p->parts; j < p->n_steps && p->frame[j] < from + PART; j++)
            some += p->frame[j] >= from + SEAM;
    }
    return some ? (double)p->n_steps / (double)some : 0.0;
}

static void gather(const n1_piece_parts *p, const int32_t *code, int32_t *out, double *x)
{
    for (size_t i = 0; i < p->parts; i++)
        memcpy(out + i * PART, code + place_of(p, i), PART * sizeof *out);
    for (size_t t = 0; t < p->parts * PART; t++)
        x[t] = out[t];
}

/* Of what counts of the parts, by the best law. */
static uint64_t bits_of(const n1_piece_trial *r, const int32_t *code, size_t n, const n1_encode_kernels *k)
{
    uint64_t bits[N1_PIECE_LAWS] = {0}, least = UINT64_MAX;
    for (size_t t = 0; t < n; t += N1_PIECE_AT_ONCE) {
        const n1_piece_frames f = {&r->channel, r->mu + t, r->scale + t, code + t, N1_PIECE_AT_ONCE, NULL};
        if (t % PART >= SEAM)
            k->piece_bits(&f, bits);
    }
    for (unsigned law = 0; law < N1_PIECE_LAWS; law++)
        least = bits[law] < least ? bits[law] : least;
    return least;
}

uint64_t n1_piece_parts_bits(n1_piece_parts *p, n1_piece_fit *f, n1_piece_trial *r, const int32_t *series, size_t channel, n1_piece_scale *s)
{
    const size_t stride = n1_piece_stride(p->n);
    const n1_piece_channel *const c = &r->channel;
    const int32_t *other[N1_PIECE_OTHERS] = {0};
    const size_t n = p->parts * PART;
    f->series.n = n;
    f->series.own = f->effort->own;
    f->series.others = c->n_others;
    f->series.lags = c->lags;
    gather(p, series + channel * stride, p->code, f->series.x);
    for (unsigned i = 0; i < c->n_others; i++) {
        gather(p, series + c->other[i] * stride, p->other[i], f->series.y[i]);
        other[i] = p->other[i];
    }
    r->n_pieces = n1_piece_fit_all(f, r->piece);
    n1_piece_trial_predict(r, &f->series, p->code, other);
    n1_piece_trial_run(r, p->code, n, s, f->series.k);
    f->series.n = p->n;
    return bits_of(r, p->code, n, f->series.k);
}
