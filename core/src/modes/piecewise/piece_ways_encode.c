/* Encoder of the piecewise mode: a channel that seems to have a form. */
#include "base/inline.h"
#include "base/status.h"
#include "modes/piecewise/piece_encoder.h"

#include <string.h>

#define STEPS_SHARE  32u   /* frames to a step at least */
#define FORM_DOUBT   128u  /* what a form takes may be more by one part of so many: samples in part tell */
#define LONG         131072u /* frames that have parts enough */
#define SURELY       256.0 /* there, parts that say that a form is less by one part of so many are right, */
#define STEPS_AGAINST 64.0 /* as are those around steps that say that it is more, */
#define FEW_STEPS    40.0  /* and those of shorter channels, for or against; */
#define WRAPS_SEEN   2.0   /* of so many wraps in parts, these know whatever they say */

size_t n1_piece_most_steps(size_t n) { return n / STEPS_SHARE; }

static void exchange(int32_t *a, int32_t *b, size_t n)
{
    for (size_t t = 0; t < n; t++) {
        const int32_t x = a[t];
        a[t] = b[t];
        b[t] = x;
    }
}

/* Whether a channel seems to have a form: then e->form. */
int n1_piece_encoder_has_form(n1_piece_encoder *e, const n1_piece_values *v)
{
    if (n1_piece_wraps(v, e->shape->dtype, &e->form, &e->wraps))
        return 1;
    e->form.form = N1_PIECE_STEPPED;
    e->form.steps = &e->steps;
    return n1_piece_find_steps(v, &e->steps, n1_piece_most_steps(v->n));
}

/* Samples to what the form makes of them; 0: it cannot. */
static int take_form(const n1_piece_encoder *e, n1_piece_values *v)
{
    if (e->form.form == N1_PIECE_STEPPED)
        return n1_piece_take_steps(v, &e->steps);
    n1_piece_wrap(v, &e->form);
    return 1;
}

/* A channel that is there in two ways: one in its place, the other in e->samples. */
static void turn(n1_piece_encoder *e, int32_t *code, size_t channel, uint32_t largest)
{
    exchange(code, e->samples, e->shape->n_samples);
    e->largest[channel] = largest;
    if (e->shape->n_channels > 1)
        n1_piece_survey_turn(&e->survey, channel);
}

/* What a channel takes more without its form, as parts say: 0 if they do not. Its codes are in their place in its form. */
static double more_without(n1_piece_encoder *e, size_t channel, double without, double headers)
{
    double own = 0.0;
    if (without == 0.0 || e->form.n_codes == 1)
        return 0.0;
    const double with = n1_piece_encoder_parts(e, &e->effort[e->n_efforts - 1], &e->form, channel, &own);
    return (without - with) * n1_piece_parts_share(&e->parts) + headers - own;
}

/* What parts must tell of a channel, one part of so many, for its form, or against it, to be tried alone; 0: nothing does. */
static double least_told(const n1_piece_encoder *e, size_t n, int against)
{
    if (e->form.form == N1_PIECE_STEPPED)
        return n >= LONG ? (against ? STEPS_AGAINST : SURELY) : FEW_STEPS;
    if ((double)e->wraps >= WRAPS_SEEN * n1_piece_parts_share(&e->parts))
        return 1e300;
    return n >= LONG && !against ? SURELY : 0.0;
}

/* A channel in its form, and as it is where that may be no more than it costs: by parts, if these tell. */
N1_APART n1_status n1_piece_encoder_try_form(n1_piece_encoder *e, const n1_piece_values *plain, size_t channel)
{
    int32_t *const code = plain->x;
    n1_piece_values formed = *plain;
    uint64_t least = UINT64_MAX, wrapped;
    double headers = 0.0, without = 0.0, more = 0.0;
    memcpy(e->samples, code, plain->n * sizeof *code);
    n1_piece_parts_choose(&e->parts, e->form.form == N1_PIECE_STEPPED ? &e->steps : NULL);
    const n1_status other = n1_piece_encoder_survey(e, plain, &e->plain, channel);
    const uint32_t largest = e->largest[channel];
    if (other == N1_OK)
        without = n1_piece_encoder_parts(e, &e->effort[e->n_efforts - 1], &e->plain, channel, &headers);
    turn(e, code, channel, largest);
    const n1_status status = take_form(e, &formed) ? n1_piece_encoder_survey(e, &formed, &e->form, channel) : N1_NOT_APPLICABLE;
    const uint32_t of_form = e->largest[channel];
    if (status == N1_OK)
        more = more_without(e, channel, without, headers);
    const double told = least_told(e, plain->n, more < 0.0);
    if (status == N1_OK && more < 0.0) { /* as it is first */
        turn(e, code, channel, largest);
        n1_piece_encoder_try(e, &e->plain, channel, &least);
        if (-more * told > (double)least)
            return N1_OK;
        turn(e, code, channel, of_form);
        wrapped = least;
        least -= least / FORM_DOUBT;
        n1_piece_encoder_try(e, &e->form, channel, &least);
        if (least < wrapped - wrapped / FORM_DOUBT)
            return N1_OK;
        turn(e, code, channel, largest);
        return N1_OK;
    }
    if (status == N1_OK) {
        n1_piece_encoder_try(e, &e->form, channel, &least);
        if (!least || other != N1_OK || more * told > (double)least) /* a constant, or less */
            return N1_OK;
    }
    wrapped = least = status == N1_OK ? least + least / FORM_DOUBT : UINT64_MAX;
    turn(e, code, channel, largest);
    if (other == N1_OK)
        n1_piece_encoder_try(e, &e->plain, channel, &least);
    if (least < wrapped || status != N1_OK)
        return other;
    turn(e, code, channel, of_form);
    return N1_OK;
}
