/* Encoder of the piecewise mode: a channel by its codes. */
#include "base/fixed.h"
#include "base/inline.h"
#include "base/status.h"
#include "modes/piecewise/piece_encoder.h"

#define SHORT_FRAMES 2048u /* of a block: in fewer, coefficients may cost what they bring; */
#define SLOW_FRAMES  8192u /* so many where all efforts are at hand, whose levels have modes that take longer by far */
#define STEP_EVERY   3u    /* one frame of so many, or of more in long blocks, tells how long steps are */
#define STEPS        16384u /* that are enough */
#define ONCE_FRAMES  32768u /* of so long channels, parts tell; */
#define DOUBT_FRAMES 16384u /* and of shorter ones that are alone, whose fit is in doubt */
#define ONCE_GAIN    256.0 /* one round must be less by one part of so many there */
#define RESTS        8u    /* a channel that rests does in one frame of so many */
#define WIDE         1048576.0
#define CERTAIN      9     /* log2 of 4096ths of a bit a frame: widths that promise so much are better without another trial */
#define STEP_BITS    6963u /* 1.7 bits: what normal noise takes beyond the mean logarithm of twice its values */

static void load_codes(double *x, const int32_t *code, size_t n)
{
    for (size_t t = 0; t < n; t++)
        x[t] = code[t];
}

/* The largest code of a channel and those that it is predicted from. */
uint32_t n1_piece_encoder_largest(const n1_piece_encoder *e, const n1_piece_channel *c, size_t channel)
{
    uint32_t largest = e->largest[channel];
    for (unsigned i = 0; i < c->n_others; i++)
        largest = largest > e->largest[c->other[i]] ? largest : e->largest[c->other[i]];
    return largest;
}

/* The series that a channel is fitted to. */
static void load_series(n1_piece_encoder *e, const n1_piece_effort *effort, const n1_piece_channel *c, size_t channel)
{
    const size_t n = e->shape->n_samples, stride = n1_piece_stride(n);
    n1_piece_series *const x = &e->fit.series;
    x->own = effort->own;
    x->others = c->n_others;
    x->lags = c->lags;
    load_codes(x->x, e->series + channel * stride + N1_PIECE_HISTORY, n);
    for (unsigned i = 0; i < c->n_others; i++)
        load_codes(x->y[i], e->series + c->other[i] * stride + N1_PIECE_HISTORY, n);
    x->largest = (double)n1_piece_encoder_largest(e, c, channel);
}

/* What widths take in a channel's header: it is as long to write, and known once it was. */
static uint64_t bits_of_widths(n1_piece_encoder *e, n1_piece_trial *r, size_t channel)
{
    if (!N1_PIECE_FORMS) {
        r->n_pieces = 0;
        return n1_piece_header_bits(&e->out, r, channel);
    }
    n1_piece_trial head = {.channel = r->channel};
    if (!e->of_widths) {
        e->of_widths = n1_piece_header_bits(&e->out, &head, channel);
        head.channel.widths = 0;
        e->of_widths -= n1_piece_header_bits(&e->out, &head, channel);
    }
    return e->of_widths;
}

static uint64_t bits_of(n1_piece_encoder *e, n1_piece_trial *r, size_t channel)
{
    if (!N1_PIECE_FORMS)
        return r->bits + n1_piece_header_bits(&e->out, r, channel);
    const int widths = r->channel.widths;
    const uint64_t more = widths ? bits_of_widths(e, r, channel) : 0;
    r->channel.widths = 0;
    const uint64_t bits = r->bits + more + n1_piece_header_bits(&e->out, r, channel);
    r->channel.widths = widths;
    return bits;
}

static void swap(n1_piece_trial *a, n1_piece_trial *b)
{
    const n1_piece_trial c = *a;
    *a = *b;
    *b = c;
}

/* What widths of its codes promise to save of a channel whose predictions are in trial[1], in 4096ths of a bit, less what they take
 * in its header; below 0 if nothing. */
static int64_t promise_of_widths(n1_piece_encoder *e, const n1_piece_effort *effort, size_t channel)
{
    const size_t n = e->shape->n_samples;
    const int32_t *const code = e->series + channel * n1_piece_stride(n) + N1_PIECE_HISTORY;
    n1_piece_trial *const r = &e->trial[1], *const uneven = &e->trial[2];
    if (!effort->widths || !e->learnt)
        return -1;
    uneven->channel = r->channel;
    uneven->channel.widths = 1;
    const int64_t promise = n1_piece_trial_promise(uneven, r, code, n, e->scale, e->k, e->some);
    if (promise == INT64_MAX) /* too short to tell */
        return 0;
    return promise < 0 ? promise : promise - (int64_t)bits_of_widths(e, uneven, channel);
}

/* Widths that promise as much are better without another trial: of very long channels, all that promise. */
static int64_t certain_of(size_t n) { return N1_PIECE_FORMS && n >= N1_PIECE_VERY_LONG ? 0 : (int64_t)n << CERTAIN; }

/* A channel by one effort, in trial[1], and in trial[2] with widths of its codes, where they promise; what is smaller comes
 * to be trial[1]. Returns its bits. */
static uint64_t try_effort(n1_piece_encoder *e, const n1_piece_effort *effort, const n1_piece_channel *c, size_t channel)
{
    const size_t n = e->shape->n_samples;
    const int32_t *const code = e->series + channel * n1_piece_stride(n) + N1_PIECE_HISTORY;
    const int32_t *other[N1_PIECE_OTHERS] = {0};
    n1_piece_trial *const r = &e->trial[1], *const uneven = &e->trial[2];
    uint64_t bits = UINT64_MAX;
    r->channel = *c;
    r->channel.n_others = c->n_others < effort->others ? c->n_others : effort->others;
    r->channel.lags = r->channel.n_others ? effort->lags : 0;
    e->fit.effort = effort;
    load_series(e, effort, &r->channel, channel);
    r->n_pieces = n1_piece_fit_all(&e->fit, r->piece);
    for (unsigned i = 0; i < r->channel.n_others; i++)
        other[i] = e->series + c->other[i] * n1_piece_stride(n) + N1_PIECE_HISTORY;
    n1_piece_trial_predict(r, &e->fit.series, code, other);
    const int64_t promise = promise_of_widths(e, effort, channel);
    if (promise < certain_of(n)) {
        n1_piece_trial_run(r, code, n, e->scale, e->k);
        bits = bits_of(e, r, channel);
    }
    if (promise < 0)
        return bits;
    n1_piece_trial_place(uneven, r, n, e->widths.next);
    n1_piece_trial_run(uneven, code, n, e->scale, e->k);
    const uint64_t with_widths = bits_of(e, uneven, channel);
    if (with_widths >= bits)
        return bits;
    swap(uneven, r);
    return with_widths;
}

/* Whether a channel rests more than now and then: as one frame of so many tells. */
static int rests(const int32_t *code, size_t n)
{
    const size_t every = n / STEPS > STEP_EVERY ? n / STEPS | 1 : STEP_EVERY;
    size_t held = 0, tried = 0;
    if (!N1_PIECE_FORMS)
        return 1;
    for (size_t t = 1; t < n; t += every, tried++)
        held += code[t] == code[t - 1];
    return RESTS * held > tried;
}

/* Whether a fit took a channel for one that rests, for it rests most of the time, which is not what it costs; or has so many codes that
 * doubles do not hold what it is fitted to. */
static int is_doubtful(const n1_piece_fit *f, uint64_t bits, const int32_t *code, size_t n)
{
    return f->cost[0] < -1.5 * (double)n && bits > (uint64_t)n << 10 && (!N1_PIECE_FORMS || f->series.largest >= WIDE || rests(code, n));
}

/* Weights that follow from what a fit leaves settle where a signal decays and jumps again and again on what is of no use: one
 * round of them is less. */
static n1_piece_effort in_one_round(const n1_piece_effort *effort)
{
    n1_piece_effort e = *effort;
    e.rounds = 1;
    return e;
}

/* What a channel takes in parts by an effort, and in its headers. */
double n1_piece_encoder_parts(n1_piece_encoder *e, const n1_piece_effort *effort, const n1_piece_channel *c, size_t channel, double *headers)
{
    n1_piece_trial *const r = &e->trial[1];
    if (!e->parts.n || c->n_codes == 1)
        return 0.0;
    e->fit.effort = effort;
    e->fit.series.largest = (double)n1_piece_encoder_largest(e, c, channel);
    r->channel = *c;
    r->channel.lags = c->n_others ? e->fit.effort->lags : 0;
    const uint64_t bits = n1_piece_parts_bits(&e->parts, &e->fit, r, e->series + N1_PIECE_HISTORY, channel, e->scale);
    *headers = (double)n1_piece_header_bits(&e->out, r, channel);
    return (double)bits;
}

/* Whether parts say that another effort is not less: of one round, they do where a channel is long. */
static int is_no_less(n1_piece_encoder *e, const n1_piece_effort *last, const n1_piece_effort *other, const n1_piece_channel *c, size_t channel, size_t frames)
{
    double headers;
    if (!N1_PIECE_FORMS || !e->parts.n || e->parts.n < frames)
        return 0;
    n1_piece_parts_choose(&e->parts, NULL);
    const double all = n1_piece_encoder_parts(e, last, c, channel, &headers);
    return n1_piece_encoder_parts(e, other, c, channel, &headers) * ONCE_GAIN > all * (ONCE_GAIN - 1.0);
}

/* About what a channel's steps take, or their own, and a fifteenth more, in 4096ths of a bit: of one frame of so many. */
static uint64_t step_bits(const int32_t *code, size_t n)
{
    const size_t every = n / STEPS > STEP_EVERY ? n / STEPS | 1 : STEP_EVERY;
    uint64_t first = 0, second = 0, tried = 0;
    for (size_t t = 2; t < n; t += every, tried++) {
        const int64_t a = (int64_t)code[t] - code[t - 1], b = (int64_t)code[t - 1] - code[t - 2], c = a - b;
        first += (uint64_t)n1_log2_q12((uint64_t)(2 * (a < 0 ? -a : a) + 1));
        second += (uint64_t)n1_log2_q12((uint64_t)(2 * (c < 0 ? -c : c) + 1));
    }
    return tried ? ((first < second ? first : second) / tried + STEP_BITS) * n / 15 * 16 : 0;
}

/* What was tried, if it is less. */
static void keep_less(n1_piece_encoder *e, uint64_t bits, uint64_t *least)
{
    if (bits >= *least)
        return;
    *least = bits;
    swap(&e->trial[0], &e->trial[1]);
}

/* A channel's codes in the place of its values, and those that it is predicted from. */
n1_status n1_piece_encoder_survey(n1_piece_encoder *e, const n1_piece_values *values, n1_piece_channel *c, size_t channel)
{
    const n1_piece_effort *const last = &e->effort[e->n_efforts - 1];
    const n1_status status = n1_piece_survey_values(&e->survey, values, c);
    if (status != N1_OK)
        return status;
    e->largest[channel] = c->origin > c->n_codes - 1 - c->origin ? c->origin : c->n_codes - 1 - c->origin;
    if (e->shape->n_channels > 1 && last->others)
        n1_piece_survey_others(&e->survey, e->series, values->n, channel, last->others, c);
    return N1_OK;
}

/* Widths of a channel's codes, which it may have. */
static void learn_widths(n1_piece_encoder *e, const n1_piece_channel *c, const int32_t *code)
{
    const n1_piece_look look = (n1_piece_look)e->effort[e->n_efforts - 1].widths;
    e->uneven = *c;
    e->of_widths = 0;
    e->learnt = c->form == N1_PIECE_PLAIN && c->n_codes > 1 && n1_piece_widths_learn(&e->widths, &e->uneven, code, e->shape->n_samples, look);
}

/* A channel by its codes, where that is smaller than `least` bits: then in trial[0]. */
void n1_piece_encoder_try(n1_piece_encoder *e, const n1_piece_channel *c, size_t channel, uint64_t *least)
{
    const size_t n = e->shape->n_samples;
    const int32_t *const code = e->series + channel * n1_piece_stride(n) + N1_PIECE_HISTORY;
    const n1_piece_effort *const last = &e->effort[e->n_efforts - 1];
    if (c->n_codes == 1) {
        *least = 0;
        e->trial[0].channel = *c;
        return;
    }
    learn_widths(e, c, code);
    const size_t shorter = e->n_efforts == N1_PIECE_EFFORTS ? SLOW_FRAMES : SHORT_FRAMES;
    int doubtful = 1;
    const size_t tells = e->n_efforts == N1_PIECE_EFFORTS || e->shape->n_channels > 1 ? SIZE_MAX : DOUBT_FRAMES;
    for (unsigned i = e->n_efforts; i-- > 0 && (doubtful || n < shorter);) {
        if (i + 1 < e->n_efforts && n >= shorter && is_no_less(e, last, &e->effort[i], c, channel, tells))
            continue;
        const uint64_t bits = try_effort(e, &e->effort[i], c, channel);
        doubtful = is_doubtful(&e->fit, bits, code, n);
        keep_less(e, bits, least);
    }
    const n1_piece_effort once = in_one_round(last);
    if (last->rounds > 1 && (doubtful || step_bits(code, n) < *least) && !is_no_less(e, last, &once, c, channel, doubtful ? tells : ONCE_FRAMES))
        keep_less(e, try_effort(e, &once, c, channel), least);
}
